"""Shifts of one process: taken, handed on without anybody who leads, given back at a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from bot.model import BUCKETS, Process, ProcessRole, Story, bucket_of
from bot.scheduling.absence import Absence
from bot.scheduling.cluster.board import Board, is_away
from bot.scheduling.cluster.engine import Cluster
from bot.scheduling.cluster.names import POLL_QUEUE
from bot.scheduling.cluster.polling import Shifts, shift_job
from bot.scheduling.cluster.schema import upgrade_job_tables
from bot.scheduling.engine import GRACE_S
from bot.scheduling.workers import ParserPool
from bot.store import SqlStore, conninfo_of
from tests.builders import NOW
from tests.pipeline.lab import (
    ECHO,
    NEWS,
    NOISE,
    OFTEN,
    WIRE,
    Newsroom,
    make_poller,
    open_newsroom,
    rss,
)
from tests.scheduling.lab import PATIENCE_S, Running, left_behind, until
from tests.servers.feeds import RawServer, stall
from tests.servers.postgres import PostgresServer

SUPERVISORS_ALLOW_S = 10.0  # and the rest of a stop takes some of it


@pytest.fixture
async def room(postgres: PostgresServer) -> AsyncIterator[Newsroom]:
    with postgres.fresh_database() as url:
        async with (
            ParserPool(timeout_s=60.0) as parser,
            open_newsroom(url, parser, flows=True, **OFTEN) as opened,
        ):
            yield opened


@pytest.fixture
async def board(room: Newsroom) -> AsyncIterator[Board]:
    conninfo = conninfo_of(room.store.database.url.render_as_string(hide_password=False))
    await upgrade_job_tables(conninfo)
    async with Board(conninfo) as opened:
        yield opened


async def take_part(room: Newsroom, name: str) -> None:
    """Let a process called ``name`` be one of those that poll."""
    roles = frozenset({ProcessRole.POLL})
    await room.store.record_process(Process(name, roles, "host", started_at=NOW, beat_at=NOW))


def make_shifts(room: Newsroom, board: Board, name: str) -> Shifts:
    return Shifts(
        store=room.store,
        board=board,
        poller=room.poller,
        clock=room.clock,
        name=name,
        concurrency=8,
        absence=Absence(is_away),
    )


async def test_polls_go_on_from_shift_to_shift_without_anybody_who_leads(
    room: Newsroom, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.cluster.polling.SHIFT_S", 1.5)
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    await take_part(room, "us")
    await board.put(shift_job(bucket_of(room.server.url(WIRE))))

    async with Running(make_shifts(room, board, "us")):
        await until(room, WIRE, 12)  # five a second at most, and a shift lasts two seconds at most

    assert await board.find_locks(POLL_QUEUE) != frozenset()  # it waits for whoever comes next


async def test_who_has_no_shift_polls_nothing(room: Newsroom, board: Board) -> None:
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    await take_part(room, "us")
    bucket = bucket_of(room.server.url(WIRE))
    await board.put(shift_job((bucket + 1) % BUCKETS))

    async with Running(make_shifts(room, board, "us")):
        await asyncio.sleep(2.5)
        assert room.server.counts[WIRE] == 0
        await board.put(shift_job(bucket))
        await until(room, WIRE, 1)


async def test_a_stop_waits_no_longer_than_its_grace_for_a_server_that_stalls(
    room: Newsroom, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.cluster.polling.LAST_POLLS_S", 2 * PATIENCE_S)
    await take_part(room, "us")
    async with RawServer(stall) as stalling:
        stuck = await room.add(stalling.url())
        await board.put(shift_job(bucket_of(stalling.url())))
        async with Running(make_shifts(room, board, "us"), grace_s=0.2):
            await stalling.is_asked.wait()

    assert await room.feed("/feed") == stuck
    assert left_behind() == []
    assert await board.find_locks(POLL_QUEUE) != frozenset()  # others ask it


class Post:
    """A part that keeps how long it had to end."""

    grace_s = 0.0

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        self.grace_s = grace_s
        await stop.wait()


async def test_posts_and_the_polls_before_them_share_the_time_of_a_stop(
    room: Newsroom, board: Board
) -> None:
    for shifts in (make_shifts(room, board, "us"), None):
        post = Post()
        cluster = Cluster([], shifts=shifts, posts=[post])
        async with Running(cluster, grace_s=GRACE_S):
            await asyncio.sleep(0)

        spent_s = GRACE_S if shifts else 0.0
        assert 0 < spent_s + post.grace_s < SUPERVISORS_ALLOW_S


class MeetingStore(SqlStore):
    """Has two that look for candidates wait until both have read, if they can."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.both = asyncio.Barrier(2)

    async def find_candidates(self, *args: Any, **options: Any) -> tuple[Story, ...]:
        found = await super().find_candidates(*args, **options)
        with suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(self.both.wait(), 1.0)
        return found


async def test_two_processes_that_read_one_story_at_once_open_one(room: Newsroom) -> None:
    for path, item in (("/a", NEWS), ("/b", ECHO)):
        await room.go_live(path, title=f"Outlet {path}")
        room.server.put(path, rss(item, title=f"Outlet {path}"))
    store = MeetingStore(room.store.database)
    pollers = [
        make_poller(store, room.fetcher, room.parser, room.clock, **OFTEN) for _ in range(2)
    ]  # each with the lock of its own process
    feeds = [await room.feed(path) for path in ("/a", "/b")]

    reports = await asyncio.gather(
        *(poller.poll(feed) for poller, feed in zip(pollers, feeds, strict=True))
    )

    assert [report.flagged for report in reports] == [1, 1]
    assert (await room.store.load_counts(room.clock())).stories == 1
