"""The Fetcher port on httpx: one polite, bounded, conditional GET.

What may be asked is settled in guard.py and doors.py, when in pace.py; how much
comes back in body.py. This module joins them.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

from bot.errors import FeedError, FeedTooLarge, FeedUnreachable
from bot.fetching.body import ACCEPT_ENCODING, Body
from bot.fetching.doors import SystemResolver, VettingResolver, VettingSocketFactory
from bot.fetching.failures import refused, unanswered
from bot.fetching.guard import PORTS, check_url, is_own, shown
from bot.fetching.hints import find_max_age
from bot.fetching.limits import FetchLimits
from bot.fetching.pace import Pace
from bot.fetching.redirects import REDIRECTS, Trail
from bot.model import Feed, Fetched, Validators
from bot.ports import Clock

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_MAX_FIELD_BYTES = 32 * 1024
"""Of one header field: aiohttp's 8 KB is less than the content policies of some sites take."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one address said; ``body`` is empty unless ``status`` is 200."""

    status: int
    headers: httpx.Headers
    body: bytes


class HttpFetcher:
    """Asks feeds' servers; open it with ``async with``.

    The transport is used without ``httpx.AsyncClient`` around it: cookies, redirects,
    proxies from the environment, unbounded unpacking and a log line with the whole URL
    are what a client adds, and all of them must stay off here.

    Args:
        clock: for ``Retry-After`` and ``Expires`` dates, nothing else.
        resolver: looks names up; the system's by default. It is closed with the fetcher.
        tls: which certificates to trust; by default those of the Mozilla list (certifi).
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        clock: Clock = _utc_now,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._inner_resolver = resolver
        self._tls = tls
        self._transport: AiohttpTransport | None = None
        self._resolver: VettingResolver | None = None
        self._pace = Pace(
            per_host=limits.per_host_concurrency,
            spacing_s=limits.per_host_spacing_s,
            in_all=limits.connections,
        )

    async def __aenter__(self) -> Self:
        limits = self._limits
        tls = self._tls or httpx.create_ssl_context(trust_env=False)
        self._resolver = VettingResolver(
            self._inner_resolver or SystemResolver(), allow=limits.allow
        )
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            use_dns_cache=False,  # a look-up per connection; the system caches
            socket_factory=VettingSocketFactory(allow=limits.allow),
            ssl=tls,
            limit=limits.connections,
            keepalive_timeout=limits.idle_s,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            max_line_size=_MAX_FIELD_BYTES,
            max_field_size=_MAX_FIELD_BYTES,
        )
        self._transport = AiohttpTransport(client=session, verify=tls, trust_env=False)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._transport is not None and self._resolver is not None:
            await self._transport.aclose()
            await self._resolver.close()
        self._transport = self._resolver = None

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
        limits = self._limits
        sent = feed.validators if conditional else Validators()
        headers = self._headers(sent)
        first = check_url(feed.url, allow=limits.allow)
        trail = Trail(first)
        loop, left_s = asyncio.get_running_loop(), limits.deadline_s
        for _ in range(limits.max_redirects + 1):
            own = is_own(trail.url, allow=limits.allow)
            async with self._pace.turn(_host_name(trail.url), is_own=own):
                started_at = loop.time()
                answer = await self._ask_in_time(trail.url, headers, left_s)
                left_s -= loop.time() - started_at
            if answer.status not in REDIRECTS:
                return self._accept(trail, answer, sent)
            location = answer.headers.get("location", "")
            trail = trail.step(answer.status, location, allow=limits.allow)
        raise FeedUnreachable(
            f"{shown(first)}: more than {limits.max_redirects} redirects, "
            f"the last to {shown(trail.url)}; asked again later"
        )

    def _headers(self, sent: Validators) -> dict[str, str]:
        headers = {
            "User-Agent": self._limits.user_agent,
            "Accept": ACCEPT,
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        if sent.etag is not None:
            headers["If-None-Match"] = sent.etag
        if sent.last_modified is not None:
            headers["If-Modified-Since"] = sent.last_modified
        return headers

    async def _ask_in_time(self, url: httpx.URL, headers: dict[str, str], left_s: float) -> _Answer:
        try:
            async with asyncio.timeout(left_s):
                return await self._ask(url, headers)
        except TimeoutError as error:  # the alarm's: _ask lets no other through
            raise FeedUnreachable(
                f"{shown(url)}: no whole answer in {self._limits.deadline_s:g} s "
                "(fetch.deadline_s); asked again later"
            ) from error

    async def _ask(self, url: httpx.URL, headers: dict[str, str]) -> _Answer:
        """One request to one address; the connection is free again when this returns."""
        if self._transport is None:
            raise RuntimeError("HttpFetcher is used outside of its async with block")
        try:
            response = await self._transport.handle_async_request(
                httpx.Request("GET", url, headers=headers)
            )
            async with aclosing(response):
                body = await self._read(url, response) if response.status_code == 200 else b""
        except FeedError:
            raise
        # Whatever else the libraries raise here is their reading of a stranger's bytes; the
        # kinds are many and change with their releases, and none may end the poll of others.
        except Exception as error:
            raise unanswered(url, error) from error
        return _Answer(response.status_code, response.headers, body)

    async def _read(self, url: httpx.URL, response: httpx.Response) -> bytes:
        max_bytes = self._limits.max_bytes
        encoding = response.headers.get("content-encoding", "")
        body = Body(shown(url), encoding=encoding, max_bytes=max_bytes)
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > max_bytes:
            raise FeedTooLarge(
                f"{shown(url)}: body of {length} bytes is over {max_bytes} (fetch.max_bytes); "
                "skipped until the next poll"
            )
        async for chunk in response.aiter_raw():
            body.add(chunk)
        return body.finish()

    def _accept(self, trail: Trail, answer: _Answer, sent: Validators) -> Fetched:
        """The answer as the pipeline knows it, or the error it amounts to."""
        now = self._clock()
        is_unchanged = answer.status == 304 and sent != Validators()
        if answer.status != 200 and not is_unchanged:
            error = refused(
                trail.url,
                answer.status,
                answer.headers,
                now=now,
                quiet_floor_s=self._limits.quiet_floor_s,
            )
            if answer.status in {429, 503} and error.retry_after_s is not None:
                self._pace.leave_alone(_host_name(trail.url), error.retry_after_s)
            raise error
        return Fetched(
            url=str(trail.url),
            body=None if is_unchanged else answer.body,
            content_type=answer.headers.get("content-type", ""),
            validators=_read_validators(answer.headers, sent if is_unchanged else Validators()),
            max_age_s=find_max_age(answer.headers, now=now),
            moved_to=trail.moved_to,
        )


def _read_validators(headers: httpx.Headers, old: Validators) -> Validators:
    """What to send next time; ``old`` stands where the headers name nothing new.

    One that is not plain ASCII cannot be sent back as it came, and is left out.
    """

    def read(name: str) -> str | None:
        value = next(iter(headers.get_list(name)), "")
        return value if value and value.isascii() and value.isprintable() else None

    return Validators(
        etag=read("etag") or old.etag,
        last_modified=read("last-modified") or old.last_modified,
    )


def _host_name(url: httpx.URL) -> str:
    """By what a host's wishes and turns are kept: its name, with a port that is not usual."""
    host = url.raw_host.decode("ascii")
    return host if url.port in (None, *PORTS.values()) else f"{host}:{url.port}"
