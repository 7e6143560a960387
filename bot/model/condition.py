"""How a feed is doing, and what of that is worth a word to those who chose it.

Pure. What is said, and to whom, is settled in commands/feednotices.py; the words for what is
wrong are in commands/troubles.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Trouble
from bot.model.feed import Feed, Told

BROKEN_AFTER = timedelta(hours=6)
"""A failure that does not pass by itself is told of after so long: an afternoon of repairs is
over by then, and people hear of the rest on the same day."""

BROKEN_AT_LEAST = 5
"""And after so many failed polls in a row, be they ever so far apart."""

LONG_BROKEN_AFTER = timedelta(hours=24)
"""Servers that are away or overloaded mostly come back: no word for a night, one for a day."""

LONG_BROKEN_AT_LEAST = 3

PASSING = frozenset(
    {
        Trouble.NONE,  # nothing is known of it
        Trouble.NAME,
        Trouble.CONNECTION,
        Trouble.SLOW,
        Trouble.BUSY,
        Trouble.SERVER,
        Trouble.ANSWER,
        Trouble.PORTAL,
    }
)
"""Troubles that mostly pass without anybody's doing; of the others somebody must do something."""

FINAL = frozenset({Trouble.GONE})
"""What a publisher says on purpose, so that it need not last for long (RFC 9110 §15.5.11)..."""

FINAL_AFTER = timedelta(hours=1)
"""...but for so long it must: a server under repair says it too, now and then."""

FINAL_AT_LEAST = 3

SILENT_AFTER = timedelta(days=4)
"""A weekend without news is no silence, nor is a long one: from Friday afternoon to Tuesday."""

SILENT_GAPS = 12
"""Times its usual gap that a feed brings nothing before it counts as silent. News come in
bursts: were they independent, gaps twelve times the mean would be one in 160,000."""

RHYTHM_AFTER = timedelta(days=1)
"""A night is only a part of it, and two entries in a minute are no rhythm."""

OFFLINE_HOSTS = 3
"""Hosts that begin to fail while nobody answers: then it is our own network that is down."""


class Course(StrEnum):
    """How a trouble mostly goes on; what goes on alike may have one cause."""

    PASSES = "passes"
    STAYS = "stays"  # until somebody does something
    FINAL = "final"


class Condition(StrEnum):
    """How a feed is doing, the best first."""

    NEW = "new"  # nobody asked it yet
    WELL = "well"
    FLAWED = "flawed"  # malformed, but read
    SILENT = "silent"  # brings far less than it used to
    FAILING = "failing"  # gives nothing just now
    BROKEN = "broken"  # and has given nothing for so long that people should know


class Turn(StrEnum):
    """What became of a feed since those who chose it were last told."""

    BROKE = "broke"
    BACK = "back"
    FELL_SILENT = "fell silent"
    SPEAKS = "speaks"  # noted, but told to nobody: its posts tell


_PATIENCE = {
    Course.PASSES: (LONG_BROKEN_AFTER, LONG_BROKEN_AT_LEAST),
    Course.STAYS: (BROKEN_AFTER, BROKEN_AT_LEAST),
    Course.FINAL: (FINAL_AFTER, FINAL_AT_LEAST),
}
"""For how long, and at how many polls in a row, a trouble must last to be told of."""

TOLD_BY = {
    Turn.BROKE: Told.BROKEN,
    Turn.BACK: Told.NOTHING,
    Turn.FELL_SILENT: Told.SILENT,
    Turn.SPEAKS: Told.NOTHING,
}
"""What ``Feed.told`` is after each."""


def condition_of(feed: Feed, *, now: datetime) -> Condition:
    """How ``feed`` is doing as of ``now``."""
    if feed.failures:
        return Condition.BROKEN if is_broken(feed, now=now) else Condition.FAILING
    if feed.polled_at is None:
        return Condition.NEW
    if is_silent(feed):
        return Condition.SILENT
    return Condition.FLAWED if feed.flaw else Condition.WELL


def is_broken(feed: Feed, *, now: datetime, not_before: datetime | None = None) -> bool:
    """Whether ``feed`` fails for so long that those who chose it should know.

    It must have been asked in the second half of that time too: a bot that was switched off
    knows nothing of what happened meanwhile.

    Args:
        not_before: what failed until then is not held against it: our own network was down.
    """
    if not feed.failures or feed.failing_since is None or feed.polled_at is None:
        return False
    if not_before is not None and feed.polled_at <= not_before:
        return False
    after, at_least = _PATIENCE[course_of(feed.trouble)]
    since = max(feed.failing_since, not_before or feed.failing_since)
    return (
        feed.failures >= at_least and now - since >= after and feed.polled_at - since >= after / 2
    )


def course_of(trouble: Trouble) -> Course:
    """How ``trouble`` mostly goes on."""
    if trouble in FINAL:
        return Course.FINAL
    return Course.PASSES if trouble in PASSING else Course.STAYS


def is_silent(feed: Feed) -> bool:
    """Whether ``feed`` answers well and brings far less than its own rhythm would have it.

    Only where that rhythm is known. Counted from when it last brought something, or was told
    to be back, to its last answer; so the time that a bot was switched off counts as far as
    the feed's next document covers it.
    """
    if feed.failures or feed.gap_s is None or feed.changed_at is None or feed.answered_at is None:
        return False
    since = feed.changed_at
    if feed.told is Told.NOTHING and feed.told_at is not None:
        since = max(since, feed.told_at)
    return feed.answered_at - since >= silence_of(feed.gap_s)


def usual_gap_or_none(feed: Feed) -> float | None:
    """The gap (seconds) that people can be told of; None before ``feed`` was followed for a day.

    Until then it is mostly what a feed is thought to be before anything is known of it.
    """
    known = [moment for moment in (feed.added_at, feed.changed_at) if moment is not None]
    last = feed.answered_at or feed.polled_at
    if known and last is not None and last - min(known) < RHYTHM_AFTER:
        return None
    return feed.gap_s


def silence_of(gap_s: float) -> timedelta:
    """After how long without an entry a feed with this gap (seconds) counts as silent."""
    return max(SILENT_AFTER, SILENT_GAPS * timedelta(seconds=gap_s))


def turn_or_none(feed: Feed, *, now: datetime, not_before: datetime | None = None) -> Turn | None:
    """What is to be told of ``feed`` that was not told yet.

    Args:
        not_before: see ``is_broken``.
    """
    if feed.failures:
        is_new = feed.told is not Told.BROKEN
        return Turn.BROKE if is_new and is_broken(feed, now=now, not_before=not_before) else None
    match feed.told:
        case Told.BROKEN:
            return Turn.BACK
        case Told.SILENT:
            return None if is_silent(feed) else Turn.SPEAKS
        case Told.NOTHING:
            return Turn.FELL_SILENT if is_silent(feed) else None
