"""``newsbot run`` with a PostgreSQL that is late, or that will never have it."""

from __future__ import annotations

import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.program import Newsbot
from tests.servers.postgres import PostgresServer

SOCKET = ".s.PGSQL.5432"


@asynccontextmanager
async def started(newsbot: Newsbot, folder: Path, options: str = "") -> AsyncIterator[Process]:
    """A bot whose PostgreSQL is to have its socket in ``folder``."""
    newsbot.write("feeds.txt", "https://wire.example/rss")
    newsbot.env["NEWSBOT_DATABASE_URL"] = f"postgresql://postgres@/postgres?host={folder}{options}"
    process = await newsbot.start("run", "--role", "schedule", "--feeds", "feeds.txt")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(process: Process, text: str) -> str:
    """What stands on its standard error, up to the line with ``text``."""
    assert process.stderr is not None
    said = ""
    async for line in process.stderr:
        said += line.decode()
        if text in said:
            return said
    raise AssertionError(f"it ended without {text!r}: {said}")


async def test_a_database_that_is_late_is_waited_for_and_told_of_once(
    newsbot: Newsbot, postgres: PostgresServer, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    late.mkdir()
    with postgres.fresh_database() as url:
        async with started(newsbot, late, "&" + url.partition("&")[2]) as process:
            away = await until(process, "newsbot begins when it answers")
            (late / SOCKET).symlink_to(postgres.folder / SOCKET)
            back = await until(process, "giving out the polls of 1 feed")
            process.send_signal(signal.SIGTERM)
            await newsbot.finish(process)

    assert "no server has its socket there: start it" in away
    assert "begins when it answers" not in back
    assert "the database answers" in back


async def test_a_stop_ends_the_waiting(newsbot: Newsbot, tmp_path: Path) -> None:
    async with started(newsbot, tmp_path) as process:
        await until(process, "newsbot begins when it answers")
        process.send_signal(signal.SIGTERM)
        await newsbot.finish(process)


async def test_a_round_from_cron_does_not_wait(newsbot: Newsbot, tmp_path: Path) -> None:
    newsbot.write("feeds.txt", "https://wire.example/rss")
    newsbot.env["NEWSBOT_DATABASE_URL"] = f"postgresql://postgres@/postgres?host={tmp_path}"

    answer = await newsbot("run", "--once", "--feeds", "feeds.txt", code=2)

    assert "no server has its socket there" in answer.err


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://postgres@/nowhere?host={}", "make that database first"),
        ("postgresql://nobody@/postgres?host={}", "user or password is wrong"),
        ("postgresql://postgres@/postgres?host={}&sslmode=perhaps", "behind the question mark"),
    ],
)
async def test_a_database_that_refuses_us_is_not_waited_for(
    newsbot: Newsbot, postgres: PostgresServer, address: str, told: str
) -> None:
    newsbot.write("feeds.txt", "https://wire.example/rss")
    newsbot.env["NEWSBOT_DATABASE_URL"] = address.format(postgres.folder)

    answer = await newsbot("run", "--feeds", "feeds.txt", code=2)

    assert told in answer.err
