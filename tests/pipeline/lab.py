"""What tests of polling share: a newsroom in which everything is real but the clock."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.catalogue import load_catalogue
from bot.fetching import HttpFetcher
from bot.matching import Matcher
from bot.model import CONSOLE, Delivery, Feed, FeedOrigin, FeedSpec, Subscription
from bot.pipeline.decide import Desk
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.pipeline.report import PollReport
from bot.pipeline.telling import Teller
from bot.ports import Clock, Fetcher, Parser, PollStore, StoryQuery
from bot.store import SqlStore, open_store
from bot.store.engines import OwedHook
from bot.store.outbox_rows import delivery_from_row
from bot.store.schema import deliveries, entries
from bot.stories import OutletNames
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.servers.feeds import Document, FeedServer

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "config")

WIRE = "/wire"
"""Where the feed that most tests are about is served."""

STORIES = StoryQuery(since=NOW - timedelta(days=30))

HTML = Document(b"<html><body>We will be back soon.</body></html>", content_type="text/html")
"""What a site in trouble serves in place of its feed."""

BROKEN = Document(b"out of order", status=500)

OFTEN: dict[str, Any] = {"min_interval_s": 0.2, "default_interval_s": 0.2}
"""Rules for feeds that are polled while one waits."""


@dataclass(frozen=True)
class Item:
    """One item as a publisher writes it; its guid is ``id``."""

    id: str
    title: str
    summary: str = ""
    published_at: datetime = NOW - timedelta(minutes=5)

    def to_xml(self) -> str:
        return (
            f"<item><guid isPermaLink='false'>{self.id}</guid><title>{escape(self.title)}</title>"
            f"<link>https://wire.example/{self.id}</link>"
            f"<description>{escape(self.summary)}</description>"
            f"<pubDate>{format_datetime(self.published_at)}</pubDate></item>"
        )


NEWS = Item(
    "deal",
    "Huawei fails to get AT&T to sell its phones in the US",
    "AT&T walked away from a plan to sell the Mate 10 Pro, two people said.",
)
ECHO = Item(
    "walks",
    "AT&T walks away from plan to sell Huawei phones in US",
    "AT&T will not sell the Mate 10 Pro of Huawei after all.",
)
NOISE = Item("tart", "Village bakes its longest apple tart", "It measured nine metres.")


def rss(*items: Item, title: str = "Example Wire", ttl_min: int = 0, **changes: Any) -> Document:
    """A feed of ``items``, newest first; ``changes`` are those of the Document around it."""
    ttl = f"<ttl>{ttl_min}</ttl>" if ttl_min else ""
    body = "".join(item.to_xml() for item in items)
    head = f"<rss version='2.0'><channel><title>{title}</title>{ttl}"
    return Document(f"{head}{body}</channel></rss>".encode(), **changes)


class MovableClock:
    """Starts on the morning of ``NOW`` and can be moved; stands still unless it ``flows``."""

    def __init__(self, *, flows: bool = False) -> None:
        self.now = NOW
        self._since = time.monotonic() if flows else None

    def __call__(self) -> datetime:
        if self._since is None:
            return self.now
        return self.now + timedelta(seconds=time.monotonic() - self._since)

    def move(self, **by: float) -> None:
        """Forward, by the units of ``timedelta``."""
        self.now += timedelta(**by)


def make_poller(
    store: PollStore,
    fetcher: Fetcher,
    parser: Parser,
    clock: Clock,
    teller: Teller | None = None,
    **rules: Any,
) -> Poller:
    """A poller over the shipped catalogue; its intervals are fixed unless ``rules`` say else."""
    return Poller(
        store=store,
        fetcher=fetcher,
        parser=parser,
        desk=Desk(Matcher(CATALOGUE), OutletNames(CATALOGUE.outlets)),
        rules=PollRules(**({"adaptive": False} | rules)),
        clock=clock,
        teller=teller,
    )


@dataclass
class Newsroom:
    """A poller, its store, a server of feeds on loopback and the clock they go by."""

    store: SqlStore
    server: FeedServer
    fetcher: Fetcher
    parser: Parser
    poller: Poller
    clock: MovableClock

    async def add(self, url: str = "", title: str = "") -> Feed:
        """Have the feed at ``url`` polled, the wire unless another is named."""
        spec = FeedSpec(url or self.server.url(WIRE), title=title)
        feed, _ = await self.store.add_feed(spec, origin=FeedOrigin.ADDED, now=self.clock())
        return feed

    async def feed(self, path: str = WIRE) -> Feed:
        """The feed polled at ``path``, as the store has it."""
        feeds = await self.store.find_due_feeds(self.clock(), limit=9_999, everything=True)
        (found,) = [feed for feed in feeds if feed.url.endswith(path)]
        return found

    async def poll(self, path: str = WIRE) -> PollReport:
        """Poll the feed at ``path`` as the store has it."""
        return await self.poller.poll(await self.feed(path))

    async def go_live(self, path: str = WIRE, *history: Item, title: str = "") -> None:
        """Add the feed at ``path`` and poll it once: what comes now is news."""
        self.server.put(path, rss(*history or (NOISE,), title=title or "Example Wire"))
        await self.add(self.server.url(path), title=title)
        await self.poll(path)

    async def publish(self, *items: Item, path: str = WIRE) -> PollReport:
        """Serve ``items`` at ``path`` and poll that."""
        self.server.put(path, rss(*items))
        return await self.poll(path)

    async def titles(self) -> list[str]:
        """Of every entry, in the order they were filed."""
        async with self.store.database.reading() as connection:
            return list(await connection.scalars(select(entries.c.title).order_by(entries.c.id)))

    async def deliveries(self) -> list[Delivery]:
        """Every delivery, owed or not."""
        async with self.store.database.reading() as connection:
            rows = await connection.execute(select(deliveries).order_by(deliveries.c.id))
            return list(map(delivery_from_row, rows))


@asynccontextmanager
async def open_newsroom(
    place: Path | str,
    parser: Parser,
    *,
    flows: bool = False,
    on_owed: OwedHook | None = None,
    clock: MovableClock | None = None,
    **rules: Any,
) -> AsyncIterator[Newsroom]:
    """A newsroom whose console wants every story; its time ``flows`` or stands still.

    Args:
        place: the address of its database, or a folder for one.
    """
    clock = clock or MovableClock(flows=flows)
    url = place if isinstance(place, str) else f"sqlite:///{place}/newsbot.sqlite3"
    async with (
        await open_store(url, on_owed=on_owed) as store,
        FeedServer() as server,
        HttpFetcher(limits(), clock=clock) as fetcher,
    ):
        await store.subscribe(Subscription(CONSOLE), now=NOW)
        poller = make_poller(store, fetcher, parser, clock, **rules)
        yield Newsroom(store, server, fetcher, parser, poller, clock)
