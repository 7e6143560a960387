"""Every row from one engine to another, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import DatabaseUnusable
from bot.model import ALL_ROLES, FeedOrigin, FeedSpec, Process
from bot.store import open_store, upgrade
from bot.store.address import parse_url
from bot.store.copying import ROWS_AT_ONCE
from bot.store.engines import Database
from bot.store.snapshots import copy_database, put_in_place, refuse_filled, take_snapshot
from bot.store.tables import PASSING, make_plain_tables
from tests.builders import NOW
from tests.contract.polls import add_feed, new_entry, outcome
from tests.servers.postgres import PostgresServer
from tests.store.ages import REVISIONS, build, read

HEAD = REVISIONS[-1]


@pytest.fixture
def lite(tmp_path: Path) -> str:
    """The address of a SQLite database that is not there."""
    return f"sqlite:///{tmp_path}/lite.sqlite3"


@pytest.fixture
def large(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with postgres.fresh_database() as url:
        yield url


async def execute(url: str, *statements: str) -> None:
    database = Database(parse_url(url))
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.aclose()


async def test_a_bot_that_was_started_meanwhile_loses_nothing(lite: str, large: str) -> None:
    await upgrade(lite)
    async with await open_store(large) as store:
        await add_feed(store)
        await store.record_process(Process("deliver-1", ALL_ROLES, "here", NOW, NOW))
        with pytest.raises(DatabaseUnusable, match="was started on this database meanwhile"):
            copy_database(lite, large, replace=True, alive_since=NOW)
        assert await store.find_feeds()

        copy_database(lite, large, replace=True, alive_since=NOW + timedelta(days=36_500))
        assert not await store.find_feeds()


async def test_all_that_there_is_goes_to_postgresql_and_back(
    lite: str, large: str, tmp_path: Path
) -> None:
    count = await build(lite, HEAD)
    before = await read(lite)
    assert all(before[table.name] for table in make_plain_tables()), "a table is not tried"
    count -= sum(len(before.pop(name)) for name in PASSING)

    await upgrade(large)
    assert copy_database(lite, large, replace=False) == count
    back = tmp_path / "back.sqlite3"
    await upgrade(str(back))
    take_snapshot(large, back)

    there, returned = await read(large), await read(str(back))
    for kept in (there, returned):
        assert [kept.pop(name) for name in PASSING] == [[], [], []], "of the moment, and no more"
    assert returned == before
    assert {name: len(rows) for name, rows in there.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert there["stories"] == before["stories"], "true and false, moments and lists are the same"


async def test_more_rows_than_are_in_memory_at_a_time_arrive(lite: str, large: str) -> None:
    count = 2 * ROWS_AT_ONCE + 1
    async with await open_store(lite) as store:
        feed = await add_feed(store)
        await store.commit_poll(outcome(feed, *(new_entry(f"Title {n}") for n in range(count))))
    await upgrade(large)

    copy_database(lite, large, replace=False)

    assert len((await read(large))["entries"]) == count


async def test_what_is_added_after_a_copy_meets_nothing_that_came_with_it(
    lite: str, large: str
) -> None:
    await build(lite, HEAD)
    await upgrade(large)
    copy_database(lite, large, replace=False)

    async with await open_store(large) as store:
        spec = FeedSpec("https://new.example/rss")
        feed, is_new = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW)
        await store.commit_poll(outcome(feed, new_entry("A new title")))

    assert (feed.id, is_new) == (3, True)
    (new,) = [row for row in (await read(large))["entries"] if ("title", "'A new title'") in row]
    assert ("id", "4") in new


async def test_a_target_with_rows_is_left_as_it_is_unless_they_may_be_lost(
    lite: str, large: str
) -> None:
    await build(lite, HEAD)
    async with await open_store(large) as store:
        await add_feed(store, "https://mine.example/rss")
    before = await read(large)

    with pytest.raises(DatabaseUnusable, match="not empty: there are rows in its table feeds"):
        copy_database(lite, large, replace=False)
    assert await read(large) == before

    copy_database(lite, large, replace=True)
    assert "mine.example" not in str((await read(large))["feeds"])


async def test_a_database_is_not_copied_onto_itself_by_another_name(large: str) -> None:
    async with await open_store(large) as store:
        await add_feed(store)
    patient = large.replace("&options=", "&options=-clock_timeout%3D10s%20")  # else for ever
    same = f"{large}&application_name=other"

    with pytest.raises(DatabaseUnusable, match="are the same database; name another target"):
        copy_database(patient, same, replace=True)

    assert len((await read(large))["feeds"]) == 1


async def test_a_schema_is_copied_to_another_of_its_database(
    large: str, postgres: PostgresServer
) -> None:
    await build(large, HEAD)
    with postgres.fresh_database() as other:
        await upgrade(other)

        copy_database(large, other, replace=False)

        assert (await read(other))["feeds"] == (await read(large))["feeds"]


async def test_a_copy_that_breaks_off_leaves_the_target_as_it_was(lite: str, large: str) -> None:
    await build(lite, HEAD)
    async with await open_store(large) as store:
        await add_feed(store, "https://mine.example/rss")
    before = await read(large)
    with closing(sqlite3.connect(lite.removeprefix("sqlite:///"))) as connection, connection:
        # Of a story that is not there; SQLite looks only where it is told to.
        connection.execute("UPDATE deliveries SET story_id = 'nobody' WHERE state = 'failed'")

    with pytest.raises(DatabaseUnusable, match="violates foreign key constraint"):
        copy_database(lite, large, replace=True)

    assert await read(large) == before


async def test_nothing_else_is_emptied_than_tables_of_ours(lite: str, large: str) -> None:
    await build(lite, HEAD)
    await upgrade(large)
    await execute(large, "CREATE TABLE theirs (n integer)", "INSERT INTO theirs VALUES (1)")

    copy_database(lite, large, replace=True)

    assert len((await read(large))["theirs"]) == 1


async def test_a_file_is_replaced_while_somebody_reads_it(lite: str, tmp_path: Path) -> None:
    await build(lite, HEAD)
    wanted = await read(lite)
    taken, target = tmp_path / "taken.sqlite3", f"sqlite:///{tmp_path}/target.sqlite3"
    take_snapshot(lite, taken)
    async with await open_store(target) as store:
        await add_feed(store, "https://mine.example/rss")
        with pytest.raises(DatabaseUnusable, match="rows in its table feeds"):
            refuse_filled(target)
        async with store.database.reading() as connection:
            asked = text("SELECT count(*) FROM stories")
            assert await connection.scalar(asked) == 0

            put_in_place(taken, target, replace=True)

            assert await connection.scalar(asked) == 0, "it reads what was there when it began"
        assert len(await store.find_feeds()) == 1
    assert await read(target) == wanted


async def test_what_is_no_database_any_more_is_kept_beside_the_new_one(
    lite: str, tmp_path: Path
) -> None:
    await build(lite, HEAD)
    taken, target = tmp_path / "taken.sqlite3", tmp_path / "target.sqlite3"
    take_snapshot(lite, taken)
    for broken in (b"what a broken disk made of it ", b"and another time "):
        target.write_bytes(broken * 400)

        with pytest.raises(DatabaseUnusable, match="not a database"):
            put_in_place(taken, str(target), replace=False)
        put_in_place(taken, str(target), replace=True)

        assert await read(str(target)) == await read(lite)
    asides = [target.with_name(f"target.sqlite3.{name}") for name in ("damaged", "damaged-2")]
    assert [aside.read_bytes()[:3] for aside in asides] == [b"wha", b"and"]
