"""The store's contract: a channel gets another id. On both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model import (
    CONSOLE,
    FOREVER,
    DeliveryState,
    Mute,
    MuteKind,
    Subscription,
    make_delivery_id,
)
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.test_store_deliveries import SLACK, lease, lease_ids, mark_sent, owe

HOUR = timedelta(hours=1)
NEW = replace(SLACK, channel="C0NEW")
HONOR = Mute(MuteKind.COMPANY, "honor")


async def test_a_subscription_moves_with_its_mutes_and_what_is_owed(store: SqlStore) -> None:
    await store.subscribe(Subscription(SLACK), now=NOW)
    await store.change_mutes(SLACK, now=NOW, add=(HONOR,))
    await store.subscribe(Subscription(CONSOLE), now=NOW)
    await owe(store, "a", SLACK, age=HOUR)
    await owe(store, "elsewhere")

    moved = await store.move(SLACK, to=NEW)

    assert moved == Subscription(NEW, mutes=(HONOR,))
    assert await store.find_subscription_or_none(SLACK) is None
    owed = {one.delivery.destination: one.delivery.id for one in await lease(store)}
    assert owed == {
        NEW: make_delivery_id("a", NEW),
        CONSOLE: make_delivery_id("elsewhere", CONSOLE),
    }


async def test_a_story_that_moved_with_its_channel_is_not_owed_there_again(
    store: SqlStore,
) -> None:
    await store.subscribe(Subscription(SLACK), now=NOW)
    await owe(store, "a", SLACK, age=HOUR)
    await store.move(SLACK, to=NEW)

    await owe(store, "a", NEW, age=HOUR)

    assert await lease_ids(store) == ["a"]
    await mark_sent(store, "a", to=NEW)
    assert await lease_ids(store) == []


async def test_what_is_posted_or_being_posted_stays_as_it_is(store: SqlStore) -> None:
    await store.subscribe(Subscription(SLACK), now=NOW)
    await owe(store, "posted", SLACK, age=HOUR)
    await lease(store)
    await mark_sent(store, "posted", to=SLACK)
    await owe(store, "posted", SLACK, age=HOUR, revision=2)
    await owe(store, "being posted", SLACK)
    assert set(await lease_ids(store, limit=1)) | set(await lease_ids(store)) == {
        "posted",
        "being posted",
    }

    await store.move(SLACK, to=NEW)

    for story_id in ("posted", "being posted"):
        found = await store.find_delivery_or_none(make_delivery_id(story_id, SLACK))
        assert found is not None
        assert (found.state, found.destination) == (DeliveryState.GONE, SLACK)
    assert await lease_ids(store, NOW + HOUR) == []


async def test_what_was_parked_waits_there_and_comes_as_one_post(store: SqlStore) -> None:
    await store.subscribe(Subscription(SLACK), now=NOW)
    await owe(store, "a", SLACK, age=HOUR)
    await owe(store, "b", SLACK, age=HOUR)
    await store.park(SLACK, reason="the channel is gone")

    moved = await store.move(SLACK, to=NEW)

    assert moved is not None
    assert moved.parked == "the channel is gone"
    assert await lease(store, FOREVER - HOUR) == ()
    assert await store.subscribe(Subscription(NEW), now=NOW, owed_at=NOW) == 2
    (owed,) = await lease(store)
    assert [owed.story.id, *(story.id for story in owed.others)] == ["a", "b"]


async def test_a_channel_that_is_subscribed_under_both_ids_stays_so(store: SqlStore) -> None:
    for place in (SLACK, NEW):
        await store.subscribe(Subscription(place), now=NOW)

    assert await store.move(SLACK, to=NEW) is None

    assert len(await store.find_subscriptions()) == 2


async def test_a_channel_that_nobody_subscribed_is_not_moved(store: SqlStore) -> None:
    assert await store.move(SLACK, to=NEW) is None
    assert await store.find_subscriptions() == ()
