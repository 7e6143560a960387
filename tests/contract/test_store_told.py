"""The store's contract: what is known and told of feeds that are not well. On both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.errors import Trouble
from bot.model import Feed, FeedOrigin, FeedSpec, Told, Validators
from bot.store import SqlStore
from tests.builders import NOW
from tests.contract.polls import add_feed, outcome

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A = "https://a.example/rss"


async def read(store: SqlStore) -> Feed:
    (feed,) = await store.find_due_feeds(NOW, limit=9, everything=True)
    return feed


async def test_a_poll_is_read_back_with_all_it_learned(store: SqlStore) -> None:
    feed = await add_feed(store)
    polled = replace(
        feed,
        validators=Validators("etag", "modified"),
        body_hash="hash",
        first_poll_done=True,
        polled_at=NOW + 1 * HOUR,
        changed_at=NOW + 2 * HOUR,
        fetched_whole_at=NOW + 3 * HOUR,
        answered_at=NOW + 4 * HOUR,
        failing_since=NOW + 5 * HOUR,
        flagged_at=NOW + 6 * HOUR,
        moved_since=NOW + 7 * HOUR,
        next_due_at=NOW + 8 * HOUR,
        interval_s=900.5,
        gap_s=1234.5,
        failures=3,
        error="error",
        trouble=Trouble.NAME,
        flaw="flaw",
        marks=b"\x01\x00marks\xff",
        moved_to="https://a.example/new",
        hub="https://hub.example/",
        topic="https://a.example/self",
    )

    await store.commit_poll(outcome(polled))

    assert await read(store) == polled
    assert await store.find_feeds() == (replace(polled, marks=b""),)


async def test_it_is_known_who_added_a_feed_and_when(store: SqlStore) -> None:
    spec, by, person = FeedSpec(A), "slack/T1", "U1"
    added, _ = await store.add_feed(
        spec, origin=FeedOrigin.ADDED, now=NOW, added_by=by, added_person=person
    )
    again, _ = await store.add_feed(
        spec, origin=FeedOrigin.ADDED, now=NOW + DAY, added_by=by, added_person="U2"
    )
    assert (added.added_by, added.added_person, added.added_at) == (by, person, NOW)
    assert again == added

    await store.remove_feed(A)
    back, _ = await store.add_feed(
        spec, origin=FeedOrigin.ADDED, now=NOW + DAY, added_by="slack/T2", added_person="U2"
    )
    assert (back.added_by, back.added_person, back.added_at) == ("slack/T2", "U2", NOW + DAY)

    await store.remove_feed(A)
    await store.sync_feeds([spec], now=NOW + 2 * DAY, spread=HOUR)
    configured = await read(store)
    assert (configured.added_by, configured.added_person) == ("", "")


async def test_a_configured_feed_knows_when_it_came(store: SqlStore) -> None:
    await store.sync_feeds([FeedSpec(A)], now=NOW, spread=HOUR)
    await store.sync_feeds([FeedSpec(A, title="A")], now=NOW + DAY, spread=HOUR)

    assert (await read(store)).added_at == NOW


async def test_what_was_told_is_noted_once(store: SqlStore) -> None:
    feed = await add_feed(store)

    noted = await asyncio.gather(
        *(store.note_told(feed, Told.BROKEN, now=NOW + n * HOUR) for n in range(4))
    )

    assert sorted(noted) == [False, False, False, True]
    told = await read(store)
    assert (told.told, told.told_at) == (Told.BROKEN, NOW + noted.index(True) * HOUR)
    assert not await store.note_told(feed, Told.SILENT, now=NOW)
    assert not await store.note_told(replace(told, told_at=NOW - HOUR), Told.NOTHING, now=NOW)
    assert not await store.note_told(replace(told, told=Told.SILENT), Told.NOTHING, now=NOW)
    assert await store.note_told(told, Told.NOTHING, now=NOW + DAY)
    assert ((await read(store)).told, (await read(store)).told_at) == (Told.NOTHING, NOW + DAY)


async def test_a_poll_leaves_what_was_told(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.note_told(feed, Told.SILENT, now=NOW)

    await store.commit_poll(outcome(replace(feed, failures=2)))

    assert (await read(store)).told is Told.SILENT


async def test_of_a_feed_that_was_removed_nothing_is_told(store: SqlStore) -> None:
    feed = await add_feed(store, A)
    await store.note_told(feed, Told.BROKEN, now=NOW)
    broken = await read(store)
    await store.remove_feed(A)
    assert not await store.note_told(broken, Told.NOTHING, now=NOW)

    await add_feed(store, A)
    assert ((await read(store)).told, (await read(store)).told_at) == (Told.NOTHING, None)


async def test_feeds_that_may_be_worth_a_word_are_found(store: SqlStore) -> None:
    names = ("well", "fails", "quiet", "slow", "young", "told", "removed")
    feeds = {name: await add_feed(store, f"https://{name}.example/rss") for name in names}
    learned: dict[str, dict[str, Any]] = {
        "well": {"gap_s": 60.0, "changed_at": NOW},
        "fails": {"failures": 1, "marks": b"marks"},
        "quiet": {"gap_s": 60.0, "changed_at": NOW - 2 * DAY},
        "slow": {"changed_at": NOW - 9 * DAY},
        "young": {"gap_s": 60.0},
        "removed": {"failures": 9},
    }
    for name, changes in learned.items():
        await store.commit_poll(outcome(replace(feeds[name], **changes)))
    await store.note_told(feeds["told"], Told.BROKEN, now=NOW)
    await store.remove_feed(feeds["removed"].url)

    found = await store.find_ailing_feeds(quiet_before=NOW - DAY)

    assert [feed.id for feed in found] == [feeds[name].id for name in ("fails", "quiet", "told")]
    assert {feed.marks for feed in found} == {b""}


async def test_the_last_answer_is_that_of_a_polled_feed(store: SqlStore) -> None:
    assert await store.last_answer_or_none() is None
    for number in range(4):
        feed = await add_feed(store, f"https://{number}.example/rss")
        await store.commit_poll(outcome(replace(feed, answered_at=NOW + number * HOUR)))
    await store.remove_feed("https://3.example/rss")

    assert await store.last_answer_or_none() == NOW + 2 * HOUR
