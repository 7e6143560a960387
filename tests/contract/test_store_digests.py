"""The store's contract: what is gathered is posted as one, and stays together. On both engines."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.model import (
    CONSOLE,
    DeliveryState,
    Destination,
    Move,
    Owed,
    Posts,
    RepairOutcome,
    Subscription,
    Tie,
    TieKind,
    make_delivery_id,
)
from bot.store import SqlStore, gathering
from bot.store.gathering import MOST
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


async def gather(store: SqlStore, *story_ids: str, at: datetime = NOW) -> None:
    """Owe each to the console at that time as one post; the first was opened first."""
    for place, story_id in enumerate(story_ids):
        age = (len(story_ids) - place) * HOUR
        await owe(store, story_id, age=age, next_attempt_at=at, is_gathered=True)


def shown(owed: Owed) -> list[str]:
    return [owed.story.id, *(story.id for story in owed.others)]


async def posts(store: SqlStore, at: datetime = NOW, limit: int = 9) -> list[list[str]]:
    return [shown(owed) for owed in await lease(store, at, limit)]


async def retry(store: SqlStore, story_id: str, at: datetime, *, unclear: bool) -> None:
    await store.mark_retry(
        make_delivery_id(story_id, CONSOLE), next_attempt_at=at, error="503", is_unclear=unclear
    )


async def states(store: SqlStore, *story_ids: str) -> set[DeliveryState]:
    found = [await store.find_delivery_or_none(make_delivery_id(one, CONSOLE)) for one in story_ids]
    return {one.state for one in found if one is not None}


async def test_what_is_gathered_and_due_is_one_post_led_by_the_oldest(store: SqlStore) -> None:
    await gather(store, "a", "b", "c")
    await owe(store, "later", age=9 * HOUR, next_attempt_at=NOW + HOUR, is_gathered=True)
    await owe(store, "b", SLACK, age=2 * HOUR, is_gathered=True)

    leased = await lease(store)

    assert {owed.delivery.destination: shown(owed) for owed in leased} == {
        CONSOLE: ["a", "b", "c"],
        SLACK: ["b"],
    }
    assert await lease(store) == ()


async def test_the_limit_is_one_of_posts(store: SqlStore) -> None:
    await gather(store, "a", "b", "c")
    await owe(store, "d", SLACK, is_gathered=True, age=MINUTE)

    assert len(await lease(store, limit=2)) == 2


async def test_all_of_a_digest_are_sent_with_it_and_never_owed_again(store: SqlStore) -> None:
    await gather(store, "a", "b")
    (digest,) = await lease(store)
    await owe(store, "b", age=HOUR, revision=2)  # while it is being sent

    await store.mark_sent(digest.delivery.id, revision=1, message_ref="m1", edits_at=NOW)

    for story_id in ("a", "b"):
        await owe(store, story_id, age=HOUR, revision=3)
    assert await states(store, "a", "b") == {DeliveryState.SENT}
    assert await store.next_attempt_at() is None
    found = await store.find_delivery_or_none(make_delivery_id("b", CONSOLE))
    assert found is not None
    assert (found.message_ref, found.revision) == ("m1", 3)


async def test_one_alone_is_an_ordinary_post(store: SqlStore) -> None:
    await gather(store, "a")
    (owed,) = await lease(store)
    assert owed.others == ()
    await mark_sent(store, "a")

    await owe(store, "a", age=HOUR, revision=2)

    assert await lease_ids(store) == ["a"]


async def test_a_digest_that_failed_comes_again_as_it_was(store: SqlStore) -> None:
    await gather(store, "a", "b")
    assert await posts(store) == [["a", "b"]]
    await retry(store, "a", NOW + MINUTE, unclear=True)
    await gather(store, "0", "c")  # older ones and younger ones

    assert await posts(store, NOW + MINUTE) == [["0", "c"]]
    await mark_sent(store, "0")
    (again,) = await lease(store, NOW + MINUTE)

    assert shown(again) == ["a", "b"]
    assert (again.delivery.attempts, again.delivery.unclear_since) == (1, NOW)


async def test_a_digest_whose_lease_ran_out_comes_again_as_it_was(store: SqlStore) -> None:
    await gather(store, "a", "b")
    assert await posts(store) == [["a", "b"]]
    await owe(store, "c", is_gathered=True)

    (again,) = await lease(store, NOW + LEASE)

    assert shown(again) == ["a", "b"]
    assert again.delivery.unclear_since == NOW


async def test_a_digest_whose_process_died_comes_again_as_it_was(store: SqlStore) -> None:
    await gather(store, "a", "b")
    assert await posts(store) == [["a", "b"]]
    await owe(store, "c", is_gathered=True)
    assert await store.release_leases() == 2

    assert await posts(store) == [["a", "b"]]


async def test_a_digest_is_given_up_as_a_whole_and_its_stories_may_come_by_themselves(
    store: SqlStore,
) -> None:
    await gather(store, "a", "b")
    (digest,) = await lease(store)

    await store.mark_failed(digest.delivery.id, error="refused", is_unclear=False)
    assert await states(store, "a", "b") == {DeliveryState.FAILED}

    await owe(store, "b", age=HOUR, revision=2)
    assert await posts(store) == [["b"]]
    await mark_sent(store, "b", revision=2)
    await owe(store, "b", age=HOUR, revision=3)
    assert await posts(store) == [["b"]]


async def test_a_digest_that_was_given_up_and_may_be_there_does_not_come_back(
    store: SqlStore,
) -> None:
    await gather(store, "a", "b")
    (digest,) = await lease(store)
    await store.mark_failed(digest.delivery.id, error="no answer", is_unclear=True)

    for story_id in ("a", "b"):
        await owe(store, story_id, age=HOUR, revision=2)

    assert await posts(store, NOW + LEASE) == []
    assert await states(store, "a", "b") == {DeliveryState.FAILED}
    (read,) = await as_read(store, story("a", revision=3))
    again = (delivery("a", revision=3),)
    told = await store.commit_repair(RepairOutcome(NOW, Move((), "", "", ""), (read,), again))
    assert told == {"a": Posts()}
    assert await posts(store, NOW + LEASE) == []


async def test_a_digest_has_an_end_and_the_rest_is_the_next(store: SqlStore) -> None:
    many = [f"s{number:03}" for number in range(2 * MOST + 1)]
    stories = [story(one, opened_at=NOW - HOUR, updated_at=NOW) for one in many]
    owed = tuple(delivery(one, is_gathered=True) for one in many)
    await commit_stories(store, *stories, owed=owed)

    first = await posts(store)
    assert first == [many[:MOST]]
    await mark_sent(store, many[0])
    assert await posts(store) == [many[MOST : 2 * MOST]]
    await mark_sent(store, many[MOST])
    assert await posts(store) == [many[2 * MOST :]]


async def test_turns_that_wait_keep_no_digest_from_being_made(store: SqlStore) -> None:
    await owe(store, "first", age=HOUR, next_attempt_at=NOW + HOUR)
    tie = Tie(TieKind.REVERSED, "first", "H", None)
    turns = [f"t{number:03}" for number in range(MOST)]
    opened = [story(one, opened_at=NOW - 9 * HOUR, updated_at=NOW, tie=tie) for one in turns]
    owed = tuple(delivery(one, is_gathered=True) for one in turns)
    await commit_stories(store, *opened, owed=owed)
    await owe(store, "a", is_gathered=True)

    assert await posts(store) == [["a"]]


async def test_a_digest_that_was_larger_once_comes_again_whole(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gather(store, "a", "b", "c")
    assert await posts(store) == [["a", "b", "c"]]
    monkeypatch.setattr(gathering, "MOST", 2)

    assert await posts(store, NOW + LEASE) == [["a", "b", "c"]]


async def test_a_digest_that_is_gone_is_gone_as_a_whole(store: SqlStore) -> None:
    await gather(store, "a", "b")
    (digest,) = await lease(store)

    await store.mark_gone(digest.delivery.id, error="deleted")
    await owe(store, "b", age=HOUR, revision=2)

    assert await states(store, "a", "b") == {DeliveryState.GONE}
    assert await lease(store, NOW + LEASE) == ()


async def test_what_may_be_there_alone_joins_no_digest(store: SqlStore) -> None:
    await gather(store, "a")
    assert await posts(store) == [["a"]]
    await retry(store, "a", NOW + MINUTE, unclear=True)
    await gather(store, "b", "c")

    order = []
    while leased := await lease(store, NOW + MINUTE):
        for owed in leased:
            order.append(shown(owed))
            await mark_sent(store, owed.story.id)

    assert order == [["b", "c"], ["a"]]  # b was opened two hours ago, a one


async def test_what_certainly_is_not_there_may_join_a_digest(store: SqlStore) -> None:
    await gather(store, "a")
    assert await posts(store) == [["a"]]
    await retry(store, "a", NOW + MINUTE, unclear=False)
    await owe(store, "b", is_gathered=True)

    assert await posts(store, NOW + MINUTE) == [["a", "b"]]


async def test_an_older_post_that_is_not_gathered_goes_first(store: SqlStore) -> None:
    await owe(store, "alone", age=9 * HOUR)
    await gather(store, "a", "b")

    assert await posts(store) == [["alone"]]
    await mark_sent(store, "alone")
    assert await posts(store) == [["a", "b"]]


async def test_a_younger_post_that_is_not_gathered_follows(store: SqlStore) -> None:
    await gather(store, "a", "b")
    await owe(store, "alone", age=90 * MINUTE)

    assert await posts(store) == [["a", "b"]]
    await mark_sent(store, "a")
    assert await posts(store) == [["alone"]]


async def test_a_turn_is_in_one_digest_with_what_it_turns(store: SqlStore) -> None:
    await gather(store, "first", "other")
    tie = Tie(TieKind.REVERSED, "first", "H", None)
    await owe(store, "turn", age=HOUR / 2, tie=tie, is_gathered=True)
    again = Tie(TieKind.REVERSED, "turn", "H", None)
    await owe(store, "turned again", age=HOUR / 3, tie=again, is_gathered=True)

    assert await posts(store) == [["first", "other", "turn", "turned again"]]


async def test_a_turn_of_what_waits_is_in_no_digest_before_it(store: SqlStore) -> None:
    await owe(store, "first", age=9 * HOUR, next_attempt_at=NOW + HOUR)
    tie = Tie(TieKind.REVERSED, "first", "H", None)
    await owe(store, "turn", age=3 * HOUR, tie=tie, is_gathered=True)
    await gather(store, "a", "b")

    assert await posts(store) == [["a", "b"]]
    await mark_sent(store, "a")
    assert await posts(store) == []


async def test_a_digest_answers_no_post_and_a_turn_of_its_stories_answers_it(
    store: SqlStore,
) -> None:
    await owe(store, "first", age=9 * HOUR)
    await lease(store)
    await mark_sent(store, "first")
    tie = Tie(TieKind.REVERSED, "first", "H", None)
    await owe(store, "turn", age=3 * HOUR, tie=tie, is_gathered=True)
    await gather(store, "a", "b")

    (digest,) = await lease(store)
    assert (shown(digest), digest.reply_to) == (["turn", "a", "b"], "")
    await store.mark_sent(digest.delivery.id, revision=1, message_ref="m2", edits_at=NOW)

    await owe(store, "later", tie=Tie(TieKind.DENIED, "b", "H", None))
    (reply,) = await lease(store)
    assert reply.reply_to == "m2"


async def test_a_digest_that_is_put_off_unsent_is_gathered_anew(store: SqlStore) -> None:
    await gather(store, "a", "b")
    await lease(store)
    await retry(store, "a", NOW + MINUTE, unclear=False)
    await owe(store, "c", is_gathered=True)

    await store.subscribe(Subscription(CONSOLE), now=NOW, owed_at=NOW + HOUR)

    assert await posts(store, NOW + HOUR) == [["a", "b", "c"]]


async def test_a_digest_that_is_put_off_while_it_is_sent_is_gathered_anew_if_it_fails(
    store: SqlStore,
) -> None:

    await store.subscribe(Subscription(CONSOLE), now=NOW)
    await gather(store, "a", "b")
    await lease(store)
    await store.park(CONSOLE, reason="closed")
    await retry(store, "a", NOW, unclear=False)
    await owe(store, "c", is_gathered=True, next_attempt_at=NOW + HOUR)

    assert await store.subscribe(Subscription(CONSOLE), now=NOW, owed_at=NOW + HOUR) == 3

    assert await posts(store, NOW + HOUR) == [["a", "b", "c"]]


async def test_a_digest_that_may_be_there_is_put_off_as_it_is(store: SqlStore) -> None:

    await gather(store, "a", "b")
    await lease(store)
    await retry(store, "a", NOW + MINUTE, unclear=True)
    await owe(store, "c", is_gathered=True)

    await store.subscribe(Subscription(CONSOLE), now=NOW, owed_at=NOW + HOUR)

    assert await posts(store, NOW + HOUR) == [["a", "b"]]


async def merge_away(store: SqlStore, gone: str) -> None:
    """The operator puts it into a story that was never owed."""
    (read,) = await as_read(store, story(gone, opened_at=NOW, updated_at=NOW))
    (kept,) = await as_read(store, story("kept"))
    changed = story(
        gone, revision=2, version=read.version, tie=Tie(TieKind.MERGED, "kept", "H", None)
    )
    await store.commit_repair(RepairOutcome(NOW, Move((), "", "", ""), (kept, changed)))


async def test_a_digest_whose_leader_is_merged_before_it_is_there_is_gathered_anew(
    store: SqlStore,
) -> None:
    await gather(store, "a", "b", "c")
    await lease(store)
    await retry(store, "a", NOW, unclear=False)

    await merge_away(store, "a")

    assert await posts(store) == [["b", "c"]]


async def test_a_digest_that_may_be_there_keeps_a_story_that_is_merged(store: SqlStore) -> None:
    await gather(store, "a", "b")
    await lease(store)
    await retry(store, "a", NOW, unclear=True)

    await merge_away(store, "a")

    assert await posts(store) == [["a", "b"]]


async def test_places_do_not_share_a_digest(store: SqlStore) -> None:
    thread = Destination(SLACK.platform, SLACK.workspace, SLACK.channel, "17.5")
    for story_id, age in (("a", 2 * HOUR), ("b", HOUR)):
        await owe(store, story_id, SLACK, thread, age=age, is_gathered=True)

    leased = await lease(store)

    assert {owed.delivery.destination: shown(owed) for owed in leased} == {
        SLACK: ["a", "b"],
        thread: ["a", "b"],
    }
    ids = {owed.delivery.id for owed in leased}
    assert ids == {make_delivery_id("a", SLACK), make_delivery_id("a", thread)}
