"""What ``newsbot feeds check`` and ``add`` ask: fetch and read, and store nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.app.parts import fetch_limits, parser_pool
from bot.errors import FeedError, InputInvalid
from bot.fetching import HttpFetcher, WebFeedFinder
from bot.model import Feed, FeedOrigin, FeedSpec
from bot.ports import FoundFeed
from bot.scheduling.clock import utc_now
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one fetch of a feed found: its entries, or in ``error`` why there are none."""

    url: str
    entries: int
    seconds: float
    error: str = ""


async def check_feeds(
    settings: Settings, specs: Sequence[FeedSpec], *, told: Callable[[FeedCheck], None]
) -> None:
    """Fetch and read every one of ``specs``, storing nothing; ``told`` as answers come in."""
    places = asyncio.Semaphore(settings.fetch.concurrency)
    async with (
        HttpFetcher(fetch_limits(settings), clock=utc_now) as fetcher,
        parser_pool(settings) as parser,
    ):

        async def check(spec: FeedSpec) -> None:
            async with places:
                started = time.monotonic()
                entries, error = 0, ""
                try:
                    fetched = await fetcher.fetch(_unpolled(spec), conditional=False)
                    entries = len((await parser.parse(fetched)).entries)
                except FeedError as failure:
                    error = str(failure)
                told(FeedCheck(spec.url, entries, time.monotonic() - started, error))

        async with asyncio.TaskGroup() as group:
            for spec in specs:
                group.create_task(check(spec))


@dataclass(frozen=True, slots=True)
class FeedSearch:
    """The feeds behind an address, the best first, or in ``error`` why there are none."""

    url: str
    found: tuple[FoundFeed, ...] = ()
    error: str = ""


async def search_feeds(settings: Settings, urls: Sequence[str]) -> tuple[FeedSearch, ...]:
    """Look for the feeds at each of ``urls``, as the operator: they may lead where he lets them."""
    async with (
        HttpFetcher(fetch_limits(settings), clock=utc_now) as fetcher,
        parser_pool(settings) as parser,
    ):
        places = asyncio.Semaphore(settings.fetch.concurrency)
        finder = WebFeedFinder(fetcher.exchange, parser=parser, links=parser, clock=utc_now)

        async def search(url: str) -> FeedSearch:
            async with places:
                try:
                    return FeedSearch(url, await finder.find_feeds(url))
                except (FeedError, InputInvalid) as failure:
                    return FeedSearch(url, error=str(failure))

        return tuple(await asyncio.gather(*(search(url) for url in urls)))


def _unpolled(spec: FeedSpec) -> Feed:
    return Feed(id=0, spec=spec, origin=FeedOrigin.ADDED, next_due_at=utc_now())
