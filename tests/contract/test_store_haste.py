"""The store's contract: a hot story and the end of an outage hasten feeds. On both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import Trouble
from bot.model import Feed
from bot.ports import Haste, Revival
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.polls import add_feed, outcome

MINUTE = timedelta(minutes=1)
HASTE = Haste(
    flagged_since=NOW - 60 * MINUTE,
    due_at=NOW + MINUTE,
    spread=3 * MINUTE,
    polled_before=NOW - MINUTE,
)


async def add_polled(store: SqlStore, name: str, **changes: Any) -> Feed:
    """A feed that brought news a while ago and is due in an hour, but for ``changes``."""
    feed = await add_feed(store, f"https://{name}.example/rss")
    state: dict[str, Any] = {
        "flagged_at": NOW - 30 * MINUTE,
        "polled_at": NOW - 20 * MINUTE,
        "next_due_at": NOW + 60 * MINUTE,
    }
    polled = replace(feed, **(state | changes))
    await store.commit_poll(outcome(polled))
    return polled


async def due_in_minutes(store: SqlStore) -> dict[int, float]:
    """When each feed is due, by id."""
    return {feed.id: (feed.next_due_at - NOW) / MINUTE for feed in await store.find_feeds()}


async def test_feeds_of_our_news_are_asked_one_after_the_other(store: SqlStore) -> None:
    feeds = [await add_polled(store, name) for name in "abc"]
    hot = await add_polled(store, "hot")

    await store.commit_poll(outcome(replace(hot, polled_at=NOW), haste=HASTE))

    assert await due_in_minutes(store) == {
        **{feed.id: 1 + place for place, feed in enumerate(feeds)},
        hot.id: 60,
    }


async def test_nobody_is_asked_later_than_it_was_due(store: SqlStore) -> None:
    first, second = [await add_polled(store, n, next_due_at=NOW + 2 * MINUTE) for n in "ab"]
    hot = await add_polled(store, "hot")

    await store.commit_poll(outcome(replace(hot, polled_at=NOW), haste=HASTE))

    due = await due_in_minutes(store)
    assert (due[first.id], due[second.id]) == (1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"flagged_at": None},
        {"flagged_at": HASTE.flagged_since - MINUTE},
        {"failures": 1, "error": "gone"},
        {"polled_at": NOW},
        {"interval_s": 21.5 * 60},  # its publisher wishes so much
        {"interval_s": 1e300},
        {"trouble": Trouble.BUSY},  # its host wants to be left alone
    ],
)
async def test_others_wait_for_their_time(store: SqlStore, changes: dict[str, Any]) -> None:
    other = await add_polled(store, "other", **changes)
    hot = await add_polled(store, "hot")

    await store.commit_poll(outcome(replace(hot, polled_at=NOW), haste=HASTE))

    assert await due_in_minutes(store) == {other.id: 60, hot.id: 60}


async def test_a_feed_that_is_due_stays_due_and_a_retired_one_stays_away(store: SqlStore) -> None:
    due = await add_polled(store, "due", next_due_at=NOW - MINUTE)
    retired = await add_polled(store, "retired")
    await store.remove_feed(retired.url)
    hot = await add_polled(store, "hot")

    await store.commit_poll(outcome(replace(hot, polled_at=NOW), haste=HASTE))

    assert await due_in_minutes(store) == {due.id: -1, hot.id: 60}


async def test_a_wish_that_is_met_by_then_is_no_hindrance(store: SqlStore) -> None:
    other = await add_polled(store, "other", interval_s=21.0 * 60)
    hot = await add_polled(store, "hot")

    await store.commit_poll(outcome(replace(hot, polled_at=NOW), haste=HASTE))

    assert (await due_in_minutes(store))[other.id] == 1


REVIVAL = Revival(
    failing_since=NOW - 60 * MINUTE,
    troubles=frozenset({Trouble.NAME, Trouble.SLOW}),
    due_at=NOW + MINUTE,
    spread=3 * MINUTE,
)
FAILING = {
    "failures": 4,
    "error": "no answer",
    "trouble": Trouble.SLOW,
    "failing_since": REVIVAL.failing_since,
}


async def test_feeds_that_failed_in_an_outage_are_asked_one_after_the_other(
    store: SqlStore,
) -> None:
    troubles = (Trouble.SLOW, Trouble.NAME, Trouble.SLOW)
    feeds = [
        await add_polled(store, name, **(FAILING | {"trouble": trouble}))
        for name, trouble in zip("abc", troubles, strict=True)
    ]
    back = await add_polled(store, "back")

    await store.commit_poll(outcome(replace(back, polled_at=NOW), revival=REVIVAL))

    assert await due_in_minutes(store) == {
        **{feed.id: 1 + place for place, feed in enumerate(feeds)},
        back.id: 60,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"failures": 0, "error": "", "trouble": Trouble.NONE, "failing_since": None},
        {"failing_since": REVIVAL.failing_since - MINUTE},
        {"trouble": Trouble.GONE},
        {"next_due_at": NOW - MINUTE},
    ],
)
async def test_what_failed_before_or_otherwise_waits_on(
    store: SqlStore, changes: dict[str, Any]
) -> None:
    other = await add_polled(store, "other", **(FAILING | changes))
    back = await add_polled(store, "back")
    before = await due_in_minutes(store)

    await store.commit_poll(outcome(replace(back, polled_at=NOW), revival=REVIVAL))

    assert await due_in_minutes(store) == before == {other.id: before[other.id], back.id: 60}
