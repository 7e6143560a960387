"""The store's contract: a story that turns another is posted into its thread. On both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import CONSOLE, Destination, Tie, TieKind
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.test_store_deliveries import (
    LEASE,
    MINUTE,
    SLACK,
    lease,
    lease_ids,
    mark_sent,
    owe,
)

OFF = Tie(TieKind.REVERSED, "first", "Huawei and AT&T agree", None)
HOUR = timedelta(hours=1)


async def test_a_reply_is_sent_with_the_id_of_the_post_it_answers(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await lease(store)
    await mark_sent(store, "first")
    await owe(store, "turn", tie=OFF)
    await owe(store, "other", age=-MINUTE)

    (reply,) = await lease(store)
    assert (reply.story.id, reply.reply_to, reply.story.tie) == ("turn", "m1", OFF)
    await mark_sent(store, "turn")
    (other,) = await lease(store)
    assert (other.story.id, other.reply_to) == ("other", "")


async def test_a_reply_waits_for_its_post_and_then_follows(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "turn", tie=OFF)

    assert await lease_ids(store) == ["first"]
    assert await lease_ids(store) == []  # while it is being sent
    await mark_sent(store, "first")

    (reply,) = await lease(store)
    assert (reply.story.id, reply.reply_to) == ("turn", "m1")


async def test_a_reply_that_is_older_waits_for_its_post_as_well(store: SqlStore) -> None:
    """A late report of the first story may open it after its turn was told."""
    await owe(store, "first")
    await owe(store, "turn", tie=OFF, age=HOUR)

    assert await lease_ids(store) == ["first"]
    await mark_sent(store, "first")
    assert await lease_ids(store) == ["turn"]


async def test_a_reply_waits_where_its_post_waits_for_its_next_attempt(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "turn", tie=OFF)
    (first,) = await lease(store)
    await store.mark_retry(
        first.delivery.id, next_attempt_at=NOW + 10 * MINUTE, error="429", is_unclear=False
    )

    assert await lease_ids(store, NOW + 9 * MINUTE) == []
    assert await lease_ids(store, NOW + 10 * MINUTE) == ["first"]
    await mark_sent(store, "first")
    (reply,) = await lease(store, NOW + 10 * MINUTE)
    assert (reply.story.id, reply.reply_to) == ("turn", "m1")


async def test_a_reply_that_waits_holds_up_no_other_story(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "turn", tie=OFF)
    await owe(store, "younger", age=-MINUTE)
    (first,) = await lease(store)
    await store.mark_retry(
        first.delivery.id, next_attempt_at=NOW + 10 * MINUTE, error="429", is_unclear=False
    )

    assert await lease_ids(store, NOW + MINUTE) == ["younger"]


async def test_a_reply_does_not_wait_for_a_post_that_was_given_up(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "turn", tie=OFF)
    (first,) = await lease(store)
    await store.mark_failed(first.delivery.id, error="no such channel", is_unclear=False)

    (reply,) = await lease(store)

    assert (reply.story.id, reply.reply_to) == ("turn", "")


async def test_a_reply_answers_no_post_that_is_gone_unless_it_may_be_there(
    store: SqlStore,
) -> None:
    """Then it must be looked for in the thread, where it was posted."""
    await owe(store, "first", age=HOUR)
    (first,) = await lease(store)
    await mark_sent(store, "first")
    await owe(store, "turn", tie=OFF)
    await owe(store, "another", tie=OFF, age=-MINUTE)
    assert [one.reply_to for one in await lease(store)] == ["m1"]

    await store.mark_gone(first.delivery.id, error="deleted")

    (again,) = await lease(store, NOW + LEASE)
    assert (again.story.id, again.reply_to) == ("turn", "m1")
    await mark_sent(store, "turn")
    (other,) = await lease(store, NOW + LEASE)
    assert (other.story.id, other.reply_to) == ("another", "")


async def test_a_reply_answers_a_post_of_which_only_the_edit_was_given_up(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await lease(store)
    await mark_sent(store, "first")
    await owe(store, "first", age=HOUR, revision=2)
    (edit,) = await lease(store)
    await store.mark_failed(edit.delivery.id, error="too old to edit", is_unclear=False)

    await owe(store, "turn", tie=OFF)

    (reply,) = await lease(store)
    assert (reply.story.id, reply.reply_to) == ("turn", "m1")


async def test_a_reply_does_not_wait_for_an_edit_of_its_post(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await lease(store)
    await mark_sent(store, "first")
    await owe(store, "first", age=HOUR, revision=2, edits_at=NOW + MINUTE)
    await owe(store, "turn", tie=OFF)

    (reply,) = await lease(store)

    assert (reply.story.id, reply.reply_to) == ("turn", "m1")


async def test_a_reply_goes_alone_where_its_story_was_never_owed(store: SqlStore) -> None:
    await owe(store, "first", SLACK, age=HOUR)
    await owe(store, "turn", CONSOLE, tie=OFF)

    leased = {owed.story.id: owed.reply_to for owed in await lease(store)}

    assert leased == {"first": "", "turn": ""}


async def test_replies_answer_the_post_of_their_own_destination(store: SqlStore) -> None:
    thread = Destination(SLACK.platform, SLACK.workspace, SLACK.channel, "17.5")
    places = (CONSOLE, SLACK, thread)
    await owe(store, "first", *places, age=HOUR)
    for owed in await lease(store):
        await store.mark_sent(
            owed.delivery.id,
            revision=1,
            message_ref=f"in {owed.delivery.destination.key}",
            edits_at=NOW,
        )

    await owe(store, "turn", *places, tie=OFF)

    leased = {owed.delivery.destination: owed.reply_to for owed in await lease(store)}
    assert leased == {place: f"in {place.key}" for place in places}


async def test_a_reply_is_edited_by_its_own_id(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await lease(store)
    await mark_sent(store, "first")
    await owe(store, "turn", tie=OFF)
    (reply,) = await lease(store)
    await store.mark_sent(reply.delivery.id, revision=1, message_ref="m2", edits_at=NOW)

    await owe(store, "turn", tie=OFF, revision=2)

    (edit,) = await lease(store)
    assert (edit.delivery.message_ref, edit.delivery.sent_revision, edit.reply_to) == ("m2", 1, "")


async def test_a_reply_whose_lease_ran_out_is_repeated_in_the_same_thread(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await lease(store)
    await mark_sent(store, "first")
    await owe(store, "turn", tie=OFF)
    (reply,) = await lease(store)

    (again,) = await lease(store, NOW + LEASE)

    assert (again.delivery.id, again.reply_to) == (reply.delivery.id, "m1")


@pytest.mark.parametrize("kind", [kind for kind in TieKind if kind is not TieKind.MERGED])
async def test_every_kind_of_turn_is_a_reply(store: SqlStore, kind: TieKind) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "turn", tie=Tie(kind, "first", "", None))
    await lease(store)
    await mark_sent(store, "first")

    assert [owed.reply_to for owed in await lease(store)] == ["m1"]


async def test_a_merged_story_is_no_reply_and_waits_for_none(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR)
    await owe(store, "merged", SLACK, age=MINUTE)
    await lease(store, limit=1)
    await lease(store)
    await mark_sent(store, "merged", to=SLACK)
    await owe(store, "first", SLACK, age=HOUR, next_attempt_at=NOW + HOUR)

    tie = Tie(TieKind.MERGED, "first", "", None)
    await owe(store, "merged", SLACK, age=MINUTE, tie=tie, revision=2)

    (edit,) = await lease(store)
    assert (edit.story.id, edit.delivery.message_ref, edit.reply_to) == ("merged", "m1", "")
