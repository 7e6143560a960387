"""One bounded, polite exchange after the other: what every request to a stranger shares.

What may be asked is settled in guard.py and doors.py, when in pace.py; how much
comes back in body.py. This module joins them; what is asked for, and what the
answer means, is the business of client.py (feeds) and articles.py (pages).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

from bot.errors import FeedError, FeedTooLarge, FeedUnreachable, PageRefused
from bot.fetching.body import ACCEPT_ENCODING, Body
from bot.fetching.doors import SystemResolver, VettingResolver, VettingSocketFactory
from bot.fetching.failures import unanswered
from bot.fetching.guard import PORTS, check_url, is_own, shown
from bot.fetching.limits import FetchLimits
from bot.fetching.pace import Pace
from bot.fetching.redirects import REDIRECTS, Trail

_MAX_FIELD_BYTES: Final = 32 * 1024
"""Of one header field: aiohttp's 8 KB is less than the content policies of some sites take."""

Permit = Callable[[httpx.URL], Awaitable[None]]
"""Raises a FeedError where an address must not be asked; may wait until it may."""


async def _permit_all(_: httpx.URL) -> None:
    """The permit of what its publisher offers to programs: feeds, robots.txt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a request asks for, and how much of it.

    Attributes:
        fields: header fields; who we are and how a body may be packed is added.
        types: media types of which a body is taken; () for any.
        deadline_s: for the whole exchange in seconds, redirects included.
        deadline_setting: the setting that governs it, for messages.
        max_bytes: of the body, before and after decompression.
        max_bytes_setting: what governs it, for messages.
        cuts: of a longer body the first ``max_bytes`` are taken, not none.
        max_redirects: hops followed.
        permit: asked before each hop, the first one too.
    """

    fields: Mapping[str, str]
    types: tuple[str, ...] = ()
    deadline_s: float
    deadline_setting: str = "fetch.deadline_s"
    max_bytes: int
    max_bytes_setting: str = "fetch.max_bytes"
    cuts: bool = False
    max_redirects: int
    permit: Permit = _permit_all


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said; ``body`` is empty unless ``status`` is 200."""

    status: int
    headers: httpx.Headers
    body: bytes


class Exchange:
    """The connections, the turns and the bounds of all requests; open it with ``async with``.

    The transport is used without ``httpx.AsyncClient`` around it: cookies, redirects,
    proxies from the environment, unbounded unpacking and a log line with the whole URL
    are what a client adds, and all of them must stay off here.

    Args:
        resolver: looks names up; the system's by default. It is closed with the exchange.
        tls: which certificates to trust; by default those of the Mozilla list (certifi).
        pace: gives out the turns; its own by default.
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.limits = limits
        self._inner_resolver = resolver
        self._tls = tls
        self._transport: AiohttpTransport | None = None
        self._resolver: VettingResolver | None = None
        self._pace = pace or Pace(
            per_host=limits.per_host_concurrency,
            spacing_s=limits.per_host_spacing_s,
            in_all=limits.connections,
        )

    async def __aenter__(self) -> Self:
        limits = self.limits
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

    def for_strangers(self) -> Exchange:
        """One that reaches none of the operator's own addresses; shares names and turns.

        Open it inside this one.
        """
        if self._resolver is None:
            raise RuntimeError("the exchange is used outside of its async with block")
        return Exchange(
            replace(self.limits, allow=()),
            resolver=self._resolver.lend(),
            tls=self._tls,
            pace=self._pace,
        )

    async def follow(self, url: str, wish: Wish) -> tuple[Trail, Answer]:
        """Ask at ``url`` and wherever its redirects lead; the first answer that is none.

        Raises:
            AddressRefused: the URL, a redirect's target or the address behind a name may
                not be asked.
            PageRefused: the body is of a type that was not wished for.
            FeedTooLarge: the body passed ``max_bytes``; none of it is kept.
            FeedEncodingRefused: packed in a way we did not ask for, or not as declared.
            FeedUnreachable: no answer in ``deadline_s``, too many redirects (with the last
                one's status), or the host asked to be left alone.
            FeedError: whatever the wish's permit raises.

        Source: RFC 9110 §15.4 redirects.
        """
        limits = self.limits
        first = check_url(url, allow=limits.allow)
        trail = Trail(first)
        loop, left_s = asyncio.get_running_loop(), wish.deadline_s
        answer = Answer(0, httpx.Headers(), b"")
        for _ in range(wish.max_redirects + 1):
            await wish.permit(trail.url)
            own = is_own(trail.url, allow=limits.allow)
            async with self._pace.turn(host_name(trail.url), is_own=own):
                started_at = loop.time()
                answer = await self._ask_in_time(trail.url, wish, left_s)
                left_s -= loop.time() - started_at
            if answer.status not in REDIRECTS:
                return trail, answer
            location = answer.headers.get("location", "")
            trail = trail.step(answer.status, location, allow=limits.allow)
        raise FeedUnreachable(
            f"{shown(first)}: more than {wish.max_redirects} redirects, "
            f"the last to {shown(trail.url)}; asked again later",
            status=answer.status,
        )

    def leave_alone(self, url: httpx.URL, seconds: float) -> None:
        """Ask nothing of the host of ``url`` for so long."""
        self._pace.leave_alone(host_name(url), seconds)

    async def _ask_in_time(self, url: httpx.URL, wish: Wish, left_s: float) -> Answer:
        try:
            async with asyncio.timeout(left_s):
                return await self._ask(url, wish)
        except TimeoutError as error:  # the alarm's: _ask lets no other through
            raise FeedUnreachable(
                f"{shown(url)}: no whole answer in {wish.deadline_s:g} s "
                f"({wish.deadline_setting}); asked again later"
            ) from error

    async def _ask(self, url: httpx.URL, wish: Wish) -> Answer:
        """One request to one address; the connection is free again when this returns."""
        if self._transport is None:
            raise RuntimeError("the exchange is used outside of its async with block")
        headers = {
            "User-Agent": self.limits.user_agent,
            "Accept-Encoding": ACCEPT_ENCODING,
            **wish.fields,
        }
        try:
            response = await self._transport.handle_async_request(
                httpx.Request("GET", url, headers=headers)
            )
            async with aclosing(response):
                is_whole = response.status_code == 200
                body = await _read(url, response, wish) if is_whole else b""
        except FeedError:
            raise
        # Whatever else the libraries raise here is their reading of a stranger's bytes; the
        # kinds are many and change with their releases, and none may end the poll of others.
        except Exception as error:
            raise unanswered(url, error) from error
        return Answer(response.status_code, response.headers, body)


def host_name(url: httpx.URL) -> str:
    """By what a host's wishes and turns are kept: its name, with a port that is not usual."""
    host = url.raw_host.decode("ascii")
    return host if url.port in (None, *PORTS.values()) else f"{host}:{url.port}"


async def _read(url: httpx.URL, response: httpx.Response, wish: Wish) -> bytes:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if wish.types and media_type not in wish.types:
        what = f'of the type "{media_type[:40]}"' if media_type else "of no type"
        raise PageRefused(f"{shown(url)}: the document is {what}, none we read; left unread")
    max_bytes = wish.max_bytes
    encoding = response.headers.get("content-encoding", "")
    body = Body(
        shown(url),
        encoding=encoding,
        max_bytes=max_bytes,
        max_bytes_setting=wish.max_bytes_setting,
        cuts=wish.cuts,
    )
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes and not wish.cuts:
        raise FeedTooLarge(
            f"{shown(url)}: body of {length} bytes is over {max_bytes} "
            f"({wish.max_bytes_setting}); skipped until the next poll"
        )
    async for chunk in response.aiter_raw():
        body.add(chunk)
        if body.is_full:
            break
    return body.finish()
