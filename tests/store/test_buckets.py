"""What it costs PostgreSQL each second to say in which parts of the feeds one is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from bot.model import FeedSpec
from bot.store import open_store
from bot.store.schema import BUCKET_INDEX
from tests.builders import NOW
from tests.servers.postgres import PostgresServer

FEEDS = 2_000
READ = (
    "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
    " WHERE relid = 'feeds'::regclass"
)


@contextmanager
def counting_feeds() -> Iterator[list[int]]:
    """How many rows of ``feeds`` each statement read, with those before it in its transaction."""
    counts: list[int] = []

    def note(connection: Connection, _cursor: object, words: str, *_: Any) -> None:
        if words != READ:
            counts.append(connection.exec_driver_sql(READ).scalar_one())

    event.listen(Engine, "after_cursor_execute", note)
    try:
        yield counts
    finally:
        event.remove(Engine, "after_cursor_execute", note)


async def test_feeds_that_are_polled_no_more_are_not_passed(postgres: PostgresServer) -> None:
    gone, polled = (
        [FeedSpec(f"https://{host}.example/{number}") for number in range(FEEDS)] for host in "ab"
    )
    later = NOW + timedelta(minutes=1)
    with postgres.fresh_database() as url:
        async with await open_store(url) as store:
            await store.sync_feeds(gone, now=NOW, spread=timedelta(0))
            await store.sync_feeds(polled, now=later, spread=timedelta(hours=1))
            async with store.database.writing() as connection:
                await connection.execute(text("ANALYZE feeds"))
            with counting_feeds() as counts:
                assert await store.find_due_buckets(NOW) == ()

    assert counts[-1] == 0


async def test_the_index_of_the_parts_has_only_what_is_polled(postgres: PostgresServer) -> None:
    asked = (
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = :name ::regclass"
    )
    with postgres.fresh_database() as url:
        async with await open_store(url) as store, store.database.reading() as connection:
            told = await connection.scalar(text(asked), {"name": BUCKET_INDEX})

    assert told == "(is_retired = false)"
