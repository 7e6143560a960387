"""The store's contract: feeds that we refused ourselves, when they are asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import SETTLED_BY_US, Trouble
from bot.model import Feed, FeedSpec
from bot.ports import Store
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.polls import add_feed, outcome

A, B = (f"https://{name}.example/rss" for name in "ab")
MINUTE = timedelta(minutes=1)


async def start(store: Store, *, at: timedelta = timedelta(0), retry_refused: bool = False) -> None:
    """The bot starts at ``NOW + at`` with a list of one feed."""
    await store.sync_feeds(
        [FeedSpec(A)], now=NOW + at, spread=timedelta(0), retry_refused=retry_refused
    )


@pytest.mark.parametrize("trouble", sorted(SETTLED_BY_US))
async def test_a_feed_that_we_refused_is_due_where_it_is_to_be_retried(
    store: SqlStore, trouble: Trouble
) -> None:
    await start(store)
    (configured,) = await store.find_feeds()
    added = await add_feed(store, B)
    for feed in (configured, added):
        await store.commit_poll(outcome(waiting(feed, trouble, failures=3)))

    await start(store, at=MINUTE)
    assert await store.find_due_feeds(NOW + MINUTE, limit=9) == ()

    await start(store, at=MINUTE, retry_refused=True)

    due = await store.find_due_feeds(NOW + MINUTE, limit=9)
    assert [(feed.url, feed.failures) for feed in due] == [(A, 3), (B, 3)]
    assert {feed.next_due_at for feed in due} == {NOW + MINUTE}


@pytest.mark.parametrize(
    ("trouble", "failures"),
    [(Trouble.NONE, 0), (Trouble.GONE, 2), (Trouble.BUSY, 0), (Trouble.DANGEROUS, 1)],
)
async def test_a_feed_that_waits_for_others_waits_on(
    store: SqlStore, trouble: Trouble, failures: int
) -> None:
    await start(store)
    (feed,) = await store.find_feeds()
    await store.commit_poll(outcome(waiting(feed, trouble, failures=failures)))

    await start(store, at=MINUTE, retry_refused=True)

    assert await store.find_due_feeds(NOW + MINUTE, limit=9) == ()


async def test_a_refused_feed_that_is_due_longer_is_not_put_off(store: SqlStore) -> None:
    await start(store)
    (feed,) = await store.find_feeds()
    refused = waiting(feed, Trouble.TOO_LARGE, failures=1)
    await store.commit_poll(outcome(replace(refused, next_due_at=NOW + MINUTE)))

    await start(store, at=2 * MINUTE, retry_refused=True)

    (due,) = await store.find_due_feeds(NOW + 2 * MINUTE, limit=9)
    assert due.next_due_at == NOW + MINUTE


def waiting(feed: Feed, trouble: Trouble, *, failures: int) -> Feed:
    """``feed`` as a poll left it that failed with ``trouble``: due in an hour."""
    return replace(feed, trouble=trouble, failures=failures, next_due_at=NOW + 60 * MINUTE)
