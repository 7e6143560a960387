"""Addresses of databases, and transactions in them."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import traceback
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from bot.errors import DatabaseUnusable
from bot.model import Validators
from bot.store import SqlStore, conninfo_of, current_revision, open_store
from bot.store.address import LIMITS, describe_url, parse_url
from bot.store.advice import is_away
from bot.store.schema import meta
from tests.builders import NOW
from tests.contract.polls import add_feed, new_entry, outcome
from tests.servers.postgres import PostgresServer

SECRET = "hunter2%2F%40"
NORMAL, FULL = 1, 2  # https://sqlite.org/pragma.html#pragma_synchronous


@pytest.mark.parametrize(
    ("written", "database"),
    [
        ("sqlite:///news.sqlite3", "news.sqlite3"),
        ("sqlite:////var/lib/news.sqlite3", "/var/lib/news.sqlite3"),
        ("sqlite+aiosqlite:///news.sqlite3", "news.sqlite3"),
        ("news.sqlite3", "news.sqlite3"),
        ("/var/lib/news db.sqlite3", "/var/lib/news db.sqlite3"),
        ("~/news.sqlite3", str(Path("~/news.sqlite3").expanduser())),
    ],
)
def test_a_file_is_named_by_address_or_path(written: str, database: str) -> None:
    url = parse_url(written)

    assert (url.drivername, url.database) == ("sqlite+aiosqlite", database)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_driver_for_postgresql_is_chosen_by_us(scheme: str) -> None:
    url = parse_url(f"{scheme}://bot:{SECRET}@db.example:5433/news?sslmode=require")

    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database) == ("db.example", 5433, "news")
    assert (url.password, url.query["sslmode"]) == ("hunter2/@", "require")


def test_an_address_is_shown_without_driver_password_and_options() -> None:
    url = parse_url(f"postgres://bot:{SECRET}@db.example/news?password={SECRET}")

    assert describe_url(url) == "postgresql://bot:***@db.example/news"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "write sqlite:///"),
        ("mysql://bot@db.example/news", "mysql:// is not supported"),
        ("postgresql+asyncpg://bot@db.example/news", r"postgresql\+asyncpg:// is not supported"),
        ("sqlite://news.sqlite3", "write sqlite:///news.sqlite3"),
        ("sqlite:///news.sqlite3?mode=ro", "no options"),
        ("postgresql://bot:hunter2@db.example:port/news", "percent-encoded"),
        ("postgresql://bot:p@hunter2@db.example/news", "percent-encoded"),
        ("postgresql://bot:p@hunter2:x@db.example/news", "percent-encoded"),
    ],
)
def test_an_address_we_cannot_use_is_explained(written: str, told: str) -> None:
    with pytest.raises(DatabaseUnusable, match=told) as raised:
        parse_url(written)

    assert "database.url" in str(raised.value)
    assert "hunter2" not in "".join(traceback.format_exception(raised.value, chain=True)).replace(
        written,
        "",  # pytest's own frames may quote the argument
    )


async def refusal(url: str) -> str:
    """What the operator is told when ``url`` is opened."""
    with pytest.raises(DatabaseUnusable) as raised:
        await open_store(url)
    with pytest.raises(DatabaseUnusable):
        await current_revision(url)
    return str(raised.value)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    told = await refusal(f"sqlite:///{tmp_path}/data/news.sqlite3")

    assert f"there is no folder {tmp_path}/data" in told
    assert "database.url (NEWSBOT_DATABASE_URL)" in told


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert "is a folder" in await refusal(str(tmp_path))


async def test_a_file_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Shopping list: a lot of batteries. " * 100)

    assert "file is not a database" in await refusal(str(path))
    assert path.read_text().startswith("Shopping list")


async def test_a_server_that_is_not_there_is_explained_without_the_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        port = unused.getsockname()[1]
        told = await refusal(f"postgresql://bot:hunter2@127.0.0.1:{port}/news")

    assert f"postgresql://bot:***@127.0.0.1:{port}/news" in told
    assert "refused" in told.lower()
    assert "mend host and port" in told
    assert "hunter2" not in told


async def test_a_database_the_server_does_not_have_is_named(postgres: PostgresServer) -> None:
    assert 'database "nowhere" does not exist' in await refusal(postgres.url("nowhere"))


@pytest.mark.parametrize("url", ["sqlite://", ":memory:"])
async def test_a_database_in_memory_serves_many_at_once(url: str) -> None:
    async with await open_store(url) as store:
        feeds = [await add_feed(store, f"https://{n}.example/rss") for n in range(20)]

        await asyncio.gather(
            *(store.commit_poll(outcome(feed, new_entry("One"))) for feed in feeds),
            *(store.find_feeds() for _ in feeds),
        )

        assert (await store.load_counts(NOW)).entries == 20


async def test_a_server_whose_machine_is_gone_is_noticed_on_every_connection(
    postgres: PostgresServer,
) -> None:
    """Jobs and seats have theirs by ``conninfo_of``; else Linux waits for two hours."""
    with postgres.fresh_database() as url:
        own = f"{url}&keepalives_idle=3"
        async with await open_store(own) as store:
            async with store.database.reading() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                assert raw is not None
                asked = [raw.info.get_parameters()]
            asked.append(await store.database.read(_parameters))
        with psycopg.connect(conninfo_of(own)) as plain:
            asked.append(plain.info.get_parameters())

    wanted = {**LIMITS, "keepalives_idle": "3"}
    assert [{name: one.get(name) for name in LIMITS} for one in asked] == [wanted] * 3


async def test_what_needs_encoding_in_an_address_reaches_jobs_and_seats_as_the_store(
    postgres: PostgresServer,
) -> None:
    with postgres.fresh_database() as url:
        encoded = url.replace("postgres@", "postgres:p%20%2B%27q@").replace("-cs", "-c%20s")
        named = f"{encoded}&application_name=news%20%2B%20bot"
        async with await open_store(named) as store:
            by_store = await store.database.read(_parameters)
        with psycopg.connect(conninfo_of(named)) as plain:
            by_others = plain.info.get_parameters()

    assert by_others == by_store
    assert by_others["application_name"] == "news + bot"
    assert conninfo_to_dict(conninfo_of(named))["password"] == "p +'q"


def test_an_option_that_libpq_does_not_know_is_told_without_the_password() -> None:
    with pytest.raises(
        DatabaseUnusable, match='"sslmod"; mend what stands behind the question mark'
    ) as raised:
        conninfo_of("postgresql://bot:hunter2@db.example/news?sslmod=require")

    assert "hunter2" not in str(raised.value)


def _parameters(connection: Connection) -> dict[str, str]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.info.get_parameters()


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(str(tmp_path / "news.sqlite3")) as store:
        yield store


async def test_sqlite_is_set_up_as_the_store_needs_it(sqlite_store: SqlStore) -> None:
    async with sqlite_store.database.reading() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }

    assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


async def test_a_durable_commit_is_synced_and_a_poll_is_not(sqlite_store: SqlStore) -> None:
    levels = []
    for durable in (True, False, False, True):
        async with sqlite_store.database.writing(durable=durable) as connection:
            levels.append(await connection.scalar(text("PRAGMA synchronous")))

    assert levels == [FULL, NORMAL, NORMAL, FULL]


async def test_readers_wait_for_no_writer_however_many_there_are(sqlite_store: SqlStore) -> None:
    async with sqlite_store.database.writing() as connection:
        await connection.execute(insert(meta).values(name="beat", value="half written"))
        writers = [asyncio.create_task(sqlite_store.record_beat(NOW)) for _ in range(10)]
        await asyncio.sleep(0.05)

        assert await asyncio.wait_for(sqlite_store.last_beat_or_none(), 10) is None

    await asyncio.gather(*writers)
    assert await sqlite_store.last_beat_or_none() == NOW


async def test_polls_committed_at_once_take_turns(store: SqlStore) -> None:
    feeds = [await add_feed(store, f"https://{n}.example/rss") for n in range(40)]

    await asyncio.gather(*(store.commit_poll(outcome(f, new_entry("One"))) for f in feeds))

    assert (await store.load_counts(NOW)).entries == 40


async def test_a_write_waits_for_that_of_another_process(sqlite_store: SqlStore) -> None:
    path = str(sqlite_store.database.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(sqlite_store.record_beat(NOW))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        other.execute("COMMIT")

    await waiting
    assert await sqlite_store.last_beat_or_none() == NOW


async def test_a_cancelled_poll_leaves_all_or_nothing_and_a_store_that_works(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)
    new = [new_entry(f"Entry {number}") for number in range(50)]
    for number in range(40):
        polled = replace(feed, validators=Validators(f"v{number}"))
        poll = asyncio.create_task(store.commit_poll(outcome(polled, *new)))
        await asyncio.sleep(number * 0.0005)
        poll.cancel()
        ended, _ = await asyncio.wait([poll], timeout=30)
        assert ended

        (found,) = await store.find_feeds()
        entries = (await store.load_counts(NOW)).entries
        assert entries == (0 if found.validators == feed.validators else len(new))


async def test_what_a_statement_was_given_stands_in_no_error(store: SqlStore) -> None:
    async with store.database.reading() as connection:
        with pytest.raises(DBAPIError) as told:
            await connection.execute(text("SELECT :token FROM gone"), {"token": "unseen"})

    assert "gone" in str(told.value)
    assert "unseen" not in str(told.value)


async def test_an_error_of_somebody_else_is_not_blamed_on_an_open_database(
    tmp_path: Path,
) -> None:
    async with await open_store(f"sqlite:///{tmp_path}/news.sqlite3") as store:
        with (
            pytest.raises(OSError, match="pipe"),
            store.database.explained(is_opening=False),
        ):
            raise BrokenPipeError("pipe")
        with (
            pytest.raises(DatabaseUnusable, match="no such table: gone"),
            store.database.explained(is_opening=False),
        ):
            async with store.database.reading() as connection:
                await connection.execute(text("SELECT * FROM gone"))


def test_a_busy_database_is_away_and_a_refused_row_is_not(tmp_path: Path) -> None:
    file = tmp_path / "busy.sqlite3"
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE one (only INTEGER UNIQUE)")
        other.execute("INSERT INTO one VALUES (1)")
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(OperationalError) as busy, engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO one VALUES (2)")

        other.execute("ROLLBACK")
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO one VALUES (1)")
    engine.dispose()

    assert is_away(busy.value)
    assert not is_away(refused.value)
