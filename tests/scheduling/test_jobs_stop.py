"""Rounds that are stopped, whatever is under way."""

from __future__ import annotations

import asyncio

import pytest

from bot.model import DeliveryState
from tests.pipeline.lab import (
    NEWS,
    NOISE,
    WIRE,
    Newsroom,
    rss,
)
from tests.scheduling.lab import PATIENCE_S, Running, left_behind, make_office, until
from tests.servers.feeds import RawServer, stall

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_round_that_is_stopped_drops_late_polls_and_starts_no_more(
    room: Newsroom,
) -> None:
    async with RawServer(stall) as stalling:
        stuck = await room.add(stalling.url())
        await room.add()
        room.server.put(WIRE, rss(NOISE))
        office = make_office(room, concurrency=1)
        stop = asyncio.Event()
        asking = asyncio.create_task(stalling.is_asked.wait())
        asking.add_done_callback(lambda _: stop.set())

        reports = await office.rounds.run_once(everything=True, stop=stop, grace_s=0.1)

    assert reports == ()
    assert room.server.counts[WIRE] == 0
    assert await room.feed("/feed") == stuck
    assert left_behind() == []


async def test_a_round_that_is_cancelled_leaves_nothing_running(room: Newsroom) -> None:
    async with RawServer(stall) as stalling:
        stuck = await room.add(stalling.url())
        office = make_office(room)
        round_ = asyncio.create_task(office.rounds.run_once(stop=asyncio.Event()))
        await stalling.is_asked.wait()

        round_.cancel()
        await asyncio.wait([round_])

    assert round_.cancelled()
    assert left_behind() == []
    assert await room.feed("/feed") == stuck


async def test_a_round_does_not_wait_for_a_platform_that_hangs_once_it_is_stopped(
    room: Newsroom,
) -> None:
    await room.go_live()
    room.server.put(WIRE, rss(NEWS))
    office = make_office(room)
    office.sender.told["console"].append(asyncio.Event())
    stop = asyncio.Event()
    round_ = asyncio.create_task(office.rounds.run_once(everything=True, stop=stop))
    await office.sender.wait_for(1)

    stop.set()

    assert len(await asyncio.wait_for(round_, PATIENCE_S)) == 1
    (unclear,) = await room.deliveries()
    assert unclear.state is DeliveryState.SENDING


async def test_a_stop_waits_no_longer_than_its_grace_for_a_server_that_stalls(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    async with RawServer(stall) as stalling:
        stuck = await room.add(stalling.url())
        async with Running(make_office(room).rounds, grace_s=0.2):
            await stalling.is_asked.wait()
            await until(room, WIRE, 2)

    assert await room.feed("/feed") == stuck
    assert "1 tasks did not finish in time and were dropped" in caplog.messages
    assert left_behind() == []


async def test_a_stop_lets_a_poll_finish_and_posts_what_it_brought(room: Newsroom) -> None:
    await room.go_live()
    room.clock.move(seconds=1)
    room.server.put(WIRE, rss(NEWS, NOISE, latency_s=0.5))
    office = make_office(room)

    async with Running(office.rounds):
        await until(room, WIRE, 1)

    ((_, message),) = office.sender.sent
    assert message.headline == NEWS.title


async def test_a_stop_is_not_held_up_by_a_platform_that_hangs(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    await room.go_live()
    room.clock.move(seconds=1)
    room.server.put(WIRE, rss(NEWS, NOISE, latency_s=0.5))
    office = make_office(room)
    office.sender.told["console"].append(asyncio.Event())

    async with Running(office.rounds):
        await until(room, WIRE, 1)

    (unclear,) = await room.deliveries()
    assert unclear.state is DeliveryState.SENDING
    assert "posts were not taken in 1 s; repeated at the next start" in caplog.messages
    assert left_behind() == []


async def test_at_no_moment_does_a_stop_leave_a_poll_behind(room: Newsroom) -> None:
    for number in range(6):
        room.server.put(f"/{number}", rss(NOISE))
        await room.add(room.server.url(f"/{number}"))

    for turns in range(0, 90, 3):
        room.clock.move(seconds=1)  # all are due
        async with Running(make_office(room).rounds):
            for _ in range(turns):
                await asyncio.sleep(0)
        assert left_behind() == []
