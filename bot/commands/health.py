"""``/feeds health``: how feeds are doing, in words for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.commands.answer import Answer, Facts, Heading, Hint, Line, Lines, Part, Tone, list_lines
from bot.commands.command import Call
from bot.commands.feeds import find_feed, owner_of, shown_address
from bot.commands.wording import name_workspace
from bot.model import Feed

MAX_SICK = 15
"""Failing feeds that are told."""

MAX_SILENT = 5
"""Silent ones that are named."""

SILENT_AFTER = timedelta(days=30)
"""A feed that brought nothing for so long may have died."""

_SETTING = re.compile(r" \((?:[a-z_]+\.[a-z_]+)(?: = [^()]*)?\)")
_RHYTHM = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


async def health(call: Call) -> Answer:
    """``/feeds health``: of all feeds, the sick first; or of one.

    Raises:
        InputInvalid: no feed goes by that name.
    """
    feeds = await call.office.store.find_feeds()
    workspace = owner_of(call)
    if said := call.text("feed"):
        feed = find_feed(said, feeds, platform=call.place.platform)
        return _tell_one(feed, workspace)
    if not feeds:
        return Answer("No feed is read yet", (Hint("/feeds add", "adds the first one"),))
    return _tell_all(feeds, call.now)


def explain(feed: Feed) -> str:
    """What is wrong with a failing feed, without its address and what is done about it."""
    text = feed.error.removeprefix(f"{feed.url}: ")
    text = re.sub(r"^https?://\S+?: ", "", text)
    text = _SETTING.sub("", text.rpartition("; ")[0] or text)
    return text.rstrip(". ") or "it could not be read"


def _tell_all(feeds: Sequence[Feed], now: datetime) -> Answer:
    sick = sorted((feed for feed in feeds if feed.failures), key=lambda feed: -feed.failures)
    fresh = [feed for feed in feeds if feed.polled_at is None]
    silent = [feed for feed in feeds if not feed.failures and _is_silent(feed, now)]
    parts: list[Part] = []
    if sick:
        parts.append(Facts(tuple((_label(feed), _trouble(feed)) for feed in sick[:MAX_SICK])))
    if len(sick) > MAX_SICK:
        parts.append(Lines((f"and {len(sick) - MAX_SICK} more that fail",)))
    said = []
    fine = len(feeds) - len(sick) - len(fresh)
    if fine:
        said.append(f"{_counted(fine, 'feed')} answered well the last time.")
    if fresh:
        said.append(f"{_counted(len(fresh), 'feed')} will be read for the first time soon.")
    parts += list_lines(said)
    if silent:
        days = SILENT_AFTER.days
        parts.append(Heading(f"Nothing new for {days} days: {_counted(len(silent), 'feed')}"))
        parts.append(Lines(tuple(_label(feed) for feed in silent[:MAX_SILENT])))
    first = (sick or silent or list(feeds))[0]
    parts.append(Hint(f"/feeds health #{first.id}", "shows more of one feed"))
    if not sick:
        return Answer(f"No feed is failing: {len(feeds)} are read", tuple(parts))
    title = f"{len(sick)} of {_counted(len(feeds), 'feed')} cannot be read just now"
    return Answer(title, tuple(parts), tone=Tone.CAUTION, changed_nothing=True)


def _tell_one(feed: Feed, workspace: str) -> Answer:
    rows = [("Number", f"#{feed.id}"), ("Address", shown_address(feed, workspace=workspace))]
    parts: list[Part] = [Facts((*rows, *_list_state(feed)))]
    if feed.added_by == workspace:
        parts.append(Hint(f"/feeds remove #{feed.id}", "stops reading it"))
    state = "fails" if feed.failures else "is fine" if feed.polled_at else "was not read yet"
    tone = Tone.CAUTION if feed.failures else Tone.PLAIN
    title = f"{feed.spec.title or f'Feed #{feed.id}'} {state}"
    return Answer(title, tuple(parts), tone=tone, changed_nothing=True)


def _list_state(feed: Feed) -> Iterator[tuple[str, str | datetime]]:
    if feed.failures:
        yield "What is wrong", explain(feed)
        yield "Failed", _times(feed.failures)
    if feed.polled_at:
        yield ("Last try" if feed.failures else "Last good answer"), feed.polled_at
    if feed.failures and (good := _last_good_or_none(feed)):
        yield "Last known good answer", good
    if feed.changed_at:
        yield "Last brought something", feed.changed_at
    yield "Next try", feed.next_due_at
    if rhythm := _tell_rhythm(feed):
        yield "Rhythm", rhythm
    yield "Added by", _tell_owner(feed)


def _tell_owner(feed: Feed) -> str:
    platform, _, workspace = feed.added_by.partition("/")
    return f"people of a {name_workspace(platform)}" if workspace else "whoever runs the bot"


def _last_good_or_none(feed: Feed) -> datetime | None:
    """The last moment of which a good answer is on record."""
    known = [moment for moment in (feed.fetched_whole_at, feed.changed_at) if moment]
    return max(known, default=None)


def _tell_rhythm(feed: Feed) -> str:
    """How often it is asked: as the time from the last poll to the next says."""
    if feed.polled_at is None or feed.next_due_at <= feed.polled_at:
        return ""
    seconds = (feed.next_due_at - feed.polled_at).total_seconds()
    for length, unit in _RHYTHM:
        count = round(seconds / length)
        if seconds >= length and count:
            return f"about every {f'{count} {unit}s' if count > 1 else unit}"
    return "about every minute"


def _trouble(feed: Feed) -> Line:
    said = f"{explain(feed)}; failed {_times(feed.failures)}, asked again "
    return (said, feed.next_due_at)


def _is_silent(feed: Feed, now: datetime) -> bool:
    return bool(feed.changed_at and now - feed.changed_at > SILENT_AFTER)


def _label(feed: Feed) -> str:
    return f"#{feed.id} {feed.spec.title or shown_address(feed)}"


def _times(failures: int) -> str:
    return "once" if failures == 1 else f"{failures} times in a row"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
