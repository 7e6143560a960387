"""One process at a time has a seat: taken over when who has it dies, hangs or goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import psycopg
import pytest

from bot.scheduling.absence import Absence
from bot.scheduling.cluster.board import is_away
from bot.scheduling.cluster.leader import Leader
from bot.scheduling.cluster.seat import Seat
from bot.store import conninfo_of
from tests.servers.line import Line
from tests.servers.postgres import PostgresServer

PATIENCE_S = 30.0


@pytest.fixture
def conninfo(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield conninfo_of(url)


class Sitter:
    """Would have the seat, and says when it has."""

    def __init__(
        self, conninfo: str, name: str = "test", *, parts: Sequence[int] = (), count: int = 4
    ) -> None:
        self.seat = Seat(conninfo, name, absence=Absence(is_away), parts=parts, count=count)
        self.stop = asyncio.Event()
        self.sits = asyncio.Event()
        self.times = 0
        self.task = asyncio.create_task(self.seat.run(self.stop, grace_s=5.0, work=self._work))

    async def _work(self, ending: asyncio.Event) -> None:
        self.times += 1
        self.sits.set()
        await ending.wait()
        self.sits.clear()

    async def leave(self) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, PATIENCE_S)


async def wait_for(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE_S)


async def test_a_seat_is_of_one_and_then_of_the_next(conninfo: str) -> None:
    first = Sitter(conninfo)
    await wait_for(first.sits)
    second = Sitter(conninfo)
    elsewhere = Sitter(conninfo, "another seat")
    await wait_for(elsewhere.sits)
    await asyncio.sleep(0.5)
    assert not second.sits.is_set()

    await first.leave()
    await wait_for(second.sits)

    await asyncio.gather(second.leave(), elsewhere.leave())
    assert (first.times, second.times) == (1, 1)


async def test_parts_of_a_seat_are_of_one_each_and_nobody_has_all_beside_them(
    conninfo: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.scheduling.cluster.seat.TRY_EVERY_S", 0.05)
    first, beside = Sitter(conninfo, parts=[0, 1]), Sitter(conninfo, parts=[3])
    await wait_for(first.sits)
    await wait_for(beside.sits)
    spare, half, whole = (
        Sitter(conninfo, parts=[0, 1]),
        Sitter(conninfo, parts=[1, 2]),
        Sitter(conninfo),
    )
    async with asyncio.timeout(PATIENCE_S):
        while not caplog.messages:  # noqa: ASYNC110 - nobody tells when it is told
            await asyncio.sleep(0.05)
    assert not any(one.sits.is_set() for one in (spare, half, whole))
    (said,) = caplog.messages
    assert "another process has some of the numbers 1, 2" in said

    await spare.leave()
    await first.leave()
    await wait_for(half.sits)
    await asyncio.gather(half.leave(), beside.leave())
    await wait_for(whole.sits)
    await whole.leave()


async def test_parts_of_another_count_are_of_nobody_until_the_first_is_gone(
    conninfo: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.scheduling.cluster.seat.TRY_EVERY_S", 0.05)
    first = Sitter(conninfo, parts=[0, 1])
    await wait_for(first.sits)
    elsewhere = Sitter(conninfo, "another seat", parts=[0], count=8)
    await wait_for(elsewhere.sits)
    other = Sitter(conninfo, parts=[2, 3], count=8)
    async with asyncio.timeout(PATIENCE_S):
        while not caplog.messages:  # noqa: ASYNC110 - nobody tells when it is told
            await asyncio.sleep(0.05)
    assert not other.sits.is_set()
    (said,) = caplog.messages
    assert "another process has some numbers of 4 in all, and this one is to have 2, 3 of 8" in said
    assert "discord.shard_count" in said

    await first.leave()
    await wait_for(other.sits)
    await asyncio.gather(other.leave(), elsewhere.leave())


async def test_who_loses_the_connection_gives_the_seat_up_and_asks_anew(conninfo: str) -> None:
    first = Sitter(conninfo)
    await wait_for(first.sits)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'newsbot test'"
        )
    async with asyncio.timeout(PATIENCE_S):
        while first.times < 2:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)

    await first.leave()


async def test_the_server_frees_the_seat_of_a_process_that_hangs(conninfo: str) -> None:
    """A hanging process has a connection that is open and says nothing, as this one does."""
    hanging = Seat(conninfo, "test", absence=Absence(is_away))
    async with await hanging._connect() as connection:
        assert await hanging._try(connection)
        other = Sitter(conninfo)
        await wait_for(other.sits)
        await other.leave()


async def test_who_hears_nothing_of_the_server_has_ended_before_another_begins(
    postgres: PostgresServer, conninfo: str
) -> None:
    """The network swallows all, and no connection ends: each side finds out by itself."""
    said: list[str] = []
    sits = asyncio.Event()

    async def work(ending: asyncio.Event) -> None:
        said.append("first begins")
        sits.set()
        try:
            await ending.wait()
            said.append("first is told")
            await asyncio.Event().wait()  # and does not care
        finally:
            said.append("first ends")

    async with Line(postgres.socket_path) as line:
        far = Seat(line.lead(conninfo), "test", absence=Absence(is_away))
        first = asyncio.create_task(far.run(asyncio.Event(), grace_s=5.0, work=work))
        await wait_for(sits)
        second = Sitter(conninfo)
        line.is_silent = True
        await wait_for(second.sits)
        assert (said, far.is_held) == (["first begins", "first is told", "first ends"], False)
        first.cancel()
        await asyncio.wait({first})
        await second.leave()


async def test_of_two_that_would_lead_one_does_until_it_goes(conninfo: str) -> None:
    done: list[str] = []

    def make(name: str) -> Leader:
        async def chore() -> None:
            done.append(name)

        return Leader(conninfo, [(chore, 0.1)], absence=Absence(is_away))

    leaders, stops = [make("a"), make("b")], [asyncio.Event(), asyncio.Event()]
    tasks = [
        asyncio.create_task(leader.run(stop, grace_s=5.0))
        for leader, stop in zip(leaders, stops, strict=True)
    ]
    async with asyncio.timeout(PATIENCE_S):
        while len(done) < 3:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
    assert len(set(done)) == 1
    place = "ab".index(done[0])
    stops[place].set()
    await asyncio.wait_for(tasks[place], PATIENCE_S)
    done.clear()
    async with asyncio.timeout(PATIENCE_S):
        while not done:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert set(done) == {"ab"[1 - place]}
    stops[1 - place].set()
    await asyncio.wait_for(tasks[1 - place], PATIENCE_S)
