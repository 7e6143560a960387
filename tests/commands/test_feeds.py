from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.feeds import add_feeds, check_address, remove_feed
from bot.errors import InputInvalid
from bot.model import FeedOrigin, FeedSpec
from bot.ports import PollOutcome
from bot.store import SqlStore, open_store
from tests.builders import NOW

WIRE, JOURNAL = FeedSpec("https://wire.example/rss", "Wire"), FeedSpec("http://journal.example/")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def test_added_feeds_are_due_at_once_and_outlive_the_configuration(store: SqlStore) -> None:
    added = await add_feeds(store, [WIRE, JOURNAL], now=NOW)

    assert [feed.spec for feed in added.new] == [WIRE, JOURNAL]
    assert added.known == ()
    assert await store.find_due_feeds(NOW, limit=9) == added.new
    assert {feed.origin for feed in added.new} == {FeedOrigin.ADDED}
    await store.sync_feeds([], now=NOW, spread=timedelta(0))
    assert len(await store.find_feeds()) == 2


async def test_what_is_polled_already_is_said_and_left_as_it_is(store: SqlStore) -> None:
    (first,) = (await add_feeds(store, [WIRE], now=NOW)).new

    again = await add_feeds(
        store, [replace(WIRE, title="Other"), JOURNAL, JOURNAL], now=NOW + timedelta(days=1)
    )

    assert [feed.url for feed in again.new] == [JOURNAL.url]
    assert [feed.url for feed in again.known] == [WIRE.url, JOURNAL.url]
    assert again.known[0] == first


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://wire.example/rss", "starts with http:// or https:// and a host"),
        ("wire.example/rss", "starts with http:// or https:// and a host"),
        ("https:///rss", "starts with http:// or https:// and a host"),
        ("file:///etc/passwd", "starts with http:// or https:// and a host"),
        ("https://wire.example:port/rss", "not an address"),
        ("https://[::1/rss", "not an address"),
        ("https://wire.example/a b", "holds a space"),
        ("https://wire.example/rss\n", "holds a space"),
        (" https://wire.example/rss", "holds a space"),
        ("https://wire.example/\x1b[2J", "holds a space"),
    ],
)
async def test_an_address_that_can_be_no_feeds_is_refused(
    store: SqlStore, url: str, said: str
) -> None:
    with pytest.raises(InputInvalid, match=said):
        await add_feeds(store, [WIRE, FeedSpec(url)], now=NOW)

    assert await store.find_feeds() == ()  # not the good one beside it either


@pytest.mark.parametrize(
    "url", ["https://me:secret@wire.example/rss", "https://secret@wire.example:port/rss"]
)
def test_credentials_in_an_address_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        check_address(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://WIRE.example/rss?topic=phones&lang=en",
        "https://wire.example?mail=desk@wire.example",
        "http://127.0.0.1:8080/",
        "https://[2001:db8::1]/rss",
        "https://例え.example/手机",
    ],
)
def test_any_web_address_may_be_a_feeds(url: str) -> None:
    check_address(url)


async def test_a_removed_feed_is_not_polled_but_remembered(store: SqlStore) -> None:
    (feed,) = (await add_feeds(store, [WIRE], now=NOW)).new
    await store.commit_poll(PollOutcome(replace(feed, first_poll_done=True), NOW))

    assert await remove_feed(store, WIRE.url) == replace(feed, first_poll_done=True)

    assert await store.find_due_feeds(NOW, limit=9, everything=True) == ()
    (returned,) = (await add_feeds(store, [WIRE], now=NOW)).new
    assert (returned.id, returned.first_poll_done) == (feed.id, True)


async def test_removing_what_is_not_polled_suggests_the_nearest(store: SqlStore) -> None:
    await add_feeds(store, [WIRE, JOURNAL], now=NOW)

    with pytest.raises(InputInvalid, match=r"Did you mean https://wire\.example/rss\?"):
        await remove_feed(store, "https://wire.example/rrs")
    with pytest.raises(InputInvalid, match=r"gone\.invalid\. `newsbot feeds list` shows them all"):
        await remove_feed(store, "gone.invalid")

    assert len(await store.find_feeds()) == 2
