"""The ArticleReader port: the page behind a link, asked for like a polite guest, then read.

Whether the page may be asked for is settled in sites.py, how it travels in
exchange.py, what of it is the article in bot/parsing/article.py, which runs elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final, Self

from bot.errors import FeedError, FeedUnreachable, PageRefused
from bot.fetching.exchange import Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.guard import check_url, is_at_own, shown
from bot.fetching.redirects import Trail
from bot.fetching.seldom import Seldom
from bot.fetching.sites import Sites
from bot.fetching.wire import Answer
from bot.model import Fetched
from bot.ports import Clock, Extractor

PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
MAX_BYTES: Final = 2 * 2**20
"""Of one page. The text is a small part of that; a worker's time grows with the rest."""

MAX_READING: Final = 16
"""Pages being read or waiting for it. More would only come too late for their posts."""

_DEADLINE_SETTING = "summaries.article_deadline_s"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Way:
    """How links of some feeds are asked, and what is known of their sites."""

    exchange: Exchange
    sites: Sites

    def shown(self, url: str) -> str:
        return shown(check_url(url, allow=self.exchange.limits.allow))


class PageReader:
    """Reads articles; open it with ``async with``, inside the exchange and the extractor.

    A page takes the same guard, turns and redirects as a feed, and at most ``MAX_BYTES``.
    Readers of one link at the same time share one request.

    What the operator opened in ``fetch.allow_addresses`` is open to the links of feeds that
    are there themselves, by their address in figures. All other feeds are written by
    strangers: their links, and what these redirect to, reach public addresses only.

    Args:
        exchange: for the links of own feeds; a second one for those of strangers shares
            its turns.
        clock: for ``Retry-After`` and ``Expires`` dates, nothing else.
        deadline_s: for everything in seconds, waiting for a turn included: a post waits
            for it. A page that came in time is read to its end, within the extractor's own
            limits, even if nobody waits any more; so a worker that is slow to start is not
            killed again and again.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        extractor: Extractor,
        clock: Clock,
        deadline_s: float = 5.0,
    ) -> None:
        self._own = _Way(exchange, Sites(exchange, clock=clock))
        self._strange: _Way | None = None
        self._extractor = extractor
        self._clock = clock
        self._deadline_s = deadline_s
        self._reading: dict[tuple[str, bool], asyncio.Task[str]] = {}
        self._seldom = Seldom()

    async def __aenter__(self) -> Self:
        exchange = await self._own.exchange.for_strangers().__aenter__()
        self._strange = _Way(exchange, Sites(exchange, clock=self._clock))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tasks = tuple(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._own.sites.close()
        if self._strange is not None:
            await self._strange.sites.close()
            await self._strange.exchange.__aexit__(kind, error, traceback)
        self._strange = None

    async def read(self, link: str, *, found_in: str) -> str:
        """The plain text of the article at ``link``, paragraphs apart by an empty line.

        Returns:
            "" where there is none, where it may not be read, where ``MAX_READING`` others
            are being read, or where it did not come in ``deadline_s``; a line in the log
            says why, but what a site says of many pages stands there once an hour.
        """
        is_trusted = is_at_own(found_in, allow=self._own.exchange.limits.allow)
        way = self._own if is_trusted else self._strange
        if way is None:
            raise RuntimeError("PageReader is used outside of its async with block")
        key = (link, is_trusted)  # a stranger must not be handed what an own feed may read
        task = self._reading.get(key)
        if task is None:
            if len(self._reading) >= MAX_READING:
                said = f"an article: not asked for, as {MAX_READING} others are being read"
                self._tell_seldom("", said)
                return ""
            task = asyncio.create_task(self._read(link, way), name="article")
            self._reading[key] = task
            task.add_done_callback(lambda _: self._reading.pop(key, None))
        done, _ = await asyncio.wait({task}, timeout=self._deadline_s)
        return task.result() if done and not task.cancelled() else ""

    async def _read(self, link: str, way: _Way) -> str:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._deadline_s
        try:
            page = await self._fetch(link, way, until=until)
            text = await self._extractor.extract(page)
        except FeedError as error:
            # What an error says last is when a feed is asked again; a page is not.
            said = str(error).rpartition("; ")[0] or str(error)
            if isinstance(error, PageRefused) and error.site:
                self._tell_seldom(error.site, said)
            else:
                _tell(said)
            return ""
        if not text:
            _tell(f"{way.shown(page.url)}: no article on the page, or not for everybody")
        elif loop.time() > until:
            _tell(f"{way.shown(page.url)}: read after {self._deadline_s:g} s, too late")
        return text

    async def _fetch(self, link: str, way: _Way, *, until: float) -> Fetched:
        """The page at ``link``.

        Raises:
            FeedError: it cannot or may not be had, or not in time.
        """
        limits = way.exchange.limits
        wish = Wish(
            fields={"Accept": f"{', '.join(PAGE_TYPES)};q=0.9, */*;q=0.1"},
            types=PAGE_TYPES,
            deadline_s=self._deadline_s,
            deadline_setting=_DEADLINE_SETTING,
            max_bytes=min(MAX_BYTES, limits.max_bytes),
            max_bytes_setting=(
                "fetch.max_bytes" if limits.max_bytes <= MAX_BYTES else "the most a page may have"
            ),
            max_redirects=limits.max_redirects,
            permit=partial(way.sites.admit, until=until),
        )
        try:
            async with asyncio.timeout_at(until):  # waits for turns and leave included
                trail, answer = await way.exchange.follow(link, wish)
        except TimeoutError as error:
            raise FeedUnreachable(
                f"{way.shown(link)}: no turn or no answer in {self._deadline_s:g} s "
                f"({_DEADLINE_SETTING}); left unread"
            ) from error
        if answer.status != 200:
            raise self._refusal(trail, answer)
        return Fetched(
            url=str(trail.url),
            body=answer.body,
            content_type=answer.headers.get("content-type", ""),
        )

    def _tell_seldom(self, subject: str, what: str) -> None:
        if self._seldom.is_due(subject, now_s=asyncio.get_running_loop().time()):
            _tell(what, "; this is told once an hour")

    def _refusal(self, trail: Trail, answer: Answer) -> FeedUnreachable:
        """The error for an answer that is no page; a site that wants peace is given it.

        Its feeds are still asked: whether that is too often, it says to those requests.
        """
        floor_s = self._own.exchange.limits.quiet_floor_s
        error = refused(
            trail.url, answer.status, answer.headers, now=self._clock(), quiet_floor_s=floor_s
        )
        is_named = answer.status == 503 and error.retry_after_s is not None
        if answer.status == 429 or is_named:
            for way in filter(None, (self._own, self._strange)):  # whoever found the link
                way.sites.leave_alone(trail.url, error.retry_after_s or floor_s)
        return error


def _tell(what: str, remark: str = "") -> None:
    log.info("%s; the feed's own text stands%s", what, remark)
