"""Databases of every earlier version, with data in them, under the program of today."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.delivery.retry import RetryRules
from bot.fetching import HttpFetcher
from bot.model import Catalogue, Platform
from bot.ports import StoryQuery
from bot.scheduling.workers import ParserPool
from bot.store import current_revision, head_revision, open_store, upgrade
from bot.stories import TERM_RULE
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.pipeline.lab import WIRE, Item, MovableClock, make_poller, rss
from tests.servers.feeds import FeedServer
from tests.store.ages import DISCORD, POST, REVISIONS, SLACK, TITLE, build, read

ROOT = Path(__file__).resolve().parents[2]

KILLED_IN_THE_MIDDLE = """
import asyncio, os, signal, sys
from alembic.runtime.migration import HeadMaintainer
from bot.store import upgrade

note_step = HeadMaintainer.update_to_step

def note_and_die(self, step):
    note_step(self, step)
    if "0005" in self.heads:
        os.kill(os.getpid(), signal.SIGKILL)

HeadMaintainer.update_to_step = note_and_die
asyncio.run(upgrade(sys.argv[1]))
"""


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_upgrade_loses_no_row_and_no_value(revision: str, database_url: str) -> None:
    await build(database_url, revision)
    before = await read(database_url)

    await upgrade(database_url)
    after = await read(database_url)

    assert await current_revision(database_url) == head_revision()
    del before["alembic_version"]
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for row in rows:
            assert any(row <= now for now in after[table]), (table, row)


async def test_an_upgrade_killed_in_the_middle_changes_nothing_and_is_made_again(
    database_url: str,
) -> None:
    await build(database_url, "0001")
    before = await read(database_url)

    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_IN_THE_MIDDLE, database_url, cwd=ROOT
    )
    assert await killed.wait() == -signal.SIGKILL
    assert await read(database_url) == before

    await upgrade(database_url)
    assert await current_revision(database_url) == head_revision()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as pool:
        yield pool


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_bot_goes_on_with_it(revision: str, database_url: str, parser: ParserPool) -> None:
    clock, edited = MovableClock(), f"{TITLE}, and Verizon waits"
    sender, elsewhere = KeepingSender(), KeepingSender(Platform.DISCORD)
    async with FeedServer() as server, HttpFetcher(limits(), clock=clock) as fetcher:
        server.put(WIRE, rss(Item("deal", edited, "AT&T walked away from it.")))
        await build(database_url, revision, feed_url=server.url(WIRE))
        async with await open_store(database_url) as store:
            await store.index_stories(since=NOW - timedelta(days=5), rule=TERM_RULE)
            await store.release_leases()
            (feed,) = await store.find_due_feeds(NOW, limit=9)
            report = await make_poller(store, fetcher, parser, clock).poll(feed)
            clock.move(minutes=1)
            drain = Drain(
                PostOffice(
                    store=store,
                    senders=[sender, elsewhere],
                    clock=clock,
                    render=partial(make_message, catalogue=Catalogue()),
                    rules=RetryRules(max_attempts=3),
                    lease=timedelta(minutes=1),
                )
            )
            await drain.drain()
            recent = await store.find_stories(StoryQuery(since=NOW - timedelta(days=1)))
            subscribed = await store.find_subscriptions()

    assert (report.new, report.edited, report.error) == (0, 1, "")
    posts = {made.story_id: (made, shown) for made, shown in sender.sent}
    made, shown = posts["s1"]
    assert (made.message_ref, made.destination, shown.headline) == (POST, SLACK, edited)
    # Its first post on Discord was under way when the old program ended: it is looked for.
    (first, _) = elsewhere.sent[0]
    assert (first.story_id, first.destination, first.unclear_since) == ("s1", DISCORD, NOW)
    assert {story.id: story.headline for story in recent}["s1"] == edited
    assert [one.destination for one in subscribed] == [SLACK, DISCORD]
