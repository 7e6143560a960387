"""Good feeds beside every attack at once: none waits for ever, and nothing of theirs is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.fetching import HttpFetcher, parse_allowed
from bot.model import CONSOLE, Digest, FeedOrigin, FeedSpec, Platform, Subscription
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.scheduling.jobs import Rounds
from bot.scheduling.workers import ParserPool
from bot.store import SqlStore, open_store
from bot.store.schema import entries
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.hostile.lab import CaseResolver, Siege, shared_desk, trusting
from tests.pipeline.lab import CATALOGUE, Item, MovableClock, rss
from tests.scheduling.lab import Running
from tests.servers.feeds import Document, FeedServer
from tests.servers.hostile import CASES, host_of

FEEDS = 50
NEWSY = 10  # of them bring news for our readers
HANGING = 6  # more feeds, each with a document that its reader never ends
ROUNDS = 3
INTERVAL_S = 3.0
PATIENCE_S = 120.0  # a guard against hanging; no measure of speed
ALLOWED = (parse_allowed("127.10.0.0/16"), parse_allowed("127.11.0.0/16"))
HOSTS = [f"127.11.0.{number + 1}" for number in range(FEEDS + HANGING)]


@dataclass
class Bureau:
    """A bot that polls all day, and the platform it posts to."""

    store: SqlStore
    clock: MovableClock
    rounds: Rounds
    sender: KeepingSender

    async def add(self, url: str) -> None:
        """Have ``url`` polled from now on."""
        await self.store.add_feed(FeedSpec(url), origin=FeedOrigin.CONFIGURED, now=self.clock())

    async def filed(self) -> dict[str, list[str]]:
        """Of each title of a good feed, the stories of its entries, "" for none."""
        columns = select(entries.c.title, entries.c.story_id)
        async with self.store.database.reading() as connection:
            rows = await connection.execute(columns.where(entries.c.title.contains(" outlet ")))
            found: dict[str, list[str]] = {}
            for row in rows:
                found.setdefault(row.title, []).append(row.story_id)
        return found

    async def wait_for(self, titles: set[str]) -> None:
        """Until there is an entry of each of ``titles``."""
        async with asyncio.timeout(PATIENCE_S):
            while titles - (await self.filed()).keys():  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.2)

    async def wait_for_posts(self, stories: set[str]) -> None:
        """Until each of ``stories`` was posted."""
        async with asyncio.timeout(PATIENCE_S):
            while stories - self.posted().keys():  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    def posted(self) -> Counter[str]:
        """First posts of each story."""
        return Counter(
            one.story_id
            for delivery, shown in self.sender.given
            if not delivery.sent_revision
            for one in (shown.messages if isinstance(shown, Digest) else (shown,))
        )


@asynccontextmanager
async def open_bureau(folder: Path) -> AsyncIterator[Bureau]:
    """A bot with the workers and the places that it has by default; it gives up sooner."""
    clock = MovableClock(flows=True)
    answers = {
        name: script
        for index, case in enumerate(CASES)
        for name, script in case.answers(host_of(index)).items()
    }
    bounds = limits(allow=ALLOWED, deadline_s=2.0)
    resolver = CaseResolver(answers)
    async with (
        await open_store(f"sqlite:///{folder}/newsbot.sqlite3") as store,
        HttpFetcher(bounds, clock=clock, resolver=resolver, tls=trusting()) as fetcher,
        ParserPool(timeout_s=5.0) as parser,
    ):
        await store.subscribe(Subscription(CONSOLE), now=NOW)
        sender = KeepingSender(Platform.CONSOLE)
        poller = Poller(
            store=store,
            fetcher=fetcher,
            parser=parser,
            desk=shared_desk(),
            rules=PollRules(
                min_interval_s=INTERVAL_S, default_interval_s=INTERVAL_S, adaptive=False
            ),
            clock=clock,
        )
        drain = Drain(
            PostOffice(
                store=store,
                senders=[sender],
                render=partial(make_message, catalogue=CATALOGUE),
                clock=clock,
            )
        )
        rounds = Rounds(
            store=store,
            poller=poller,
            drain=drain,
            clock=clock,
            concurrency=32,
        )
        yield Bureau(store, clock, rounds, sender)


class GoodFeeds:
    """Fifty feeds, each at an address of its own, that publish when they are told to."""

    def __init__(self, server: FeedServer) -> None:
        self._server = server
        self._published = 1
        self._put()

    def publish(self) -> None:
        """Have each of them bring an entry."""
        self._published += 1
        self._put()

    async def wait_for_polls(self, more: int) -> None:
        """Until each was asked so many times more; none may wait for ever."""
        before = self.polls()
        async with asyncio.timeout(PATIENCE_S):
            while any(self.polls()[f"/{n}"] < before[f"/{n}"] + more for n in range(FEEDS)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def polls(self) -> Counter[str]:
        """How often each was asked so far."""
        return Counter(asked.path for asked in self._server.asked)

    def titles(self, *, news: bool = False) -> set[str]:
        """Of all entries that are out by now; ``news``: that our readers must be told."""
        feeds, first = (NEWSY, 1) if news else (FEEDS, 0)
        return {
            _item(feed, n).title for feed in range(feeds) for n in range(first, self._published)
        }

    def _put(self) -> None:
        for feed in range(FEEDS):
            listed = [_item(feed, number) for number in reversed(range(self._published))]
            self._server.put(f"/{feed}", rss(*listed, title=f"Outlet {feed}"))


HANGS = Document(
    # Malformed, with an author in which an address is sought in quadratic time.
    f"<rss version='2.0'><channel><item><title>x</title><author>{'a' * 400_000}</author>".encode()
)


def _item(feed: int, number: int) -> Item:
    what = "Huawei P{n} dropped by AT&T" if feed < NEWSY else "Village {n} bakes a tart"
    said = what.format(n=feed * 100 + number)
    return Item(f"good-{feed}-{number}", f"{said}, outlet {feed} says")


async def test_fifty_good_feeds_are_polled_and_told_beside_all_attacks(
    siege: Siege, tmp_path: Path
) -> None:
    async with open_bureau(tmp_path) as bureau, FeedServer(hosts=HOSTS) as server:
        good = GoodFeeds(server)
        for feed, host in enumerate(HOSTS[:FEEDS]):
            await bureau.add(server.url(f"/{feed}", host=host))
        async with Running(bureau.rounds):
            await good.wait_for_polls(1)
            for feed, host in enumerate(HOSTS[FEEDS:], FEEDS):
                server.put(f"/{feed}", HANGS)
                await bureau.add(server.url(f"/{feed}", host=host))
            for index, case in enumerate(CASES):
                await bureau.add(case.address(host_of(index), siege.port))
            for _ in range(ROUNDS):
                good.publish()
                await good.wait_for_polls(1)
            await bureau.wait_for(good.titles())
            filed = await bureau.filed()
            news = {story for title in good.titles(news=True) for story in filed[title]}
            await bureau.wait_for_posts(news)
            polls, attacked = good.polls(), siege.asked()
            good_polls = [polls[f"/{feed}"] for feed in range(FEEDS)]
        posted = bureau.posted()

    # All have the same rhythm, so none of the good may come second to those that behave in time
    # and lie in what they say; how late they are is the business of tests/bench/schedule.py.
    assert min(good_polls) >= attacked["external-dtd"] / 2
    assert {title for title, stories in filed.items() if len(stories) > 1} == set()
    assert "" not in news
    assert {story for story, times in posted.items() if times > 1} == set()
    assert siege.touched() == []
    assert len(attacked) > len(CASES) / 2  # of the others nobody may ask anything
