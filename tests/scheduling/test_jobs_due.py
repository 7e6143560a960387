"""When rounds poll what, and what they do beside it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.fetching import HttpFetcher
from bot.ports import PollOutcome
from bot.store import SqlStore
from tests.fetching.lab import limits
from tests.pipeline.lab import NOISE, WIRE, Newsroom, make_poller, rss
from tests.scheduling.lab import PATIENCE_S, Running, make_office, until
from tests.servers.feeds import RawServer, stall

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_many_feeds_of_one_host_leave_places_for_others(room: Newsroom) -> None:
    async with RawServer(stall) as stalling:
        for number in range(20):
            await room.add(stalling.url(f"/{number}"))
        room.server.put(WIRE, rss(NOISE))
        await room.add()  # the last to fall due

        async with Running(make_office(room, concurrency=8).rounds, grace_s=0.1):
            await until(room, WIRE, 2)
            assert stalling.connections == 2


async def test_servers_that_stall_keep_nobody_elses_feeds_waiting(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.polls.LEND_AFTER_S", 0.05)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            stalling = await stack.enter_async_context(RawServer(stall))
            await room.add(stalling.url())
        room.server.put(WIRE, rss(NOISE))
        await room.add()  # the last to fall due

        async with Running(make_office(room, concurrency=2).rounds, grace_s=0.1):
            await until(room, WIRE, 1)


@pytest.fixture
def looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the look at the start there is no other, unless something asks for it."""
    monkeypatch.setattr("bot.scheduling.jobs.TICK_S", PATIENCE_S * 2)


@pytest.mark.usefixtures("looks_once")
async def test_a_feed_that_falls_due_soon_waits_for_no_look(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NOISE))
    feed = await room.add()
    soon = room.clock() + timedelta(seconds=0.5)
    await room.store.commit_poll(PollOutcome(replace(feed, next_due_at=soon), at=room.clock()))
    office = make_office(room)

    async with Running(office.rounds):
        await until(room, WIRE, 1)

    polled_at = (await room.feed()).polled_at
    assert polled_at is not None
    assert polled_at >= soon


@pytest.mark.usefixtures("looks_once")
async def test_a_feed_that_a_wrong_clock_put_off_for_years_is_polled(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NOISE))
    feed = await room.add()
    lost = replace(feed, next_due_at=room.clock() + timedelta(days=3_650))
    await room.store.commit_poll(PollOutcome(lost, at=room.clock()))

    async with Running(make_office(room).rounds):
        await until(room, WIRE, 1)

    assert (await room.feed()).next_due_at < room.clock() + timedelta(days=1)


@pytest.mark.usefixtures("looks_once")
async def test_a_feed_that_somebody_adds_is_polled_when_they_wake_the_rounds(
    room: Newsroom,
) -> None:
    for path in ("/first", WIRE):
        room.server.put(path, rss(NOISE))
    await room.add(room.server.url("/first"))
    office = make_office(room)

    async with Running(office.rounds):
        await until(room, "/first", 1)
        await room.add()
        await asyncio.sleep(0.2)
        assert room.server.counts[WIRE] == 0
        office.rounds.wake()
        await until(room, WIRE, 1)


@pytest.mark.usefixtures("looks_once")
async def test_a_backlog_is_read_bit_by_bit_and_waits_for_no_tick(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.polls.LOOK_FOR", 3)
    paths = [f"/{number}" for number in range(20)]
    for path in paths:
        room.server.put(path, rss(NOISE))
        await room.add(room.server.url(path))
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(room.store, fetcher, room.parser, room.clock)  # none twice so soon

        async with Running(make_office(room, poller=poller, concurrency=1).rounds):
            await until(room, paths[-1], 1)

    assert [room.server.counts[path] for path in paths] == [1] * len(paths)


@pytest.mark.usefixtures("looks_once")
async def test_feeds_that_wait_behind_many_of_a_busy_host_are_found(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.polls.LOOK_FOR", 3)
    async with RawServer(stall) as stalling:
        for number in range(40):
            await room.add(stalling.url(f"/{number}"))
        room.server.put(WIRE, rss(NOISE))
        await room.add()  # the last to fall due

        async with Running(make_office(room, concurrency=8).rounds, grace_s=0.1):
            await until(room, WIRE, 1)
            assert stalling.connections == 2


async def test_chores_are_done_now_and_then_and_one_that_breaks_stops_no_other(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def sweep() -> None:
        done.append("sweep")

    async def stumble() -> None:
        done.append("stumble")
        raise RuntimeError("a defect of ours")

    async with Running(make_office(room, chores=((stumble, 0.01), (sweep, 0.01))).rounds):
        async with asyncio.timeout(PATIENCE_S):
            while done.count("sweep") < 5:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    assert done.count("stumble") == 1
    assert caplog.messages.count("a job broke; repeated in 10 s at the earliest") == 1


async def test_a_stop_waits_for_a_chore(room: Newsroom) -> None:
    is_begun, is_done = asyncio.Event(), asyncio.Event()

    async def tidy_slowly() -> None:
        is_begun.set()
        await asyncio.sleep(0.2)
        is_done.set()

    async with Running(make_office(room, chores=((tidy_slowly, 60.0),)).rounds):
        await is_begun.wait()

    assert is_done.is_set()


class SlowStore(SqlStore):
    """A store whose answers about due feeds are old when they arrive."""

    is_read: asyncio.Event
    may_answer: asyncio.Event

    async def find_due_feeds(self, *args: Any, **kwargs: Any) -> Any:
        due = await super().find_due_feeds(*args, **kwargs)
        self.is_read.set()
        await self.may_answer.wait()
        return due


async def test_a_poll_that_ends_while_due_feeds_are_read_is_not_repeated(
    room: Newsroom,
) -> None:
    room.server.put(WIRE, rss(NOISE, latency_s=0.5))
    await room.add()
    store = SlowStore(room.store.database)
    store.is_read, store.may_answer = asyncio.Event(), asyncio.Event()
    store.may_answer.set()
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(room.store, fetcher, room.parser, room.clock)
        async with Running(make_office(room, store=store, poller=poller).rounds):
            await until(room, WIRE, 1)
            store.may_answer.clear()
            store.is_read.clear()
            await store.is_read.wait()  # under way, and read as due
            while not (await room.feed()).first_poll_done:  # noqa: ASYNC110 - see the store
                await asyncio.sleep(0.01)
            store.may_answer.set()
            await asyncio.sleep(0.1)

    assert room.server.counts[WIRE] == 1
