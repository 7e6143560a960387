"""Polls from the server to the store: real HTTP, a real parser in its process, real SQLite."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.fetching import HttpFetcher
from bot.model import DeliveryState
from bot.pipeline.report import PollResult
from bot.scheduling.workers import ParserPool
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.pipeline.lab import (
    NEWS,
    NOISE,
    STORIES,
    WIRE,
    Newsroom,
    make_poller,
    rss,
)
from tests.servers.feeds import redirect

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_first_poll_is_kept_as_history_and_posted_nowhere(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NEWS, NOISE))
    await room.add()

    report = await room.poll()

    assert (report.result, report.new, report.flagged) == (PollResult.CHANGED, 2, 1)
    assert await room.titles() == [NOISE.title, NEWS.title]  # as they were published
    (story,) = await room.store.find_stories(STORIES)
    assert (story.headline, story.is_history) == (NEWS.title, True)
    assert await room.deliveries() == []
    assert report.feed == await room.feed()
    assert report.feed.first_poll_done


async def test_what_comes_after_the_first_poll_is_owed_once(room: Newsroom) -> None:
    await room.go_live()

    report = await room.publish(NEWS, NOISE)
    await room.publish(replace(NOISE, id="pie", title="Village bakes a pie"), NEWS, NOISE)

    assert (report.new, report.flagged) == (1, 1)
    (owed,) = await room.deliveries()
    assert (owed.state, owed.revision) == (DeliveryState.OWED, 1)


async def test_a_feed_without_a_title_takes_the_one_of_its_document(room: Newsroom) -> None:
    await room.go_live()
    await room.go_live("/named", title="Our name for it")

    assert (await room.feed()).spec.title == "Example Wire"
    assert (await room.feed("/named")).spec.title == "Our name for it"


async def test_validators_of_a_200_are_sent_back_and_a_304_changes_nothing(room: Newsroom) -> None:
    await room.go_live()
    first = await room.feed()
    room.clock.move(minutes=10)

    report = await room.poll()

    assert report.result is PollResult.UNCHANGED
    _, second = room.server.asked
    assert second.status == 304
    assert second.headers["If-None-Match"] == first.validators.etag
    assert second.headers["If-Modified-Since"] == first.validators.last_modified
    told = await room.feed()
    assert told.polled_at == NOW + timedelta(minutes=10)
    assert told.next_due_at == NOW + timedelta(minutes=20)
    assert (told.changed_at, told.body_hash) == (first.changed_at, first.body_hash)


async def test_validators_that_come_with_a_304_are_kept(room: Newsroom) -> None:
    document = rss(NOISE, etag="", headers={"ETag": '"one"'})
    room.server.put(WIRE, document, replace(document, headers={"ETag": '"two"'}))
    await room.add()
    await room.poll()
    assert (await room.feed()).validators.etag == '"one"'

    # Only the date is compared, as a server behind a cache may do.
    room.server.put(WIRE, replace(document, headers={"ETag": '"two"'}))
    feed = await room.feed()
    await room.poller.poll(replace(feed, validators=replace(feed.validators, etag=None)))

    assert room.server.asked[-1].status == 304
    assert (await room.feed()).validators.etag == '"two"'


async def test_the_same_body_is_not_read_again_where_a_server_ignores_validators(
    room: Newsroom,
) -> None:
    plain = rss(NOISE, etag="", last_modified=None)
    room.server.put(WIRE, plain)
    await room.add()
    await room.poll()
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        closed = ParserPool()  # refuses whatever it is asked to read
        poller = make_poller(room.store, fetcher, closed, room.clock)

        report = await poller.poll(await room.feed())

        assert (room.server.asked[-1].status, report.result) == (200, PollResult.UNCHANGED)
        room.server.put(WIRE, rss(NEWS, NOISE, etag="", last_modified=None))
        with pytest.raises(RuntimeError, match="outside"):
            await poller.poll(await room.feed())


async def test_an_empty_channel_resets_nothing_and_loses_nothing(room: Newsroom) -> None:
    await room.go_live(WIRE, NEWS, NOISE)

    empty = await room.publish()
    back = await room.publish(NEWS, NOISE)

    assert (empty.result, back.result) == (PollResult.UNCHANGED, PollResult.UNCHANGED)
    assert (await room.feed()).first_poll_done
    assert await room.titles() == [NOISE.title, NEWS.title]
    assert await room.deliveries() == []


async def test_an_edited_headline_edits_the_post(room: Newsroom) -> None:
    await room.go_live()
    await room.publish(NEWS, NOISE)
    edited = replace(NEWS, title="AT&T drops Huawei phones at the last minute")

    report = await room.publish(edited, NOISE)

    assert (report.result, report.new, report.edited) == (PollResult.CHANGED, 0, 1)
    (story,) = await room.store.find_stories(STORIES)
    (owed,) = await room.deliveries()
    assert (story.headline, owed.revision) == (edited.title, 2)
    counts = await room.store.load_counts(NOW)
    assert (counts.entries, counts.edits) == (2, 1)


async def test_an_edit_reaches_the_post_though_it_names_nobody_any_more(room: Newsroom) -> None:
    await room.go_live()
    await room.publish(NEWS, NOISE)
    edited = replace(NEWS, title="Phone plan is off, officials say", summary="No names were given.")

    await room.publish(edited, NOISE)

    (story,) = await room.store.find_stories(STORIES)
    (owed,) = await room.deliveries()
    assert (story.headline, owed.revision) == (edited.title, 2)


async def test_a_rewritten_date_is_no_news(room: Newsroom) -> None:
    await room.go_live()
    await room.publish(NEWS, NOISE)
    room.clock.move(hours=6)

    report = await room.publish(replace(NEWS, published_at=NOW + timedelta(hours=5)), NOISE)

    assert (report.new, report.flagged) == (0, 0)
    (owed,) = await room.deliveries()
    counts = await room.store.load_counts(NOW)
    assert (owed.revision, counts.entries, counts.edits) == (1, 2, 0)


async def test_an_entry_that_leaves_and_returns_is_not_new(room: Newsroom) -> None:
    await room.go_live()
    await room.publish(NEWS, NOISE)
    await room.publish(NOISE)
    room.clock.move(days=3)

    report = await room.publish(NEWS, NOISE)

    assert (report.result, report.new) == (PollResult.UNCHANGED, 0)
    assert len(await room.deliveries()) == 1


async def test_once_a_day_a_feed_is_fetched_without_validators(room: Newsroom) -> None:
    await room.go_live()
    for hours in (23, 1, 1):
        room.clock.move(hours=hours)
        await room.poll()

    assert ["If-None-Match" in one.headers for one in room.server.asked] == [
        False, True, False, True,
    ]  # fmt: skip
    assert (await room.feed()).fetched_whole_at == NOW + timedelta(hours=24)


async def test_entries_of_a_feed_that_never_changes_are_not_forgotten(room: Newsroom) -> None:
    await room.go_live()
    for _ in range(4):
        room.clock.move(days=30)
        assert (await room.poll()).result is PollResult.UNCHANGED

    assert await room.store.forget_entries(room.clock() - timedelta(days=90)) == 0
    report = await room.publish(NEWS, NOISE)

    assert report.new == 1


async def test_a_permanent_redirect_is_adopted_after_a_week_of_the_same_answer(
    room: Newsroom,
) -> None:
    await room.go_live()
    room.server.put("/new", rss(NOISE))
    room.server.put(WIRE, redirect(room.server.url("/new"), status=301))
    await room.poll()
    assert (await room.feed()).moved_to == room.server.url("/new")

    room.clock.move(days=6)
    await room.poll()
    room.clock.move(days=1)
    await room.poll()

    adopted = await room.feed("/new")
    assert (adopted.moved_to, adopted.moved_since) == ("", None)
    await room.publish(NEWS, NOISE, path="/new")
    assert (room.server.asked[-1].path, len(await room.deliveries())) == ("/new", 1)


async def test_a_publishers_ttl_slows_its_feed_down(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NOISE, ttl_min=30))
    await room.add()

    await room.poll()
    due = [(await room.feed()).next_due_at]
    room.clock.move(minutes=30)
    await room.poll()  # 304: the wish stands

    due.append((await room.feed()).next_due_at)
    assert room.server.asked[-1].status == 304
    assert due == [NOW + timedelta(minutes=30), NOW + timedelta(minutes=60)]
