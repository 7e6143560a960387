"""The store's contract: deliveries. Every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import (
    CONSOLE,
    Delivery,
    DeliveryState,
    Destination,
    Owed,
    Platform,
    make_delivery_id,
)
from bot.ports import Store
from bot.store import SqlStore, open_store
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories, written

SLACK = Destination(Platform.SLACK, "T1", "C1")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LEASE = 5 * MINUTE


@pytest.fixture
async def other_worker(store: SqlStore, database_url: str) -> AsyncIterator[SqlStore]:
    """A second store on the same database."""
    async with await open_store(database_url) as opened:
        yield opened


async def owe(store: Store, story_id: str, *to: Destination, **changes: Any) -> None:
    """Open a story, ``age`` ago, or move it on to ``revision``; owe it to ``to``."""
    age = changes.pop("age", timedelta(0))
    edits_at = changes.pop("edits_at", None)
    revision, tie = changes.get("revision", 1), changes.pop("tie", None)
    opened = story(story_id, opened_at=NOW - age, revision=revision, updated_at=NOW, tie=tie)
    owed = tuple(delivery(story_id, where, **changes) for where in to or (CONSOLE,))
    await commit_stories(store, opened, owed=owed, edits_at=edits_at)


async def lease(store: Store, at: datetime = NOW, limit: int = 9) -> tuple[Owed, ...]:
    return await store.lease_deliveries(at, limit=limit, lease=LEASE)


async def lease_ids(store: Store, at: datetime = NOW, limit: int = 9) -> list[str]:
    return [owed.story.id for owed in await lease(store, at, limit)]


async def mark_sent(
    store: Store,
    story_id: str,
    revision: int = 1,
    *,
    to: Destination = CONSOLE,
    edits_at: datetime = NOW,
) -> None:
    """It is posted, as message m1."""
    delivery_id = make_delivery_id(story_id, to)
    await store.mark_sent(delivery_id, revision=revision, message_ref="m1", edits_at=edits_at)


async def test_a_leased_delivery_comes_with_its_story(store: SqlStore) -> None:
    opened = story(revision=2)
    await commit_stories(store, opened, owed=(delivery(revision=2),))

    (owed,) = await lease(store)

    leased = delivery(revision=2, state=DeliveryState.SENDING, opened_at=opened.opened_at)
    assert owed == Owed(leased, written(opened), reply_to="", leased_until=NOW + LEASE)
    assert await lease(store) == ()


async def test_nothing_is_leased_before_its_time(store: SqlStore) -> None:
    await owe(store, "s1", next_attempt_at=NOW + MINUTE)

    assert await lease(store) == ()
    assert await store.next_attempt_at() == NOW + MINUTE
    assert await lease_ids(store, NOW + MINUTE) == ["s1"]


async def test_a_sent_delivery_is_not_owed_any_more(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await mark_sent(store, "s1")

    assert await lease(store, NOW + LEASE * 2) == ()
    assert await store.next_attempt_at() is None
    assert (await store.load_counts(NOW)).deliveries[DeliveryState.SENT] == 1


async def test_a_new_revision_is_owed_as_an_edit_of_the_post(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await mark_sent(store, "s1")

    await owe(store, "s1", revision=2, next_attempt_at=NOW + MINUTE)

    (owed,) = await lease(store, NOW + MINUTE)
    told = owed.delivery
    assert (told.revision, told.sent_revision, told.message_ref) == (2, 1, "m1")
    assert (told.attempts, owed.story.revision) == (0, 2)


async def test_a_revision_that_is_known_is_not_owed_again(store: SqlStore) -> None:
    await owe(store, "s1", revision=2)
    await lease(store)
    await mark_sent(store, "s1", revision=2)

    await owe(store, "s1", revision=2)
    await owe(store, "s1", revision=1)

    assert await lease(store) == ()


async def test_a_story_that_moves_on_while_it_is_sent_is_owed_again(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await owe(store, "s1", revision=2)
    assert await lease(store) == ()  # it is in somebody's hands

    await mark_sent(store, "s1", revision=1)

    (owed,) = await lease(store)
    assert (owed.delivery.revision, owed.delivery.sent_revision) == (2, 1)
    await mark_sent(store, "s1", revision=2)
    assert await lease(store) == ()


async def test_a_failed_attempt_is_repeated_at_its_time(store: SqlStore) -> None:
    await owe(store, "s1")
    (first,) = await lease(store)
    again_at = NOW + 10 * MINUTE
    await store.mark_retry(
        first.delivery.id, next_attempt_at=again_at, error="429, in 600 s", is_unclear=False
    )

    assert await lease(store, again_at - MINUTE) == ()
    assert await store.next_attempt_at() == again_at
    (second,) = await lease(store, again_at)
    assert (second.delivery.attempts, second.delivery.error) == (1, "429, in 600 s")

    await mark_sent(store, "s1")
    await owe(store, "s1", revision=2)
    (edit,) = await lease(store)
    assert (edit.delivery.attempts, edit.delivery.error) == (0, "")


async def test_a_new_revision_does_not_cut_short_a_wait_the_platform_asked_for(
    store: SqlStore,
) -> None:
    await owe(store, "s1")
    (first,) = await lease(store)
    await store.mark_retry(
        first.delivery.id, next_attempt_at=NOW + 10 * MINUTE, error="429", is_unclear=False
    )

    await owe(store, "s1", revision=2, next_attempt_at=NOW + MINUTE)

    assert await lease(store, NOW + 9 * MINUTE) == ()
    (owed,) = await lease(store, NOW + 10 * MINUTE)
    assert (owed.delivery.revision, owed.delivery.attempts) == (2, 0)


async def test_a_delivery_given_up_waits_for_another_revision(store: SqlStore) -> None:
    await owe(store, "s1")
    (first,) = await lease(store)
    await store.mark_failed(first.delivery.id, error="the channel is gone", is_unclear=False)
    assert await lease(store, NOW + LEASE * 9) == ()
    assert await store.next_attempt_at() is None
    assert (await store.load_counts(NOW)).deliveries[DeliveryState.FAILED] == 1

    await owe(store, "s1", revision=2)

    (owed,) = await lease(store)
    assert (owed.delivery.attempts, owed.delivery.error) == (0, "the channel is gone")


async def test_a_lease_that_ran_out_is_given_again(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)

    assert await store.next_attempt_at() == NOW + LEASE
    assert await lease(store, NOW + LEASE - timedelta(microseconds=1)) == ()
    assert await lease_ids(store, NOW + LEASE) == ["s1"]


async def test_a_late_failure_changes_nothing_that_is_settled(store: SqlStore) -> None:
    await owe(store, "s1")
    (owed,) = await lease(store)
    await mark_sent(store, "s1")

    await store.mark_retry(
        owed.delivery.id, next_attempt_at=NOW, error="timed out", is_unclear=False
    )
    await store.mark_failed(owed.delivery.id, error="timed out", is_unclear=False)

    assert (await store.load_counts(NOW)).deliveries[DeliveryState.SENT] == 1


async def test_a_late_mark_takes_back_no_newer_one(store: SqlStore) -> None:
    await owe(store, "s1", revision=2)
    await lease(store)
    await mark_sent(store, "s1", revision=2)

    await mark_sent(store, "s1", revision=1)

    assert await lease(store) == ()


async def test_released_leases_are_owed_at_once(store: SqlStore) -> None:
    await owe(store, "s1", CONSOLE, SLACK)
    await lease(store, limit=1)

    assert await store.release_leases() == 1
    assert await store.release_leases() == 0
    assert await store.next_attempt_at() == NOW
    assert await lease_ids(store) == ["s1", "s1"]


async def test_a_destination_gets_its_posts_in_the_order_of_their_stories(store: SqlStore) -> None:
    await owe(store, "new", age=MINUTE)
    await owe(store, "b", age=2 * MINUTE)
    await owe(store, "a", age=2 * MINUTE)
    order = []

    while leased := await lease(store):
        (owed,) = leased  # one at a time
        assert await lease(store) == ()
        await mark_sent(store, owed.story.id)
        order.append(owed.story.id)

    assert order == ["a", "b", "new"]


async def test_destinations_do_not_wait_for_each_other(store: SqlStore) -> None:
    await owe(store, "old", CONSOLE, SLACK, age=MINUTE)
    await owe(store, "new", CONSOLE, SLACK)

    leased = await lease(store)

    assert {(o.story.id, o.delivery.destination) for o in leased} == {
        ("old", CONSOLE),
        ("old", SLACK),
    }


async def test_the_oldest_come_first_up_to_the_limit(store: SqlStore) -> None:
    places = [Destination(Platform.SLACK, "T1", f"C{number}") for number in range(4)]
    for age, place in enumerate(places):
        await owe(store, f"s{age}", place, age=(age + 1) * HOUR)

    assert await lease_ids(store, limit=3) == ["s3", "s2", "s1"]
    assert await lease_ids(store, limit=3) == ["s0"]


async def test_a_post_that_waits_for_its_next_attempt_lets_younger_ones_pass(
    store: SqlStore,
) -> None:
    await owe(store, "old", age=MINUTE)
    await owe(store, "new")
    (old,) = await lease(store)
    await store.mark_retry(
        old.delivery.id, next_attempt_at=NOW + MINUTE, error="429", is_unclear=False
    )

    assert await lease_ids(store) == ["new"]
    assert await lease_ids(store, NOW + MINUTE) == ["old"]  # it may pass as well


async def test_a_post_that_is_tried_again_in_a_moment_keeps_its_place(store: SqlStore) -> None:
    await owe(store, "old", age=MINUTE)
    await owe(store, "new")
    again_at = NOW + timedelta(seconds=32)
    (old,) = await lease(store)
    await store.mark_retry(old.delivery.id, next_attempt_at=again_at, error="503", is_unclear=True)

    assert await lease_ids(store) == []
    assert await lease_ids(store, again_at) == ["old"]


async def test_a_post_that_fails_on_and_on_silences_no_channel(store: SqlStore) -> None:
    await owe(store, "old", age=MINUTE)
    await owe(store, "new")
    passed: dict[int, list[str]] = {}
    now = NOW
    for failures in range(1, 7):
        (old,) = await lease(store, now)
        again_at = now + timedelta(seconds=2**failures)
        await store.mark_retry(
            old.delivery.id, next_attempt_at=again_at, error="503", is_unclear=True
        )
        passed[failures] = await lease_ids(store, now)
        now = again_at

    assert passed == {1: [], 2: [], 3: [], 4: [], 5: [], 6: ["new"]}


async def test_a_lease_that_ran_out_goes_before_younger_posts(store: SqlStore) -> None:
    await owe(store, "old", age=MINUTE)
    await owe(store, "new")
    await lease(store)

    assert await lease_ids(store, NOW + LEASE) == ["old"]


async def test_an_edit_waits_for_no_post_and_no_post_for_it(store: SqlStore) -> None:
    for story_id in ("old", "middle"):
        await owe(store, story_id, age=MINUTE)
        await lease(store)
        await mark_sent(store, story_id)
    await owe(store, "new")
    await owe(store, "newer", age=-MINUTE)
    for story_id in ("old", "middle"):
        await owe(store, story_id, age=MINUTE, revision=2)

    assert await lease_ids(store) == ["middle", "old", "new"]


async def test_two_workers_never_hold_the_same_delivery(
    store: SqlStore, other_worker: SqlStore
) -> None:
    places = [Destination(Platform.SLACK, "T1", f"C{number}") for number in range(40)]
    for story_id in ("s1", "s2"):
        await owe(store, story_id, *places)

    async def work(worker: SqlStore) -> list[Delivery]:
        taken = []
        while owed := await lease(worker, limit=3):
            taken += [leased.delivery for leased in owed]
        return taken

    taken = await asyncio.gather(*(work(worker) for worker in (store, other_worker) * 4))

    counted = Counter(leased.id for some in taken for leased in some)
    assert set(counted) == {make_delivery_id("s1", place) for place in places}
    assert set(counted.values()) == {1}


async def test_workers_together_keep_the_order_of_a_destination(
    store: SqlStore, other_worker: SqlStore
) -> None:
    for number in range(12):
        await owe(store, f"s{number:02}", age=-number * MINUTE)
    order: list[str] = []

    async def work(worker: SqlStore) -> None:
        while len(order) < 12:
            for owed in await lease(worker):
                order.append(owed.story.id)
                await asyncio.sleep(0)
                await mark_sent(worker, owed.story.id)

    await asyncio.gather(*(work(worker) for worker in (store, other_worker) * 2))

    assert order == [f"s{number:02}" for number in range(12)]
