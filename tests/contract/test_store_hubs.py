"""The store's contract: hubs that push feeds to us. On both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.model import Feed, HubState, HubSubscription
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.polls import add_feed, outcome

HOUR = timedelta(hours=1)
HUB = "https://hub.example/"


async def add_pushed(store: SqlStore, name: str, **changes: Any) -> Feed:
    """A feed whose document names a hub."""
    feed = await add_feed(store, f"https://{name}.example/rss")
    named: dict[str, Any] = {"hub": HUB, "topic": f"https://{name}.example/self"}
    told = replace(feed, **(named | changes))
    await store.commit_poll(outcome(told))
    return told


def subscription(feed: Feed, **changes: Any) -> HubSubscription:
    asked = HubSubscription(
        feed_id=feed.id,
        hub=feed.hub,
        topic=feed.topic,
        token=f"token {feed.id}",
        secret="secret",
        state=HubState.ASKED,
        asked_at=NOW,
        next_try_at=NOW + HOUR,
    )
    return replace(asked, **changes)


async def test_a_subscription_is_read_back_as_it_was_written(store: SqlStore) -> None:
    feed = await add_pushed(store, "a", marks=b"marks")
    asked = subscription(feed)
    held = replace(asked, state=HubState.HELD, lease_until=NOW + 9 * HOUR, failures=2, error="busy")

    await store.save_hub(asked)
    assert await store.find_hub_or_none(asked.token) == asked
    await store.save_hub(held)

    assert await store.find_hub_or_none(asked.token) == held
    assert await store.find_hub_feed_or_none(asked.token) == (feed, held)
    assert await store.find_hub_or_none("other") is None
    assert await store.find_hub_feed_or_none("other") is None


async def test_offers_are_feeds_that_name_a_hub_we_have_not_asked(store: SqlStore) -> None:
    new, held, moved, renamed = [await add_pushed(store, name) for name in "nhmr"]
    await add_pushed(store, "no-hub", hub="")
    await add_pushed(store, "no-topic", topic="")
    retired = await add_pushed(store, "retired")
    await store.remove_feed(retired.url)
    await store.save_hub(subscription(held))
    await store.save_hub(subscription(moved, hub="https://old.example/"))
    await store.save_hub(subscription(renamed, topic="https://old.example/self"))

    offers = await store.find_hub_offers(limit=9)

    assert offers == (new, moved, renamed)
    assert await store.find_hub_offers(limit=2) == offers[:2]


async def test_stale_are_those_whose_feed_is_gone_or_elsewhere(store: SqlStore) -> None:
    held, moved, retired = [await add_pushed(store, name) for name in "hmr"]
    for feed in (held, moved, retired):
        await store.save_hub(subscription(feed))
    await store.commit_poll(outcome(replace(moved, hub="", topic="")))
    await store.remove_feed(retired.url)

    stale = await store.find_stale_hubs(limit=9)

    assert [one.feed_id for one in stale] == [moved.id, retired.id]
    assert await store.find_hub_feed_or_none(subscription(retired).token) is None


async def test_hubs_are_asked_when_it_is_time_longest_due_first(store: SqlStore) -> None:
    feeds = [await add_pushed(store, name) for name in "abc"]
    for feed, hours in zip(feeds, (3, 1, 2), strict=True):
        await store.save_hub(subscription(feed, next_try_at=NOW + hours * HOUR))

    due = await store.find_due_hubs(NOW + 2 * HOUR, limit=9)

    assert [one.feed_id for one in due] == [feeds[1].id, feeds[2].id]
    assert await store.find_due_hubs(NOW + 9 * HOUR, limit=1) == due[:1]


async def test_one_that_moved_on_meanwhile_is_left_as_it_is(store: SqlStore) -> None:
    feed = await add_pushed(store, "a")
    asked = subscription(feed)
    await store.save_hub(asked)
    held = replace(asked, state=HubState.HELD)

    assert await store.move_hub(held, before=HubState.ASKED)
    assert not await store.move_hub(replace(asked, state=HubState.REFUSED), before=HubState.ASKED)

    assert await store.find_hub_or_none(asked.token) == held


async def test_a_token_is_of_one_feed(store: SqlStore) -> None:
    first, second = [await add_pushed(store, name) for name in "ab"]
    await store.save_hub(subscription(first))

    with pytest.raises(IntegrityError):
        await store.save_hub(subscription(second, token=subscription(first).token))


async def test_one_that_was_removed_is_gone(store: SqlStore) -> None:
    feed = await add_pushed(store, "a")
    await store.save_hub(subscription(feed))

    assert await store.remove_hub(subscription(feed).token)
    assert not await store.remove_hub(subscription(feed).token)

    assert await store.find_hub_offers(limit=9) == (feed,)
