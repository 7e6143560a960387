"""Jobs on a real PostgreSQL: put, done, lost with their worker, upgraded from an older version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from bot.errors import DatabaseAway, DatabaseUnusable
from bot.scheduling.cluster.board import Board, Job
from bot.scheduling.cluster.schema import MARK, load_job_tables, upgrade_job_tables
from bot.store import conninfo_of
from tests.servers.postgres import PostgresServer

PATIENCE_S = 30.0
FIRST_FILE = min(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


@pytest.fixture
def conninfo(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield conninfo_of(url)


@pytest.fixture
async def board(conninfo: str) -> AsyncIterator[Board]:
    await upgrade_job_tables(conninfo)
    async with Board(conninfo) as opened:
        yield opened


_TAKE = (
    "WITH w AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id) "
    "SELECT procrastinate_fetch_job_v2(NULL, id) FROM w"
)
_END_WAITING = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
_GIVE_AWAY = (
    "WITH w AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id) "
    "UPDATE procrastinate_jobs SET worker_id = (SELECT id FROM w)"
)
_KEPT = "SELECT status FROM procrastinate_jobs"
_NONE_LEFT = "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs)"
_ONE_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


async def until(connection: psycopg.AsyncConnection, asked: LiteralString) -> None:
    """Until the answer to ``asked`` is yes."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await connection.execute(asked)
            if await found.fetchone() == (True,):
                return
            await asyncio.sleep(0.02)


def job(number: int = 0, **changes: object) -> Job:
    values: dict[str, object] = {"task": "keep", "queue": "q", "lock": "l"}
    return Job(**{**values, "args": {"number": number}, **changes})  # type: ignore[arg-type]


class Keeper:
    """Does jobs by keeping their numbers."""

    def __init__(self, board: Board) -> None:
        self.done: list[int] = []
        self.stop = asyncio.Event()
        self._board = board
        self._news = asyncio.Event()
        board.add_task("keep", self.keep)

    async def keep(self, number: int) -> None:
        self.done.append(number)
        self._news.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.done) < count:
                self._news.clear()
                await self._news.wait()

    async def work(self) -> None:
        await self._board.work(["q"], places=2, stop=self.stop, grace_s=5.0)


async def test_jobs_of_one_lock_are_done_in_the_order_they_came(board: Board) -> None:
    keeper = Keeper(board)
    for number in range(3):
        assert await board.put(job(number))

    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.work())
        await keeper.wait_for(3)
        keeper.stop.set()

    assert keeper.done == [0, 1, 2]


async def test_what_waits_already_is_not_put_there_again(board: Board) -> None:
    assert await board.put(job(queueing_lock="once"))
    assert not await board.put(job(queueing_lock="once"))


async def test_a_job_has_the_fate_of_its_transaction(board: Board, conninfo: str) -> None:
    keeper = Keeper(board)
    with psycopg.connect(conninfo) as connection:
        board.put_within(connection, [job(1)])
        connection.rollback()
        board.put_within(connection, [job(2), job(3)])
        connection.commit()

    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.work())
        await keeper.wait_for(2)
        keeper.stop.set()

    assert keeper.done == [2, 3]


async def test_a_job_of_a_dead_worker_is_done_by_another(board: Board, conninfo: str) -> None:
    keeper = Keeper(board)
    await board.put(job(7))
    with psycopg.connect(conninfo) as connection:  # a worker that took it and said no more
        connection.execute(
            "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 hour') RETURNING id) "
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
        )
    (stalled,) = await board.find_stalled()

    await board.revive(stalled)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.work())
        await keeper.wait_for(1)
        keeper.stop.set()

    assert keeper.done == [7]
    assert await board.find_stalled() == []


async def test_a_job_leaves_the_board_though_its_end_met_a_lost_connection(
    board: Board, conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its worker lives on, so nobody would take its lock from it."""
    stop = asyncio.Event()
    async with (
        await psycopg.AsyncConnection.connect(conninfo) as holding,
        await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as eye,
    ):

        async def hold() -> None:
            await holding.execute("SELECT FROM procrastinate_jobs FOR UPDATE")

        board.add_task("hold", hold)
        await board.put(job(task="hold", args={}))
        async with asyncio.TaskGroup() as group:
            group.create_task(board.work(["q"], places=2, stop=stop, grace_s=5.0))
            await until(eye, _ONE_WAITS)
            await eye.execute(_END_WAITING)
            await holding.rollback()
            await until(eye, _NONE_LEFT)
            stop.set()

    (said,) = caplog.messages
    assert "does not answer" in said


async def test_the_end_of_a_job_that_others_have_by_now_is_not_theirs(
    board: Board, conninfo: str
) -> None:
    """Its worker stood still and was taken for dead; it goes on."""
    stop, ends = asyncio.Event(), asyncio.Event()
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as eye:

        async def give_away() -> None:
            await eye.execute(_GIVE_AWAY)
            ends.set()

        board.add_task("give_away", give_away)
        await board.put(job(task="give_away", args={}))
        async with asyncio.TaskGroup() as group:
            group.create_task(board.work(["q"], places=1, stop=stop, grace_s=5.0))
            await ends.wait()
            stop.set()
        (kept,) = await (await eye.execute(_KEPT)).fetchall()

    assert kept == ("doing",)


async def test_a_worker_outlives_another_that_takes_a_job_of_the_same_lock(
    board: Board, conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is more urgent comes while a job is being taken: it is not seen to be done yet."""
    keeper = Keeper(board)
    await board.put(job(1))
    async with (
        await psycopg.AsyncConnection.connect(conninfo) as another,
        await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as eye,
    ):
        await another.execute(_TAKE)
        await board.put(job(2, priority=1))
        working = asyncio.create_task(keeper.work())
        await until(eye, _ONE_WAITS)
        await another.commit()
        await board.put(job(3, lock="other"))
        await keeper.wait_for(1)
        keeper.stop.set()
        await working

    assert keeper.done == [3]
    assert caplog.messages == []


async def test_a_worker_that_was_taken_for_dead_begins_anew_and_says_why(
    board: Board, conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(board)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.work())
        await board.put(job(1))
        await keeper.wait_for(1)
        with psycopg.connect(conninfo) as connection:
            connection.execute("DELETE FROM procrastinate_workers")
        await board.put(job(2))
        await keeper.wait_for(2)
        keeper.stop.set()

    assert keeper.done == [1, 2]
    (said,) = caplog.records
    assert "was taken for dead" in said.getMessage()
    assert said.exc_info is None


async def test_the_tables_of_jobs_are_made_once(conninfo: str) -> None:
    assert (await load_job_tables(conninfo)).at == ""

    before, *others = await asyncio.gather(*(upgrade_job_tables(conninfo) for _ in range(3)))

    assert not before.is_ready
    assert len(others) == 2
    assert (await load_job_tables(conninfo)).is_ready
    assert (await upgrade_job_tables(conninfo)).is_ready


async def test_a_server_that_went_away_meanwhile_is_not_blamed_for_more(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway, match="No such file"):
        await upgrade_job_tables(f"postgresql://postgres@/postgres?host={tmp_path}")


async def test_tables_of_an_older_version_get_what_came_since(conninfo: str) -> None:
    """With files of the library itself: its first tables, and every step from there."""
    wanted = (await load_job_tables(conninfo)).wanted
    first = FIRST_FILE
    with psycopg.connect(conninfo) as connection:
        connection.execute(first.read_bytes())
        connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{MARK}{first.stem}'".encode())

    before = await upgrade_job_tables(conninfo)

    assert before.at == "00.00.00_01_initial"
    assert len(before.missing) > 30
    assert (await load_job_tables(conninfo)).at == wanted
    async with Board(conninfo) as board:
        assert await board.put(job())


async def test_tables_that_others_made_are_left_alone(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (id bigint)")

    with pytest.raises(DatabaseUnusable, match="a schema, of its own"):
        await upgrade_job_tables(conninfo)

    assert (await load_job_tables(conninfo)).is_foreign
