"""The store's contract: deliveries of one destination, and which destinations have any due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import methodcaller
from typing import Any

import pytest
from sqlalchemy import text

from bot.model import Destination, Owed, Platform, Subscription, make_delivery_id
from bot.ports import Store
from bot.store import SqlStore, open_store
from bot.store.engines import GuestTransaction
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories

HERE, THERE = (Destination(Platform.SLACK, "T1", channel) for channel in ("C1", "C2"))
THREAD = Destination(Platform.SLACK, "T1", "C1", "171.5")
LEASE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


async def owe(store: Store, *story_ids: str, to: Destination = HERE, **changes: object) -> None:
    """Open stories one after the other, a second apart, and owe them to ``to``."""
    opened_at = changes.pop("opened_at", NOW)
    assert isinstance(opened_at, datetime)
    opened = [
        story(story_id, opened_at=opened_at + place * SECOND)
        for place, story_id in enumerate(story_ids)
    ]
    owed = tuple(delivery(one.id, to, **changes) for one in opened)
    await commit_stories(store, *opened, owed=owed)


async def lease(
    store: Store, at: Destination = HERE, *, now: datetime = NOW, limit: int = 9
) -> list[str]:
    leased = await store.lease_deliveries(now, limit=limit, lease=LEASE, at=at)
    return [owed.story.id for owed in leased]


async def post(store: Store, story_id: str, to: Destination = HERE, revision: int = 1) -> None:
    delivery_id = make_delivery_id(story_id, to)
    await store.mark_sent(delivery_id, revision=revision, message_ref="m1", edits_at=NOW)


async def test_what_is_owed_elsewhere_is_left_to_others(store: SqlStore) -> None:
    await owe(store, "s1", to=THERE)
    await owe(store, "s2", to=THREAD)
    await owe(store, "s3", to=HERE)

    assert await lease(store, HERE) == ["s3"]
    assert await lease(store, THREAD) == ["s2"]


async def test_first_posts_of_a_place_come_one_by_one_in_the_order_of_their_stories(
    store: SqlStore,
) -> None:
    await owe(store, "s1", "s2", "s3")

    assert await lease(store) == ["s1"]
    assert await lease(store) == []
    await post(store, "s1")
    assert await lease(store) == ["s2"]


async def test_edits_come_with_the_next_first_post_and_behind_it(store: SqlStore) -> None:
    await owe(store, "s1", "s2")
    for story_id in ("s1", "s2"):
        assert await lease(store) == [story_id]
        await post(store, story_id)
    changed = [
        story(name, opened_at=NOW + place * SECOND, revision=2)
        for place, name in enumerate(("s1", "s2"))
    ]
    owed = tuple(delivery(one.id, HERE, revision=2) for one in changed)
    await commit_stories(store, *changed, owed=owed)
    await owe(store, "s3", opened_at=NOW + 9 * SECOND)

    assert await lease(store, limit=2) == ["s3", "s1"]
    assert await lease(store) == ["s2"]


async def test_what_falls_due_later_is_not_leased(store: SqlStore) -> None:
    await owe(store, "s1", next_attempt_at=NOW + SECOND)

    assert await lease(store) == []
    assert await lease(store, now=NOW + SECOND) == ["s1"]


async def test_a_lease_that_ran_out_is_taken_anew_at_its_place(store: SqlStore) -> None:
    await owe(store, "s1")
    assert await lease(store) == ["s1"]

    assert await lease(store, now=NOW + LEASE - SECOND) == []
    assert await lease(store, THERE, now=NOW + LEASE) == []
    (owed,) = await store.lease_deliveries(NOW + LEASE, limit=1, lease=LEASE, at=HERE)
    assert owed.delivery.unclear_since == NOW


async def test_what_is_gathered_at_a_place_comes_as_one_post(store: SqlStore) -> None:
    await owe(store, "s1", "s2", is_gathered=True)

    (owed,) = await store.lease_deliveries(NOW, limit=4, lease=LEASE, at=HERE)

    assert _told(owed) == ["s1", "s2"]


async def test_places_where_something_is_due_are_found_once_each(store: SqlStore) -> None:
    await owe(store, "s1", "s2", to=HERE)
    await owe(store, "s3", to=THERE)
    await owe(store, "s4", to=THREAD, next_attempt_at=NOW + SECOND)
    await owe(store, "s5", to=Destination(Platform.DISCORD, "1", "2"))

    assert set(await store.find_due_places(NOW, Platform.SLACK, limit=9)) == {HERE, THERE}


async def test_places_that_are_owed_news_come_before_those_that_wait_longer(
    store: SqlStore,
) -> None:
    long_ago = NOW - timedelta(hours=1)
    await owe(store, "s1", to=HERE, opened_at=long_ago, next_attempt_at=long_ago)
    await owe(store, "s2", to=THERE)

    assert await store.find_due_places(NOW, Platform.SLACK, limit=9) == (THERE, HERE)


async def test_places_that_are_seen_to_already_are_left_out(store: SqlStore) -> None:
    await owe(store, "s1", to=HERE)
    await owe(store, "s2", to=THERE)

    assert await store.find_due_places(NOW, Platform.SLACK, limit=9, but_not=[HERE.key]) == (THERE,)


async def test_a_look_at_what_fell_due_lately_leaves_out_what_did_before(store: SqlStore) -> None:
    await owe(store, "s1", to=HERE)
    await owe(store, "s2", to=THERE, next_attempt_at=NOW + SECOND)

    later = NOW + 2 * SECOND
    assert await store.find_due_places(later, Platform.SLACK, limit=9, since=NOW) == (THERE,)


async def test_a_place_whose_worker_died_is_found_when_its_lease_ran_out(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)

    assert await store.find_due_places(NOW, Platform.SLACK, limit=9) == ()
    assert await store.find_due_places(NOW + LEASE, Platform.SLACK, limit=9) == (HERE,)
    assert (
        await store.find_due_places(NOW + LEASE, Platform.SLACK, limit=9, but_not=[HERE.key]) == ()
    )


class Told:
    """A hook that writes a row for each place it is told of, in the transaction it is given."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.places: list[dict[Destination, datetime]] = []
        self.breaks = breaks

    def __call__(self, transaction: GuestTransaction, due: Mapping[Destination, datetime]) -> None:
        self.places.append(dict(due))
        for place in due:
            add = f"insert into seen_events (id, seen_at) values ('{place.key}', 1)"

            async def write(connection: Any, add: str = add) -> None:
                await connection.execute(add)

            transaction.write(methodcaller("execute", add), write)
        if self.breaks:
            raise OSError("no more after this")


async def find_written(store: SqlStore) -> list[str]:
    async with store.database.reading() as connection:
        return list(await connection.scalars(text("select id from seen_events order by id")))


async def test_what_the_hook_writes_is_committed_with_what_is_owed(database_url: str) -> None:
    told = Told()
    async with await open_store(database_url, on_owed=told) as store:
        await owe(store, "s1", "s2", to=HERE)

        assert told.places == [{HERE: NOW}]
        assert await find_written(store) == [HERE.key]


async def test_what_the_hook_writes_is_rolled_back_with_what_is_owed(database_url: str) -> None:
    told = Told(breaks=True)
    async with await open_store(database_url, on_owed=told) as store:
        with pytest.raises(OSError, match="no more after this"):
            await owe(store, "s1")

        assert told.places == [{HERE: NOW}]
        assert await find_written(store) == []
        assert await store.find_due_places(NOW, Platform.SLACK, limit=9) == ()


async def test_the_hook_is_told_of_what_a_command_makes_due(database_url: str) -> None:
    told = Told()
    async with await open_store(database_url, on_owed=told) as store:
        await store.subscribe(Subscription(HERE), now=NOW)
        later = NOW + timedelta(hours=1)

        await store.subscribe(Subscription(HERE), now=NOW, owed_at=later)

        assert told.places == [{HERE: later}]
        assert await find_written(store) == [HERE.key]


async def test_the_hook_is_told_of_an_edit_from_when_on_it_is_made(database_url: str) -> None:
    told = Told()
    async with await open_store(database_url) as store:
        await owe(store, "s1")
        await lease(store)
        await post(store, "s1")
    async with await open_store(database_url, on_owed=told) as store:
        changed = story("s1", revision=2)
        edits_at = NOW + timedelta(minutes=1)
        await commit_stories(store, changed, edits_at=edits_at)

        assert told.places == [{HERE: edits_at}]


def _told(owed: Owed) -> list[str]:
    return [owed.story.id, *(one.id for one in owed.others)]
