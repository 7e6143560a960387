"""How a feed is doing, and when that is worth a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Trouble
from bot.model import Feed, Told
from bot.model.condition import (
    BROKEN_AFTER,
    BROKEN_AT_LEAST,
    LONG_BROKEN_AFTER,
    LONG_BROKEN_AT_LEAST,
    PASSING,
    TOLD_BY,
    Condition,
    Turn,
    condition_of,
    silence_of,
    turn_or_none,
    usual_gap_or_none,
)
from tests.builders import NOW, feed

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def failing(trouble: Trouble, *, since: timedelta, failures: int, **changes: Any) -> Feed:
    """A feed that began to fail so long ago and was asked last a minute ago."""
    made = feed(
        failures=failures,
        trouble=trouble,
        failing_since=NOW - since,
        polled_at=NOW - timedelta(minutes=1),
    )
    return replace(made, **changes)


def speaking(*, gap: timedelta, quiet: timedelta, **changes: Any) -> Feed:
    """A feed that answers well and brought something last so long ago."""
    made = feed(gap_s=gap.total_seconds(), changed_at=NOW - quiet, polled_at=NOW, answered_at=NOW)
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("made", "condition"),
    [
        (feed(), Condition.NEW),
        (feed(polled_at=NOW, answered_at=NOW), Condition.WELL),
        (feed(polled_at=NOW, answered_at=NOW, flaw="an & stands alone"), Condition.FLAWED),
        (failing(Trouble.NAME, since=HOUR, failures=3), Condition.FAILING),
        (failing(Trouble.GONE, since=HOUR, failures=3), Condition.BROKEN),
        (speaking(gap=HOUR, quiet=5 * DAY), Condition.SILENT),
    ],
)
def test_a_feed_has_one_condition(made: Feed, condition: Condition) -> None:
    assert condition_of(made, now=NOW) is condition


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - {Trouble.GONE}))
def test_what_passes_by_itself_has_a_day_and_the_rest_six_hours(trouble: Trouble) -> None:
    is_passing = trouble in PASSING
    after = LONG_BROKEN_AFTER if is_passing else BROKEN_AFTER
    least = LONG_BROKEN_AT_LEAST if is_passing else BROKEN_AT_LEAST
    just = failing(trouble, since=after, failures=least)
    early = failing(trouble, since=after - timedelta(seconds=1), failures=least)
    rarely = failing(trouble, since=after, failures=least - 1)

    assert [condition_of(one, now=NOW) for one in (just, early, rarely)] == [
        Condition.BROKEN,
        Condition.FAILING,
        Condition.FAILING,
    ]


def test_what_is_gone_for_good_has_an_hour_and_three_polls() -> None:
    """A server that says 410 now and then is under repair, and would be told of each time."""
    gone = [(HOUR, 3), (HOUR, 2), (HOUR - timedelta(seconds=1), 3), (timedelta(0), 1)]

    conditions = [
        condition_of(failing(Trouble.GONE, since=since, failures=failures), now=NOW)
        for since, failures in gone
    ]

    assert conditions == [Condition.BROKEN, *[Condition.FAILING] * 3]


def test_a_bot_that_was_switched_off_does_not_know_that_a_feed_failed_all_the_time() -> None:
    friday = failing(Trouble.MISSING, since=3 * DAY, failures=9, polled_at=NOW - 3 * DAY + HOUR)
    monday = replace(friday, polled_at=NOW)

    assert condition_of(friday, now=NOW) is Condition.FAILING
    assert condition_of(monday, now=NOW) is Condition.BROKEN


def test_what_failed_before_failures_were_dated_has_to_fail_anew() -> None:
    old = failing(Trouble.GONE, since=DAY, failures=40, failing_since=None)

    assert condition_of(old, now=NOW) is Condition.FAILING


def test_failures_while_our_own_network_was_down_do_not_count() -> None:
    made = failing(Trouble.MISSING, since=2 * DAY, failures=9)

    assert turn_or_none(made, now=NOW, not_before=NOW - HOUR) is None
    assert turn_or_none(made, now=NOW, not_before=NOW - BROKEN_AFTER) is Turn.BROKE
    gone = replace(made, trouble=Trouble.GONE)
    assert turn_or_none(gone, now=NOW, not_before=NOW) is None
    assert turn_or_none(gone, now=NOW, not_before=NOW - HOUR) is Turn.BROKE


@pytest.mark.parametrize(
    ("gap", "after"),
    [(timedelta(minutes=10), 4 * DAY), (4 * HOUR, 4 * DAY), (DAY, 12 * DAY)],
)
def test_silence_is_twelve_gaps_and_four_days_at_least(gap: timedelta, after: timedelta) -> None:
    second = timedelta(seconds=1)

    assert silence_of(gap.total_seconds()) == after
    assert condition_of(speaking(gap=gap, quiet=after), now=NOW) is Condition.SILENT
    assert condition_of(speaking(gap=gap, quiet=after - second), now=NOW) is Condition.WELL


@pytest.mark.parametrize(
    "changes",
    [
        {"gap_s": None},
        {"changed_at": None},
        {"answered_at": None},
        {"answered_at": NOW - 8 * DAY},
        {"told": Told.NOTHING, "told_at": NOW - HOUR},
    ],
)
def test_without_a_known_rhythm_and_a_late_answer_nothing_is_called_silent(
    changes: dict[str, Any],
) -> None:
    silent = speaking(gap=HOUR, quiet=9 * DAY)

    assert turn_or_none(silent, now=NOW) is Turn.FELL_SILENT
    assert turn_or_none(replace(silent, **changes), now=NOW) is None


@pytest.mark.parametrize(
    ("told", "made", "turn"),
    [
        (Told.NOTHING, failing(Trouble.MISSING, since=DAY, failures=9), Turn.BROKE),
        (Told.SILENT, failing(Trouble.MISSING, since=DAY, failures=9), Turn.BROKE),
        (Told.BROKEN, failing(Trouble.MISSING, since=DAY, failures=9), None),
        (Told.BROKEN, speaking(gap=HOUR, quiet=HOUR), Turn.BACK),
        (Told.BROKEN, speaking(gap=HOUR, quiet=9 * DAY), Turn.BACK),
        (Told.NOTHING, speaking(gap=HOUR, quiet=9 * DAY), Turn.FELL_SILENT),
        (Told.SILENT, speaking(gap=HOUR, quiet=9 * DAY), None),
        (Told.SILENT, speaking(gap=HOUR, quiet=HOUR), Turn.SPEAKS),
        (Told.SILENT, failing(Trouble.NAME, since=HOUR, failures=1), None),
        (Told.NOTHING, speaking(gap=HOUR, quiet=HOUR), None),
    ],
)
def test_each_turn_is_due_once(told: Told, made: Feed, turn: Turn | None) -> None:
    told_at = NOW - 5 * DAY if told is not Told.NOTHING else None
    before = replace(made, told=told, told_at=told_at)

    assert turn_or_none(before, now=NOW) is turn
    if turn is not None:
        after = replace(before, told=TOLD_BY[turn], told_at=NOW)
        assert turn_or_none(after, now=NOW) is None


@pytest.mark.parametrize(
    ("followed", "told"), [(HOUR, None), (DAY - HOUR, None), (DAY, 60.0), (None, 60.0)]
)
def test_a_rhythm_is_told_after_a_day(followed: timedelta | None, told: float | None) -> None:
    """None: when it was added is on no record."""
    made = feed(gap_s=60.0, polled_at=NOW, answered_at=NOW)
    if followed is not None:
        made = replace(made, added_at=NOW - followed, changed_at=NOW)

    assert usual_gap_or_none(made) == told
