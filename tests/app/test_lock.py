"""A database is not replaced under a bot that is at work on it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import text

from bot.app import Bot, open_bot
from bot.app.lock import refuse_running, sole_process
from bot.errors import DatabaseUnusable
from bot.scheduling.clock import utc_now
from bot.scheduling.life import ALIVE_WITHIN
from bot.settings import CatalogueSettings, DatabaseSettings, Settings
from bot.store import SqlStore, conninfo_of, open_store
from tests.builders import NOW
from tests.conftest import ROOT
from tests.servers.postgres import PostgresServer
from tests.store.ages import AT

MOMENT = timedelta(seconds=1)


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as fresh:
        yield fresh


async def test_a_beat_of_the_last_minute_is_a_bot_at_work(url: str) -> None:
    await refuse_running(url, now=NOW)  # there are no tables yet
    async with await open_store(url) as store:
        await refuse_running(url, now=NOW)
        await store.record_beat(NOW)

    with pytest.raises(DatabaseUnusable, match="a newsbot is running on this database"):
        await refuse_running(url, now=NOW + ALIVE_WITHIN)
    await refuse_running(url, now=NOW + ALIVE_WITHIN + MOMENT)


async def test_so_is_a_process_of_any_role_and_it_is_named(url: str) -> None:
    async with await open_store(url) as store, store.database.writing() as connection:
        added = text("INSERT INTO processes VALUES ('box-7', 'deliver', 'box', :at, :at)")
        await connection.execute(added, {"at": AT})

    with pytest.raises(DatabaseUnusable, match=r"\(box-7\); stop it first"):
        await refuse_running(url, now=NOW + ALIVE_WITHIN)
    await refuse_running(url, now=NOW + ALIVE_WITHIN + MOMENT)


@pytest.mark.parametrize("is_single_round", [True, False])
async def test_so_is_a_process_from_its_start_to_its_end(
    url: str, tmp_path: Path, *, is_single_round: bool
) -> None:
    async with opening(url, tmp_path, is_single_round=is_single_round) as bot:
        (starting,) = await bot.store.find_processes(bot.clock(), within=ALIVE_WITHIN)
        with pytest.raises(DatabaseUnusable, match=starting.name):
            await refuse_running(url, now=utc_now())

    assert starting.roles == frozenset(), "others leave no work to it yet"
    await refuse_running(url, now=utc_now())


async def test_a_process_that_starts_says_so_before_it_reads_what_is_there(
    url: str, tmp_path: Path
) -> None:
    async with await open_store(url) as store:  # the tables are there
        with psycopg.connect(conninfo_of(url)) as restoring:
            restoring.execute("LOCK TABLE processes, meta IN ACCESS EXCLUSIVE MODE")
            starting = asyncio.create_task(first_poll(url, tmp_path))
            waiting = ""
            async with asyncio.timeout(60):
                while not (waiting or starting.done()):
                    waiting = await first_waiting(store)
            restoring.rollback()
        await starting

    assert waiting.startswith("INSERT INTO processes")


async def first_poll(url: str, folder: Path) -> None:
    async with opening(url, folder, is_single_round=True):
        pass


async def first_waiting(store: SqlStore) -> str:
    """What somebody waits with for a lock, or ""."""
    asked = text("SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with store.database.reading() as connection:
        return await connection.scalar(asked) or ""


@asynccontextmanager
async def opening(url: str, folder: Path, *, is_single_round: bool) -> AsyncIterator[Bot]:
    """A bot on the database at ``url``, that is started and does not run yet."""
    (folder / "feeds.txt").write_text("http://10.0.0.7/rss")
    settings = Settings(
        config_dir=ROOT / "config",
        catalogue=CatalogueSettings(feeds=folder / "feeds.txt"),
        database=DatabaseSettings(url=url),
    )
    console = Console(file=io.StringIO())
    async with open_bot(settings, console=console, is_single_round=is_single_round) as bot:
        yield bot


def test_one_bot_has_a_file_for_itself(tmp_path: object) -> None:
    address = f"sqlite:///{tmp_path}/news.sqlite3"

    with (
        sole_process(address),
        pytest.raises(DatabaseUnusable, match="another newsbot is running"),
        sole_process(address),
    ):
        pass
    with sole_process(address):
        pass
