"""A feed that stops bringing anything is called silent once, and until it brings something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from bot.model import Feed, Fetched
from bot.model.condition import SILENT_AFTER, SILENT_GAPS, is_silent
from bot.pipeline.answer import Answer, Found, after_answer
from bot.pipeline.due import PollRules
from tests.builders import NOW, entry, feed

RULES = PollRules(min_interval_s=300, default_interval_s=600, max_interval_s=86_400)
UNCHANGED = Answer(Fetched("https://wire.example/rss", body=None))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def every(gap: timedelta, *, until: datetime) -> list[datetime]:
    """Times of publication from ``NOW`` on."""
    return [NOW + gap * number for number in range(1, (until - NOW) // gap + 1)]


def follow(read: Feed, times: Iterable[datetime], *, until: datetime) -> Iterator[Feed]:
    """``read`` after each poll, asked whenever it is due."""
    waiting = sorted(times)
    while read.next_due_at <= until:
        now = read.next_due_at
        new = [entry(published_at=at) for at in waiting if at <= now]
        waiting = waiting[len(new) :]
        found = Found(new, has_changes=bool(new))
        read = after_answer(read, UNCHANGED, found, rules=RULES, now=now)
        yield read


def turns_of(polled: Sequence[Feed]) -> list[datetime]:
    """When it became silent, and when it was no more."""
    turns = []
    was_silent = False
    for one in polled:
        if is_silent(one) is not was_silent:
            was_silent = not was_silent
            assert one.polled_at
            turns.append(one.polled_at)
    return turns


@pytest.mark.parametrize(
    "gap", [5 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY], ids=str
)
def test_a_long_silence_is_noticed_once_and_ends_with_the_next_entry(gap: timedelta) -> None:
    last = NOW + max(2 * DAY, 20 * gap)
    speaks = last + max(60 * DAY, 30 * gap)
    young = feed(gap_s=gap.total_seconds(), changed_at=NOW, answered_at=NOW)
    times = [*every(gap, until=last), speaks]

    polled = list(follow(young, times, until=speaks + 2 * DAY))
    silent_at, speaks_at = turns_of(polled)

    usual = max(SILENT_AFTER, SILENT_GAPS * gap)
    assert 0.9 * usual - gap <= silent_at - last <= 1.25 * usual + DAY
    assert timedelta(0) <= speaks_at - speaks <= DAY


def test_silence_lets_a_feed_be_asked_ever_less_often_and_its_gap_stays_on_record() -> None:
    read = feed(gap_s=3_600.0, changed_at=NOW, answered_at=NOW)

    polled = list(follow(read, [], until=NOW + 200 * DAY))

    waits = [one.next_due_at - one.polled_at for one in polled if one.polled_at]
    assert waits[0] <= 6 * MINUTE
    assert all(later >= 0.9 * earlier for earlier, later in pairwise(waits))
    assert waits[-1] >= HOUR
    assert {one.gap_s for one in polled} == {3_600.0}


def test_a_feed_that_rests_at_weekends_is_never_called_silent() -> None:
    """Eight a day in office hours; and one Monday is a holiday."""
    monday = NOW.replace(hour=0, minute=0) - timedelta(days=NOW.weekday()) + 7 * DAY
    days = [monday + number * DAY for number in range(70) if number != 28]
    times = [day + (9 + n) * HOUR for day in days if day.weekday() < 5 for n in range(8)]
    young = feed(changed_at=monday, answered_at=monday, gap_s=10_800.0, next_due_at=monday)

    polled = list(follow(young, times, until=times[-1]))

    assert turns_of(polled) == []


def test_an_edit_breaks_the_silence_without_counting_as_an_arrival() -> None:
    read = feed(gap_s=3_600.0, changed_at=NOW - 9 * DAY, answered_at=NOW - HOUR)
    assert is_silent(read)

    edited = after_answer(read, UNCHANGED, Found(has_changes=True), rules=RULES, now=NOW)

    assert not is_silent(edited)
    assert edited.gap_s is not None
    assert edited.gap_s > DAY.total_seconds()


def test_what_arrives_after_a_silence_is_judged_by_the_gap_as_it_had_grown() -> None:
    """Asked on the way or not, one entry after a week makes the same of it."""
    read = feed(gap_s=3_600.0, changed_at=NOW - 7 * DAY, answered_at=NOW - 7 * DAY)
    asked = list(follow(replace(read, next_due_at=NOW - 7 * DAY), [], until=NOW))[-1]
    assert asked.gap_s == 3_600.0
    found = Found([entry(published_at=NOW)], has_changes=True)

    after = after_answer(asked, UNCHANGED, found, rules=RULES, now=NOW)

    assert after.gap_s is not None
    assert 12 * 3_600 <= after.gap_s <= 36 * 3_600
