"""The pace of requests to Slack where several processes make them."""

from __future__ import annotations

import asyncio
from itertools import chain, pairwise

import pytest

from bot.delivery.pace import Urgency
from bot.errors import SendRefusedForNow
from bot.platforms.slack.pacer import BURST, PATIENCE_S, Pacer
from tests.leaping import run
from tests.platforms.sharing import KeptBudgets
from tests.platforms.slack.test_pacer import (
    Started,
    busiest_minute,
    make_it_however_often,
    make_one,
)


def make_pacers(budgets: KeptBudgets, count: int = 2) -> list[Pacer]:
    return [Pacer(budgets=budgets) for _ in range(count)]


def test_posts_of_two_processes_in_a_channel_are_a_second_apart() -> None:
    """From the answer to one to the start of the next, whichever process makes it."""

    async def scene() -> Started:
        started: Started = []
        pacers = make_pacers(KeptBudgets())
        await asyncio.gather(
            *(make_it_however_often(pacers[n % 2], started, "C1", takes_s=0.3) for n in range(12))
        )
        return started

    started = run(scene)
    assert len(started) == 12
    assert min(later - earlier for (earlier, _), (later, _) in pairwise(started)) >= 1.29


def test_a_workspace_gets_no_more_posts_a_minute_from_two_processes_than_from_one() -> None:
    async def scene() -> Started:
        started: Started = []
        pacers = make_pacers(KeptBudgets())
        await asyncio.gather(
            *(make_it_however_often(pacers[n % 2], started, f"C{n}") for n in range(600))
        )
        return started

    started = run(scene)
    assert len(started) == 600
    assert busiest_minute([at for at, _ in started]) <= 240 + 1


@pytest.mark.parametrize("method", ["chat.update", "users.info"])
def test_a_method_keeps_to_its_tier_over_all_processes(method: str) -> None:
    async def scene() -> list[float]:
        started: list[Started] = [[], []]
        await asyncio.gather(
            *(
                make_it_however_often(pacer, noted, "C1", method=method)
                for pacer, noted in zip(make_pacers(KeptBudgets()), started, strict=True)
                for _ in range(150)
            )
        )
        return sorted(at for at, _ in chain(*started))

    most = {"chat.update": 50, "users.info": 100}[method]
    assert busiest_minute(run(scene)) <= most + 1


def test_whoever_has_to_wait_long_for_another_process_is_sent_away() -> None:
    async def scene() -> float:
        one, other = make_pacers(KeptBudgets())
        one.hold("users.info", workspace="T1", channel="", seconds=30.0)
        await asyncio.sleep(1.0)
        with pytest.raises(SendRefusedForNow) as refused:
            await make_one(other, [], "C1", method="users.info")
        assert refused.value.is_paced
        return refused.value.retry_after_s or 0.0

    assert PATIENCE_S < run(scene) <= 30.0


def test_who_was_sent_away_takes_no_turn_of_others() -> None:
    async def scene() -> int:
        budgets = KeptBudgets()
        one, other = make_pacers(budgets)
        one.hold("users.info", workspace="T1", channel="", seconds=30.0)
        await asyncio.sleep(1.0)
        for _ in range(BURST):
            with pytest.raises(SendRefusedForNow):
                await make_one(other, [], "C1", method="users.info")
        return budgets.taken

    assert run(scene) == 0


def test_a_post_that_is_broken_off_while_it_waits_gives_its_place_back() -> None:
    async def scene() -> None:
        one, other = make_pacers(KeptBudgets())
        await make_one(one, [], "C1", urgency=Urgency.FRESH)
        waiting = asyncio.create_task(make_one(other, [], "C1"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(2.5)
        await asyncio.wait_for(make_one(other, [], "C1"), 2 * PATIENCE_S)

    run(scene)
