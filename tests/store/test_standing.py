"""Which way SQLite takes to what operators look at: it must not be all that ever was."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.model import Scope
from bot.ports import StoryQuery
from bot.store import open_store
from bot.store.schema import feeds
from bot.store.standing import is_polled_at_all
from tests.builders import NOW
from tests.store.plans import asked_of, find_plan


async def test_what_is_due_is_found_without_what_was_ever_posted() -> None:
    async with await open_store("sqlite://") as store:
        with asked_of(store) as asked:
            await store.load_gauges(NOW, late_after=timedelta(minutes=15))
            await store.load_backlogs(NOW)
        due = [one for one in asked if "min(deliveries.next_attempt_at)" in one[0]]
        plans = [await find_plan(store, *one) for one in due]

    assert len(plans) == 2
    assert all("ix_deliveries_due (next_attempt_at<?)" in plan for plan in plans), plans


async def test_all_feeds_are_read_in_the_order_of_the_table() -> None:
    async with await open_store("sqlite://") as store:
        plan = await find_plan(store, select(feeds.c.id, feeds.c.flaw).where(is_polled_at_all))

    assert plan == "SCAN feeds"


async def test_pairs_of_a_month_are_counted_from_the_stories_of_that_month() -> None:
    query = StoryQuery(since=NOW - timedelta(days=30), scope=Scope.PAIR, limit=0)
    async with await open_store("sqlite://") as store:
        with asked_of(store) as asked:
            await store.count_pairs(query)
        plan = (await find_plan(store, *asked[-1])).splitlines()

    assert plan[0] == "MATERIALIZE found"
    assert "ix_stories_published_at (published_at>?)" in plan[1]
