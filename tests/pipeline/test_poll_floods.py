"""Floods and archives through the whole newsroom, and feeds that are asked sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.errors import FeedUnreachable, FeedUnreadable, Trouble
from bot.model import DeliveryState, Feed, Fetched, ParsedFeed, Platform
from bot.pipeline.report import PollResult
from bot.pipeline.routing import FIRST_POSTS
from bot.scheduling.workers import ParserPool
from bot.store.gathering import MOST
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.pipeline.lab import (
    BROKEN,
    CATALOGUE,
    ECHO,
    NEWS,
    NOISE,
    STORIES,
    WIRE,
    Item,
    Newsroom,
    make_poller,
    open_newsroom,
    rss,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOWNS = tuple(
    f"{first}{second}{last}"
    for first in ("Nor", "Sud", "Bel", "Gran", "Tor", "Val", "Mon", "Ker")
    for second in ("ab", "el", "in", "or", "um", "an", "ev", "ost")
    for last in ("ford", "stad", "berg", "wick", "mouth", "ton", "holm", "dale")
)
TRADES = ("bakers", "nurses", "pilots", "miners", "judges", "tailors", "farmers", "porters")


def different(number: int, **changes: object) -> Item:
    """News of its own, of a maker that is ours."""
    town, trade = TOWNS[number], TRADES[number % len(TRADES)]
    title = f"Huawei phone no. {number + 100} goes on sale in {town} for {trade}"
    item = Item(f"phone-{number}", title, published_at=NOW - timedelta(seconds=400 - number))
    return replace(item, **changes)  # type: ignore[arg-type]


async def drain(room: Newsroom) -> KeepingSender:
    """Post all that is due."""
    sender = KeepingSender(Platform.CONSOLE)
    await Drain(
        PostOffice(
            store=room.store,
            senders=[sender],
            render=partial(make_message, catalogue=CATALOGUE),
            clock=room.clock,
        )
    ).drain()
    return sender


async def test_a_flood_is_a_few_posts_and_digests_and_nothing_is_lost(room: Newsroom) -> None:
    await room.go_live()

    report = await room.publish(*(different(number) for number in range(400)))
    sender = await drain(room)

    stories = await room.store.find_stories(replace(STORIES, limit=999))
    shown = [told for post in sender.stories for told in post.split("+")]
    assert report.flagged == 400
    assert len(stories) > MOST
    assert sorted(shown) == sorted(story.id for story in stories)
    assert len(sender.sent) == FIRST_POSTS
    assert len(sender.digests) == -(-(len(stories) - FIRST_POSTS) // MOST)
    assert {owed.state for owed in await room.deliveries()} == {DeliveryState.SENT}


async def test_an_archive_that_is_listed_again_is_kept_and_posted_nowhere(room: Newsroom) -> None:
    await room.go_live()
    old = [
        different(number, published_at=NOW - timedelta(days=700 + number)) for number in range(300)
    ]

    report = await room.publish(NEWS, *old)

    (owed,) = await room.deliveries()
    stories = await room.store.find_stories(
        replace(STORIES, since=NOW - timedelta(days=9_999), limit=999)
    )
    assert report.flagged == 301
    assert [story.headline for story in stories if not story.is_history] == [NEWS.title]
    assert owed.story_id in {story.id for story in stories if not story.is_history}
    assert len(await room.titles()) == 302


async def test_one_old_entry_is_news_as_dates_lie(room: Newsroom) -> None:
    await room.go_live()

    await room.publish(replace(NEWS, published_at=NOW - timedelta(days=2_000)), NOISE)

    assert len(await room.deliveries()) == 1


async def test_a_feed_that_was_away_for_longer_than_we_remember_begins_anew(
    room: Newsroom,
) -> None:
    await room.go_live()
    room.server.put(WIRE, BROKEN)
    await room.poll()
    room.clock.move(days=120)
    await room.store.forget_entries(room.clock() - timedelta(days=90))

    back = await room.publish(NEWS, NOISE)
    after = await room.publish(replace(ECHO, published_at=room.clock()), NEWS, NOISE)

    assert (back.new, after.new) == (2, 1)
    (owed,) = await room.deliveries()
    assert owed.revision >= 1


async def test_what_was_published_while_a_feed_was_away_is_news_however_long_ago(
    room: Newsroom,
) -> None:
    await room.go_live()
    room.server.put(WIRE, BROKEN)
    await room.poll()
    room.clock.move(days=6)
    missed = [different(number, published_at=NOW + timedelta(hours=2)) for number in range(7)]

    report = await room.publish(*missed)

    assert report.flagged == 7
    stories = await room.store.find_stories(STORIES)
    assert {story.is_history for story in stories} == {False}
    assert len(await room.deliveries()) == len(stories)


async def test_old_dates_of_what_nobody_waits_for_make_no_archive(room: Newsroom) -> None:
    await room.go_live()
    old = NOW - timedelta(days=2_000)
    dull = [replace(NOISE, id=f"n{n}", title=f"Tart {n}", published_at=old) for n in range(9)]

    await room.publish(replace(NEWS, published_at=old), *dull)

    assert len(await room.deliveries()) == 1


async def test_an_edit_beside_an_entry_of_no_interest_is_no_news(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with open_newsroom(tmp_path, parser, adaptive=True) as room:
        await room.go_live()
        await room.publish(NEWS, NOISE)
        brought = await room.feed()
        room.clock.move(hours=3)
        edited = replace(NEWS, title=f"{NEWS.title} (updated)")

        report = await room.publish(edited, replace(NOISE, id="pie", title="A pie"), NOISE)

        after = await room.feed()
        assert (report.new, report.edited) == (1, 1)
        assert after.flagged_at == brought.flagged_at == NOW
        assert after.next_due_at > room.clock() + timedelta(seconds=400)


async def test_a_clock_that_ran_ahead_leaves_nothing_behind(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with open_newsroom(tmp_path, parser, adaptive=True) as room:
        await room.go_live()
        room.clock.move(days=3_650)
        await room.publish(NEWS, NOISE)
        room.clock.move(days=-3_648)

        due = await room.store.find_due_feeds(room.clock(), limit=9)
        await room.poller.poll(due[0])

        (feed,) = await room.store.find_feeds()
        assert feed.flagged_at == feed.changed_at == feed.answered_at == room.clock()
        assert feed.fetched_whole_at == room.clock()
        soon = feed.next_due_at - room.clock()
        assert timedelta(seconds=400) < soon < timedelta(days=1)  # and nothing is hot


# Rhythm


@pytest.fixture
def items() -> list[Item]:
    """One item an hour for a day, the newest first."""
    return [
        replace(NOISE, id=f"{n}", title=f"Tart number {n}", published_at=NOW - timedelta(hours=n))
        for n in range(24)
    ]


async def test_the_first_document_sets_the_rhythm(
    tmp_path: Path, parser: ParserPool, items: list[Item]
) -> None:
    async with open_newsroom(tmp_path, parser, adaptive=True) as room:
        room.server.put(WIRE, rss(*items))
        room.server.put("/slow", rss(*items[::8]))
        await room.add()
        await room.add(room.server.url("/slow"))
        await room.poll()
        await room.poll("/slow")

        fast, slow = await room.feed(), await room.feed("/slow")
        assert (fast.gap_s, slow.gap_s) == (3_600, 8 * 3_600)
        assert 300 <= (fast.next_due_at - NOW).total_seconds() <= 330
        assert 848 <= (slow.next_due_at - NOW).total_seconds() <= 934


async def test_news_hurries_the_feeds_that_bring_ours(
    tmp_path: Path, parser: ParserPool, items: list[Item]
) -> None:
    async with open_newsroom(tmp_path, parser, adaptive=True, max_interval_s=86_400) as room:
        weekly = [
            replace(item, published_at=NOW - timedelta(weeks=n)) for n, item in enumerate(items)
        ]
        for path, first in {WIRE: NEWS, "/ours": ECHO, "/other": NOISE}.items():
            old = replace(first, published_at=NOW - timedelta(days=2))
            await room.go_live(path, *weekly[1:], old)
        room.clock.move(minutes=20)
        before = {path: (await room.feed(path)).next_due_at for path in ("/ours", "/other")}
        assert min(before.values()) > NOW + timedelta(minutes=50)

        await room.publish(different(1), *weekly[1:])

        ours, other, wire = [await room.feed(path) for path in ("/ours", "/other", WIRE)]
        assert ours.next_due_at <= room.clock() + timedelta(seconds=30)
        assert other.next_due_at == before["/other"]
        assert wire.next_due_at <= room.clock() + timedelta(seconds=330)
        room.clock.move(minutes=1)
        await room.poll("/ours")
        assert (await room.feed("/ours")).next_due_at <= room.clock() + timedelta(seconds=330)
        room.clock.move(hours=2)
        await room.poll("/ours")
        assert (await room.feed("/ours")).next_due_at > room.clock() + timedelta(minutes=50)


# Polls that were not made


class Quiet:
    """Gives no turn, as the host asked to be left alone."""

    async def fetch(self, feed: Feed, *, conditional: bool) -> Fetched:
        raise FeedUnreachable(
            f"{feed.url}: asked to be left alone", retry_after_s=900.0, was_asked=False
        )


async def test_a_poll_that_was_not_made_is_no_failure(room: Newsroom) -> None:
    await room.go_live()
    before = await room.feed()
    room.clock.move(minutes=10)
    poller = make_poller(room.store, Quiet(), room.parser, room.clock)

    report = await poller.poll(before)

    after = await room.feed()
    assert (report.result, report.error) == (
        PollResult.FAILED,
        f"{before.url}: asked to be left alone",
    )
    # no failure, but on record, so that nobody hastens it
    assert after == replace(before, next_due_at=after.next_due_at, trouble=Trouble.CONNECTION)
    assert 900 <= (after.next_due_at - room.clock()).total_seconds() <= 990


class Busy:
    """Reads nothing, as it has enough to read."""

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        raise FeedUnreadable(
            f"{fetched.url}: others came first", trouble=Trouble.HEAVY, was_read=False
        )


async def test_a_document_that_nobody_had_time_for_is_no_failure(room: Newsroom) -> None:
    await room.go_live()
    room.server.put(WIRE, rss(Item("1", "Huawei P10 dropped by AT&T")))
    before = await room.feed()
    room.clock.move(minutes=10)
    poller = make_poller(room.store, room.fetcher, Busy(), room.clock)

    report = await poller.poll(before)

    after = await room.feed()
    assert report.result is PollResult.FAILED
    assert after == replace(before, next_due_at=after.next_due_at, trouble=Trouble.HEAVY)
    assert 600 <= (after.next_due_at - room.clock()).total_seconds() <= 660
