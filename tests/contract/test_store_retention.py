"""What is old enough is dropped, and nothing that is owed, open or needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.model import (
    AuditRecord,
    DeliveryState,
    Destination,
    FeedOrigin,
    FeedSpec,
    Mute,
    MuteKind,
    Platform,
    Subscription,
    Tie,
    TieKind,
    Validators,
)
from bot.store import SqlStore
from bot.store.retention import ROWS_AT_ONCE, STORIES_AT_ONCE
from bot.store.schema import stories
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, commit_stories, find_known, new_entry, outcome
from tests.delivery.lab import LEASE, SLACK

DAY = timedelta(days=1)
LONG_AGO = NOW - 100 * DAY
BEFORE = NOW - 30 * DAY


async def ids(store: SqlStore, *asked: str) -> set[str]:
    return {found.id for found in await store.find_stories_by_id(asked)}


async def send(store: SqlStore) -> None:
    """Post all that is owed."""
    while owed := await store.lease_deliveries(NOW, limit=999, lease=LEASE):
        for one in owed:
            await store.mark_sent(
                one.delivery.id, revision=1, message_ref=f"ref {one.story.id}", edits_at=NOW
            )


async def test_old_stories_go_with_all_that_hangs_on_them(store: SqlStore) -> None:
    await commit_stories(store, story("s1", updated_at=LONG_AGO), owed=(delivery("s1", SLACK),))
    await commit_stories(store, story("s2"), owed=(delivery("s2", SLACK),))
    await send(store)

    assert await store.forget_stories(BEFORE) == 1

    assert await ids(store, "s1", "s2") == {"s2"}
    assert await store.find_delivery_or_none(delivery("s1", SLACK).id) is None
    assert (await store.find_delivery_or_none(delivery("s2", SLACK).id)) is not None
    assert await store.forget_stories(BEFORE) == 0


@pytest.mark.parametrize("state", [DeliveryState.OWED, DeliveryState.SENDING])
async def test_a_story_of_which_something_is_owed_stays(
    state: DeliveryState, store: SqlStore
) -> None:
    await commit_stories(store, story("s1", updated_at=LONG_AGO), owed=(delivery("s1", SLACK),))
    if state is DeliveryState.SENDING:
        await store.lease_deliveries(NOW, limit=9, lease=LEASE)

    assert await store.forget_stories(BEFORE) == 0
    assert await ids(store, "s1") == {"s1"}


async def test_a_story_that_a_younger_one_turns_stays_as_long_as_that(store: SqlStore) -> None:
    tie = Tie(TieKind.DENIED, "s1", "What was said", None)
    await commit_stories(store, story("s1", updated_at=LONG_AGO))
    await commit_stories(store, story("s2", tie=tie, updated_at=NOW - 40 * DAY))

    assert await store.forget_stories(NOW - 50 * DAY) == 0
    assert await store.forget_stories(BEFORE) == 2


async def test_what_a_story_hangs_on_stays_to_the_first_of_the_row(store: SqlStore) -> None:
    denied, reversed_ = (Tie(kind, of, "What was said", None) for kind, of in
                         ((TieKind.DENIED, "s1"), (TieKind.REVERSED, "s2")))  # fmt: skip
    await commit_stories(store, story("s1", updated_at=LONG_AGO))
    await commit_stories(store, story("s2", tie=denied, updated_at=LONG_AGO))
    await commit_stories(store, story("s3", tie=reversed_, updated_at=NOW))

    assert await store.forget_stories(BEFORE) == 0
    assert await store.forget_stories(NOW + DAY) == 3


async def test_of_two_that_hang_on_each_other_neither_stays(store: SqlStore) -> None:
    denied = Tie(TieKind.DENIED, "s1", "What was said", None)
    await commit_stories(store, story("s1", updated_at=LONG_AGO))
    await commit_stories(store, story("s2", tie=denied, updated_at=LONG_AGO))
    merged = update(stories).values(tie="merged", tie_story_id="s2", tie_headline="Whole")
    async with store.database.writing() as connection:
        await connection.execute(merged.where(stories.c.id == "s1"))

    assert await store.forget_stories(BEFORE) == 2


async def test_its_entries_stay_known_until_no_feed_lists_them(store: SqlStore) -> None:
    feed = await add_feed(store)
    told = story("s1", updated_at=LONG_AGO)
    new = new_entry("Huawei in the news", story_id="s1", entry={"body": "All of it"})
    await store.commit_poll(outcome(feed, new, stories=(told,)))

    await store.forget_stories(BEFORE)

    (known,) = await find_known(store, feed, "Huawei in the news")
    assert known.story_id, "an edit of it opens no story"
    assert await store.find_entries_of("s1", limit=9) == ()
    assert await store.forget_entries_of_gone(NOW) == 0, "it was listed just then"
    assert await store.forget_entries(NOW + DAY) == 0
    assert await store.forget_entries_of_gone(NOW + DAY) == 1
    assert await find_known(store, feed, "Huawei in the news") == []


async def test_however_many_there_are_they_go_in_steps(store: SqlStore) -> None:
    places = [Destination(Platform.SLACK, "T1", f"C{number}") for number in range(ROWS_AT_ONCE + 9)]
    old = [story(f"s{n}", updated_at=LONG_AGO) for n in range(STORIES_AT_ONCE + 1)]
    await commit_stories(store, *old, owed=tuple(delivery("s0", place) for place in places))
    await send(store)

    assert await store.forget_stories(BEFORE) == STORIES_AT_ONCE + 1

    assert sum((await store.load_counts(NOW)).deliveries.values()) == 0


async def test_old_records_go_and_young_ones_stay(store: SqlStore) -> None:
    for at in (LONG_AGO, NOW):
        await store.add_audit(AuditRecord(at, SLACK, "U1", f"at {at:%Y-%m-%d}"))

    assert await store.forget_audit(BEFORE) == 1

    (left,) = await store.find_audit(Platform.SLACK, "T1", limit=9)
    assert left.at == NOW


async def test_mutes_that_are_over_go_and_others_stay(store: SqlStore) -> None:
    await store.subscribe(Subscription(SLACK), now=LONG_AGO)
    add = [
        Mute(MuteKind.COMPANY, name, until, "U1")
        for name, until in (("zte", NOW - DAY), ("huawei", NOW + DAY), ("tcl", None))
    ]
    await store.change_mutes(SLACK, now=LONG_AGO, add=add)

    assert await store.forget_mutes(NOW) == 1

    subscription = await store.find_subscription_or_none(SLACK)
    assert subscription is not None
    assert {mute.subject for mute in subscription.mutes} == {"huawei", "tcl"}


async def test_a_feed_that_left_long_ago_returns_and_is_read_whole(store: SqlStore) -> None:
    spec = FeedSpec("https://gone.example/rss")
    feed, _ = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=LONG_AGO)

    read = replace(
        feed,
        validators=Validators('"v1"', ""),
        body_hash="ab" * 32,
        marks=b"marks",
        polled_at=LONG_AGO,
        answered_at=LONG_AGO,
        first_poll_done=True,
    )
    await store.commit_poll(outcome(read, new_entry("Old news"), at=LONG_AGO))
    assert await store.forget_marks(NOW) == 0, "it is polled"
    await store.remove_feed(spec.url)

    assert await store.forget_marks(NOW) == 1
    assert await store.forget_marks(NOW) == 0

    await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW)
    (back,) = await store.find_due_feeds(NOW, limit=9)
    assert (back.validators, back.marks, back.body_hash) == (Validators(), b"", "")
    assert back.answered_at == LONG_AGO, "what it lists now is history"
    assert len(await find_known(store, back, "Old news")) == 1
