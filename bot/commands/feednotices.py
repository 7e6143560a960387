"""Which feeds are told of without being asked for, to whom, and in what words.

Pure. What became of a feed is judged in model/condition.py; that everybody is told once is the
business of app/feedwatch.py.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.commands.answer import Answer, Facts, Hint, Line, Lines, Part, Tone
from bot.commands.feeds import shown_address
from bot.commands.health import label_feed, tell_silent
from bot.commands.troubles import advise_on, tell_gap, tell_trouble
from bot.commands.wording import count
from bot.errors import Trouble
from bot.model import Feed, Platform, Told
from bot.model.condition import (
    LONG_BROKEN_AT_LEAST,
    OFFLINE_HOSTS,
    Course,
    Turn,
    course_of,
    turn_or_none,
)

MAX_LISTED = 15
"""Feeds of one notice that are named."""

TOGETHER = timedelta(hours=2)
"""What began to fail alike so close together has most likely one cause, and is told at once."""

HELD_AT_MOST = timedelta(days=2)
"""No longer is anything kept back for that: it may be that all of them are gone."""


_WHERE = {Platform.DISCORD: "on your server ", Platform.CONSOLE: "in newsbot ask "}
"""Where a command is typed, where that is not simply there: Discord's need a server."""


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """Who chose a feed, and so is told of it.

    Attributes:
        platform: the console's is the operator.
        person: the platform's id, "" where nobody is known.
    """

    platform: Platform
    workspace: str = ""
    person: str = ""


OPERATOR = Recipient(Platform.CONSOLE)


Batch = tuple[Recipient, datetime | None]
"""Feeds that were told to be broken by one notice: to whom, and when."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: what became of some feeds of one person."""

    recipient: Recipient
    turn: Turn
    feeds: tuple[Feed, ...]


def recipient_of(feed: Feed) -> Recipient:
    """Who chose ``feed``."""
    platform, _, workspace = feed.added_by.partition("/")
    if not platform:
        return OPERATOR
    return Recipient(Platform(platform), workspace, feed.added_person)


def seems_offline(feeds: Iterable[Feed], *, last_answer: datetime | None) -> bool:
    """Whether our own network seems to be down, and not the feeds.

    Hosts that were well began to fail, and nobody has answered since. Feeds that have been
    dead for long prove nothing.

    Args:
        last_answer: of any feed.
    """
    hosts = {
        _host_of(feed)
        for feed in feeds
        if feed.failing_since and (last_answer is None or feed.failing_since > last_answer)
    }
    return len(hosts) >= OFFLINE_HOSTS


def offline_since(feeds: Iterable[Feed], *, last_answer: datetime | None) -> datetime:
    """Since when nobody answers, where ``seems_offline``."""
    began = min(feed.failing_since for feed in feeds if feed.failing_since)
    return last_answer or began


def plan_notices(
    feeds: Sequence[Feed], *, now: datetime, not_before: datetime | None = None
) -> tuple[Notice, ...]:
    """What is to be told of ``feeds``: of each kind one message to each person.

    With a broken feed are told those of its host that fail too, and whatever began to fail
    at about the same time: an outage is one notice, not fifty. But only what goes on alike:
    a server that is away for an hour has nothing to do with a feed that is gone for good.

    Args:
        not_before: see ``bot.model.condition.is_broken``.
    """
    turns = {feed.id: turn_or_none(feed, now=now, not_before=not_before) for feed in feeds}
    broken = [feed for feed in feeds if turns[feed.id] is Turn.BROKE]
    for feed in _find_companions(feeds, broken, not_before=not_before):
        turns[feed.id] = Turn.BROKE
    grouped: dict[tuple[Recipient, Turn, Course], list[Feed]] = defaultdict(list)
    for feed in feeds:
        if (turn := turns[feed.id]) is not None:
            grouped[recipient_of(feed), turn, course_of(feed.trouble)].append(feed)
    return tuple(Notice(who, turn, tuple(some)) for (who, turn, _), some in sorted(grouped.items()))


def batch_of(feed: Feed) -> Batch:
    """With which others it was told to be broken."""
    return recipient_of(feed), feed.told_at


def find_failing_batches(feeds: Iterable[Feed]) -> frozenset[Batch]:
    """Those of which some fail still."""
    return frozenset(batch_of(one) for one in feeds if one.told is Told.BROKEN and one.failures)


def find_batches(feeds: Sequence[Feed]) -> frozenset[Batch]:
    """Those of which some are back, and some fail still."""
    back = {batch_of(one) for one in feeds if one.told is Told.BROKEN and not one.failures}
    return find_failing_batches(feeds) & back


def tell_notice(notice: Notice, *, is_offline: bool = False) -> Answer:
    """The message.

    Args:
        is_offline: nobody at all answers, so that the fault may be ours.
    """
    is_operator = notice.recipient == OPERATOR
    match notice.turn:
        case Turn.BROKE:
            return _tell_broken(notice.feeds, is_operator=is_operator, is_offline=is_offline)
        case Turn.BACK:
            return _tell_back(notice.feeds)
        case Turn.FELL_SILENT:
            return _tell_silent(notice.feeds)
        case Turn.SPEAKS:
            raise ValueError("that a feed speaks again is told to nobody")


def _find_companions(
    feeds: Iterable[Feed], broken: Collection[Feed], *, not_before: datetime | None
) -> Iterator[Feed]:
    hosts = {(course_of(feed.trouble), _host_of(feed)) for feed in broken}
    moments: dict[Course, list[datetime]] = defaultdict(list)
    for feed in broken:
        if feed.failing_since:
            insort(moments[course_of(feed.trouble)], feed.failing_since)
    for feed in feeds:
        if feed.failures < LONG_BROKEN_AT_LEAST or feed.told is Told.BROKEN:
            continue
        if feed.failing_since is None or feed.polled_at is None:
            continue
        if not_before is not None and feed.polled_at <= not_before:
            continue
        course = course_of(feed.trouble)
        if (course, _host_of(feed)) in hosts or _is_near(feed.failing_since, moments[course]):
            yield feed


def _is_near(moment: datetime, moments: Sequence[datetime]) -> bool:
    place = bisect_left(moments, moment - TOGETHER)
    return place < len(moments) and moments[place] <= moment + TOGETHER


def _tell_broken(feeds: Sequence[Feed], *, is_operator: bool, is_offline: bool) -> Answer:
    parts: list[Part] = []
    if is_offline:
        said = "No feed at all answers, so the fault may lie in the network that I run in."
        parts.append(Lines((said,)))
    if len(feeds) > 1:
        parts.append(
            Facts(tuple((label_feed(one), _say_broken(one)) for one in feeds[:MAX_LISTED]))
        )
        parts += _list_rest(feeds, f"{_go_on(feeds)} they are back.")
        title = f"{count(len(feeds), 'feed')}{_place_of(feeds)} cannot be read any more"
        return Answer(title, tuple(parts), tone=Tone.CAUTION)
    (feed,) = feeds
    rows: list[tuple[str, Line | datetime]] = [*_name(feed), ("What is wrong", tell_trouble(feed))]
    if feed.failing_since:
        rows.append(("Since", feed.failing_since))
    if advice := advise_on(feed.trouble, is_operator=is_operator):
        rows.append(("What to do", advice))
    parts += [Facts(tuple(rows)), Lines((f"{_go_on(feeds)} it is back.",)), *_ways(feed)]
    return Answer(f"{_call(feed)} cannot be read any more", tuple(parts), tone=Tone.CAUTION)


def _tell_back(feeds: Sequence[Feed]) -> Answer:
    if len(feeds) > 1:
        parts = (Lines(tuple(map(label_feed, feeds[:MAX_LISTED]))), *_list_rest(feeds, ""))
        title = f"{count(len(feeds), 'feed')}{_place_of(feeds)} can be read again"
        return Answer(title, parts, tone=Tone.DONE)
    (feed,) = feeds
    rows: list[tuple[str, Line | datetime]] = [*_name(feed)]
    if feed.told_at:
        rows.append(("Told to be broken", feed.told_at))
    if feed.flaw:
        rows.append(("Malformed, but read", feed.flaw))
    hint = _hint(feed, f"/feeds health #{feed.id}", "shows how it is doing")
    return Answer(f"{_call(feed)} can be read again", (Facts(tuple(rows)), hint), tone=Tone.DONE)


def _tell_silent(feeds: Sequence[Feed]) -> Answer:
    what = "far quieter than usual"
    last = "You are not told again while this lasts."
    if len(feeds) > 1:
        rows = tuple((label_feed(one), tell_silent(one)) for one in feeds[:MAX_LISTED])
        said = f"They answer well, and I go on asking them. {last}"
        title = f"{count(len(feeds), 'feed')}{_place_of(feeds)} are {what}"
        return Answer(title, (Facts(rows), *_list_rest(feeds, said)), tone=Tone.CAUTION)
    (feed,) = feeds
    told: list[tuple[str, Line | datetime]] = [*_name(feed)]
    if feed.gap_s is not None:
        told.append(("Used to bring", tell_gap(feed.gap_s)))
    if feed.changed_at:
        told.append(("Nothing new since", feed.changed_at))
    said = f"It answers well, so it may have been given up or moved. I go on asking it. {last}"
    parts = (Facts(tuple(told)), Lines((said,)), *_ways(feed))
    return Answer(f"Silent feed: {_call(feed)} is {what}", parts, tone=Tone.CAUTION)


def _say_broken(feed: Feed) -> Line:
    said = tell_trouble(feed)
    return (f"{said}, since ", feed.failing_since) if feed.failing_since else said


def _go_on(feeds: Iterable[Feed]) -> str:
    """What is done about feeds that are broken; see bot/pipeline/due.py."""
    at_least = "week" if all(feed.trouble is Trouble.GONE for feed in feeds) else "day"
    return f"I go on asking, ever less often but once a {at_least} at least, and tell you when"


def _list_rest(feeds: Sequence[Feed], said: str) -> list[Part]:
    """How many are not named, what is done about all of them, and where more is told."""
    more = len(feeds) - MAX_LISTED
    lines = [f"and {more} more"] if more > 0 else []
    lines += [said] if said else []
    parts: list[Part] = [Lines(tuple(lines))] if lines else []
    return [*parts, _hint(feeds[0], "/feeds health", "shows how all of them are doing")]


def _ways(feed: Feed) -> tuple[Hint, Hint]:
    return (
        _hint(feed, f"/feeds health #{feed.id}", "shows more"),
        _hint(feed, f"/feeds remove #{feed.id}", "stops reading it"),
    )


def _hint(feed: Feed, command: str, text: str) -> Hint:
    return Hint(command, f"{_WHERE.get(recipient_of(feed).platform, '')}{text}")


def _name(feed: Feed) -> Iterator[tuple[str, Line | datetime]]:
    yield "Feed", f"#{feed.id} {shown_address(feed, workspace=feed.added_by)}"


def _call(feed: Feed) -> str:
    return feed.spec.title or f"Feed #{feed.id}"


def _place_of(feeds: Iterable[Feed]) -> str:
    """Where all of them are, if that is one host."""
    hosts = {_host_of(feed) for feed in feeds}
    return f" of {hosts.pop()}" if len(hosts) == 1 else ""


def _host_of(feed: Feed) -> str:
    return urlsplit(feed.url).hostname or ""
