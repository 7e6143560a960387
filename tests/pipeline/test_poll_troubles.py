"""Polls in trouble: servers and disks that fail, others at work at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import Trouble
from bot.fetching import HttpFetcher
from bot.model import FeedSpec, Platform, Story, Subscription, Validators
from bot.pipeline.poll import JUDGED_AT_A_STRETCH
from bot.pipeline.report import PollResult
from bot.ports import PollOutcome
from bot.store import SqlStore
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.pipeline.lab import (
    BROKEN,
    ECHO,
    HTML,
    NEWS,
    NOISE,
    STORIES,
    WIRE,
    Item,
    Newsroom,
    make_poller,
    rss,
)
from tests.servers.feeds import Document, RawServer, head, redirect, saying, stall

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_validators_and_entries_are_committed_together_or_not_at_all(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NEWS))
    await room.add()
    before = await room.feed()
    async with room.store.database.writing() as connection:
        await connection.execute(
            text(
                "create trigger full before insert on entries begin"
                " select raise(abort, 'no space left'); end"
            )
        )

    with pytest.raises(IntegrityError, match="no space left"):
        await room.poll()

    assert await room.feed() == before
    assert before.validators == Validators()
    async with room.store.database.writing() as connection:
        await connection.execute(text("drop trigger full"))
    await room.poll()
    assert await room.titles() == [NEWS.title]
    assert (await room.feed()).validators.etag


@pytest.mark.parametrize("trouble", [BROKEN, HTML], ids=["500", "a page"])
async def test_a_poll_that_fails_keeps_what_is_known_and_counts(
    room: Newsroom, trouble: Document
) -> None:
    await room.go_live()
    before = await room.feed()
    room.server.put(WIRE, trouble)
    room.clock.move(minutes=10)

    reports = [await room.poll(), await room.poll()]

    assert [report.result for report in reports] == [PollResult.FAILED] * 2
    failed = await room.feed()
    assert (failed.failures, failed.error) == (2, reports[1].error)
    assert failed.url in failed.error
    assert failed.next_due_at >= room.clock() + timedelta(minutes=20)
    assert failed == replace(
        before,
        failures=2,
        error=failed.error,
        trouble=failed.trouble,
        failing_since=room.clock(),
        polled_at=room.clock(),
        next_due_at=failed.next_due_at,
    )
    assert failed.trouble
    assert await room.titles() == [NOISE.title]


async def test_a_server_that_stalls_is_a_failure_like_another(room: Newsroom) -> None:
    async with (
        RawServer(stall) as server,
        HttpFetcher(limits(deadline_s=0.3), clock=room.clock) as fetcher,
    ):
        feed = await room.add(server.url())

        report = await make_poller(room.store, fetcher, room.parser, room.clock).poll(feed)

    assert (report.result, report.feed.failures) == (PollResult.FAILED, 1)
    assert "no whole answer in 0.3 s" in (await room.feed("/feed")).error


async def test_the_log_says_on_which_day_a_feed_is_asked_again(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    await room.go_live()
    room.server.put(WIRE, Document(status=503, headers={"Retry-After": "86400"}))

    await room.poll()

    day_after = NOW + timedelta(days=1)
    assert f"asked again at {day_after:%d %b %H:%M} UTC" in caplog.text


async def test_the_log_says_once_when_a_feed_is_asked_again(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    await room.go_live()
    room.server.put(WIRE, Document(status=503, headers={"Retry-After": "60"}))

    report = await room.poll()

    assert "; asked again after 60 s" in report.error  # its wish, not what comes of it
    assert caplog.text.count("asked again") == 1
    assert f"asked again at {report.feed.next_due_at:%H:%M} UTC" in caplog.text


async def test_retry_after_is_obeyed(room: Newsroom) -> None:
    await room.go_live()
    room.server.put(WIRE, Document(status=503, headers={"Retry-After": "7200"}))

    await room.poll()

    assert (await room.feed()).next_due_at == NOW + timedelta(seconds=7200)


async def test_a_feed_recovers_with_its_next_answer(room: Newsroom) -> None:
    await room.go_live()
    room.server.put(WIRE, BROKEN)
    await room.poll()

    report = await room.publish(NEWS, NOISE)

    healed = await room.feed()
    assert (healed.failures, healed.error) == (0, "")
    assert (healed.trouble, healed.failing_since) == (Trouble.NONE, None)
    assert (report.new, len(await room.deliveries())) == (1, 1)


async def test_a_304_heals_too(room: Newsroom) -> None:
    await room.go_live()
    room.server.put(WIRE, BROKEN)
    await room.poll()

    await room.publish(NOISE)

    assert room.server.asked[-1].status == 304
    assert (await room.feed()).failures == 0


async def test_two_feeds_that_report_the_same_at_once_make_one_story(room: Newsroom) -> None:
    await room.go_live()
    await room.go_live("/journal", title="Meridian Journal")

    await asyncio.gather(room.publish(NEWS, NOISE), room.publish(ECHO, NOISE, path="/journal"))

    (story,) = await room.store.find_stories(STORIES)
    assert {told.outlet for told in story.coverage} == {"Example Wire", "Meridian Journal"}
    (owed,) = await room.deliveries()
    assert owed.revision == story.revision == 2


async def test_a_feed_removed_while_it_is_polled_stays_removed(room: Newsroom) -> None:
    is_removed = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_removed.wait()
        await saying(head() + rss(NEWS).body)(reader, writer)

    async with RawServer(answer) as server:
        polling = asyncio.create_task(room.poller.poll(await room.add(server.url())))
        await server.is_asked.wait()

        assert await room.store.remove_feed(server.url())
        is_removed.set()

        assert (await polling).new == 1  # what was under way is not lost
    assert await room.store.find_feeds() == ()


async def test_a_feed_that_moves_to_an_address_added_meanwhile_keeps_its_own(
    room: Newsroom,
) -> None:
    await room.go_live()
    room.server.put("/new", rss(NOISE))
    room.server.put(WIRE, redirect(room.server.url("/new"), status=301))
    await room.poll()
    room.clock.move(days=8)
    stale = await room.feed()
    await room.store.sync_feeds(
        [FeedSpec(room.server.url("/new"))], now=room.clock(), spread=timedelta(0)
    )

    await room.poller.poll(stale)

    assert {f.url for f in await room.store.find_feeds()} == {
        room.server.url(WIRE),
        room.server.url("/new"),
    }


class WatchedStore(SqlStore):
    """The store, noting how many turns another task had when it is called and when it answers."""

    turns = 0
    is_committing = asyncio.Event()

    async def watches_revision(self) -> int:
        revision = await super().watches_revision()
        self.before_judging = self.turns
        return revision

    async def find_candidates(self, terms: Collection[str], **how: Any) -> tuple[Story, ...]:
        self.after_judging = self.turns
        return await super().find_candidates(terms, **how)

    async def find_subscriptions(
        self, platform: Platform | None = None, workspace: str | None = None
    ) -> tuple[Subscription, ...]:
        found = await super().find_subscriptions(platform, workspace)
        self.before_filing = self.turns
        return found

    async def commit_poll(self, outcome: PollOutcome) -> None:
        self.after_filing = self.turns
        self.is_committing.set()
        await super().commit_poll(outcome)


async def test_seven_hundred_entries_leave_others_their_turns(room: Newsroom) -> None:
    dull = [Item(f"tart-{n}", f"Village number {n} bakes a tart") for n in range(640)]
    ours = [Item(f"phone-{n}", f"Huawei phone number {n} goes on sale") for n in range(60)]
    room.server.put(WIRE, rss(*dull, *ours))
    feed = await room.add()
    store = WatchedStore(room.store.database)

    async def take_turns() -> None:
        while True:
            store.turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        report = await make_poller(store, fetcher, room.parser, room.clock).poll(feed)
    other.cancel()

    assert (report.new, report.flagged) == (700, 60)
    told = 60  # summaries
    assert store.after_judging - store.before_judging >= 700 // JUDGED_AT_A_STRETCH + told
    assert store.after_filing - store.before_filing >= 60


async def test_a_poll_dropped_in_mid_commit_is_written_whole_or_not_at_all(room: Newsroom) -> None:
    await room.go_live()
    store = WatchedStore(room.store.database)
    items = [replace(NOISE, id=f"tart-{n}", title=f"Tart number {n}") for n in range(12)]
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(store, fetcher, room.parser, room.clock)
        for turns, item in enumerate(items):
            room.server.put(WIRE, rss(item))
            before = await room.feed()
            store.is_committing.clear()
            polling = asyncio.create_task(poller.poll(before))
            await store.is_committing.wait()
            for _ in range(turns):
                await asyncio.sleep(0)

            polling.cancel()
            await asyncio.wait([polling])

            is_written = item.title in await room.titles()
            assert ((await room.feed()).validators != before.validators) is is_written

    for item in items:
        await room.publish(item)
    assert sorted(await room.titles()) == sorted([NOISE.title, *(item.title for item in items)])
