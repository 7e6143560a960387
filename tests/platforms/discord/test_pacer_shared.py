"""The pace of the bot's requests where several processes make them."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.pace import Urgency
from bot.delivery.share import Share
from bot.platforms.discord.pacer import TURNS_AT_ONCE, Pacer
from bot.ports.shared import Rate
from tests.leaping import run
from tests.platforms.discord.test_pacer import ALLOWED, busiest_second
from tests.platforms.sharing import KeptBudgets


def make_pacers(budgets: KeptBudgets, count: int) -> list[Pacer]:
    return [Pacer(45, share=Share(budgets, "discord", Rate(45))) for _ in range(count)]


async def start_on(pacer: Pacer, starts: list[float], urgency: Urgency = Urgency.BACKLOG) -> None:
    number = await pacer.start(urgency)
    starts.append(asyncio.get_running_loop().time())
    pacer.finish(number)


async def start_all(processes: int, count: int, *, spread_s: float = 0.0) -> list[float]:
    """When ``count`` requests of each process start; they come at once, or spread out."""
    starts: list[float] = []

    async def come(pacer: Pacer, number: int) -> None:
        await asyncio.sleep(number * spread_s)
        await start_on(pacer, starts)

    pacers = make_pacers(KeptBudgets(), processes)
    await asyncio.gather(*(come(pacer, n) for n in range(count) for pacer in pacers))
    return sorted(starts)


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_all_processes_together_keep_the_rate(processes: int) -> None:
    starts = run(lambda: start_all(processes, 1_000 // processes))

    assert busiest_second(starts) <= ALLOWED
    assert starts[-1] == pytest.approx(1_000 / 45, rel=0.03)


@settings(max_examples=25)
@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=20), st.floats(0, 0.1))
def test_no_second_has_too_many_starts_however_the_processes_stall(
    late: list[float], spread_s: float
) -> None:
    starts = run(lambda: start_all(2, 150, spread_s=spread_s), late=late)

    assert busiest_second(starts) <= ALLOWED


def test_a_process_alone_has_the_whole_rate_for_itself() -> None:
    async def scene() -> float:
        busy, _idle = make_pacers(KeptBudgets(), 2)
        starts: list[float] = []
        await asyncio.gather(*(start_on(busy, starts) for _ in range(450)))
        return starts[-1]

    assert run(scene) == pytest.approx(10, rel=0.03)


def test_a_fresh_story_waits_for_few_of_another_process() -> None:
    async def scene() -> float:
        backlog, fresh = make_pacers(KeptBudgets(), 2)
        tasks = [asyncio.create_task(start_on(backlog, [])) for _ in range(500)]
        await asyncio.sleep(3)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await start_on(fresh, [], Urgency.FRESH)
        took_s = loop.time() - began
        for task in tasks:
            task.cancel()
        return took_s

    assert run(scene) <= 2 * TURNS_AT_ONCE / 45


def test_nothing_starts_while_the_database_is_away_and_all_goes_on_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> tuple[int, int]:
        budgets = KeptBudgets()
        (pacer,) = make_pacers(budgets, 1)
        starts: list[float] = []
        budgets.is_away = True
        tasks = [asyncio.create_task(start_on(pacer, starts)) for _ in range(3)]
        await asyncio.sleep(30)
        before = len(starts)
        budgets.is_away = False
        await asyncio.gather(*tasks)
        return before, len(starts)

    with caplog.at_level(logging.WARNING):
        assert run(scene) == (0, 3)
    assert caplog.text.count("nothing is asked there until the database answers") == 1


def test_when_discord_says_too_fast_all_processes_wait() -> None:
    async def scene() -> list[float]:
        told, other = make_pacers(KeptBudgets(), 2)
        starts: list[float] = []
        await start_on(told, starts)
        told.slow_down(10.0)
        await asyncio.sleep(0.1)
        await asyncio.gather(start_on(told, starts), start_on(other, starts))
        return starts

    _, *after = run(scene)
    assert all(start > 10.0 for start in after)


def test_a_process_that_was_told_to_be_slow_takes_no_turns_that_it_does_not_use() -> None:
    async def scene() -> int:
        budgets = KeptBudgets()
        (pacer,) = make_pacers(budgets, 1)
        pacer.slow_down(1.0)
        await asyncio.sleep(2.0)
        await asyncio.gather(*(start_on(pacer, []) for _ in range(100)))
        return budgets.taken

    assert run(scene) <= 110
