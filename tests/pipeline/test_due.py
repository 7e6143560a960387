from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Trouble
from bot.pipeline.due import (
    BACK_OFF_CAP_S,
    PollRules,
    due_after_answer,
    due_after_failure,
    due_after_no_poll,
    interval_after_answer,
    wants_whole,
)
from bot.pipeline.rhythm import USUAL_GAP_S
from tests.builders import NOW, feed

RULES = PollRules(default_interval_s=600, min_interval_s=300, max_interval_s=3_600)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ((None, None), 600),
        ((60.0, None), 600),  # a shorter wish only permits
        ((900.0, None), 900),
        ((None, 1_200.0), 1_200),
        ((900.0, 1_200.0), 1_200),  # the longer of the two
        ((86_400.0, None), 3_600),  # cut to the operator's bound
    ],
)
def test_a_publisher_slows_us_down_within_the_operators_bounds(
    wishes: tuple[float | None, ...], expected: float
) -> None:
    assert interval_after_answer(RULES, *wishes) == expected


def test_a_default_below_the_minimum_is_raised_to_it() -> None:
    rules = PollRules(default_interval_s=10, min_interval_s=60, max_interval_s=600)

    assert interval_after_answer(rules) == 60


def test_a_slow_answer_does_not_push_the_rhythm_forward() -> None:
    due = due_after_answer(feed(next_due_at=NOW), 600, now=NOW + timedelta(seconds=20))

    assert due == NOW + timedelta(seconds=600)


def test_after_a_long_pause_the_rhythm_starts_from_now() -> None:
    now = NOW + timedelta(days=3)

    assert due_after_answer(feed(next_due_at=NOW), 600, now=now) == now + timedelta(seconds=600)


def test_an_early_poll_does_not_put_the_next_one_off_by_two_intervals() -> None:
    due = due_after_answer(feed(next_due_at=NOW + timedelta(hours=1)), 600, now=NOW)

    assert due == NOW + timedelta(seconds=600)


def wait_s(failures: int, *, retry_after_s: float | None = None, feed_id: int = 1) -> float:
    due = due_after_failure(
        feed(id=feed_id), failures=failures, retry_after_s=retry_after_s, rules=RULES, now=NOW
    )
    return (due - NOW).total_seconds()


def test_failures_slow_a_feed_down_and_never_stop_it() -> None:
    waits = [wait_s(failures) for failures in range(1, 200)]

    assert 600 <= waits[0] <= 660
    assert 1_200 <= waits[1] <= 1_320
    assert max(waits) <= BACK_OFF_CAP_S * 1.1


def test_feeds_that_fail_together_do_not_return_together() -> None:
    assert len({wait_s(1, feed_id=number) for number in range(50)}) == 50


@pytest.mark.parametrize(("named_s", "expected_s"), [(7_200.0, 7_200.0), (10 * 86_400.0, 86_400.0)])
def test_retry_after_is_obeyed_up_to_a_day(named_s: float, expected_s: float) -> None:
    assert wait_s(1, retry_after_s=named_s) == expected_s


def test_a_short_retry_after_does_not_undercut_the_back_off() -> None:
    assert wait_s(1, retry_after_s=1.0) >= 600


def test_failures_count_from_one() -> None:
    with pytest.raises(ValueError, match="counts from 1"):
        wait_s(0)


@pytest.mark.parametrize(("hours", "expected"), [(None, True), (23, False), (24, True)])
def test_a_whole_fetch_is_wanted_once_a_day(hours: int | None, *, expected: bool) -> None:
    at = None if hours is None else NOW - timedelta(hours=hours)

    assert wants_whole(feed(fetched_whole_at=at), RULES, now=NOW) is expected


def test_a_feed_is_asked_by_its_own_rhythm_unless_the_publisher_wants_it_slower() -> None:
    rules = PollRules(default_interval_s=600, min_interval_s=300, max_interval_s=86_400)

    slow_s = 4 * USUAL_GAP_S
    assert interval_after_answer(rules, gap_s=slow_s) == 1_200
    assert interval_after_answer(rules, 7_200.0, gap_s=slow_s) == 7_200
    assert interval_after_answer(rules, 60.0, gap_s=slow_s) == 1_200
    assert interval_after_answer(rules, gap_s=60.0) == 300


def test_a_hot_feed_is_asked_as_often_as_its_publisher_likes() -> None:
    assert interval_after_answer(RULES, None, gap_s=86_400.0, is_hot=True) == 300
    assert interval_after_answer(RULES, 900.0, gap_s=86_400.0, is_hot=True) == 900


def test_fixed_intervals_know_no_rhythm() -> None:
    fixed = replace(RULES, adaptive=False)

    assert interval_after_answer(fixed, gap_s=60.0, is_hot=True) == 600
    assert interval_after_answer(fixed, gap_s=10**7) == 600


@pytest.mark.parametrize(
    ("failures", "failing_h", "trouble", "weeks"),
    [
        (3, 24, Trouble.GONE, 1),
        (9, 24 * 90, Trouble.GONE, 1),
        (2, 24, Trouble.GONE, 0),
        (9, 23, Trouble.GONE, 0),
        (9, 24 * 90, Trouble.MISSING, 0),
    ],
)
def test_what_is_gone_for_a_day_is_asked_once_a_week(
    failures: int, failing_h: int, trouble: Trouble, weeks: int
) -> None:
    failing = feed(failing_since=NOW - timedelta(hours=failing_h))

    due = due_after_failure(
        failing, failures=failures, retry_after_s=None, rules=RULES, now=NOW, trouble=trouble
    )

    assert (due - NOW) // timedelta(days=7) == weeks


def test_a_poll_that_was_not_made_waits_as_long_as_the_host_asked() -> None:
    waits = {
        (due_after_no_poll(feed(id=number), 900.0, now=NOW) - NOW).total_seconds()
        for number in range(50)
    }

    assert 900 <= min(waits) < max(waits) <= 990
    assert due_after_no_poll(feed(), 10.0**9, now=NOW) <= NOW + timedelta(days=1.1)
    assert due_after_no_poll(feed(), 0.0, now=NOW) > NOW


@pytest.mark.parametrize(
    ("ttl_s", "max_age_s", "expected"),
    [(None, 1_800.0, 1_800), (None, 86_400.0, 3_600), (7_200.0, 86_400.0, 7_200)],
)
def test_a_cache_slows_a_feed_to_an_hour_at_most(
    ttl_s: float | None, max_age_s: float, expected: float
) -> None:
    rules = PollRules(max_interval_s=86_400)

    assert interval_after_answer(rules, ttl_s, max_age_s=max_age_s) == expected


def test_a_whole_fetch_that_is_still_to_come_does_not_count() -> None:
    ahead = feed(fetched_whole_at=NOW + timedelta(days=3_650))

    assert wants_whole(ahead, RULES, now=NOW)
