"""Upgrading: from nothing, twice, by several at once; and what is refused."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.errors import DatabaseUnusable
from bot.store import SqlStore, current_revision, head_revision, open_store, upgrade
from bot.store.engines import Database, parse_url
from bot.store.migrations.versions import v0001_first
from bot.store.schema import metadata
from tests.builders import NOW

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.store import open_store

async def main():
    async with await open_store(sys.argv[1]) as store:
        await store.record_beat(datetime.now(UTC))

asyncio.run(main())
"""


async def execute(url: str, statement: str) -> None:
    database = Database(parse_url(url))
    async with database.writing() as connection:
        await connection.execute(text(statement))
    await database.aclose()


async def test_an_empty_database_is_brought_to_the_head(database_url: str) -> None:
    assert await current_revision(database_url) is None

    await upgrade(database_url)

    assert await current_revision(database_url) == head_revision() == v0001_first.revision


async def test_upgrading_twice_keeps_what_is_there(database_url: str) -> None:
    async with await open_store(database_url) as store:
        await store.record_beat(NOW)

    await upgrade(database_url)

    async with await open_store(database_url, migrate=False) as store:
        assert await store.last_beat_or_none() == NOW


async def test_the_migrations_make_the_schema_the_program_uses(store: SqlStore) -> None:
    def compare(connection: Connection) -> tuple[list[object], dict[str, object]]:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        inspector = inspect(connection)
        names: dict[str, object] = {
            table.name: (
                inspector.get_pk_constraint(table.name)["name"],
                sorted(str(key["name"]) for key in inspector.get_foreign_keys(table.name)),
            )
            for table in metadata.sorted_tables
        }
        return differences, names

    async with store.database.reading() as connection:
        differences, names = await connection.run_sync(compare)

    assert differences == []
    assert names == {
        table.name: (
            f"pk_{table.name}",
            sorted(f"fk_{table.name}_{key.parent.name}" for key in table.foreign_keys),
        )
        for table in metadata.sorted_tables
    }


async def test_the_partial_indexes_are_partial_and_used(tmp_path: Path) -> None:
    plans = {
        "ix_feeds_due": "SELECT id FROM feeds WHERE is_retired = 0 AND next_due_at <= 9",
        "ix_entries_forgettable": "SELECT id FROM entries WHERE story_id = '' AND listed_at < 9",
    }
    async with (
        await open_store(str(tmp_path / "news.sqlite3")) as store,
        store.database.reading() as connection,
    ):
        for index, query in plans.items():
            plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all()
            assert index in str(plan)


async def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    await upgrade(database_url)
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")

    for migrate in (True, False):
        with pytest.raises(DatabaseUnusable, match=r"database\.url .* revision 9999, .* newer"):
            await open_store(database_url, migrate=migrate)
    with pytest.raises(DatabaseUnusable, match="install that version"):
        await upgrade(database_url)
    assert await current_revision(database_url) == "9999"


async def test_an_older_database_is_not_touched_without_leave(database_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"revision none .* run newsbot db upgrade"):
        await open_store(database_url, migrate=False)

    assert await current_revision(database_url) is None


async def test_asking_for_the_revision_creates_no_file(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"

    assert await current_revision(str(path)) is None
    assert not path.exists()


async def test_an_upgrade_that_fails_leaves_nothing_half_made(database_url: str) -> None:
    await execute(database_url, "CREATE TABLE subscriptions (id INTEGER)")  # in the way

    with pytest.raises(DatabaseUnusable, match="already exists"):
        await upgrade(database_url)
    assert await current_revision(database_url) is None

    await execute(database_url, "DROP TABLE subscriptions")
    await upgrade(database_url)
    assert await current_revision(database_url) == head_revision()


async def test_starters_at_once_upgrade_once(database_url: str) -> None:
    starters = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, database_url, cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    ended = await asyncio.gather(*(starter.communicate() for starter in starters))

    assert [starter.returncode for starter in starters] == [0] * 4, ended
    async with await open_store(database_url, migrate=False) as store:
        assert await store.last_beat_or_none() is not None
