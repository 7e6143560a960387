"""The FeedFinder port: from an address that a person typed to the feeds behind it.

How a request travels is settled in exchange.py, what a page says of its feeds in
bot/parsing/discover.py, which runs elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.errors import FeedError, FeedUnreachable, FeedUnreadable, InputInvalid
from bot.fetching.client import ACCEPT
from bot.fetching.exchange import Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.guard import check_url, shown
from bot.model import FeedLink, FeedSpec, Fetched, ParsedFeed
from bot.parsing import is_page, list_usual_places
from bot.parsing.feedlists import find_objection
from bot.ports import Clock, FeedLinkReader, FoundFeed, Parser

DEADLINE_S: Final = 40.0
"""For all that is asked for one address: somebody sits there and waits."""

ANSWER_S: Final = 10.0
"""For one answer."""

TITLES: Final = 3
"""Entries of a feed that are named, to show what it is."""

_FIRST_OF_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer, and the address to ask next time."""

    fetched: Fetched
    url: str


class WebFeedFinder:
    """Asks the address, then the feeds that its page names, then the usual places of its site.

    Args:
        exchange: how it asks. Hand it ``HttpFetcher.strangers`` where people of a chat give the
            addresses: neither these, nor what a page links to, may lead to the operator's own
            machines.
        links: reads pages.
        clock: for ``Retry-After`` dates, nothing else.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        parser: Parser,
        links: FeedLinkReader,
        clock: Clock,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._exchange = exchange
        self._parser = parser
        self._links = links
        self._clock = clock
        self._deadline_s = deadline_s

    def check(self, url: str) -> None:
        """Refuse an address that is never asked, by how it is written alone.

        Raises:
            AddressRefused: see ``check_url``.
        """
        check_url(url, allow=self._exchange.limits.allow)

    async def find_feeds(self, url: str) -> tuple[FoundFeed, ...]:
        """The feed at ``url``, or those that the page there names, the best first.

        Of a page that names none, the first that lies where feeds usually do.

        Raises:
            InputInvalid: no address, or there is no feed; the message says what was found
                there and what to do.
            FeedError: the address could not be read.
        """
        address = _complete(url)
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._find(address)
        except TimeoutError:
            subject = shown(check_url(address, allow=self._exchange.limits.allow))
            raise FeedUnreachable(
                f"{subject}: it took longer than {self._deadline_s:g} s to look for a feed there; "
                "try again later, or name the address of the feed itself"
            ) from None

    async def _find(self, address: str) -> tuple[FoundFeed, ...]:
        asked = await self._ask(address)
        fetched = asked.fetched
        try:
            return (_make_found(asked.url, await self._parser.parse(fetched)),)
        except FeedUnreadable as unreadable:
            if not is_page(fetched.body or b"", fetched.content_type):
                raise InputInvalid(
                    f"{unreadable.fact}. Name the address of a feed (RSS, Atom, JSON Feed), or of "
                    "a page that has one."
                ) from unreadable
        named = await self._links.find_feed_links(fetched)
        found = await self._read_all(named)
        if not found:
            usual = [FeedLink(place) for place in list_usual_places(fetched.url)]
            found = (await self._read_all(usual))[:1]
        if not found:
            many = "the feeds that it names cannot be read" if named else "it names no feed"
            subject = shown(check_url(address, allow=self._exchange.limits.allow))
            raise InputInvalid(
                f"{subject} is a web page, {many}, and there is none in the usual places. Look "
                "for “RSS” on the page, and name that address."
            )
        return found

    async def _read_all(self, links: Iterable[FeedLink]) -> tuple[FoundFeed, ...]:
        """The feeds at ``links``, in their order, each once; what is none is passed over."""
        read = await asyncio.gather(*(self._read_or_none(link) for link in links))
        first: dict[str, FoundFeed] = {}
        for feed in filter(None, read):
            first.setdefault(feed.spec.url, feed)
        return tuple(first.values())

    async def _read_or_none(self, link: FeedLink) -> FoundFeed | None:
        try:
            asked = await self._ask(link.url)
            return _make_found(asked.url, await self._parser.parse(asked.fetched), link.title)
        except FeedError:
            return None

    async def _ask(self, url: str) -> _Asked:
        """The document at ``url``.

        Raises:
            FeedError: there is none, or it may not be asked for.
        """
        limits = self._exchange.limits
        wish = Wish(
            fields={"Accept": f"{ACCEPT}, text/html;q=0.7"},
            deadline_s=min(ANSWER_S, limits.deadline_s),
            deadline_setting="the most an answer may take",
            max_bytes=limits.max_bytes,
            max_redirects=limits.max_redirects,
        )
        trail, answer = await self._exchange.follow(url, wish)
        if answer.status != 200:
            error = refused(
                trail.url,
                answer.status,
                answer.headers,
                now=self._clock(),
                quiet_floor_s=limits.quiet_floor_s,
            )
            if answer.status in {429, 503} and error.retry_after_s is not None:
                self._exchange.leave_alone(trail.url, error.retry_after_s)
            raise error
        fetched = Fetched(
            url=str(trail.url),
            body=answer.body,
            content_type=answer.headers.get("content-type", ""),
        )
        return _Asked(fetched, trail.moved_to or url)


def _complete(url: str) -> str:
    """``url`` with what people leave out, and without what chats put around it.

    Raises:
        InputInvalid: it is no address.
    """
    address = url.strip().removeprefix("<").removesuffix(">").strip()
    if address and "://" not in address and "." in address.partition("/")[0]:
        address = f"https://{address}"
    if not address:
        raise InputInvalid("Name the address of a feed, or of a page that has one.")
    if objection := find_objection(address):
        raise InputInvalid(f"{objection}. An address begins with https:// or http://.")
    return address


def _make_found(url: str, parsed: ParsedFeed, title: str = "") -> FoundFeed:
    """What is known of a feed; ``title`` is what the page calls it."""
    newest = sorted(
        (entry for entry in parsed.entries if entry.title),
        key=lambda entry: entry.published_at or _FIRST_OF_ALL,
        reverse=True,
    )
    return FoundFeed(
        spec=FeedSpec(url=url, title=parsed.title or title),
        entries=len(parsed.entries),
        titles=tuple(entry.title for entry in newest[:TITLES]),
    )
