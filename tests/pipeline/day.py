"""A day in the life of a bot: many feeds, every fault they have, and restarts in the middle.

Time is the event loop's own, which skips what nobody waits for; so the wishes of hosts, the
due times of feeds and the dates of entries all go by the same clock. Everything else is real:
HTTP on loopback, the parser in its process, SQLite, the poller and the drain.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.fetching import HttpFetcher
from bot.matching import Matcher
from bot.model import CONSOLE, Delivery, Digest, FeedSpec, Message, Platform, Subscription
from bot.pipeline.decide import Desk
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.pipeline.report import PollReport, PollResult
from bot.ports import Parser
from bot.store import SqlStore, open_store
from bot.store.schema import entries
from bot.stories import OutletNames
from bot.summaries import make_message
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.pipeline.lab import CATALOGUE
from tests.pipeline.outlets import CALM, DAY, Outlets

TICK = timedelta(seconds=20)
"""What falls due within this time is polled together: a bot is a little late now and then."""

AT_ONCE = 32
RESTARTS = (0.2, 0.45, 0.7)
"""When the bot is stopped in the middle of its polls, as a share of the day."""


class SkippingLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop; its time is the real one and what was skipped."""

    skipped_s = 0.0

    def time(self) -> float:
        return time.monotonic() + self.skipped_s


class SkippingClock:
    """UTC by the running loop, from ``NOW`` on."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SkippingLoop)
        self._loop = loop
        self._began = loop.time()

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=self._loop.time() - self._began)

    def skip_to(self, at: datetime) -> None:
        self._loop.skipped_s += max(0.0, (at - self()).total_seconds())


@dataclass
class KeyedSender:
    """A platform that knows the posts it has by their keys; counts those of each story."""

    posts: Counter[str] = field(default_factory=Counter)
    edits: int = 0
    platform: Platform = Platform.CONSOLE
    is_up: bool = True
    _keys: set[str] = field(default_factory=set)

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        del reply_to
        await asyncio.sleep(0)
        if delivery.message_ref:
            self.edits += 1
        elif delivery.id not in self._keys:
            self._keys.add(delivery.id)
            told = message.messages if isinstance(message, Digest) else (message,)
            self.posts.update(one.story_id for one in told)
        return delivery.message_ref or f"ref of {delivery.id}"


@dataclass
class Day:
    """What happened.

    Attributes:
        lost, twice: entries that were published and are not in the store, or are there twice.
        untold, told_twice: news for our readers that was posted not at all, or more than once.
        delays_s: from publication to the store, of every entry.
    """

    polls: Counter[PollResult] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    published: int = 0
    news: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    told_twice: list[str] = field(default_factory=list)
    delays_s: list[float] = field(default_factory=list)
    posts: int = 0
    edits: int = 0
    restarts: int = 0
    cpu_s: float = 0.0


def run(make: Callable[[], Coroutine[Any, Any, Day]]) -> Day:
    """What ``make`` gives, on a loop that skips."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(make())


class Bot:
    """The parts of a bot that poll and post, and how they are stopped and started again."""

    def __init__(
        self,
        folder: Path,
        outlets: Outlets,
        parser: Parser,
        clock: SkippingClock,
        sender: KeyedSender,
    ) -> None:
        self._url = f"sqlite:///{folder}/day.sqlite3"
        self._outlets = outlets
        self._parser = parser
        self._clock = clock
        self._sender = sender
        self._chance = Random(3)
        self._desk = Desk(Matcher(CATALOGUE), OutletNames(CATALOGUE.outlets))  # takes a second

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[SqlStore, Poller, Drain]]:
        """A bot that goes on where the last one was stopped."""
        async with (
            await open_store(self._url) as store,
            HttpFetcher(limits(deadline_s=20.0), clock=self._clock) as fetcher,
        ):
            await store.release_leases()
            drain = Drain(
                PostOffice(
                    store=store,
                    senders=[self._sender],
                    render=partial(make_message, catalogue=CATALOGUE),
                    clock=self._clock,
                )
            )
            yield store, self._make_poller(store, fetcher), drain

    def _make_poller(self, store: SqlStore, fetcher: HttpFetcher) -> Poller:
        return Poller(
            store=store,
            fetcher=fetcher,
            parser=self._parser,
            desk=self._desk,
            rules=PollRules(max_interval_s=86_400.0),
            clock=self._clock,
        )

    async def live(self, until: datetime, day: Day, *, is_killed: bool) -> None:
        """Poll and post until then; ``is_killed``: the last polls are dropped half-way."""
        async with self.open() as (store, poller, drain):
            while self._clock() < until:
                if await self._round(store, poller, day):
                    await drain.drain()
                for feed in await store.find_due_feeds(until, limit=1):
                    self._clock.skip_to(min(until, feed.next_due_at + TICK))
                    break
                else:
                    self._clock.skip_to(until)
            if is_killed:
                day.restarts += 1
                polls = [
                    asyncio.create_task(poller.poll(feed))
                    for feed in await store.find_due_feeds(until, limit=AT_ONCE, everything=True)
                ]
                await asyncio.sleep(self._chance.random() / 20)
                for poll in polls:
                    poll.cancel()
                await asyncio.wait(polls)

    async def _round(self, store: SqlStore, poller: Poller, day: Day) -> bool:
        """Poll what is due; whether there may be something to post."""
        places = asyncio.Semaphore(AT_ONCE)

        async def poll(feed: Any) -> PollReport:
            async with places:
                return await poller.poll(feed)

        due = await store.find_due_feeds(self._clock(), limit=10_000)
        reports = await asyncio.gather(*map(poll, due))
        day.polls.update(report.result for report in reports)
        return any(report.flagged or report.edited for report in reports)


async def live_a_day(
    folder: Path,
    parser: Parser,
    *,
    feeds: int,
    hosts: int,
    told: Callable[[float, Day], None] = lambda _share, _day: None,
) -> Day:
    """Have ``feeds`` polled for 24 hours, and until nothing can be under way any more.

    Args:
        told: called now and then with the share of the day that is over.
    """
    clock, day, sender = SkippingClock(), Day(), KeyedSender()
    outlets = Outlets(feeds, clock=clock, faults=day.faults)
    began = time.process_time()
    async with serving(outlets, hosts) as urls:
        bot = Bot(folder, outlets, parser, clock, sender)
        async with bot.open() as (store, _, _):
            await store.subscribe(Subscription(CONSOLE), now=NOW)
            specs = [FeedSpec(url) for url in urls]
            await store.sync_feeds(specs, now=NOW, spread=timedelta(minutes=10))
        for share in sorted({*RESTARTS, *(n / 20 for n in range(1, 21))}):
            await bot.live(NOW + DAY * share, day, is_killed=share in RESTARTS)
            told(share, day)
        await bot.live(NOW + DAY + CALM, day, is_killed=False)
        async with bot.open() as (store, _, drain):
            await drain.drain()
            await judge(store, outlets, sender, day, urls)
    day.cpu_s = time.process_time() - began
    return day


@asynccontextmanager
async def serving(outlets: Outlets, hosts: int) -> AsyncIterator[list[str]]:
    """The outlets on loopback, some of them on each host; their addresses."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            writer.write(outlets.respond(request.decode("latin-1")))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the bot was stopped
        finally:
            writer.close()

    async with AsyncExitStack() as stack:
        ports = []
        for number in range(hosts):
            host = f"127.1.{number // 250}.{1 + number % 250}"
            server = await stack.enter_async_context(await asyncio.start_server(answer, host, 0))
            ports.append((host, server.sockets[0].getsockname()[1]))
        count = len(outlets.all)
        yield ["http://{}:{}/{}".format(*ports[n % hosts], n) for n in range(count)]


async def judge(
    store: SqlStore, outlets: Outlets, sender: KeyedSender, day: Day, urls: list[str]
) -> None:
    """Hold what the store and the platform have against what was published."""
    stories = await _judge_entries(store, outlets, day, urls)
    day.news = len(stories)
    for news, found in stories.items():
        posts = sum(sender.posts[story_id] for story_id in found)
        if "" in found or not posts:
            day.untold.append(f"{news}: {sorted(found)}")
        elif posts > 1:
            day.told_twice.append(f"{news}: {sorted(found)}")
    day.posts, day.edits = len(sender.posts), sender.edits


async def _judge_entries(
    store: SqlStore, outlets: Outlets, day: Day, urls: list[str]
) -> dict[str, set[str]]:
    """The stories that each piece of news is in."""
    ids = {feed.url: feed.id for feed in await store.find_feeds()}
    asked = select(entries.c.feed_id, entries.c.guid, entries.c.story_id, entries.c.seen_at)
    stored: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    async with store.database.reading() as connection:
        for row in await connection.execute(asked):
            stored[row.feed_id, row.guid].append(row)
    stories: defaultdict[str, set[str]] = defaultdict(set)
    for url, outlet in zip(urls, outlets.all, strict=True):
        for item in outlet.readable:
            rows = stored[ids[url], item.guid]
            name = f"{url} {item.guid}"
            day.published += 1
            if not rows:
                day.lost.append(name)
                continue
            if len(rows) > 1:
                day.twice.append(name)
            if item.published_at >= NOW:
                day.delays_s.append((rows[0].seen_at - item.published_at).total_seconds())
                if item.news:
                    stories[item.news].update(row.story_id for row in rows)
    return stories


def find_quantile(values: list[float], share: float) -> float:
    """The value that so large a share of ``values`` does not pass; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def lines_of(day: Day, feeds: int) -> Iterator[str]:
    """What a person reads of it."""
    polls = sum(day.polls.values())
    median_s, late_s = (find_quantile(day.delays_s, share) for share in (0.5, 0.99))
    yield f"{feeds} feeds, 24 h: {polls} polls ({polls / feeds:.0f} a feed, {dict(day.polls)})"
    yield f"{day.restarts} restarts in the middle of polls"
    yield f"answers with a fault: {sum(day.faults.values())} ({dict(day.faults)})"
    yield f"published {day.published} entries: {len(day.lost)} lost, {len(day.twice)} twice"
    yield f"news {day.news}: {len(day.untold)} untold, {len(day.told_twice)} told twice"
    yield f"{day.posts} stories posted, {day.edits} edits; CPU {day.cpu_s:.0f} s"
    yield f"published to stored: median {median_s / 60:.1f} min, p99 {late_s / 60:.0f} min"
