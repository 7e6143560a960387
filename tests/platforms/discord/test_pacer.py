from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace import SLOW_S, Schedule, Urgency
from bot.platforms.discord.pacer import SHARE, SLACK, Pacer
from tests.leaping import run

ALLOWED = 50  # requests in a second, by Discord's documentation


def busiest_second(starts: list[float]) -> int:
    """The most starts that lie in any one second, its edges included."""
    return max(sum(first <= one <= first + 1.0 for one in starts) for first in starts)


pauses = st.lists(
    st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0, 5)), min_size=1, max_size=200
)


@given(pauses, st.floats(1, 45), st.lists(st.floats(0, 0.3), min_size=1))
def test_whatever_comes_when_starts_are_even_but_for_the_slack(
    waits: list[float], rate: float, late: list[float]
) -> None:
    schedule = Schedule(rate, burst=SLACK)
    now, arrival = 0.0, 0.0
    starts: list[float] = []
    for number, wait in enumerate(waits):
        arrival += wait
        now = max(now, arrival)
        if schedule.opens_at(now) > now:  # a timer is late by as much as it likes
            now = schedule.opens_at(now) + late[number % len(late)]
        schedule.take(now)
        starts.append(now)

    assert busiest_second(starts) <= rate + SLACK + 1


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=40))
def test_no_second_has_more_starts_than_allowed_however_the_program_stalls(
    late: list[float],
) -> None:
    starts = run(lambda: start_all(Pacer(45), 200), late=late)

    assert busiest_second(starts) <= ALLOWED


def test_stalls_cost_no_throughput() -> None:
    stalls = [0.0] * 90 + [0.08]

    starts = run(lambda: start_all(Pacer(45), 2_000), late=stalls)

    assert starts[-1] < 2_000 / 45 * 1.02


def test_late_timers_cost_no_throughput() -> None:
    schedule, now = Schedule(45, burst=SLACK), 0.0
    for _ in range(4_500):
        now = max(now, schedule.opens_at(now) + 0.020)
        schedule.take(now)

    assert now < 4_500 / 45 * 1.01


async def arrive_all(delays: list[float], back_s: float) -> tuple[list[float], float]:
    """When requests arrive of which each is held back on its way, and how long that took.

    Args:
        delays: in seconds, in turn.
        back_s: from the arrival to the answer.
    """
    pacer, loop = Pacer(45), asyncio.get_running_loop()
    arrivals: list[float] = []

    async def one(delay_s: float) -> None:
        number = await pacer.start(Urgency.BACKLOG)
        await asyncio.sleep(delay_s)
        arrivals.append(loop.time())
        await asyncio.sleep(back_s)
        pacer.finish(number)

    await asyncio.gather(*map(one, delays))
    return sorted(arrivals), loop.time()


@given(st.lists(st.floats(0, 1.5), min_size=1, max_size=40), st.floats(0.001, 0.4))
def test_no_second_has_more_arrivals_than_allowed_however_the_network_jitters(
    delays: list[float], back_s: float
) -> None:
    many = (delays * 200)[:200]
    arrivals, _ = run(lambda: arrive_all(many, back_s))

    assert busiest_second(arrivals) <= ALLOWED


def test_a_stall_does_not_end_in_a_burst() -> None:
    def delay(number: int) -> float:
        stall_s = 10.0 - number / 45  # all that start in the second before 10 s arrive there
        return stall_s if 0 < stall_s < 1 else 0.0

    arrivals, _ = run(lambda: arrive_all([delay(n) for n in range(900)], 0.1))

    assert busiest_second(arrivals) <= ALLOWED


@pytest.mark.parametrize("back_s", [0.01, 0.2, 0.8, 1.5, 3.0])
def test_an_even_answer_time_costs_no_throughput(back_s: float) -> None:
    _, took_s = run(lambda: arrive_all([0.0] * 4_500, back_s))

    assert took_s < (4_500 / 45 + back_s) * 1.02


async def start_all(pacer: Pacer, count: int, urgency: Urgency = Urgency.BACKLOG) -> list[float]:
    """When ``count`` requests start that come at once and are answered at once."""
    starts = []

    async def one() -> None:
        number = await pacer.start(urgency)
        starts.append(asyncio.get_running_loop().time())
        pacer.finish(number)

    await asyncio.gather(*(one() for _ in range(count)))
    return starts


def test_a_crowd_starts_at_the_rate_and_evenly() -> None:
    starts = run(lambda: start_all(Pacer(45), 900))

    assert busiest_second(starts) <= ALLOWED
    assert starts[-1] == pytest.approx((900 - SLACK) / 45, rel=0.01)
    assert max(after - before for before, after in pairwise(starts)) < 3 / 45


def test_the_urgent_overtake_and_nobody_starves() -> None:
    async def come() -> list[Urgency]:
        pacer = Pacer(45)
        order: list[Urgency] = []

        async def one(urgency: Urgency) -> None:
            number = await pacer.start(urgency)
            order.append(urgency)
            pacer.finish(number)

        late = [Urgency.EDIT] * 20 + [Urgency.BACKLOG] * 200 + [Urgency.FRESH] * 100
        await asyncio.gather(*map(one, late))
        return order

    order = run(come)

    share = 100 // SHARE
    early = SLACK + 1  # those that came first find slots open
    assert order[early : early + 100].count(Urgency.FRESH) >= 100 - share - 2
    assert order[: 20 * SHARE + SHARE].count(Urgency.EDIT) == 20
    assert order.index(Urgency.EDIT) <= SHARE


def test_a_fresh_story_behind_a_large_backlog_starts_at_once() -> None:
    async def come() -> float:
        pacer = Pacer(45)
        backlog = asyncio.ensure_future(start_all(pacer, 5_000))
        await asyncio.sleep(50)
        asked_at = asyncio.get_running_loop().time()
        (started_at,) = await start_all(pacer, 1, Urgency.FRESH)
        await backlog
        return started_at - asked_at

    assert run(come) <= 2.5 / 45


def test_whoever_leaves_the_line_costs_nobody_a_slot() -> None:
    async def come() -> tuple[list[float], int]:
        pacer = Pacer(10)
        leaving = asyncio.ensure_future(start_all(pacer, 500, Urgency.FRESH))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        staying = asyncio.ensure_future(start_all(pacer, 10))
        await asyncio.sleep(1)
        leaving.cancel()
        return await staying, pacer.unanswered

    starts, unanswered = run(come)

    assert starts[-1] < 2.5
    assert unanswered == 0


def test_leaving_in_the_moment_of_ones_turn_gives_the_turn_back() -> None:
    async def come() -> int:
        pacer = Pacer(10, max_unanswered=1)
        number = await pacer.start(Urgency.FRESH)
        leaving = asyncio.ensure_future(pacer.start(Urgency.FRESH))
        await asyncio.sleep(1)
        pacer.finish(number)  # its turn
        leaving.cancel()
        await asyncio.wait([leaving])
        return pacer.unanswered

    assert run(come) == 0


def test_no_more_start_than_may_be_unanswered() -> None:
    async def come() -> tuple[int, int]:
        pacer = Pacer(45, max_unanswered=7)
        tasks = [asyncio.ensure_future(pacer.start(Urgency.FRESH)) for _ in range(20)]
        await asyncio.sleep(10)
        stuck = sum(task.done() for task in tasks)
        for task in tasks:
            pacer.finish(await task)
            await asyncio.sleep(0.1)
        return stuck, sum(task.done() for task in tasks)

    assert run(come) == (7, 20)


def test_when_discord_says_too_fast_all_wait_and_then_go_slower_for_a_while() -> None:
    async def come() -> list[float]:
        pacer = Pacer(40)
        going = asyncio.ensure_future(start_all(pacer, 40 * 90))
        await asyncio.sleep(10)
        for _ in range(5):  # those that were under way are all told
            pacer.slow_down(3.0)
        return await going

    starts = run(come)

    assert not [one for one in starts if 10.1 < one < 13.0]
    slow = [one for one in starts if 13.0 <= one < 13.0 + SLOW_S]
    assert len(slow) == pytest.approx(20 * SLOW_S, rel=0.01)
    fast = [one for one in starts if 75.0 <= one < 80.0]
    assert len(fast) == pytest.approx(40 * 5, rel=0.02)


def test_being_told_again_slows_further_down_to_a_floor() -> None:
    schedule = Schedule(40, burst=SLACK)
    told = 0.0
    for _ in range(6):
        schedule.slow_down(told, 1.0)
        told += 2.0
    starts, now = [], told + 10.0
    for _ in range(40):
        now = max(now, schedule.opens_at(now))
        schedule.take(now)
        starts.append(now)

    assert starts[-1] - starts[10] == pytest.approx(29 / 5)
