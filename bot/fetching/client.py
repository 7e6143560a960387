"""The Fetcher port: one polite, bounded, conditional GET of a feed.

How a request travels is settled in exchange.py; here is what a feed is asked for
and what its answer means.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

from bot.fetching.doors import Resolver
from bot.fetching.exchange import Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.hints import find_max_age
from bot.fetching.limits import FetchLimits
from bot.fetching.links import find_hub
from bot.fetching.redirects import Trail
from bot.fetching.wire import Answer, Fields
from bot.model import Feed, Fetched, Validators
from bot.ports import Clock

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)

_NONE: Final = Validators()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HttpFetcher:
    """Asks feeds' servers; open it with ``async with``.

    Args:
        clock: for ``Retry-After`` and ``Expires`` dates, nothing else.
        resolver: looks names up; the system's by default. It is closed with the fetcher.
        tls: which certificates to trust; by default those of the Mozilla list (certifi).

    What the operator opened in ``fetch.allow_addresses`` is open to the operator's feeds. Those
    that people of a chat added reach public addresses only: anybody may lead a name of their
    own to the operator's machines.

    Attributes:
        exchange: its connections and turns, for what else is asked of the same hosts.
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        clock: Clock = _utc_now,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self.exchange = Exchange(limits, resolver=resolver, tls=tls)
        self._strangers: Exchange | None = None

    @property
    def strangers(self) -> Exchange:
        """The exchange that reaches public addresses only, for what people of a chat name."""
        if self._strangers is None:
            raise RuntimeError("HttpFetcher is used outside of its async with block")
        return self._strangers

    async def __aenter__(self) -> Self:
        await self.exchange.__aenter__()
        self._strangers = await self.exchange.for_strangers().__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._strangers is not None:
            await self._strangers.__aexit__(kind, error, traceback)
        self._strangers = None
        await self.exchange.__aexit__(kind, error, traceback)

    async def fetch(self, feed: Feed, *, conditional: bool) -> Fetched:
        """Ask for ``feed`` once, with the validators it last gave us if ``conditional``.

        Returns:
            A body of at most ``max_bytes`` after decompression, or None in it for 304.

        Raises:
            AddressRefused: the URL, a redirect's target or the address behind a name may
                not be asked.
            FeedTooLarge: the body passed ``max_bytes``; none of it is kept.
            FeedEncodingRefused: packed in a way we did not ask for, or not as declared.
            FeedUnreachable: no answer in ``deadline_s``, an answer that brings no feed, too
                many redirects, or the host asked to be left alone.

        Source: RFC 9110 §13.1.2 If-None-Match, §13.1.3 If-Modified-Since, §15.4 redirects.
        """
        sent = feed.validators if conditional else _NONE
        wish = Wish(
            fields=_fields(sent),
            deadline_s=self._limits.deadline_s,
            max_bytes=self._limits.max_bytes,
            max_redirects=self._limits.max_redirects,
        )
        exchange = self.strangers if feed.added_by else self.exchange
        trail, answer = await exchange.follow(feed.url, wish)
        return self._accept(trail, answer, sent)

    def _accept(self, trail: Trail, answer: Answer, sent: Validators) -> Fetched:
        """The answer as the pipeline knows it, or the error it amounts to."""
        now = self._clock()
        is_unchanged = answer.status == 304 and sent != _NONE
        if answer.status != 200 and not is_unchanged:
            error = refused(
                trail.url,
                answer.status,
                answer.headers,
                now=now,
                quiet_floor_s=self._limits.quiet_floor_s,
            )
            if answer.status in {429, 503} and error.retry_after_s is not None:
                self.exchange.leave_alone(trail.url, error.retry_after_s)
            raise error
        links = find_hub(trail.url, answer.headers)
        return Fetched(
            url=str(trail.url),
            body=None if is_unchanged else answer.body,
            content_type=answer.headers.get("content-type", ""),
            validators=_read_validators(answer.headers, sent if is_unchanged else _NONE),
            max_age_s=find_max_age(answer.headers, now=now),
            moved_to=trail.moved_to,
            hub=links.hub,
            topic=links.topic,
        )


def _fields(sent: Validators) -> dict[str, str]:
    fields = {"Accept": ACCEPT}
    if sent.etag is not None:
        fields["If-None-Match"] = sent.etag
    if sent.last_modified is not None:
        fields["If-Modified-Since"] = sent.last_modified
    return fields


def _read_validators(headers: Fields, old: Validators) -> Validators:
    """What to send next time; ``old`` stands where the headers name nothing new.

    One that is not plain ASCII cannot be sent back as it came, and is left out.
    """

    def read(name: str) -> str | None:
        value = headers.get(name, "")
        return value if value and value.isascii() and value.isprintable() else None

    etag, last_modified = read("etag") or old.etag, read("last-modified") or old.last_modified
    is_same = (etag, last_modified) == (old.etag, old.last_modified)
    return old if is_same else Validators(etag, last_modified)
