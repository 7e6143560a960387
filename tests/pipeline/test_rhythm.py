from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline.due import PollRules, interval_after_answer, with_jitter
from bot.pipeline.rhythm import (
    LONGEST_GAP_S,
    USUAL_GAP_S,
    count_arrivals,
    first_gap_or_none,
    gap_in_silence,
    next_gap,
    own_interval,
)
from tests.builders import NOW, feed

RULES = PollRules(min_interval_s=300, default_interval_s=600, max_interval_s=86_400)
MINUTE, HOUR, DAY, WEEK = 60.0, 3_600.0, 86_400.0, 7 * 86_400.0

GAPS = st.floats(min_value=60, max_value=LONGEST_GAP_S)


def every(seconds: float, *, days: float) -> list[datetime]:
    """Times at which something is published, so many days from ``NOW`` on."""
    count = int(days * DAY / seconds)
    return [NOW + timedelta(seconds=seconds * (number + 0.5)) for number in range(count)]


def by_chance(seconds: float, *, days: float, seed: int = 1) -> list[datetime]:
    """The same, with gaps as chance has them."""
    chance, at, times = Random(seed), 0.0, []
    while (at := at + chance.expovariate(1 / seconds)) < days * DAY:
        times.append(NOW + timedelta(seconds=at))
    return times


def follow(
    times: Sequence[datetime], *, days: float, gap_s: float | None = None, rules: PollRules = RULES
) -> Iterator[tuple[datetime, float | None, float]]:
    """Poll a feed for so long: when, the gap that is believed then, and the interval chosen."""
    since, done = NOW, 0
    while True:
        interval_s = interval_after_answer(rules, gap_s=gap_s)
        now = since + timedelta(seconds=interval_s)
        if now > NOW + timedelta(days=days):
            return
        new = times[done : bisect_right(times, now)]
        done += len(new)
        arrivals = count_arrivals(new, since=since, now=now)
        gap_s = next_gap(gap_s, arrivals=arrivals, elapsed_s=interval_s)
        since = now
        yield now, gap_s, interval_after_answer(rules, gap_s=gap_s)


def intervals_of_last(
    days: float, steps: Iterator[tuple[datetime, float | None, float]]
) -> list[float]:
    found = list(steps)
    end = found[-1][0]
    return [interval for at, _, interval in found if end - at <= timedelta(days=days)]


@pytest.mark.parametrize(
    ("gap_s", "days", "least_s", "most_s"),
    [
        (MINUTE, 3, 300, 300),
        (HOUR, 10, 300, 330),
        (4 * HOUR, 20, 500, 700),
        (DAY, 60, 1_100, 1_950),
        (WEEK, 300, 3_000, 5_500),
        (4_000 * DAY, 4_000, 15_000, 86_400),
    ],
    ids=["a minute", "an hour", "four hours", "a day", "a week", "never"],
)
@pytest.mark.parametrize("begins", [None, 60.0, WEEK], ids=["unknown", "too fast", "too slow"])
def test_a_feed_ends_at_the_interval_of_its_gap(
    gap_s: float, days: float, least_s: float, most_s: float, begins: float | None
) -> None:
    steps = follow(every(gap_s, days=days), days=days, gap_s=begins)

    last = intervals_of_last(days / 3, steps)

    assert least_s <= min(last) <= max(last) <= most_s


@pytest.mark.parametrize("gap_s", [90 * MINUTE, 4 * HOUR, 6 * HOUR, DAY])
def test_chance_moves_it_by_no_more_than_half(gap_s: float) -> None:
    days = 60 * gap_s / DAY + 20
    for seed in range(5):
        steps = follow(by_chance(gap_s, days=days, seed=seed), days=days)
        last = sorted(intervals_of_last(days / 2, steps))
        middle = last[len(last) // 2]

        right = RULES.bounded(own_interval(gap_s, usual_interval_s=600))
        assert right / 1.5 <= middle <= right * 1.5


def test_a_feed_that_begins_to_hurry_is_followed_within_half_a_day() -> None:
    steps = follow(every(5 * MINUTE, days=1), days=1, gap_s=WEEK)

    soon = next(at for at, _, interval in steps if interval <= 360)

    assert soon - NOW <= timedelta(hours=12)


def test_a_night_hardly_slows_a_feed_down() -> None:
    times = [at for at in every(2 * HOUR, days=10) if at.hour not in range(22, 24)]
    times = [at for at in times if at.hour not in range(6)]

    last = intervals_of_last(3, follow(times, days=10))

    assert max(last) <= 1.35 * min(last)
    assert max(last) <= 650


def test_a_burst_hardly_hurries_a_feed_and_is_soon_forgotten() -> None:
    """Thirty at once are one arrival; thirty within an hour are forgotten in some days."""
    daily = every(DAY, days=30)
    at_once = sorted([*daily, *[NOW + timedelta(days=20)] * 30])
    in_an_hour = sorted([*daily, *(NOW + timedelta(days=20, minutes=2 * n) for n in range(30))])

    plain, burst, storm = (
        {at.date(): interval for at, _, interval in follow(times, days=30)}
        for times in (daily, at_once, in_an_hour)
    )

    after = (NOW + timedelta(days=21)).date()
    assert burst[after] >= plain[after] * 0.8
    last = (NOW + timedelta(days=29)).date()
    assert storm[last] >= plain[last] * 0.5


@given(GAPS, GAPS)
def test_a_slower_feed_is_never_asked_more_often(one: float, other: float) -> None:
    slower, faster = max(one, other), min(one, other)

    assert interval_after_answer(RULES, gap_s=slower) >= interval_after_answer(RULES, gap_s=faster)


@given(GAPS, st.floats(0, 10**7), st.integers(0, 5_000), st.integers(0, 5_000))
def test_more_arrivals_never_make_the_gap_longer(
    gap_s: float, elapsed_s: float, one: int, other: int
) -> None:
    more, fewer = (
        next_gap(gap_s, arrivals=count, elapsed_s=elapsed_s)
        for count in (max(one, other), min(one, other))
    )

    assert more is not None
    assert fewer is not None
    assert more <= fewer


@given(GAPS, st.floats(0, 10**8), st.floats(0, 10**8))
def test_silence_lets_the_gap_grow(gap_s: float, one: float, other: float) -> None:
    longer, shorter = (
        next_gap(gap_s, arrivals=0, elapsed_s=seconds)
        for seconds in (max(one, other), min(one, other))
    )

    assert longer is not None
    assert shorter is not None
    assert gap_s * (1 - 1e-9) <= shorter <= longer <= LONGEST_GAP_S


@given(GAPS, st.floats(0, 10**8), st.floats(0, 10**8))
def test_silence_makes_the_same_gap_however_often_is_asked(
    gap_s: float, one: float, other: float
) -> None:
    halfway = gap_in_silence(gap_s, silence_s=one)

    twice = gap_in_silence(halfway, silence_s=other)

    assert twice == pytest.approx(gap_in_silence(gap_s, silence_s=one + other), rel=1e-4)


@given(
    gap_s=st.one_of(st.none(), GAPS),
    arrivals=st.integers(0, 10**6),
    elapsed_s=st.floats(-(10**6), 10**9),
    is_hot=st.booleans(),
    wishes=st.lists(st.floats(0, 10**9), max_size=2),
    feed_id=st.integers(1, 10**6),
)
def test_every_interval_is_within_the_operators_bounds(
    *,
    gap_s: float | None,
    arrivals: int,
    elapsed_s: float,
    is_hot: bool,
    wishes: list[float],
    feed_id: int,
) -> None:
    learned = next_gap(gap_s, arrivals=arrivals, elapsed_s=elapsed_s)

    interval_s = interval_after_answer(RULES, *wishes, gap_s=learned, is_hot=is_hot)
    jittered_s = with_jitter(feed(id=feed_id), interval_s, RULES)

    assert learned is None or 60 <= learned <= LONGEST_GAP_S
    assert 300 <= interval_s <= 86_400
    assert 300 <= jittered_s <= 86_400
    assert interval_s <= jittered_s <= interval_s * 1.1 or interval_s * 1.1 > 86_400
    assert jittered_s >= interval_s / 1.1


@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), max_size=60))  # noqa: DTZ001  # made aware below
def test_any_dates_give_a_gap_or_none(dates: list[datetime]) -> None:
    aware = [date.replace(tzinfo=NOW.tzinfo) for date in dates]

    gap_s = first_gap_or_none(aware, now=NOW)

    assert gap_s is None or 60 <= gap_s <= LONGEST_GAP_S
    assert 0 <= count_arrivals([*aware, None], since=NOW - timedelta(days=1), now=NOW) <= 61


@pytest.mark.parametrize("gap_s", [10 * MINUTE, HOUR, DAY, WEEK])
def test_the_first_document_tells_the_gap_by_its_dates(gap_s: float) -> None:
    times = [NOW - timedelta(seconds=gap_s * (number + 0.5)) for number in range(20)]

    assert first_gap_or_none(times, now=NOW) == pytest.approx(gap_s)


def test_one_entry_that_stands_on_top_for_years_does_not_move_it() -> None:
    times = [NOW - timedelta(hours=number) for number in range(1, 10)]

    assert first_gap_or_none([*times, NOW - timedelta(days=900)], now=NOW) == HOUR


def test_a_feed_that_fell_asleep_is_as_slow_as_its_silence() -> None:
    times = [NOW - timedelta(days=80, hours=number) for number in range(10)]

    assert first_gap_or_none(times, now=NOW) == pytest.approx(20 * DAY)


@pytest.mark.parametrize(
    "dates",
    [[], [NOW], [NOW - timedelta(hours=1)] * 30, [NOW + timedelta(days=n) for n in range(9)]],
    ids=["none", "one", "all the same", "to come"],
)
def test_dates_that_tell_nothing_tell_nothing(dates: list[datetime]) -> None:
    assert first_gap_or_none(dates, now=NOW) is None


def test_what_came_between_two_polls_is_counted_by_its_dates() -> None:
    since = NOW - timedelta(minutes=10)
    inside = [NOW - timedelta(minutes=9), NOW - timedelta(minutes=8, seconds=40)]
    outside = [None, NOW - timedelta(days=3), NOW + timedelta(hours=1)]

    assert count_arrivals(inside, since=since, now=NOW) == 1
    assert count_arrivals([*inside, NOW - timedelta(minutes=5)], since=since, now=NOW) == 2
    assert count_arrivals(outside, since=since, now=NOW) == 1
    assert count_arrivals([*inside, *outside], since=since, now=NOW) == 2


def test_nothing_is_believed_of_a_feed_until_it_brings_something() -> None:
    assert next_gap(None, arrivals=0, elapsed_s=DAY) is None
    assert next_gap(None, arrivals=1, elapsed_s=USUAL_GAP_S) == pytest.approx(USUAL_GAP_S)


def test_four_times_as_slow_a_feed_is_asked_half_as_often() -> None:
    for gap_s in (MINUTE, HOUR, DAY):
        fast, slow = (own_interval(g, usual_interval_s=600) for g in (gap_s, 4 * gap_s))
        assert math.isclose(slow, 2 * fast)
    assert own_interval(None, usual_interval_s=600) == 600
    assert own_interval(USUAL_GAP_S, usual_interval_s=600) == 600


def test_feeds_that_were_asked_together_drift_apart() -> None:
    feeds = [feed(id=number) for number in range(1, 101)]

    assert len({round(with_jitter(one, 600, RULES)) for one in feeds}) > 40
    fixed = PollRules(adaptive=False)
    assert {with_jitter(one, 600, fixed) for one in feeds} == {600}
