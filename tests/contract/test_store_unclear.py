"""The store's contract: what may be there already, what comes first, what is gone. Both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import (
    CONSOLE,
    Delivery,
    DeliveryState,
    Destination,
    Move,
    Owed,
    Platform,
    Posts,
    RepairOutcome,
    Subscription,
    make_delivery_id,
)
from bot.store import SqlStore
from tests.builders import NOW, delivery, story
from tests.contract.polls import as_read, commit_stories
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
ID = make_delivery_id("s1", CONSOLE)


async def find(store: SqlStore, delivery_id: str = ID) -> Delivery:
    found = await store.find_delivery_or_none(delivery_id)
    assert found is not None
    return found


async def leased_since(store: SqlStore, at: datetime) -> datetime | None:
    (owed,) = await lease(store, at)
    return owed.delivery.unclear_since


async def retry(store: SqlStore, at: datetime, *, unclear: bool) -> None:
    await store.mark_retry(ID, next_attempt_at=at, error="503", is_unclear=unclear)


async def test_a_delivery_is_found_as_it_stands(store: SqlStore) -> None:
    told = delivery(ping="R1", is_gathered=True, opens_thread=True)
    await commit_stories(store, story(), owed=(told,))

    assert await find(store) == replace(told, opened_at=story().opened_at)
    assert await store.find_delivery_or_none("other") is None


async def test_who_sends_first_is_told_of_no_earlier_call_and_who_repeats_it_is(
    store: SqlStore,
) -> None:
    await owe(store, "s1")

    assert await leased_since(store, NOW) is None
    assert (await find(store)).unclear_since == NOW
    assert await leased_since(store, NOW + LEASE) == NOW
    await store.release_leases()
    assert await leased_since(store, NOW + 2 * LEASE) == NOW


@pytest.mark.parametrize("gives_up", [True, False])
async def test_a_late_failure_leaves_alone_what_others_have_taken_since(
    store: SqlStore, gives_up: bool
) -> None:
    await owe(store, "s1")
    (mine,) = await lease(store)
    (theirs,) = await lease(store, NOW + LEASE)

    async def fail(owed: Owed) -> None:
        told: dict[str, Any] = {
            "error": "503",
            "is_unclear": True,
            "leased_until": owed.leased_until,
        }
        if gives_up:
            await store.mark_failed(ID, **told)
        else:
            await store.mark_retry(ID, next_attempt_at=NOW, **told)

    await fail(mine)
    standing = await find(store)
    assert (standing.state, standing.attempts) == (DeliveryState.SENDING, 0)

    await fail(theirs)
    expected = DeliveryState.FAILED if gives_up else DeliveryState.OWED
    assert (await find(store)).state is expected


@pytest.mark.parametrize("unclear", [True, False])
async def test_what_was_given_up_is_looked_for_where_it_may_be_there(
    store: SqlStore, unclear: bool
) -> None:
    await owe(store, "s1")
    await lease(store)
    await store.mark_failed(ID, error="503", is_unclear=unclear)

    await owe(store, "s1", revision=2)

    assert await leased_since(store, NOW + MINUTE) == (NOW if unclear else None)


async def test_a_call_that_certainly_made_no_post_leaves_nothing_to_look_for(
    store: SqlStore,
) -> None:
    await owe(store, "s1")
    await lease(store)
    await retry(store, NOW + MINUTE, unclear=False)

    assert await leased_since(store, NOW + MINUTE) is None


@pytest.mark.parametrize("crashed", [True, False])
async def test_a_certain_failure_does_not_settle_an_earlier_unclear_call(
    store: SqlStore, crashed: bool
) -> None:
    await owe(store, "s1")
    await lease(store)
    if crashed:
        await store.release_leases()
    else:
        await retry(store, NOW, unclear=True)
    await lease(store)  # within the same microsecond
    await retry(store, NOW + MINUTE, unclear=False)

    assert await leased_since(store, NOW + MINUTE) == NOW


@pytest.mark.parametrize(("unclear", "expected"), [(True, ""), (False, "R1")])
async def test_whom_a_post_calls_is_settled_once_it_may_be_there(
    store: SqlStore, unclear: bool, expected: str
) -> None:
    await owe(store, "s1")
    await lease(store)
    await retry(store, NOW + MINUTE, unclear=unclear)

    again = delivery(revision=2, ping="R1", next_attempt_at=NOW)
    await commit_stories(store, story(revision=2), owed=(again,))

    found = await find(store)
    assert (found.revision, found.ping) == (2, expected)


async def test_a_post_that_is_there_is_looked_for_no_more(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await retry(store, NOW, unclear=True)
    await lease(store)
    await mark_sent(store, "s1")
    assert (await find(store)).unclear_since is None

    await owe(store, "s1", revision=2)

    assert await leased_since(store, NOW) is None
    assert (await find(store)).unclear_since is None  # an edit may be repeated


async def test_others_wait_while_their_platform_is_not_connected(store: SqlStore) -> None:
    discord = Destination(Platform.DISCORD, "G1", "C1")
    await owe(store, "s1", CONSOLE, SLACK, discord)

    async def take(*platforms: Platform) -> set[Destination]:
        leased = await store.lease_deliveries(NOW, limit=9, lease=LEASE, platforms=platforms)
        return {owed.delivery.destination for owed in leased}

    assert await take() == set()
    assert await take(Platform.DISCORD) == {discord}
    assert await take(Platform.SLACK, Platform.CONSOLE) == {SLACK, CONSOLE}


# Fresh before backlog


def channel(number: int) -> Destination:
    return Destination(Platform.DISCORD, "G1", f"C{number}")


async def test_news_overtakes_what_other_destinations_are_owed(store: SqlStore) -> None:
    for number in range(5):
        await owe(store, f"old{number}", channel(number), age=(9 - number) * HOUR)
    await owe(store, "fresh", channel(9), age=119 * MINUTE / 60)
    await owe(store, "not so fresh", channel(8), age=2 * MINUTE)

    assert await lease_ids(store, limit=3) == ["fresh", "old0", "old1"]
    assert await lease_ids(store) == ["old2", "old3", "old4", "not so fresh"]


async def test_news_waits_for_what_is_older_in_its_own_destination(store: SqlStore) -> None:
    await owe(store, "waits longest", SLACK, age=9 * HOUR)
    await owe(store, "old", channel(1), age=HOUR)
    await owe(store, "fresh", channel(1))
    order = []

    while leased := await lease(store, limit=1):
        order += [owed.story.id for owed in leased]
        for owed in leased:
            await mark_sent(store, owed.story.id, to=owed.delivery.destination)

    assert order == ["old", "fresh", "waits longest"]


async def test_those_that_wait_longest_come_first(store: SqlStore) -> None:
    times = {"a": NOW, "b": NOW - HOUR, "c": NOW - 2 * HOUR}
    for number, (story_id, at) in enumerate(times.items()):
        await owe(store, story_id, channel(number), age=3 * HOUR, next_attempt_at=at)

    assert await lease_ids(store) == ["c", "b", "a"]


async def test_an_edit_of_news_does_not_overtake(store: SqlStore) -> None:
    await owe(store, "fresh", channel(1))
    await lease(store)
    await mark_sent(store, "fresh", to=channel(1))
    await owe(store, "old", channel(2), age=HOUR, next_attempt_at=NOW - MINUTE)
    await owe(store, "fresh", channel(1), revision=2)

    assert await lease_ids(store, limit=1) == ["old"]


# Gone


async def test_a_post_that_people_deleted_is_owed_no_more(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await mark_sent(store, "s1")
    await owe(store, "s1", revision=2)
    await lease(store)

    await store.mark_gone(ID, error="the message was deleted")
    await owe(store, "s1", revision=3)

    standing = await find(store)
    assert (standing.state, standing.error) == (DeliveryState.GONE, "the message was deleted")
    assert await lease(store, NOW + LEASE) == ()
    assert (await store.load_counts(NOW)).deliveries[DeliveryState.GONE] == 1


async def test_a_late_mark_brings_back_nothing_that_is_gone(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await store.mark_gone(ID, error="deleted")

    await retry(store, NOW, unclear=True)
    await store.mark_failed(ID, error="refused", is_unclear=False)
    await mark_sent(store, "s1")

    assert (await find(store)).state is DeliveryState.GONE


async def test_a_repair_brings_back_nothing_that_is_gone(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await store.mark_gone(ID, error="deleted")
    (read,) = await as_read(store, story(revision=2))

    told = await store.commit_repair(
        RepairOutcome(NOW, Move((), "", "", ""), (read,), (delivery(revision=2),))
    )

    assert told == {"s1": Posts()}
    assert (await find(store)).state is DeliveryState.GONE
    assert await store.find_destinations(["s1"]) == frozenset()


# Posts follow their stories


async def grow(store: SqlStore, revision: int = 2, *, edits_at: datetime | None = None) -> None:
    """The story changes, and nobody wants it any more."""
    await commit_stories(store, story(revision=revision), edits_at=edits_at)


async def test_a_post_follows_its_story_whatever_is_wanted_by_now(store: SqlStore) -> None:
    await owe(store, "s1", CONSOLE, SLACK)
    await lease(store)
    await mark_sent(store, "s1")
    await mark_sent(store, "s1", to=SLACK)

    owed = (delivery(revision=2),)
    await commit_stories(store, story(revision=2), owed=owed, edits_at=NOW + MINUTE)

    assert await lease(store) == ()
    edits = await lease(store, NOW + MINUTE)
    assert {(owed.delivery.destination, owed.delivery.revision) for owed in edits} == {
        (CONSOLE, 2),
        (SLACK, 2),
    }


async def test_a_post_under_way_follows_its_story_too(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)

    await grow(store)
    await mark_sent(store, "s1")

    assert await lease_ids(store) == ["s1"]


async def test_a_post_that_nobody_has_yet_follows_nothing(store: SqlStore) -> None:
    await owe(store, "s1", next_attempt_at=NOW + HOUR)

    await grow(store)

    assert (await find(store)).revision == 1


async def test_a_story_written_again_as_it_was_owes_no_edit(store: SqlStore) -> None:
    await owe(store, "s1", revision=2)
    await lease(store)
    await mark_sent(store, "s1", revision=2)

    await grow(store, 2)

    assert await store.next_attempt_at() is None


async def test_a_post_is_not_edited_where_the_platform_takes_nothing(store: SqlStore) -> None:
    await store.subscribe(Subscription(CONSOLE), now=NOW)
    await owe(store, "s1")
    await lease(store)
    await mark_sent(store, "s1")
    await store.park(CONSOLE, reason="closed")

    await grow(store)
    assert await store.next_attempt_at() is None

    await store.subscribe(Subscription(CONSOLE), now=NOW + HOUR, owed_at=NOW + HOUR)
    assert await store.next_attempt_at() == NOW + HOUR
