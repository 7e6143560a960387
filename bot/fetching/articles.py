"""The ArticleReader port: the page behind a link, asked for like a polite guest, then read.

Whether the page may be asked for is settled in sites.py, how it travels in
exchange.py, what of it is the article in bot/parsing/article.py, which runs elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from types import TracebackType
from typing import Final, Self

from bot.errors import FeedError, FeedUnreachable
from bot.fetching.exchange import Answer, Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.guard import check_url, shown
from bot.fetching.redirects import Trail
from bot.fetching.sites import Sites
from bot.model import Fetched
from bot.ports import Clock, Extractor

PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
_DEADLINE_SETTING = "summaries.article_deadline_s"

log = logging.getLogger(__name__)


class PageReader:
    """Reads articles; open it with ``async with``, inside the exchange and the extractor.

    A page takes the same guard, turns, redirects and bounds as a feed. Readers of one link
    at the same time share one request.

    Args:
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
        self._exchange = exchange
        self._extractor = extractor
        self._clock = clock
        self._deadline_s = deadline_s
        self._sites = Sites(exchange, clock=clock)
        self._reading: dict[str, asyncio.Task[str]] = {}

    async def __aenter__(self) -> Self:
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
        await self._sites.close()

    async def read(self, link: str) -> str:
        """The plain text of the article at ``link``, paragraphs apart by an empty line.

        Returns:
            "" where there is none, where it may not be read, or where it did not come in
            ``deadline_s``; a line in the log says why.
        """
        task = self._reading.get(link)
        if task is None:
            task = asyncio.create_task(self._read(link), name="article")
            self._reading[link] = task
            task.add_done_callback(lambda _: self._reading.pop(link, None))
        done, _ = await asyncio.wait({task}, timeout=self._deadline_s)
        return task.result() if done and not task.cancelled() else ""

    async def _read(self, link: str) -> str:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._deadline_s
        try:
            page = await self._fetch(link, until=until)
            text = await self._extractor.extract(page)
        except FeedError as error:
            # What an error says last is when a feed is asked again; a page is not.
            _tell(str(error).rpartition("; ")[0] or str(error))
            return ""
        if not text:
            _tell(f"{self._shown(page.url)}: no article on the page, or not for everybody")
        elif loop.time() > until:
            _tell(f"{self._shown(page.url)}: read after {self._deadline_s:g} s, too late")
        return text

    async def _fetch(self, link: str, *, until: float) -> Fetched:
        """The page at ``link``.

        Raises:
            FeedError: it cannot or may not be had, or not in time.
        """
        limits = self._exchange.limits
        wish = Wish(
            fields={"Accept": f"{', '.join(PAGE_TYPES)};q=0.9, */*;q=0.1"},
            types=PAGE_TYPES,
            deadline_s=self._deadline_s,
            deadline_setting=_DEADLINE_SETTING,
            max_bytes=limits.max_bytes,
            max_redirects=limits.max_redirects,
            permit=partial(self._sites.admit, until=until),
        )
        try:
            async with asyncio.timeout_at(until):  # waits for turns and leave included
                trail, answer = await self._exchange.follow(link, wish)
        except TimeoutError as error:
            raise FeedUnreachable(
                f"{self._shown(link)}: no turn or no answer in {self._deadline_s:g} s "
                f"({_DEADLINE_SETTING}); left unread"
            ) from error
        if answer.status != 200:
            raise self._refusal(trail, answer)
        return Fetched(
            url=str(trail.url),
            body=answer.body,
            content_type=answer.headers.get("content-type", ""),
        )

    def _shown(self, url: str) -> str:
        return shown(check_url(url, allow=self._exchange.limits.allow))

    def _refusal(self, trail: Trail, answer: Answer) -> FeedUnreachable:
        """The error for an answer that is no page; a site that wants peace is given it.

        Its feeds are still asked: whether that is too often, it says to those requests.
        """
        floor_s = self._exchange.limits.quiet_floor_s
        error = refused(
            trail.url, answer.status, answer.headers, now=self._clock(), quiet_floor_s=floor_s
        )
        is_named = answer.status == 503 and error.retry_after_s is not None
        if answer.status == 429 or is_named:
            self._sites.leave_alone(trail.url, error.retry_after_s or floor_s)
        return error


def _tell(what: str) -> None:
    log.info("%s; the feed's own text stands", what)
