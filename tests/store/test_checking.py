"""Each law of a sound database, broken once and found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import DatabaseUnusable
from bot.store import open_store
from bot.store.address import parse_url
from bot.store.checking import LONG_EXPIRED, check, measure
from bot.store.engines import Database
from bot.store.snapshots import give_back_space
from tests.builders import NOW
from tests.contract.polls import add_feed, new_entry, outcome
from tests.store.ages import REVISIONS, build, read

HEAD = REVISIONS[-1]


async def broken(url: str) -> dict[str, int]:
    """The laws that are broken, and how often."""
    return {one.name: one.count for one in await check(url, now=NOW) if one.count}


async def execute(url: str, statement: str) -> None:
    database = Database(parse_url(url))
    async with database.writing() as connection:
        await connection.execute(text(statement))
    await database.aclose()


async def test_a_sound_database_breaks_no_law_and_is_not_written_to(database_url: str) -> None:
    await build(database_url, HEAD)
    before = await read(database_url)

    assert await broken(database_url) == {}
    assert await read(database_url) == before


@pytest.mark.parametrize(
    ("statement", "law", "count"),
    [
        ("DELETE FROM entry_keys WHERE entry_id < 3", "entries without a key", 2),
        ("UPDATE entries SET story_id = 'nobody' WHERE id = 2", "entries of no story", 1),
        ("DELETE FROM story_coverage WHERE story_id = 's2'", "stories without reports", 1),
        ("UPDATE deliveries SET message_ref = ''", "posts without an id", 1),
        ("UPDATE deliveries SET digest_id = 'x'", "digests without a leader", 2),
        ("UPDATE feeds SET next_due_at = 9e15", "feeds due too late", 1),
        ("UPDATE feeds SET url = 'http://[bad' WHERE id = 1", "feeds without a host", 1),
        ("UPDATE feeds SET url = 'news' WHERE id = 1", "feeds without a host", 1),
        ("UPDATE subscriptions SET scope = 'cats' WHERE id = 7", "words", 1),
        ("UPDATE watches SET role = 'king'", "words", 1),
        ("DROP INDEX ix_entries_link_key", "the tables", 1),
        ("ALTER TABLE feeds ADD COLUMN mine TEXT", "the tables", 1),
        ("DROP INDEX slack_bots_idx", "the tables", 1),
    ],
)
async def test_a_broken_law_is_found(
    statement: str, law: str, count: int, database_url: str
) -> None:
    await build(database_url, HEAD)
    await execute(database_url, statement)

    assert await broken(database_url) == {law: count}


async def test_a_lease_is_long_expired_after_a_day_and_harms_nobody(database_url: str) -> None:
    await build(database_url, HEAD)
    later = NOW + timedelta(hours=1) + LONG_EXPIRED

    found = {one.name: one for one in await check(database_url, now=later)}
    assert found["leases long expired"].count == 0
    found = {one.name: one for one in await check(database_url, now=later + timedelta(seconds=1))}
    assert found["leases long expired"].count == 1
    assert found["leases long expired"].is_harmless


async def test_what_others_keep_in_the_database_is_no_matter(database_url: str) -> None:
    await build(database_url, HEAD)
    await execute(database_url, "CREATE TABLE theirs (n integer)")

    assert await broken(database_url) == {}


async def test_rows_of_rows_that_are_not_there_are_found(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"
    await build(str(path), HEAD)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM stories WHERE id = 's2'")

    found = {one.name: one for one in await check(str(path), now=NOW)}

    assert found["references"].count == 5
    assert "2 deliveries of stories" in found["references"].meaning


async def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"
    await build(str(path), HEAD)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_entries_link_key'"
        ).fetchone()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(whole)

    found = {one.name: one for one in await check(str(path), now=NOW)}

    assert found["the file"].count
    assert "restore a backup" in found["the file"].remedy


async def test_what_is_no_database_cannot_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"
    path.write_bytes(b"nothing of the kind " * 900)

    with pytest.raises(DatabaseUnusable, match="not a database"):
        await check(str(path), now=NOW)


async def test_what_was_dropped_is_given_back(database_url: str) -> None:
    async with await open_store(database_url) as store:
        feed = await add_feed(store)
        await store.commit_poll(outcome(feed, *(new_entry(f"Old {n}") for n in range(3_000))))
        await store.forget_entries(NOW + timedelta(days=1))
    before = measure(database_url)
    kept = await read(database_url)

    give_back_space(database_url)

    after = measure(database_url)
    assert after.size < before.size
    assert after.free == 0
    assert await read(database_url) == kept
