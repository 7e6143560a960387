"""What ``newsbot feeds check`` and ``add`` ask: fetch and read, and store nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.app.parts import fetch_limits, parser_pool
from bot.errors import FeedError, FeedUnreachable, InputInvalid, Trouble
from bot.fetching import HttpFetcher, WebFeedFinder
from bot.model import Feed, FeedOrigin, FeedSpec, Fetched, ParsedFeed
from bot.ports import FoundFeed
from bot.scheduling.clock import utc_now
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one fetch of a feed found: its entries, or in ``error`` why there are none.

    Attributes:
        trouble: the kind of ``error``.
        newest_at: the latest date of an entry, or None where none has one.
        interval_s: seconds between polls that the publisher asks for, in the document or the
            headers, or None.
        moved_to: where permanent redirects alone lead, or "".
        hub: of WebSub, as the document or the headers name it, or "".
        flaw: what is wrong with a document that was read all the same, or "".
    """

    url: str
    seconds: float = 0.0
    entries: int = 0
    error: str = ""
    trouble: Trouble = Trouble.NONE
    title: str = ""
    newest_at: datetime | None = None
    interval_s: float | None = None
    moved_to: str = ""
    hub: str = ""
    flaw: str = ""


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
                try:
                    fetched = await fetcher.fetch(_unpolled(spec), conditional=False)
                    found = _sum_up(spec, fetched, await parser.parse(fetched))
                except FeedError as failure:
                    found = FeedCheck(spec.url, error=_say(failure), trouble=failure.trouble)
                told(replace(found, seconds=time.monotonic() - started))

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
                except InputInvalid as mistake:
                    return FeedSearch(url, error=str(mistake))
                except FeedError as failure:
                    return FeedSearch(url, error=_say(failure))

        return tuple(await asyncio.gather(*(search(url) for url in urls)))


def _say(failure: FeedError) -> str:
    """What is wrong, and for how long its host wants no request; nobody asks again by itself."""
    wait_s = failure.retry_after_s if isinstance(failure, FeedUnreachable) else None
    return failure.fact + (f"; it wants no request for {wait_s:.0f} s" if wait_s else "")


def _sum_up(spec: FeedSpec, fetched: Fetched, parsed: ParsedFeed) -> FeedCheck:
    wishes = [wish for wish in (parsed.interval_s, fetched.max_age_s) if wish is not None]
    dates = [entry.published_at for entry in parsed.entries if entry.published_at]
    return FeedCheck(
        spec.url,
        entries=len(parsed.entries),
        title=parsed.title,
        newest_at=max(dates, default=None),
        interval_s=max(wishes, default=None),
        moved_to=fetched.moved_to,
        hub=parsed.hub or fetched.hub,
        flaw=parsed.flaw,
    )


def _unpolled(spec: FeedSpec) -> Feed:
    return Feed(id=0, spec=spec, origin=FeedOrigin.ADDED, next_due_at=utc_now())
