"""The store's contract: a story that somebody else wrote meanwhile. On both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StoriesMoved
from bot.model import CONSOLE, DeliveryState, Subscription, Validators
from bot.store import SqlStore, open_store
from tests.builders import NOW, delivery, story
from tests.contract.polls import (
    add_feed,
    as_read,
    commit_stories,
    edited,
    find_known,
    new_entry,
    outcome,
    reports,
    written,
)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def subscribed(store: SqlStore) -> None:
    await store.subscribe(Subscription(CONSOLE), now=NOW)


@pytest.fixture
async def other(store: SqlStore, database_url: str) -> AsyncIterator[SqlStore]:
    """A second store on the same database."""
    async with await open_store(database_url) as opened:
        yield opened


async def test_a_story_that_was_written_meanwhile_leaves_nothing_of_the_outcome(
    store: SqlStore, other: SqlStore
) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Old", story_id="s1"), stories=(story("s1"),)))
    (old,) = await find_known(store, feed, "Old")
    (read,) = await as_read(store, story("s1"))
    theirs = story("s1", headline="Theirs", revision=2, updated_at=NOW + HOUR)
    await commit_stories(other, theirs)
    before = await store.find_feeds(), await store.load_counts(NOW)

    ours = outcome(
        replace(feed, validators=Validators("etag"), first_poll_done=True),
        new_entry("One", story_id="s2"),
        new_entry("Two"),
        edited=(edited(old, "Old, corrected"),),
        listed=(old.id,),
        at=NOW + HOUR,
        stories=(story("s0"), replace(read, headline="Ours", revision=2), story("s2")),
        deliveries=(delivery("s0"), delivery("s1", revision=2), delivery("s2")),
    )
    with pytest.raises(StoriesMoved, match="story s1 was written since it was read"):
        await store.commit_poll(ours)

    assert (await store.find_feeds(), await store.load_counts(NOW)) == before
    assert await store.find_stories_by_id(["s0", "s1", "s2"]) == (written(theirs, times=2),)
    assert await find_known(store, feed, "Old", "One", "Two", "Old, corrected") == [old]


async def test_what_was_read_anew_can_be_written(store: SqlStore, other: SqlStore) -> None:
    await commit_stories(store, story("s1"))
    await commit_stories(other, story("s1", coverage=reports("A", "B"), revision=2))
    (theirs,) = await store.find_stories_by_id(["s1"])

    ours = replace(theirs, coverage=reports("A", "B", "C"), revision=3)
    await store.commit_poll(outcome(await add_feed(store), stories=(ours,)))

    assert await store.find_stories_by_id(["s1"]) == (written(ours, times=3),)


@pytest.mark.parametrize("version", [0, 2])
async def test_a_story_of_another_version_is_refused(store: SqlStore, version: int) -> None:
    feed = await add_feed(store)
    await commit_stories(store, story("s1"))

    with pytest.raises(StoriesMoved):
        await store.commit_poll(outcome(feed, stories=(story("s1", revision=2, version=version),)))


async def test_a_story_that_is_gone_is_refused(store: SqlStore) -> None:
    feed = await add_feed(store)

    with pytest.raises(StoriesMoved):
        await store.commit_poll(outcome(feed, stories=(story("s1", version=1),)))

    assert (await store.load_counts(NOW)).stories == 0


async def test_a_changed_story_twice_is_as_good_as_once(store: SqlStore) -> None:
    await commit_stories(store, story("s1"), story("s2"), owed=(delivery("s1"),))
    feed = await add_feed(store)
    changed = await as_read(
        store,
        story("s1", revision=2, updated_at=NOW + HOUR, coverage=reports("A", "B")),
        story("s2", updated_at=NOW + HOUR),
    )
    twice = outcome(
        feed,
        new_entry("One", story_id="s1"),
        stories=(*changed, story("s3")),
        deliveries=(delivery("s1", revision=2), delivery("s3")),
    )

    await store.commit_poll(twice)
    once = await store.find_stories_by_id(["s1", "s2", "s3"]), await store.load_counts(NOW)
    await store.commit_poll(twice)

    again = await store.find_stories_by_id(["s1", "s2", "s3"]), await store.load_counts(NOW)
    assert again == once
    assert {one.id: one.version for one in once[0]} == {"s1": 2, "s2": 2, "s3": 1}


async def test_nothing_is_lost_where_many_write_one_story_at_once(
    store: SqlStore, other: SqlStore
) -> None:
    await commit_stories(store, story("s1", coverage=()), owed=(delivery("s1"),))
    feeds = [await add_feed(store, f"https://{n}.example/rss") for n in range(6)]

    async def join(writer: SqlStore, number: int) -> int:
        """Add one outlet to the story as it stands; how often that took another attempt."""
        for again in range(99):
            (read,) = await writer.find_stories_by_id(["s1"])
            told = (*read.coverage, *reports(f"Outlet {number}"))
            at = NOW + timedelta(seconds=number)
            joined = replace(read, coverage=told, revision=read.revision + 1, updated_at=at)
            owed = delivery("s1", revision=joined.revision)
            new = new_entry(f"Report {number}", story_id="s1")
            try:
                await writer.commit_poll(
                    outcome(feeds[number], new, stories=(joined,), deliveries=(owed,))
                )
            except StoriesMoved:
                continue
            return again
        raise AssertionError("never its turn")

    again = await asyncio.gather(*(join((store, other)[n % 2], n) for n in range(6)))

    (found,) = await store.find_stories_by_id(["s1"])
    assert sorted(told.outlet for told in found.coverage) == [f"Outlet {n}" for n in range(6)]
    assert (found.revision, found.version) == (7, 7)
    assert sum(again) >= 1  # all read before the first had written
    assert len(await store.find_entries_of("s1", limit=9)) == 6
    ((owed,), counts) = (
        await store.lease_deliveries(NOW, limit=9, lease=HOUR),
        await store.load_counts(NOW),
    )
    assert (owed.delivery.revision, counts.deliveries[DeliveryState.SENDING]) == (7, 1)
