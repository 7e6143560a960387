from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import chain, pairwise
from typing import Any

import pytest

from bot.delivery.pace import Urgency
from bot.errors import SendRefusedForNow
from bot.platforms.slack.pacer import (
    BURST,
    LATEST_S,
    PATIENCE_S,
    PER_MIN,
    POST,
    SHARE,
    SOONEST_S,
    Pacer,
)
from tests.leaping import run

Started = list[tuple[float, str]]


async def make_one(
    pacer: Pacer,
    started: Started,
    channel: str,
    *,
    method: str = POST,
    workspace: str = "T1",
    urgency: Urgency = Urgency.BACKLOG,
    takes_s: float = 0.1,
) -> None:
    """One request that is answered after ``takes_s``; its start is noted."""
    async with pacer.turn(method, workspace=workspace, channel=channel, urgency=urgency):
        started.append((asyncio.get_running_loop().time(), channel))
        await asyncio.sleep(takes_s)


async def make_it_however_often(
    pacer: Pacer, started: Started, channel: str, **more: Any
) -> list[float]:
    """As the drain does: come back when told; the seconds for which it was sent away."""
    waits: list[float] = []
    while len(waits) < 100:
        try:
            await make_one(pacer, started, channel, **more)
        except SendRefusedForNow as refused:
            waits.append((refused.is_paced and refused.retry_after_s) or 0.0)
            await asyncio.sleep(waits[-1])
        else:
            return waits
    raise AssertionError("its turn never came")


def gaps(starts: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(starts)]


def busiest_minute(starts: Sequence[float]) -> int:
    """The most starts in any minute."""
    return max(sum(first <= one < first + 60 for one in starts) for first in starts)


def test_a_channel_gets_one_post_a_second_counted_from_the_answer() -> None:
    async def come() -> Started:
        pacer, started = Pacer(), Started()
        for _ in range(5):
            await make_one(pacer, started, "C1", takes_s=0.3)
        return started

    starts = [at for at, _ in run(come)]

    assert starts[0] == 0
    assert gaps(starts) == pytest.approx([1.3] * 4)


def test_posts_to_one_channel_at_once_are_made_one_after_the_other() -> None:
    """Threads of a channel are destinations of their own."""

    async def come() -> Started:
        pacer, started = Pacer(), Started()
        await asyncio.gather(*(make_one(pacer, started, "C1") for _ in range(4)))
        return started

    assert min(gaps([at for at, _ in run(come)])) >= 1.1


def test_channels_do_not_wait_for_each_other() -> None:
    async def come() -> Started:
        pacer, started = Pacer(), Started()
        await asyncio.gather(*(make_one(pacer, started, f"C{n}") for n in range(BURST)))
        return started

    assert max(at for at, _ in run(come)) == 0


@pytest.mark.parametrize("posts_per_min", [60, 240])
def test_a_workspace_gets_no_more_posts_a_minute_than_it_may(posts_per_min: int) -> None:
    async def come() -> Started:
        pacer, started = Pacer(posts_per_min), Started()
        many = (make_it_however_often(pacer, started, f"C{n}") for n in range(posts_per_min * 3))
        await asyncio.gather(*many)
        return started

    starts = [at for at, _ in run(come)]

    assert busiest_minute(starts) <= posts_per_min
    assert starts[-1] < 3 * 60 * 1.25  # and hardly fewer


def test_whoever_would_wait_long_is_sent_away_and_comes_back_when_it_is_its_turn() -> None:
    async def come() -> tuple[list[list[float]], float]:
        pacer, started = Pacer(60), Started()
        away = await asyncio.gather(
            *(make_it_however_often(pacer, started, f"C{n}") for n in range(60))
        )
        return away, max(at for at, _ in started)

    away, last = run(come)

    assert max(map(len, away)) <= 3
    assert sum(map(len, away)) < 60 * 1.5
    assert last < 75


def test_other_workspaces_do_not_wait() -> None:
    async def come() -> float:
        pacer, started = Pacer(60), Started()
        busy = [
            asyncio.ensure_future(make_it_however_often(pacer, started, f"C{n}")) for n in range(60)
        ]
        await asyncio.sleep(3)
        began = asyncio.get_running_loop().time()
        others = Started()
        await make_one(pacer, others, "C1", workspace="T2")
        await asyncio.gather(*busy)
        return others[0][0] - began

    assert run(come) == 0


def test_the_urgent_overtake_and_nobody_starves() -> None:
    async def come() -> list[str]:
        pacer, started = Pacer(240), Started()
        for n in range(BURST):
            await make_one(pacer, started, f"C{n}", takes_s=0)
        started.clear()
        late = [Urgency.EDIT] * 2 + [Urgency.BACKLOG] * 8 + [Urgency.FRESH] * 8
        names = ("fresh", "backlog", "edit")
        lines = (
            make_it_however_often(pacer, started, f"{names[one]}-{n}", urgency=one)
            for n, one in enumerate(late)
        )
        await asyncio.gather(*lines)
        return [channel.partition("-")[0] for _, channel in started]

    order = run(come)

    assert order[:SHARE].count("fresh") >= SHARE - 2
    assert order[-3:].count("fresh") == 0
    assert "edit" in order[: 2 * SHARE + 1]


def test_a_method_keeps_to_its_tier() -> None:
    async def come(method: str) -> list[float]:
        pacer, started = Pacer(), Started()
        await asyncio.gather(
            *(make_it_however_often(pacer, started, "", method=method) for _ in range(150))
        )
        return [at for at, _ in started]

    for method in ("chat.update", "conversations.list", "users.info"):
        starts = run(partial(come, method))
        most = PER_MIN.get(method, 100)
        assert busiest_minute(starts) <= most
        assert busiest_minute(starts) > most * 0.75


def test_a_wait_that_slack_names_for_a_post_holds_its_channel_only() -> None:
    async def come() -> tuple[float, SendRefusedForNow]:
        pacer, started = Pacer(), Started()
        pacer.hold(POST, workspace="T1", channel="C1", seconds=20)
        await make_one(pacer, started, "C2")
        with pytest.raises(SendRefusedForNow) as caught:
            await make_one(pacer, started, "C1")
        return started[0][0], caught.value

    other, refused = run(come)

    assert other == 0
    assert refused.is_paced
    assert refused.retry_after_s == pytest.approx(19.9)


def test_a_second_channel_that_is_held_holds_the_workspace() -> None:
    async def come() -> None:
        pacer, started = Pacer(), Started()
        pacer.hold(POST, workspace="T1", channel="C1", seconds=20)
        pacer.hold(POST, workspace="T1", channel="C2", seconds=15)
        with pytest.raises(SendRefusedForNow) as caught:
            await make_one(pacer, started, "C3")
        assert caught.value.retry_after_s == pytest.approx(15)
        await make_one(pacer, started, "C3", workspace="T2")
        await make_one(pacer, started, "", method="chat.update")

    run(come)


def test_a_wait_that_slack_names_for_a_method_is_kept_in_its_workspace() -> None:
    async def come() -> list[float]:
        pacer, started = Pacer(), Started()
        history = "conversations.history"
        pacer.hold(history, workspace="T1", channel="C1", seconds=60)
        waits = []
        for channel in ("C1", "C2"):
            with pytest.raises(SendRefusedForNow) as caught:
                await make_one(pacer, started, channel, method=history)
            waits.append(caught.value.retry_after_s or 0)
        await make_one(pacer, started, "C1", method=history, workspace="T2")
        await make_one(pacer, started, "C1")
        return waits

    assert run(come) == [60, 60]


def test_a_short_wait_is_waited_for() -> None:
    async def come() -> float:
        pacer, started = Pacer(), Started()
        pacer.hold(POST, workspace="T1", channel="C1", seconds=PATIENCE_S - 1)
        await make_one(pacer, started, "C1")
        return started[0][0]

    assert run(come) == PATIENCE_S - 1


def test_after_a_named_wait_requests_are_made_one_by_one_and_more_slowly() -> None:
    async def come() -> list[float]:
        pacer, started = Pacer(), Started()
        pacer.hold("chat.update", workspace="T1", channel="C1", seconds=10)
        await asyncio.gather(
            *(make_it_however_often(pacer, started, "", method="chat.update") for _ in range(5))
        )
        return [at for at, _ in started]

    starts = run(come)

    assert starts[0] == 10
    assert min(gaps(starts)) == pytest.approx(2 * 60 / (PER_MIN["chat.update"] - BURST))


def test_those_sent_away_come_back_while_younger_posts_wait_for_them() -> None:
    async def come() -> list[float]:
        pacer, started = Pacer(60), Started()
        away = await asyncio.gather(
            *(make_it_however_often(pacer, started, f"C{n}") for n in range(120))
        )
        return list(chain(*away))

    waits = run(come)

    assert min(waits) >= SOONEST_S
    assert max(waits) <= LATEST_S < 45


def test_hundreds_of_edits_are_sent_away_once_or_twice_each() -> None:
    async def come() -> tuple[int, float]:
        pacer, started = Pacer(), Started()
        edit = partial(make_it_however_often, method="chat.update", urgency=Urgency.EDIT)
        away = await asyncio.gather(*(edit(pacer, started, "C1") for _ in range(300)))
        return sum(map(len, away)), started[-1][0]

    away, last = run(come)

    assert away < 2 * 300
    assert last < 300 / (PER_MIN["chat.update"] - BURST) * 60 * 1.1


def test_leaving_in_the_moment_of_ones_turn_gives_the_turn_back() -> None:
    async def come() -> float:
        pacer, started = Pacer(), Started()
        await make_one(pacer, started, "C1", takes_s=0)
        leaving = asyncio.ensure_future(make_one(pacer, started, "C1"))
        await asyncio.sleep(0.5)
        leaving.cancel()
        await asyncio.wait([leaving])
        started.clear()
        await make_one(pacer, started, "C1")
        return started[0][0]

    assert run(come) == 1.0


def test_a_request_that_fails_gives_its_turn_back() -> None:
    async def come() -> float:
        pacer, started = Pacer(), Started()
        with pytest.raises(ConnectionResetError):
            async with pacer.turn(POST, workspace="T1", channel="C1", urgency=Urgency.FRESH):
                raise ConnectionResetError
        await make_one(pacer, started, "C1")
        return started[0][0]

    assert run(come) == 1.0
