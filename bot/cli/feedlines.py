"""Feeds on lines of text and of JSON: what ``newsbot feeds list`` and ``check`` write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from bot.commands.troubles import (
    WORDS,
    advise_on,
    tell_failures,
    tell_gap,
    tell_interval,
    tell_rhythm,
    tell_trouble,
)
from bot.model import Feed
from bot.model.condition import Condition, condition_of, usual_gap_or_none
from bot.prose.inert import clean_text
from bot.prose.moments import tell_moment

if TYPE_CHECKING:
    from bot.app import FeedCheck

SIGNS = {Condition.FAILING: "FAIL", Condition.BROKEN: "FAIL", Condition.SILENT: "QUIET"}
"""Before a feed; "ok" for all others."""


Shown = Callable[[str], str]
"""Gives an address as people may see it."""


def describe_feed(feed: Feed, *, now: datetime, shown: Shown) -> Iterator[str]:
    """A feed on one line; on others its rhythm and what is wrong with it."""
    condition = condition_of(feed, now=now)
    polled = f"polled {tell_moment(feed.polled_at, now=now)}" if feed.polled_at else "never polled"
    title = f"  {feed.spec.title}" if feed.spec.title else ""
    yield f"{SIGNS.get(condition, 'ok'):<4} #{feed.id} {shown(feed.url)}{title} ({polled})"
    if feed.failures:
        yield from _describe_failure(feed, now=now)
    if rhythm := "; ".join(_list_rhythm(feed)):
        yield rhythm
    if condition is Condition.SILENT and feed.changed_at:
        yield f"far quieter than usual: nothing new since {tell_moment(feed.changed_at, now=now)}"
    if feed.flaw and not feed.failures:
        yield f"malformed, but read: {clean_text(feed.flaw)}"
    if feed.moved_to:
        yield f"moving to {shown(clean_text(feed.moved_to))}"


def describe_check(found: FeedCheck, *, shown: Shown) -> Iterator[str]:
    """What a check found: a line, and further ones with what else is known."""
    if found.error:
        yield f"FAIL {shown(found.url)}: {_reason(found.error, found.url)}"
        if words := WORDS.get(found.trouble):
            yield f"{words.plain}. {advise_on(found.trouble, is_operator=True)}"
        return
    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    yield f"ok   {shown(found.url)}: {entries} in {found.seconds:.1f} s"
    about = [clean_text(found.title)]
    about.append(f"newest of {found.newest_at:%Y-%m-%d %H:%M} UTC" if found.newest_at else "")
    if found.interval_s is not None:
        about.append(f"its publisher asks for a poll {tell_interval(found.interval_s)}")
    if said := "; ".join(filter(None, about)):
        yield said
    if found.flaw:
        yield f"malformed, but read: {clean_text(found.flaw)}"
    if found.moved_to:
        yield f"moved for good to {shown(clean_text(found.moved_to))}"
    if found.hub:
        yield f"its hub {shown(clean_text(found.hub))} tells of news at once"


def write_check(found: FeedCheck) -> str:
    """The same as one JSON object; null for what is not known."""
    words = WORDS.get(found.trouble)
    fields = {
        "url": found.url,
        "ok": not found.error,
        "entries": found.entries,
        "seconds": round(found.seconds, 3),
        "title": found.title or None,
        "newest_at": found.newest_at.isoformat() if found.newest_at else None,
        "interval_s": found.interval_s,
        "moved_to": found.moved_to or None,
        "hub": found.hub or None,
        "flaw": found.flaw or None,
        "error": _reason(found.error, found.url) or None,
        "trouble": found.trouble.value or None,
        "plain": words.plain if words else None,
        "advice": advise_on(found.trouble, is_operator=True) or None,
    }
    return json.dumps(fields, ensure_ascii=False)


def _describe_failure(feed: Feed, *, now: datetime) -> Iterator[str]:
    since = f" since {tell_moment(feed.failing_since, now=now)}" if feed.failing_since else ""
    yield (
        f"failed {tell_failures(feed.failures)}{since}, "
        f"asked again {tell_moment(feed.next_due_at, now=now)}: {tell_trouble(feed)}"
    )
    if feed.answered_at:
        yield f"last good answer {tell_moment(feed.answered_at, now=now)}"
    if advice := advise_on(feed.trouble, is_operator=True):
        yield advice


def _list_rhythm(feed: Feed) -> Iterator[str]:
    if asked := tell_rhythm(feed):
        yield f"asked {asked}"
    if (gap_s := usual_gap_or_none(feed)) is not None:
        yield f"brings {tell_gap(gap_s)}"


def _reason(error: str, url: str) -> str:
    """``error`` without the address that the line begins with already."""
    address, mark, _ = url.partition("?")
    return error.removeprefix(f"{address}{mark and '?…'}: ").removeprefix(f"{url}: ")
