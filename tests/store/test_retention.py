"""What is old is looked for once, however many steps it takes to drop it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot.model import Destination, Platform
from bot.store import SqlStore, open_store
from bot.store.retention import FORGOTTEN, ROWS_AT_ONCE
from bot.store.schema import audit, deliveries, entries
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome
from tests.store.plans import asked_of, find_plan

BY_ID = re.compile(r"\((row|entry_)?id=\?")
AFTER = NOW + timedelta(days=1)

Fill = Callable[[SqlStore, int], Awaitable[None]]
Drop = Callable[[SqlStore], Awaitable[int]]


async def add_deliveries(store: SqlStore, count: int) -> None:
    places = [Destination(Platform.SLACK, "T1", f"C{number}") for number in range(count)]
    owed = tuple(delivery("s1", place) for place in places)
    await commit_stories(store, story("s1"), owed=owed)
    async with store.database.writing() as connection:
        await connection.execute(update(deliveries).values(state="sent"))


async def add_entries(store: SqlStore, count: int) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, *(new_entry(f"News {n}") for n in range(count))))
    async with store.database.writing() as connection:
        await connection.execute(update(entries).values(story_id=FORGOTTEN))


async def add_records(store: SqlStore, count: int) -> None:
    record = {"platform": "slack", "workspace": "T1", "channel": "C1", "thread": "",
              "at": NOW, "said_by": "U1", "said": "words"}  # fmt: skip
    async with store.database.writing() as connection:
        await connection.execute(insert(audit), [record] * count)


async def find_walks(fill: Fill, drop: Drop, count: int) -> list[str]:
    """The statements of dropping ``count`` rows that read others than those they name by id."""
    async with await open_store("sqlite://") as store:
        await fill(store, count)
        with asked_of(store) as asked:
            assert await drop(store) > 0
        asked = [one for one in asked if one[0].split()[0] in {"SELECT", "DELETE", "UPDATE"}]
        ways = [(words, await find_plan(store, words, values)) for words, values in asked]
    return [words for words, way in ways if not all(map(BY_ID.search, way.splitlines()))]


@pytest.mark.parametrize(
    ("fill", "drop"),
    [
        (add_deliveries, lambda store: store.forget_stories(AFTER)),
        (add_entries, lambda store: store.forget_entries_of_gone(AFTER)),
        (add_records, lambda store: store.forget_audit(AFTER)),
    ],
    ids=["deliveries of a story", "entries", "audit"],
)
async def test_what_is_over_is_looked_for_once(fill: Fill, drop: Drop) -> None:
    in_one_step = await find_walks(fill, drop, 9)
    in_two = await find_walks(fill, drop, ROWS_AT_ONCE + 9)

    assert len(in_two) == len(in_one_step), in_two
