"""Which way SQLite takes to what operators look at: it must not be all that ever was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select

from bot.model import Scope
from bot.ports import StoryQuery
from bot.store import SqlStore, open_store
from bot.store.schema import feeds
from bot.store.standing import is_polled_at_all
from tests.builders import NOW


async def _plan(store: SqlStore, statement: object, values: Any = None) -> str:
    async with store.database.reading() as connection:
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(row[-1] for row in found)


@contextmanager
def _asked(store: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    """The statements of ``Database.reading`` meanwhile, each with its parameters."""
    engine, asked = store.database.engine.sync_engine, list[tuple[str, Any]]()

    def note(_c: object, _k: object, text: str, values: Any, _x: object, _m: object) -> None:
        asked.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_what_is_due_is_found_without_what_was_ever_posted() -> None:
    async with await open_store("sqlite://") as store:
        with _asked(store) as asked:
            await store.load_gauges(NOW, late_after=timedelta(minutes=15))
            await store.load_backlogs(NOW)
        due = [one for one in asked if "min(deliveries.next_attempt_at)" in one[0]]
        plans = [await _plan(store, *one) for one in due]

    assert len(plans) == 2
    assert all("ix_deliveries_due (next_attempt_at<?)" in plan for plan in plans), plans


async def test_all_feeds_are_read_in_the_order_of_the_table() -> None:
    async with await open_store("sqlite://") as store:
        plan = await _plan(store, select(feeds.c.id, feeds.c.flaw).where(is_polled_at_all))

    assert plan == "SCAN feeds"


async def test_pairs_of_a_month_are_counted_from_the_stories_of_that_month() -> None:
    query = StoryQuery(since=NOW - timedelta(days=30), scope=Scope.PAIR, limit=0)
    async with await open_store("sqlite://") as store:
        with _asked(store) as asked:
            await store.count_pairs(query)
        plan = (await _plan(store, *asked[-1])).splitlines()

    assert plan[0] == "MATERIALIZE found"
    assert "ix_stories_published_at (published_at>?)" in plan[1]
