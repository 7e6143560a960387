"""The store's contract: repairs. Every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import StoriesMoved
from bot.model import (
    CONSOLE,
    Delivery,
    DeliveryState,
    Destination,
    Entry,
    Move,
    Platform,
    Posts,
    RepairOutcome,
    Story,
    Tie,
    TieKind,
    make_delivery_id,
)
from bot.ports import NewEntry, StoryQuery
from bot.store import SqlStore
from tests.builders import NOW, coverage, delivery, entry, story
from tests.contract.polls import add_feed, edited, find_known, new_entry, outcome, subscribe_all

SLACK = Destination(Platform.SLACK, "T1", "C1")
LATER = NOW + timedelta(hours=1)
LEASE = timedelta(minutes=5)
LINK = "https://wire.example/a"


def merged(one: Story, into: Story) -> Story:
    tie = Tie(TieKind.MERGED, into.id, into.headline, into.link)
    return replace(one, tie=tie, revision=one.revision + 1)


def grown(one: Story, **changes: Any) -> Story:
    return replace(one, revision=one.revision + 1, **changes)


def told(title: str, story_id: str) -> NewEntry:
    return new_entry(title, story_id=story_id, filed=f"opened {story_id}")


async def open_stories(store: SqlStore, *ids: str, owed: Sequence[Delivery] = ()) -> list[Story]:
    """Stories with an entry each, as the store has them."""
    feed = await add_feed(store)
    new = [told(f"Report of {each}", each) for each in ids]
    opened = [
        story(each, coverage=(coverage(feed_id=feed.id, entry_key=entry.entry.keys[0]),))
        for each, entry in zip(ids, new, strict=True)
    ]
    await subscribe_all(store, owed)
    await store.commit_poll(outcome(feed, *new, stories=tuple(opened), deliveries=tuple(owed)))
    return [await load(store, each) for each in ids]


async def load(store: SqlStore, story_id: str) -> Story:
    found = await store.find_story_or_none(story_id)
    assert found is not None
    return found


async def entry_ids(store: SqlStore, story_id: str) -> tuple[int, ...]:
    return tuple(kept.id for kept in await store.find_kept_entries(story_id))


async def merge(store: SqlStore, kept: Story, gone: Story, *owed: Delivery) -> dict[str, Posts]:
    """Put what ``gone`` has into ``kept``."""
    move = Move(await entry_ids(store, gone.id), gone.id, kept.id, "because I say so")
    written = (grown(kept), merged(gone, kept))
    return dict(await store.commit_repair(RepairOutcome(LATER, move, written, owed)))


async def post(store: SqlStore, *, failing: Sequence[str] = ()) -> list[tuple[str, Destination]]:
    """Send all that is due; what was sent, in order."""
    sent = []
    while leased := await store.lease_deliveries(LATER, limit=9, lease=LEASE):
        for owed in leased:
            sent.append((owed.story.id, owed.delivery.destination))
            if owed.story.id in failing:
                await store.mark_failed(owed.delivery.id, error="gone", is_unclear=False)
                continue
            shown = max(owed.story.revision, owed.delivery.revision)
            ref = owed.delivery.message_ref or f"m-{owed.story.id}"
            await store.mark_sent(owed.delivery.id, revision=shown, message_ref=ref, edits_at=LATER)
    return sent


async def counted(store: SqlStore) -> dict[DeliveryState, int]:
    states = (await store.load_counts(LATER)).deliveries
    return {state: count for state, count in states.items() if count}


# Reading


async def test_the_places_of_stories_are_found_whatever_became_of_their_posts(
    store: SqlStore,
) -> None:
    owed = (delivery("s1"), delivery("s2", SLACK), delivery("s3"))
    await open_stories(store, "s1", "s2", "s3", owed=owed)
    await post(store, failing=["s2"])

    assert await store.find_destinations(["s1", "s2"]) == {CONSOLE, SLACK}
    assert await store.find_destinations(["s3", "s9"]) == {CONSOLE}
    assert await store.find_destinations([]) == frozenset()


async def test_entries_come_whole_in_the_order_they_were_filed(store: SqlStore) -> None:
    feed = await add_feed(store, outlet="wire", lang="en")
    first = told("First", "s1")
    second = new_entry(
        "Second", story_id="s1", filed="joined", outlet="Meridian",
        entry={"summary": "So it is.", "body": "All of it.", "keys": ("guid:second", "same:2")},
    )  # fmt: skip
    await store.commit_poll(
        outcome(feed, first, told("Other", "s2"), second, stories=(story(), story("s2")))
    )

    one, two = await store.find_kept_entries("s1")

    assert (one.filed, two.filed) == ("opened s1", "joined")
    assert (two.outlet, two.seen_at, two.published_at) == ("Meridian", NOW, NOW)
    text = two.entry
    assert (text.title, text.summary, text.body) == ("Second", "So it is.", "All of it.")
    assert (text.link, text.outlet_name) == (second.entry.link, "Meridian")
    assert two.feed.spec == (await store.find_feeds())[0].spec
    assert one.id < two.id
    assert await store.find_kept_entries("s3") == ()
    assert await store.find_kept_entries("") == ()


async def test_the_feed_of_an_entry_may_be_polled_no_more(store: SqlStore) -> None:
    await open_stories(store, "s1")
    await store.remove_feed("https://wire.example/rss")

    (kept,) = await store.find_kept_entries("s1")

    assert kept.feed.url == "https://wire.example/rss"


@pytest.mark.parametrize(
    "made",
    [
        entry("By guid", keys=("guid:by-guid",), guid="by-guid"),
        entry("By link", keys=(f"link:{LINK}",), guid=None, link=LINK),
    ],
    ids=["guid", "link"],
)
async def test_keys_are_known_again_from_what_they_were_made_of(
    store: SqlStore, made: Entry
) -> None:
    feed = await add_feed(store)
    new = replace(told("x", "s1"), entry=made)
    await store.commit_poll(outcome(feed, new, stories=(story(),)))

    (kept,) = await store.find_kept_entries("s1")

    assert kept.entry.keys == made.keys


async def test_keys_of_what_was_edited_since_are_known_from_the_coverage(store: SqlStore) -> None:
    feed = await add_feed(store)
    old = entry("Old", keys=("link:https://wire.example/old",), guid=None)
    opener = story(coverage=(coverage(feed_id=feed.id, entry_key=old.keys[0]),))
    await store.commit_poll(outcome(feed, replace(told("x", "s1"), entry=old), stories=(opener,)))
    (known,) = (await store.find_known(feed.id, old.keys)).values()
    change = edited(known, "New", keys=("link:https://wire.example/new",), guid=None,
                    link="https://wire.example/new")  # fmt: skip
    await store.commit_poll(outcome(feed, edited=(change,)))

    (kept,) = await store.find_kept_entries("s1")

    assert kept.entry.title == "New"
    assert kept.entry.keys == ("link:https://wire.example/old", "link:https://wire.example/new")


async def test_an_entry_whose_keys_nobody_can_tell_still_has_one_of_its_own(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)
    odd = [replace(told(t, "s1"), entry=entry(t, keys=(f"title:{t}",))) for t in ("A", "B")]
    await store.commit_poll(outcome(feed, *odd, stories=(story(),)))

    one, two = await store.find_kept_entries("s1")

    assert len({one.entry.keys[0], two.entry.keys[0]}) == 2
    assert (one, two) == await store.find_kept_entries("s1")


async def test_tied_stories_are_those_that_turn_or_were_merged(store: SqlStore) -> None:
    kept, gone, turn, _ = await open_stories(store, "kept", "gone", "turn", "other")
    denied = replace(turn, tie=Tie(TieKind.DENIED, "kept", "H", None), opened_at=LATER)
    none = Move((), "", "", "")
    await store.commit_repair(RepairOutcome(LATER, none, (denied, merged(gone, kept))))

    found = await store.find_tied_stories("kept")

    assert [one.id for one in found] == ["gone", "turn"]
    assert await store.find_tied_stories("turn") == ()


# Writing


async def test_a_merge_moves_entries_and_says_why(store: SqlStore) -> None:
    kept, gone = await open_stories(store, "kept", "gone")

    await merge(store, kept, gone)

    first, second = await store.find_entries_of("kept", limit=9)
    assert (first.filed, second.filed) == ("opened kept", "because I say so")
    assert await store.find_entries_of("gone", limit=9) == ()
    assert (await load(store, "gone")).is_merged
    assert (await load(store, "kept")).revision == 2
    found = await store.find_stories(StoryQuery(since=NOW - LEASE * 12))
    assert [one.id for one in found] == ["kept"]


async def test_a_story_that_was_merged_can_be_given_back(store: SqlStore) -> None:
    kept, gone = await open_stories(store, "kept", "gone")
    ids = await entry_ids(store, "gone")
    await merge(store, kept, gone)
    back = grown(await load(store, "gone"), tie=None)

    move = Move(ids, "kept", "gone", "back")
    await store.commit_repair(RepairOutcome(LATER, move, (grown(await load(store, "kept")), back)))

    assert await entry_ids(store, "gone") == ids
    assert not (await load(store, "gone")).is_merged


@pytest.mark.parametrize("moved_on", ["kept", "gone"])
async def test_nothing_is_written_where_somebody_wrote_a_story_meanwhile(
    store: SqlStore, moved_on: str
) -> None:
    kept, gone = await open_stories(store, "kept", "gone", owed=[delivery("gone")])
    feed = await add_feed(store)
    other = grown(kept if moved_on == "kept" else gone, headline="Moved on", updated_at=LATER)
    await store.commit_poll(outcome(feed, stories=(other,)))

    with pytest.raises(StoriesMoved):
        await merge(store, kept, gone)

    assert (await load(store, moved_on)).headline == "Moved on"
    assert not (await load(store, "gone")).is_merged
    assert len(await entry_ids(store, "gone")) == 1
    assert await counted(store) == {DeliveryState.OWED: 1}


async def test_a_second_repair_of_the_same_story_is_never_taken_for_the_first(
    store: SqlStore,
) -> None:
    kept, one, two = await open_stories(store, "kept", "one", "two")
    await merge(store, kept, one)

    with pytest.raises(StoriesMoved):  # with the same revision and time as the first had
        await merge(store, kept, two)

    assert not (await load(store, "two")).is_merged


async def test_nothing_is_written_where_an_entry_has_moved_meanwhile(store: SqlStore) -> None:
    kept, gone, third = await open_stories(store, "kept", "gone", "third")
    ids = await entry_ids(store, "gone")
    await store.commit_repair(
        RepairOutcome(LATER, Move(ids, "gone", "third", "first"), (grown(third),))
    )

    late = RepairOutcome(
        LATER, Move(ids, "gone", "kept", "late"), (grown(kept), merged(gone, kept))
    )
    with pytest.raises(StoriesMoved):
        await store.commit_repair(late)

    assert set(ids) < set(await entry_ids(store, "third"))
    assert not (await load(store, "gone")).is_merged


async def test_a_repair_stands_after_an_edit_that_was_decided_before_it(
    store: SqlStore,
) -> None:
    kept, gone = await open_stories(store, "kept", "gone")
    feed = await add_feed(store)
    (known,) = await find_known(store, feed, "Report of gone")
    late = edited(known, "Report of gone, corrected")  # believes it is in "gone" still
    await merge(store, kept, gone)

    await store.commit_poll(outcome(feed, edited=(late,)))

    moved = (await store.find_entries_of("kept", limit=9))[-1]
    assert (moved.title, moved.filed) == ("Report of gone, corrected", "because I say so")
    assert await entry_ids(store, "gone") == ()


# Posts


async def test_posts_that_are_there_are_edited_and_the_others_dropped(store: SqlStore) -> None:
    late = delivery("gone", SLACK, next_attempt_at=LATER + LEASE)
    owed = [delivery("kept"), delivery("gone"), late]
    kept, gone = await open_stories(store, "kept", "gone", owed=owed)
    assert await post(store) == [("gone", CONSOLE), ("kept", CONSOLE)]

    again = [delivery("kept", where, revision=2) for where in (CONSOLE, SLACK)]
    told = await merge(store, kept, gone, *again)

    assert told == {"kept": Posts(edited=1, owed=1), "gone": Posts(edited=1, dropped=1)}
    assert set(await post(store)) == {("gone", CONSOLE), ("kept", CONSOLE), ("kept", SLACK)}
    assert await counted(store) == {DeliveryState.SENT: 3}


async def test_a_post_that_was_given_up_is_no_post(store: SqlStore) -> None:
    kept, gone = await open_stories(store, "kept", "gone", owed=[delivery("gone")])
    await post(store, failing=["gone"])

    told = await merge(store, kept, gone)

    assert told["gone"] == Posts(dropped=1)
    assert await counted(store) == {}


async def test_a_post_under_way_is_edited_once_it_is_there(store: SqlStore) -> None:
    kept, gone = await open_stories(store, "kept", "gone", owed=[delivery("gone")])
    (leased,) = await store.lease_deliveries(NOW, limit=9, lease=LEASE)

    told = await merge(store, kept, gone)
    await store.mark_sent(leased.delivery.id, revision=1, message_ref="m", edits_at=LATER)

    assert told["gone"] == Posts(edited=1)
    (again,) = await store.lease_deliveries(LATER, limit=9, lease=LEASE)
    assert (again.delivery.message_ref, again.delivery.revision) == ("m", 2)
    assert again.story.is_merged


async def test_a_platform_that_asked_for_time_gets_it(store: SqlStore) -> None:
    kept, gone = await open_stories(store, "kept", "gone", owed=[delivery("gone")])
    await post(store)
    feed = await add_feed(store)
    gone = grown(gone, version=1)
    await store.commit_poll(
        outcome(feed, stories=(gone,), deliveries=(delivery("gone", revision=2),))
    )
    (leased,) = await store.lease_deliveries(NOW, limit=9, lease=LEASE)
    until = LATER + LEASE
    await store.mark_retry(
        leased.delivery.id, next_attempt_at=until, error="slow down", is_unclear=False
    )

    await merge(store, kept, await load(store, "gone"))

    assert await store.next_attempt_at() == until


async def test_posts_of_a_story_that_only_hangs_on_another_now_stay_as_they_are(
    store: SqlStore,
) -> None:
    kept, gone, turn = await open_stories(store, "kept", "gone", "turn", owed=[delivery("turn")])
    tied = replace(turn, tie=Tie(TieKind.DENIED, "kept", "H", None))
    move = Move(await entry_ids(store, "gone"), "gone", "kept", "so")

    told = await store.commit_repair(
        RepairOutcome(LATER, move, (grown(kept), merged(gone, kept), tied))
    )

    assert set(told) == {"kept", "gone"}
    assert await counted(store) == {DeliveryState.OWED: 1}
    assert (await load(store, "turn")).tie == tied.tie


async def test_a_story_that_is_split_off_is_owed_as_a_first_post(store: SqlStore) -> None:
    (kept,) = await open_stories(store, "kept")
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, told("Odd one", "kept")))
    ids = (await entry_ids(store, "kept"))[1:]
    new = delivery("new")
    await subscribe_all(store, [new])

    said = await store.commit_repair(
        RepairOutcome(LATER, Move(ids, "kept", "new", "split"), (grown(kept), story("new")), (new,))
    )

    assert said == {"kept": Posts(), "new": Posts(owed=1)}
    (leased,) = await store.lease_deliveries(LATER, limit=9, lease=LEASE)
    assert leased.delivery.id == make_delivery_id("new", CONSOLE)
    assert leased.delivery.message_ref == ""
    assert await entry_ids(store, "new") == ids
