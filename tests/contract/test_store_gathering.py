"""The store's contract: what joins a post waits for more to come. On both engines."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model import CONSOLE
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.test_store_deliveries import SLACK, lease, lease_ids, mark_sent, owe

SECOND = timedelta(seconds=1)
GATHER = 8 * SECOND


async def grow(store: SqlStore, revision: int, *, after: timedelta) -> None:
    """Another outlet joined s1 ``after`` it was posted."""
    at = NOW + after
    await owe(store, "s1", revision=revision, next_attempt_at=at, edits_at=at + GATHER)


async def revisions(store: SqlStore, at: datetime) -> list[int]:
    return [owed.delivery.revision for owed in await lease(store, at)]


async def post(store: SqlStore) -> None:
    await owe(store, "s1", edits_at=NOW + GATHER)
    await lease(store)
    await mark_sent(store, "s1")


async def test_a_first_post_does_not_wait(store: SqlStore) -> None:
    await owe(store, "s1", edits_at=NOW + GATHER)

    assert await store.next_attempt_at() == NOW
    assert await lease_ids(store) == ["s1"]


async def test_a_first_post_that_is_not_sent_yet_brings_what_joined_and_does_not_wait(
    store: SqlStore,
) -> None:
    await owe(store, "s1", edits_at=NOW + GATHER)
    await grow(store, 2, after=SECOND)

    assert await revisions(store, NOW + SECOND) == [2]


async def test_a_burst_of_reports_is_one_edit(store: SqlStore) -> None:
    await post(store)
    for place in (1, 2, 3):
        await grow(store, 1 + place, after=place * SECOND)

    assert await store.next_attempt_at() == NOW + SECOND + GATHER
    assert await lease(store, NOW + GATHER) == ()
    assert await revisions(store, NOW + SECOND + GATHER) == [4]
    await mark_sent(store, "s1", revision=4)
    assert await lease(store, NOW + 9 * GATHER) == ()


async def test_a_trickle_of_reports_cannot_put_the_edit_off(store: SqlStore) -> None:
    await post(store)
    shown = []
    for place in range(1, 31):  # one a second, for thirty seconds
        await grow(store, 1 + place, after=place * SECOND)
        for revision in await revisions(store, NOW + place * SECOND):
            await mark_sent(store, "s1", revision=revision)
            shown.append((place, revision))

    assert shown == [(9, 10), (18, 19), (27, 28)]


async def test_the_first_report_after_an_edit_opens_the_next_wait(store: SqlStore) -> None:
    await post(store)
    await grow(store, 2, after=SECOND)
    assert await revisions(store, NOW + SECOND + GATHER) == [2]
    await mark_sent(store, "s1", revision=2)

    await grow(store, 3, after=60 * SECOND)

    assert await store.next_attempt_at() == NOW + 60 * SECOND + GATHER


async def test_what_joins_while_a_post_is_sent_waits_from_then_on(store: SqlStore) -> None:
    await owe(store, "s1")
    await lease(store)
    await grow(store, 2, after=SECOND)
    await mark_sent(store, "s1", edits_at=NOW + 2 * SECOND + GATHER)

    await grow(store, 3, after=3 * SECOND)  # it joins the edit that waits

    assert await lease(store, NOW + SECOND + GATHER) == ()
    assert await store.next_attempt_at() == NOW + 2 * SECOND + GATHER
    assert await revisions(store, NOW + 2 * SECOND + GATHER) == [3]


async def test_an_edit_under_way_is_not_put_off_and_the_next_one_waits(store: SqlStore) -> None:
    await post(store)
    await grow(store, 2, after=SECOND)
    assert await revisions(store, NOW + SECOND + GATHER) == [2]

    await grow(store, 3, after=SECOND + GATHER)
    await mark_sent(store, "s1", revision=2, edits_at=NOW + SECOND + 2 * GATHER)

    assert await store.next_attempt_at() == NOW + SECOND + 2 * GATHER
    assert await revisions(store, NOW + SECOND + 2 * GATHER) == [3]


async def test_an_edit_the_platform_put_off_keeps_the_time_it_asked_for(store: SqlStore) -> None:
    await post(store)
    await grow(store, 2, after=SECOND)
    (edit,) = await lease(store, NOW + SECOND + GATHER)
    again_at = NOW + 600 * SECOND
    await store.mark_retry(
        edit.delivery.id, next_attempt_at=again_at, error="429", is_unclear=False
    )

    await grow(store, 3, after=60 * SECOND)

    assert await store.next_attempt_at() == again_at
    assert await revisions(store, again_at) == [3]


async def test_an_edit_that_was_given_up_is_owed_anew_with_what_joins_later(
    store: SqlStore,
) -> None:
    await post(store)
    await grow(store, 2, after=SECOND)
    (edit,) = await lease(store, NOW + SECOND + GATHER)
    await store.mark_failed(edit.delivery.id, error="msg_too_old", is_unclear=False)

    await grow(store, 3, after=60 * SECOND)

    assert await store.next_attempt_at() == NOW + 60 * SECOND + GATHER
    (owed,) = await lease(store, NOW + 60 * SECOND + GATHER)
    assert (owed.delivery.message_ref, owed.delivery.attempts) == ("m1", 0)


async def test_edits_of_one_story_wait_in_each_destination_from_its_own_post_on(
    store: SqlStore,
) -> None:
    await owe(store, "s1", SLACK)
    await lease(store)
    await mark_sent(store, "s1", to=SLACK)

    at = NOW + SECOND
    await owe(store, "s1", SLACK, revision=2, next_attempt_at=at, edits_at=at + GATHER)
    await owe(store, "s1", revision=2, next_attempt_at=at, edits_at=at + GATHER)  # subscribed since

    (first,) = await lease(store, at)
    assert (first.delivery.sent_revision, first.delivery.destination) == (0, CONSOLE)
    (edit,) = await lease(store, at + GATHER)
    assert (edit.delivery.sent_revision, edit.delivery.destination) == (1, SLACK)
