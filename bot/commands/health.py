"""``/feeds health``: how feeds are doing, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.commands.answer import Answer, Facts, Heading, Hint, Line, Lines, Part, Tone, list_lines
from bot.commands.command import Call
from bot.commands.feeds import find_feed, owner_of, shown_address
from bot.commands.troubles import (
    advise_on,
    explain,
    tell_failures,
    tell_gap,
    tell_rhythm,
    tell_trouble,
)
from bot.commands.wording import count, name_workspace
from bot.model import Feed, Platform
from bot.model.condition import Condition, condition_of, silence_of, usual_gap_or_none

MAX_SICK = 15
"""Failing feeds that are told."""

MAX_NAMED = 5
"""Others of each kind that are named."""

SILENT_AFTER = timedelta(days=30)
"""A feed of no known rhythm that brought nothing for so long may have died."""

_STATES = {
    Condition.NEW: "was not read yet",
    Condition.WELL: "is fine",
    Condition.FLAWED: "is malformed, but read",
    Condition.SILENT: "is far quieter than usual",
    Condition.FAILING: "fails",
    Condition.BROKEN: "is broken",
}


async def health(call: Call) -> Answer:
    """``/feeds health``: of all feeds, the sick first; or of one.

    Raises:
        InputInvalid: no feed goes by that name.
    """
    feeds = await call.office.store.find_feeds()
    if said := call.text("feed"):
        feed = find_feed(said, feeds, platform=call.place.platform)
        return _tell_one(call, feed)
    if not feeds:
        return Answer("No feed is read yet", (Hint("/feeds add", "adds the first one"),))
    return _tell_all(feeds, call.now)


def label_feed(feed: Feed) -> str:
    """Its number and what people call it."""
    return f"#{feed.id} {feed.spec.title or shown_address(feed)}"


def tell_sick(feed: Feed) -> Line:
    """What is wrong with a failing feed, since when, and when it is asked again."""
    said = f"{tell_trouble(feed)}; failed {tell_failures(feed.failures)}"
    since = (" since ", feed.failing_since) if feed.failing_since else ()
    return (said, *since, ", asked again ", feed.next_due_at)


def tell_silent(feed: Feed) -> Line:
    """How much a silent feed used to bring, and since when it brings nothing."""
    used_to = tell_gap(feed.gap_s) if feed.gap_s is not None else "more"
    since = (", and nothing since ", feed.changed_at) if feed.changed_at else ()
    return (f"it used to bring {used_to}", *since)


def _tell_all(feeds: Sequence[Feed], now: datetime) -> Answer:
    conditions = {feed.id: condition_of(feed, now=now) for feed in feeds}
    sick = sorted((feed for feed in feeds if feed.failures), key=lambda feed: -feed.failures)
    fresh = sum(one is Condition.NEW for one in conditions.values())
    parts: list[Part] = []
    if sick:
        parts.append(Facts(tuple((label_feed(feed), tell_sick(feed)) for feed in sick[:MAX_SICK])))
    if len(sick) > MAX_SICK:
        parts.append(Lines((f"and {len(sick) - MAX_SICK} more that fail",)))
    said = []
    if fine := len(feeds) - len(sick) - fresh:
        said.append(f"{count(fine, 'feed')} answered well the last time.")
    if fresh:
        said.append(f"{count(fresh, 'feed')} will be read for the first time soon.")
    parts += list_lines(said)
    silent = [feed for feed in feeds if conditions[feed.id] is Condition.SILENT]
    dull = [feed for feed in feeds if _is_dull(feed, now)]
    flawed = [feed for feed in feeds if feed.flaw and not feed.failures]
    parts += _name_some("Far quieter than usual", silent, [_join(one) for one in silent])
    parts += _name_some(f"Nothing new for {SILENT_AFTER.days} days", dull, map(label_feed, dull))
    flaws = [f"{label_feed(feed)}: {feed.flaw}" for feed in flawed]
    parts += _name_some("Malformed, but read", flawed, flaws)
    first = (sick or silent or dull or flawed or list(feeds))[0]
    parts.append(Hint(f"/feeds health #{first.id}", "shows more of one feed"))
    if not sick:
        return Answer(f"No feed is failing: {len(feeds)} are read", tuple(parts))
    title = f"{len(sick)} of {count(len(feeds), 'feed')} cannot be read just now"
    return Answer(title, tuple(parts), tone=Tone.CAUTION, changed_nothing=True)


def _name_some(what: str, feeds: Sequence[Feed], lines: Iterable[Line]) -> list[Part]:
    """A heading with how many there are, and the first few; nothing where there are none."""
    if not feeds:
        return []
    return [Heading(f"{what}: {count(len(feeds), 'feed')}"), Lines(tuple(lines)[:MAX_NAMED])]


def _join(feed: Feed) -> Line:
    said = tell_silent(feed)
    return (f"{label_feed(feed)}: ", *said) if isinstance(said, tuple) else said


def _is_dull(feed: Feed, now: datetime) -> bool:
    """Whether it may have died, as far as that can be told without its rhythm."""
    if feed.failures or feed.gap_s is not None or feed.changed_at is None:
        return False
    return now - feed.changed_at > SILENT_AFTER


def _tell_one(call: Call, feed: Feed) -> Answer:
    workspace = owner_of(call)
    is_operator = call.place.platform is Platform.CONSOLE
    condition = condition_of(feed, now=call.now)
    rows = [("Number", f"#{feed.id}"), ("Address", shown_address(feed, workspace=workspace))]
    rest = (
        *_list_trouble(feed, is_operator=is_operator),
        *_list_past(feed, condition),
        *_list_rhythm(feed),
        *_list_origin(feed, workspace),
    )
    parts: list[Part] = [Facts((*rows, *rest))]
    if feed.added_by == workspace:
        parts.append(Hint(f"/feeds remove #{feed.id}", "stops reading it"))
    is_well = condition in {Condition.NEW, Condition.WELL, Condition.FLAWED}
    title = f"{feed.spec.title or f'Feed #{feed.id}'} {_STATES[condition]}"
    tone = Tone.PLAIN if is_well else Tone.CAUTION
    return Answer(title, tuple(parts), tone=tone, changed_nothing=True)


def _list_trouble(feed: Feed, *, is_operator: bool) -> Iterator[tuple[str, Line | datetime]]:
    if feed.failures:
        said = tell_trouble(feed)
        yield "What is wrong", said
        if feed.error and (detail := explain(feed)) not in said:
            yield "In detail", detail
        if advice := advise_on(feed.trouble, is_operator=is_operator):
            yield "What to do", advice
        if feed.failing_since:
            yield "Failing since", feed.failing_since
        yield "Failed", tell_failures(feed.failures)
    elif feed.flaw:
        yield "What is wrong", f"{feed.flaw}; its entries are read all the same"


def _list_past(feed: Feed, condition: Condition) -> Iterator[tuple[str, Line | datetime]]:
    if feed.failures and feed.polled_at:
        yield "Last try", feed.polled_at
    if feed.answered_at:
        yield "Last good answer", feed.answered_at
    elif feed.polled_at and not feed.failures:
        yield "Last good answer", feed.polled_at
    elif known := [moment for moment in (feed.fetched_whole_at, feed.changed_at) if moment]:
        yield "Last known good answer", max(known)  # of before answers were noted
    if feed.changed_at:
        yield "Last brought something", feed.changed_at
    if condition is Condition.SILENT and feed.gap_s is not None:
        days = max(1, round(silence_of(feed.gap_s) / timedelta(days=1)))
        yield "Called quiet after", f"{count(days, 'day')} with nothing"


def _list_rhythm(feed: Feed) -> Iterator[tuple[str, Line | datetime]]:
    yield "Next try", feed.next_due_at
    asked = f"asked {every}" if (every := tell_rhythm(feed)) else ""
    gap_s = usual_gap_or_none(feed)
    brings = f"brings {tell_gap(gap_s)}" if gap_s is not None else ""
    if rhythm := ", ".join(filter(None, (asked, brings))):
        yield "Rhythm", rhythm


def _list_origin(feed: Feed, workspace: str) -> Iterator[tuple[str, Line | datetime]]:
    if feed.moved_to:
        address, mark, _ = feed.moved_to.partition("?")
        shown = feed.moved_to if feed.added_by == workspace or not mark else f"{address}?…"
        yield "Moving to", (shown, ", since ", feed.moved_since) if feed.moved_since else shown
    platform, _, there = feed.added_by.partition("/")
    owner = f"people of a {name_workspace(platform)}" if there else "whoever runs the bot"
    yield "Added by", owner
