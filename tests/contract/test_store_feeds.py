"""The store's contract: feeds. Every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import LONGEST_WAIT, Feed, FeedOrigin, FeedSpec, Validators
from bot.ports import Store
from bot.store import SqlStore
from bot.store.feeds import ADDED_AT_ONCE
from tests.builders import NOW
from tests.contract.polls import add_feed, find_known, new_entry, outcome

A, B, C = (f"https://{name}.example/rss" for name in "abc")
MINUTE = timedelta(minutes=1)


async def sync(
    store: Store, *specs: FeedSpec | str, at: timedelta = timedelta(0)
) -> Sequence[Feed]:
    """Configure ``specs`` at ``NOW + at`` and give what is polled then."""
    await store.sync_feeds(
        [FeedSpec(spec) if isinstance(spec, str) else spec for spec in specs],
        now=NOW + at,
        spread=3 * MINUTE,
    )
    return await store.find_feeds()


async def move(store: Store, feed: Feed, url: str) -> Feed:
    """Poll ``feed`` and adopt ``url`` as its address; the feed as it is then."""
    await store.commit_poll(outcome(replace(feed, spec=replace(feed.spec, url=url))))
    return next(found for found in await store.find_feeds() if found.id == feed.id)


async def test_configured_feeds_fall_due_over_the_spread_in_order(store: SqlStore) -> None:
    await sync(store, C, A, B)

    due = await store.find_due_feeds(NOW + timedelta(days=1), limit=9)

    assert [(feed.url, feed.next_due_at) for feed in due] == [
        (C, NOW),
        (A, NOW + MINUTE),
        (B, NOW + 2 * MINUTE),
    ]
    assert {(f.origin, f.first_poll_done) for f in due} == {(FeedOrigin.CONFIGURED, False)}


async def test_two_processes_that_start_at_once_add_each_feed_once(store: SqlStore) -> None:
    await asyncio.gather(*(sync(store, A, B, C) for _ in range(4)))

    assert [feed.url for feed in await store.find_feeds()] == [A, B, C]


async def test_a_list_longer_than_one_write_takes_is_added_whole(store: SqlStore) -> None:
    urls = [f"https://wire.example/{number}" for number in range(ADDED_AT_ONCE + 1)]

    await store.sync_feeds([FeedSpec(url) for url in urls], now=NOW, spread=MINUTE)

    due = await store.find_due_feeds(NOW + MINUTE, limit=len(urls) + 1)
    assert [feed.url for feed in due] == urls


async def test_feeds_are_listed_by_name_whatever_its_case(store: SqlStore) -> None:
    feeds = await sync(store, FeedSpec(A, title="beta"), FeedSpec(B, title="Alpha"), C)

    assert [feed.name for feed in feeds] == ["Alpha", "beta", C]


async def test_only_due_feeds_are_due_longest_due_first(store: SqlStore) -> None:
    await sync(store, A, B, C)

    due = await store.find_due_feeds(NOW + MINUTE, limit=9)
    first = await store.find_due_feeds(NOW + MINUTE, limit=1)
    everything = await store.find_due_feeds(NOW, limit=9, everything=True)

    assert [feed.url for feed in due] == [A, B]
    assert [feed.url for feed in first] == [A]
    assert [feed.url for feed in everything] == [A, B, C]


async def test_hosts_that_are_busy_are_left_out_and_no_others(store: SqlStore) -> None:
    busy = ["https://a_b.example/1", "http://a_b.example/2", "https://a_b.example:81/3"]
    others = ["https://a-b.example/", "https://a_b.example.org/", "https://c.example/a_b.example/"]
    await sync(store, *busy, *others)
    by = NOW + timedelta(days=1)

    one = await store.find_due_feeds(by, limit=9, but_not_at=["a_b.example"])
    two = await store.find_due_feeds(by, limit=2, but_not_at=["a_b.example", "a_b.example:81"])

    assert [feed.url for feed in one] == [busy[2], *others]
    assert [feed.url for feed in two] == others[:2]


async def test_a_feed_that_leaves_the_list_is_not_polled_and_not_forgotten(
    store: SqlStore,
) -> None:
    feed, _ = await sync(store, A, B)
    polled = replace(feed, validators=Validators("v1"), next_due_at=NOW + MINUTE)
    await store.commit_poll(outcome(polled, new_entry("One")))

    (left,) = await sync(store, B)
    due = await store.find_due_feeds(NOW + timedelta(days=9), limit=9, everything=True)
    assert ([f.url for f in due], left.url) == ([B], B)
    assert (await store.load_counts(NOW)).feeds == 1

    returned, _ = await sync(store, A, B, at=timedelta(days=7))
    assert returned == replace(polled, next_due_at=NOW + timedelta(days=7))
    assert len(await find_known(store, returned, "One")) == 1


async def test_syncing_again_changes_what_the_list_says_and_nothing_else(store: SqlStore) -> None:
    a, b = await sync(store, FeedSpec(A, title="A"), B)

    again = await sync(store, FeedSpec(A, outlet="a", lang="en"), FeedSpec(B, "B"), at=MINUTE)

    assert again == (
        replace(a, spec=FeedSpec(A, title="A", outlet="a", lang="en")),
        replace(b, spec=FeedSpec(B, title="B")),
    )


async def test_an_address_listed_twice_is_one_feed_the_first(store: SqlStore) -> None:
    (feed,) = await sync(store, FeedSpec(A, title="first"), FeedSpec(A, title="second"))

    assert feed.name == "first"


async def test_no_list_retires_every_configured_feed(store: SqlStore) -> None:
    await sync(store, A, B)

    assert await sync(store) == ()


async def test_feeds_people_added_stay_whatever_the_list_says(store: SqlStore) -> None:
    added = await add_feed(store, A)

    assert await sync(store, B, FeedSpec(A, title="A")) == (
        replace(added, spec=FeedSpec(A, title="A")),
        await only(store, B),
    )
    assert [feed.url for feed in await sync(store)] == [A]


async def test_a_feed_is_added_once_and_due_at_once(store: SqlStore) -> None:
    spec = FeedSpec(A, title="A", outlet="a", lang="zh")

    first, is_new = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW)
    second, is_new_again = await store.add_feed(
        FeedSpec(A), origin=FeedOrigin.CONFIGURED, now=NOW + MINUTE
    )

    assert (is_new, is_new_again) == (True, False)
    assert first == second
    assert (first.spec, first.next_due_at, first.origin) == (spec, NOW, FeedOrigin.ADDED)


async def test_a_removed_feed_is_gone_until_somebody_adds_it_again(store: SqlStore) -> None:
    feed = await add_feed(store, A)
    await store.commit_poll(outcome(replace(feed, validators=Validators("v1"))))

    assert await store.remove_feed(A)
    assert not await store.remove_feed(A)
    assert not await store.remove_feed(B)
    assert await store.find_feeds() == ()

    later = NOW + timedelta(days=1)
    again, is_new = await store.add_feed(FeedSpec(A, title="A"), origin=FeedOrigin.ADDED, now=later)
    assert is_new
    assert (again.id, again.validators, again.next_due_at) == (feed.id, Validators("v1"), later)
    assert again.name == "A"


async def test_a_feed_the_list_brings_back_follows_the_list_again(store: SqlStore) -> None:
    await add_feed(store, A)
    await store.remove_feed(A)

    (returned,) = await sync(store, A)

    assert returned.origin is FeedOrigin.CONFIGURED
    assert await sync(store) == ()


async def test_a_moved_feed_is_recognised_by_the_address_in_the_list(store: SqlStore) -> None:
    (feed,) = await sync(store, A)
    moved = await move(store, feed, B)
    assert moved.url == B

    assert await sync(store, A) == (moved,)
    assert await store.add_feed(FeedSpec(A), origin=FeedOrigin.ADDED, now=NOW) == (
        moved,
        False,
    )
    assert await store.remove_feed(A)


async def test_a_moved_feed_survives_the_correction_of_the_list(store: SqlStore) -> None:
    (feed,) = await sync(store, A)
    await move(store, feed, B)

    assert [f.id for f in await sync(store, B)] == [feed.id]
    await move(store, feed, C)  # recognised by B from now on
    assert [f.id for f in await sync(store, B)] == [feed.id]


@pytest.mark.parametrize("urls", [(A, B), (B, A)])
async def test_a_list_with_both_addresses_of_a_moved_feed_polls_it_once(
    store: SqlStore, urls: tuple[str, str]
) -> None:
    (feed,) = await sync(store, A)
    moved = await move(store, feed, B)

    assert await sync(store, *urls) == (moved,)
    assert await sync(store, A) == (moved,)


@pytest.mark.parametrize("is_retired", [False, True])
async def test_a_feed_does_not_move_to_the_address_of_another(
    store: SqlStore, is_retired: bool
) -> None:
    feed = await add_feed(store, A)
    await add_feed(store, B)
    if is_retired:
        await store.remove_feed(B)

    moved = await move(store, replace(feed, validators=Validators("v1")), B)

    assert (moved.url, moved.validators) == (A, Validators("v1"))


async def test_failing_feeds_are_counted_among_the_polled(store: SqlStore) -> None:
    feeds = await sync(store, A, B, C)
    for feed in feeds[:2]:
        await store.commit_poll(outcome(replace(feed, failures=3)))
    await sync(store, B, C)

    counts = await store.load_counts(NOW)

    assert (counts.feeds, counts.feeds_failing) == (2, 1)


async def only(store: Store, url: str) -> Feed:
    """The feed polled at ``url``."""
    (feed,) = [feed for feed in await store.find_feeds() if feed.url == url]
    return feed


async def test_who_added_a_feed_is_remembered(store: SqlStore) -> None:
    spec, by = FeedSpec("https://wire.example/rss"), "discord/G1"
    added, _ = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by=by)
    again, is_new = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by="slack/T")

    assert (added.added_by, again.added_by, is_new) == (by, by, False)
    assert [feed.added_by for feed in await store.find_feeds()] == [by]
    assert [feed.added_by for feed in await store.find_due_feeds(NOW, limit=9)] == [by]


async def test_a_feed_belongs_to_who_brought_it_back(store: SqlStore) -> None:
    spec = FeedSpec("https://wire.example/rss")
    await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by="discord/G1")
    await store.remove_feed(spec.url)

    back, _ = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by="discord/G2")
    assert back.added_by == "discord/G2"

    await store.remove_feed(spec.url)
    await store.sync_feeds([spec], now=NOW, spread=timedelta(0))
    assert [feed.added_by for feed in await store.find_feeds()] == [""]


async def test_a_poll_does_not_forget_who_added_its_feed(store: SqlStore) -> None:
    spec = FeedSpec("https://wire.example/rss")
    feed, _ = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by="discord/G1")

    await store.commit_poll(outcome(feed))

    assert await store.find_feeds() == (feed,)


async def test_a_feed_that_a_wrong_clock_put_off_for_years_is_due(store: SqlStore) -> None:
    week, lost, due = await sync(store, A, B, C)
    for feed, at in (
        (week, NOW + LONGEST_WAIT),
        (lost, NOW + LONGEST_WAIT + MINUTE),
        (due, NOW - MINUTE),
    ):
        await store.commit_poll(outcome(replace(feed, next_due_at=at)))

    assert [feed.url for feed in await store.find_due_feeds(NOW, limit=9)] == [C, B]
    assert [feed.url for feed in await store.find_due_feeds(NOW, limit=1)] == [C]


async def test_a_push_leaves_what_polls_wrote_meanwhile(store: SqlStore) -> None:
    read = await add_feed(store)
    failed = replace(read, failures=3, error="gone", next_due_at=NOW + 60 * MINUTE, polled_at=NOW)
    await store.commit_poll(outcome(failed))
    told: dict[str, Any] = {"gap_s": 60.0, "answered_at": NOW, "changed_at": NOW, "flagged_at": NOW}

    await store.commit_poll(outcome(replace(read, **told), is_pushed=True))

    assert await store.find_feeds() == (replace(failed, **told),)


@pytest.mark.parametrize("is_pushed", [False, True])
async def test_what_was_seen_last_does_not_go_back(store: SqlStore, *, is_pushed: bool) -> None:
    names = ("answered_at", "changed_at", "flagged_at")
    feed = await add_feed(store)
    for minutes, expected in ((5, 5), (3, 5), (None, 5), (7, 7), (9_999, 9_999), (8, 8)):
        at = None if minutes is None else NOW + minutes * MINUTE
        state = replace(feed, answered_at=at, changed_at=at, flagged_at=at)

        await store.commit_poll(outcome(state, is_pushed=is_pushed))

        (found,) = await store.find_feeds()
        assert {getattr(found, name) for name in names} == {NOW + expected * MINUTE}


async def test_polls_and_pushes_share_a_transaction(store: SqlStore) -> None:
    feeds = await sync(store, A, B, C)

    await asyncio.gather(
        *(
            store.commit_poll(
                outcome(replace(feed, gap_s=feed.id * 9.0, failures=2), is_pushed=feed.url == B)
            )
            for feed in feeds
        )
    )

    found = await store.find_feeds()
    assert [feed.gap_s for feed in found] == [feed.id * 9.0 for feed in feeds]
    assert [feed.failures for feed in found] == [2, 0, 2]


def asked(feed: Feed, minutes: int, **changes: Any) -> Feed:
    """``feed`` after a poll ``minutes`` from ``NOW`` on, that brought nothing but ``changes``."""
    at = NOW + minutes * MINUTE
    return replace(feed, polled_at=at, answered_at=at, next_due_at=at + 60 * MINUTE, **changes)


async def test_a_poll_that_brings_nothing_leaves_what_others_learned_of_documents(
    store: SqlStore,
) -> None:
    read = await add_feed(store)
    theirs = replace(read, body_hash="b1", validators=Validators("e1"), failures=2, error="gone")
    await store.commit_poll(outcome(theirs))

    await store.commit_poll(outcome(asked(read, 5), before=read))

    assert await store.find_feeds() == (asked(theirs, 5, failures=0, error=""),)


@pytest.mark.parametrize(
    "new", [{"validators": Validators("e2")}, {"failures": 0, "error": ""}, {"interval_s": 9.0}]
)
async def test_all_of_a_feed_is_written_where_anything_of_it_is_new(
    store: SqlStore, new: dict[str, Any]
) -> None:
    read = replace(await add_feed(store), failures=2, error="gone", body_hash="b1")
    await store.commit_poll(outcome(replace(read, body_hash="b2", failures=3)))

    await store.commit_poll(outcome(asked(read, 5, **new), before=read))

    assert await store.find_feeds() == (asked(read, 5, **new),)


async def test_the_last_answer_does_not_go_back_where_nothing_else_is_new(store: SqlStore) -> None:
    feed = await add_feed(store)
    for minutes, expected in ((5, 5), (3, 5), (7, 7), (9_999, 9_999), (8, 8)):
        await store.commit_poll(outcome(asked(feed, minutes), before=feed))

        (found,) = await store.find_feeds()
        assert found.answered_at == NOW + expected * MINUTE
        assert found.polled_at == NOW + minutes * MINUTE


async def test_polls_that_bring_much_and_nothing_share_a_transaction(store: SqlStore) -> None:
    feeds = await sync(store, A, B, C)

    await asyncio.gather(
        *(
            store.commit_poll(outcome(asked(feed, 5, failures=int(feed.url == B)), before=feed))
            for feed in feeds
        )
    )

    assert await store.find_feeds() == tuple(asked(f, 5, failures=int(f.url == B)) for f in feeds)
