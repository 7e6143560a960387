"""The store's contract: what becomes of posts when a subscription changes. On both engines."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.model import (
    CONSOLE,
    FOREVER,
    Delivery,
    DeliveryState,
    Destination,
    Move,
    Platform,
    Posts,
    RepairOutcome,
    Story,
    Subscription,
    make_delivery_id,
)
from bot.store import SqlStore
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, as_read, commit_stories
from tests.contract.test_store_deliveries import (
    LEASE,
    MINUTE,
    SLACK,
    lease,
    lease_ids,
    mark_sent,
    owe,
)

HOUR = timedelta(hours=1)
REASON = "the channel is gone"


@pytest.fixture(autouse=True)
async def subscribed(store: SqlStore) -> None:
    await store.subscribe(Subscription(SLACK), now=NOW)


async def find(store: SqlStore, story_id: str) -> Delivery:
    found = await store.find_delivery_or_none(make_delivery_id(story_id, SLACK))
    assert found is not None
    return found


async def post(store: SqlStore, story_id: str, *, age: timedelta = HOUR) -> None:
    await owe(store, story_id, SLACK, age=age)
    assert story_id in await lease_ids(store)
    await mark_sent(store, story_id, to=SLACK)


async def retry(store: SqlStore, story_id: str, at: datetime, *, unclear: bool = False) -> None:
    delivery_id = make_delivery_id(story_id, SLACK)
    await store.mark_retry(delivery_id, next_attempt_at=at, error="refused", is_unclear=unclear)


async def resume(store: SqlStore, at: datetime) -> int:
    return await store.subscribe(Subscription(SLACK), now=at, owed_at=at)


# Another time


async def test_what_is_owed_is_moved_to_another_time_and_gathered_there(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await owe(store, "b", SLACK, next_attempt_at=NOW + MINUTE)
    await owe(store, "elsewhere")

    moved = await store.subscribe(Subscription(SLACK), now=NOW, owed_at=NOW + HOUR)

    assert moved == 2
    assert await lease_ids(store, NOW + 59 * MINUTE) == ["elsewhere"]
    (owed,) = await lease(store, NOW + HOUR)
    assert (owed.story.id, [story.id for story in owed.others]) == ("a", ["b"])


async def test_an_edit_keeps_its_time(store: SqlStore) -> None:
    await post(store, "a")
    await owe(store, "a", SLACK, age=HOUR, revision=2)

    assert await store.subscribe(Subscription(SLACK), now=NOW, owed_at=FOREVER) == 0

    assert await lease_ids(store) == ["a"]


async def test_what_is_being_sent_moves_only_if_it_fails(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)
    assert await store.subscribe(Subscription(SLACK), now=NOW, owed_at=NOW + HOUR) == 0

    await retry(store, "a", NOW + MINUTE)

    assert await lease(store, NOW + 59 * MINUTE) == ()
    assert await lease_ids(store, NOW + HOUR) == ["a"]
    await mark_sent(store, "a", to=SLACK)
    assert (await find(store, "a")).state is DeliveryState.SENT


async def test_a_new_revision_does_not_take_back_what_people_put_off(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await store.subscribe(Subscription(SLACK), now=NOW, owed_at=NOW + HOUR)

    await owe(store, "a", SLACK, age=HOUR, revision=2, next_attempt_at=NOW + MINUTE)

    standing = await find(store, "a")
    assert (standing.revision, standing.is_gathered) == (2, True)
    assert standing.next_attempt_at == NOW + HOUR


# Parking


async def test_what_is_owed_where_nothing_arrives_waits_for_a_person(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await owe(store, "b", SLACK)
    await lease(store)

    await store.park(SLACK, reason=REASON)
    await retry(store, "a", NOW + MINUTE)  # whichever comes first

    assert await lease(store, NOW + 900 * HOUR) == ()
    assert await store.next_attempt_at() is None
    assert (await find(store, "b")).error == REASON
    assert await resume(store, NOW + HOUR) == 2
    (owed,) = await lease(store, NOW + HOUR)
    assert (owed.story.id, [story.id for story in owed.others]) == ("a", ["b"])
    assert owed.delivery.attempts == 0


async def test_parking_after_the_attempt_was_noted_is_the_same(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)

    await retry(store, "a", NOW + MINUTE)
    await store.park(SLACK, reason=REASON)

    standing = await find(store, "a")
    assert (standing.state, standing.next_attempt_at) == (DeliveryState.OWED, FOREVER)
    assert standing.is_gathered


async def test_what_a_poll_owed_before_it_knew_is_put_off_by_the_next_call(
    store: SqlStore,
) -> None:
    await store.park(SLACK, reason=REASON)
    await owe(store, "late", SLACK)
    await lease(store)

    assert await store.park(SLACK, reason=REASON) is None
    await retry(store, "late", NOW + MINUTE)

    assert (await find(store, "late")).next_attempt_at == FOREVER


async def test_a_lease_that_runs_out_where_nothing_arrives_is_not_given_again(
    store: SqlStore,
) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)
    await store.park(SLACK, reason=REASON)

    assert await lease(store, NOW + LEASE) == ()
    assert (await find(store, "a")).state is DeliveryState.OWED


@pytest.mark.parametrize("is_parked_first", [True, False])
async def test_edits_where_nothing_arrives_are_settled(
    store: SqlStore, is_parked_first: bool
) -> None:
    for story_id in ("a", "b"):
        await post(store, story_id)
    await owe(store, "a", SLACK, age=HOUR, revision=2)
    await lease(store)
    await owe(store, "b", SLACK, age=HOUR, revision=2)
    if is_parked_first:
        await store.park(SLACK, reason=REASON)
        await retry(store, "a", NOW + MINUTE)
    else:
        await retry(store, "a", NOW + MINUTE)
        await store.park(SLACK, reason=REASON)

    assert await store.next_attempt_at() is None
    await owe(store, "b", SLACK, age=HOUR, revision=3)
    assert await store.next_attempt_at() is None

    await resume(store, NOW + HOUR)  # and they are made once something arrives

    edits = await lease(store, NOW + HOUR)
    assert {(owed.story.id, owed.delivery.revision) for owed in edits} == {("a", 2), ("b", 3)}


async def test_edits_elsewhere_go_on_where_one_place_takes_nothing(store: SqlStore) -> None:
    other = Destination(Platform.SLACK, "T1", "C2")
    await store.subscribe(Subscription(other), now=NOW)
    await owe(store, "a", SLACK, other, age=HOUR)
    await lease(store)
    for place in (SLACK, other):
        await mark_sent(store, "a", to=place)
    await store.park(SLACK, reason=REASON)

    await owe(store, "a", SLACK, other, age=HOUR, revision=2)

    assert [owed.delivery.destination for owed in await lease(store)] == [other]


async def test_edits_whose_lease_ran_out_where_nothing_arrives_are_settled(
    store: SqlStore,
) -> None:
    await post(store, "a")
    await owe(store, "a", SLACK, age=HOUR, revision=2)
    await lease(store)
    await store.park(SLACK, reason=REASON)

    assert await lease(store, NOW + LEASE) == ()
    assert (await find(store, "a")).state is DeliveryState.SENT


async def test_a_post_that_arrives_after_all_is_sent(store: SqlStore) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)
    await store.park(SLACK, reason=REASON)

    await mark_sent(store, "a", to=SLACK)

    assert (await find(store, "a")).state is DeliveryState.SENT


async def test_without_a_subscription_what_is_owed_is_given_up(store: SqlStore) -> None:
    await post(store, "old")
    await owe(store, "old", SLACK, age=HOUR, revision=2)
    await owe(store, "new", SLACK)
    await owe(store, "newer", SLACK, age=-MINUTE)
    await owe(store, "elsewhere")
    leased = {owed.story.id for owed in await lease(store)}
    assert leased == {"old", "new", "elsewhere"}
    # As where a poll read the subscription before it was forgotten, and wrote after.
    async with store.database.writing() as connection:
        await connection.exec_driver_sql("DELETE FROM subscriptions")

    assert await store.park(SLACK, reason=REASON) is None
    await retry(store, "new", NOW)
    await retry(store, "old", NOW)

    states = {story_id: (await find(store, story_id)).state for story_id in ("old", "new", "newer")}
    assert states == {
        "old": DeliveryState.GONE,
        "new": DeliveryState.FAILED,
        "newer": DeliveryState.FAILED,
    }
    assert await store.next_attempt_at() == NOW + LEASE  # what is being sent elsewhere


async def test_who_mutes_or_changes_settings_meanwhile_strands_nothing(store: SqlStore) -> None:
    (read,) = await store.find_subscriptions()
    await owe(store, "a", SLACK)
    await store.park(SLACK, reason=REASON)

    await store.subscribe(read, now=NOW)

    (standing,) = await store.find_subscriptions()
    assert standing.parked == REASON
    assert await resume(store, NOW + HOUR) == 1


# Leaving


async def test_a_poll_that_asked_before_people_left_owes_them_nothing(store: SqlStore) -> None:
    await store.unsubscribe(SLACK)
    await store.subscribe(Subscription(CONSOLE), now=NOW)

    owed = (delivery("a", SLACK), delivery("a"))
    await commit_stories(store, story("a"), owed=owed, to_strangers=True)

    assert await store.find_delivery_or_none(make_delivery_id("a", SLACK)) is None
    assert await store.find_delivery_or_none(make_delivery_id("a", CONSOLE)) is not None


async def test_a_repair_that_asked_before_people_left_owes_them_nothing(store: SqlStore) -> None:
    await post(store, "a")
    await store.unsubscribe(SLACK)
    grown, new = await as_read(store, story("a", revision=2), story("b"))

    told = await store.commit_repair(
        RepairOutcome(NOW, Move((), "", "", ""), (grown, new), (delivery("b", SLACK),))
    )

    assert told == {"a": Posts(), "b": Posts()}
    assert await store.next_attempt_at() is None


async def test_who_leaves_while_a_poll_commits_is_owed_nothing(store: SqlStore) -> None:
    many = [story(f"s{number}") for number in range(20)]

    async def poll(some: Story) -> None:
        await commit_stories(store, some, owed=(delivery(some.id, SLACK),), to_strangers=True)

    await add_feed(store)
    await asyncio.gather(*map(poll, many[:10]), store.unsubscribe(SLACK), *map(poll, many[10:]))

    assert await store.next_attempt_at() is None


async def test_what_is_owed_is_dropped_where_nobody_wants_it_any_more(store: SqlStore) -> None:
    await post(store, "old")
    await owe(store, "new", SLACK)
    await owe(store, "elsewhere")

    assert await store.unsubscribe(SLACK) is True

    assert await store.find_delivery_or_none(make_delivery_id("new", SLACK)) is None
    assert (await find(store, "old")).state is DeliveryState.GONE
    assert await lease_ids(store) == ["elsewhere"]


async def test_posts_are_not_edited_after_people_left(store: SqlStore) -> None:
    await post(store, "old")
    await post(store, "edited")
    await owe(store, "edited", SLACK, age=HOUR, revision=2)

    await store.unsubscribe(SLACK)
    await owe(store, "old", SLACK, age=HOUR, revision=2)

    assert await store.next_attempt_at() is None


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_what_is_being_sent_when_people_leave_is_neither_repeated_nor_edited(
    store: SqlStore, has_arrived: bool
) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)
    await owe(store, "a", SLACK, age=HOUR, revision=2)

    await store.unsubscribe(SLACK)
    if has_arrived:
        await mark_sent(store, "a", to=SLACK)
    else:
        await retry(store, "a", NOW, unclear=True)
        await store.mark_failed(make_delivery_id("a", SLACK), error="refused", is_unclear=False)

    standing = await find(store, "a")
    assert (standing.state, standing.message_ref) == (
        DeliveryState.GONE,
        "m1" if has_arrived else "",
    )
    await owe(store, "a", SLACK, age=HOUR, revision=3)
    assert await lease(store, NOW + LEASE) == ()


async def test_what_may_be_there_is_not_posted_again_after_people_came_back(
    store: SqlStore,
) -> None:
    await owe(store, "a", SLACK, age=HOUR)
    await lease(store)
    await retry(store, "a", NOW, unclear=True)

    await store.unsubscribe(SLACK)
    await store.subscribe(Subscription(SLACK), now=NOW)
    await owe(store, "a", SLACK, age=HOUR, revision=2)

    assert await lease(store, NOW + LEASE) == ()


async def test_what_was_dropped_is_owed_anew_where_people_came_back_and_it_grew(
    store: SqlStore,
) -> None:
    await owe(store, "a", SLACK, age=HOUR)

    await store.unsubscribe(SLACK)
    await store.subscribe(Subscription(SLACK), now=NOW)
    await owe(store, "a", SLACK, age=HOUR, revision=2)

    assert await lease_ids(store) == ["a"]
