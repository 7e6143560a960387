"""The store's contract: how everything is doing, however much there is of it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

from bot.errors import Trouble
from bot.model import (
    DeliveryState,
    Destination,
    Feed,
    Platform,
    Subscription,
    Told,
)
from bot.model.condition import Condition, condition_of
from bot.ports import Backlog, FeedQuery
from bot.store import SqlStore
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, commit_stories, outcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOWN = Destination(Platform.DISCORD, "1", "town")
SQUARE = Destination(Platform.DISCORD, "1", "square")
DESK = Destination(Platform.SLACK, "T1", "C1")

_WELL = {"polled_at": NOW, "answered_at": NOW, "changed_at": NOW, "first_poll_done": True}


async def put_feed(store: SqlStore, name: str, **state: object) -> Feed:
    """A feed as its last poll left it."""
    feed = await add_feed(store, f"https://{name}.example/rss", title=name.title())
    changed = replace(feed, **{**_WELL, **state})  # type: ignore[arg-type]  # the names are the test's
    await store.commit_poll(outcome(changed))
    return changed


async def names(store: SqlStore, query: FeedQuery) -> list[str]:
    return [feed.spec.title for feed in await store.find_feeds_like(query)]


async def test_feeds_are_counted_and_found_by_how_they_are_doing(store: SqlStore) -> None:
    await add_feed(store, "https://new.example/rss", title="New")
    await put_feed(store, "well")
    await put_feed(store, "flawed", flaw="two entries have one id")
    await put_feed(store, "failing", failures=2, trouble=Trouble.SLOW, error="too slow")
    await put_feed(store, "broken", failures=9, trouble=Trouble.GONE, failing_since=NOW - 9 * DAY)
    await put_feed(store, "silent", gap_s=3600.0, changed_at=NOW - 5 * DAY)
    await store.remove_feed((await put_feed(store, "removed", failures=1)).url)

    assert await store.count_conditions() == {
        Condition.NEW: 1,
        Condition.WELL: 1,
        Condition.FLAWED: 1,
        Condition.SILENT: 1,
        Condition.FAILING: 2,
    }
    every = ["Broken", "Failing", "Silent", "Flawed", "New", "Well"]
    assert await names(store, FeedQuery()) == every
    assert await names(store, FeedQuery(skip=1, limit=2)) == every[1:3]
    assert await names(store, FeedQuery(Condition.FAILING)) == every[:2]
    assert await names(store, FeedQuery(Condition.WELL)) == ["Well"]


async def test_a_feed_is_in_the_condition_that_the_model_sees(store: SqlStore) -> None:
    """Every mixture of what decides it, at the edges of each."""
    changed = (None, NOW - 4 * DAY, NOW - 4 * DAY + timedelta(seconds=1), NOW - 30 * DAY)
    gaps = (None, 60.0, 4 * 86_400 / 12, 30 * 86_400 / 12, 30 * 86_400 / 12 + 0.1)
    told = ((Told.NOTHING, None), (Told.NOTHING, NOW - DAY), (Told.SILENT, NOW - DAY))
    mixed = itertools.product(changed, gaps, told, ("", "odd"))
    for number, (changed_at, gap_s, (word, at), flaw) in enumerate(mixed):
        feed = await put_feed(store, f"feed{number}", changed_at=changed_at, gap_s=gap_s, flaw=flaw)
        if at is not None:
            await store.note_told(feed, word, now=at)
    seen = {feed.id: condition_of(feed, now=NOW) for feed in await store.find_feeds()}

    found = {
        feed.id: condition
        for condition in Condition
        if condition is not Condition.BROKEN
        for feed in await store.find_feeds_like(FeedQuery(condition, limit=1000))
    }
    assert {Condition.SILENT, Condition.FLAWED, Condition.WELL} <= set(found.values())
    assert found == seen


async def test_feeds_are_found_by_words_of_title_and_address(store: SqlStore) -> None:
    await put_feed(store, "harbour")
    await put_feed(store, "antenna")

    assert await names(store, FeedQuery(words=("HARB",))) == ["Harbour"]
    assert await names(store, FeedQuery(words=("example/rss", "ant"))) == ["Antenna"]
    assert await names(store, FeedQuery(words=("%",))) == []


async def test_a_backlog_tells_each_platform_apart(store: SqlStore) -> None:
    def owed(place: Destination, number: int, late: timedelta) -> object:
        return delivery(f"s{number}", place, next_attempt_at=NOW - late)

    waiting = [owed(TOWN, 1, HOUR), owed(TOWN, 2, -HOUR), owed(SQUARE, 1, 2 * HOUR)]
    await commit_stories(
        store,
        story("s1"),
        story("s2"),
        owed=(*waiting, owed(DESK, 1, HOUR)),  # type: ignore[arg-type]
    )
    (leased,) = await store.lease_deliveries(
        NOW, limit=1, lease=HOUR, platforms=frozenset({Platform.SLACK})
    )
    await store.mark_sent(leased.delivery.id, revision=1, message_ref="m", edits_at=NOW)
    await store.park(TOWN, reason="I may not post there.")

    discord, slack = await store.load_backlogs(NOW)
    assert discord.platform is Platform.DISCORD
    assert discord.deliveries == {DeliveryState.OWED: 3}
    assert (discord.due_since, discord.places, discord.parked) == (NOW - 2 * HOUR, 2, 1)
    assert slack.platform is Platform.SLACK
    assert slack.deliveries == {DeliveryState.SENT: 1}
    assert (slack.due, slack.due_since, slack.places, slack.parked) == (0, None, 1, 0)


async def test_a_place_without_deliveries_is_in_the_backlog_too(store: SqlStore) -> None:
    assert await store.load_backlogs(NOW) == ()
    await store.subscribe(Subscription(DESK), now=NOW)

    assert await store.load_backlogs(NOW) == (Backlog(Platform.SLACK, places=1),)


async def test_parked_places_come_with_why_and_what_waits(store: SqlStore) -> None:
    await commit_stories(
        store,
        story("s1"),
        story("s2"),
        owed=(delivery("s1", TOWN), delivery("s2", TOWN), delivery("s1", DESK)),
    )
    await store.park(TOWN, reason="I may not post there.")
    await store.park(DESK, reason="The channel is archived.")

    parked = await store.find_parked(limit=9)
    assert [(one.destination, one.reason, one.waiting) for one in parked] == [
        (TOWN, "I may not post there.", 2),
        (DESK, "The channel is archived.", 1),
    ]
    assert await store.find_parked(limit=1) == parked[:1]


async def test_of_each_platform_the_newest_story_posted_there_is_known(store: SqlStore) -> None:
    assert await store.find_newest_posted() == {}
    for place in (TOWN, DESK):
        await store.subscribe(Subscription(place), now=NOW)
    await commit_stories(
        store,
        *(story(f"s{n}", published_at=NOW + n * HOUR) for n in (1, 2, 3)),
        owed=tuple(delivery(f"s{n}", DESK, next_attempt_at=NOW) for n in (1, 2, 3)),
    )
    for _ in range(2):
        (leased,) = await store.lease_deliveries(
            NOW, limit=1, lease=HOUR, platforms=frozenset({Platform.SLACK})
        )
        await store.mark_sent(leased.delivery.id, revision=1, message_ref="m", edits_at=NOW)

    posted = await store.find_newest_posted()

    assert {name: one and one.id for name, one in posted.items()} == {
        Platform.DISCORD: None,
        Platform.SLACK: "s2",
    }
