"""One bounded, polite exchange after the other: what every request to a stranger shares.

What may be asked is settled in guard.py and doors.py, when in pace.py; how much
comes back in body.py. This module joins them; what is asked for, and what the
answer means, is the business of client.py (feeds) and articles.py (pages).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx

from bot.errors import FeedError, FeedTooLarge, FeedUnreachable, PageRefused, Trouble
from bot.fetching.body import ACCEPT_ENCODING, Body
from bot.fetching.dial import Dial
from bot.fetching.doors import Resolver, SystemResolver, VettingResolver, VettingSocketFactory
from bot.fetching.failures import unanswered
from bot.fetching.guard import (
    PORTS,
    REMEMBERED,
    AllowedAddress,
    check_url,
    is_own,
    shown,
)
from bot.fetching.limits import FetchLimits
from bot.fetching.pace import Pace
from bot.fetching.redirects import KEEPING, REDIRECTS, Trail
from bot.fetching.wire import Answer, Fields, Take

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
        form: what is handed in by POST, None for a GET. A form follows only redirects that
            keep it one (307, 308); it is sent twice by no other way.
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
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Stop:
    """An address to be asked, vetted, and what its turns go by."""

    trail: Trail
    host: str
    is_own: bool

    @classmethod
    def of(cls, trail: Trail, *, allow: tuple[AllowedAddress, ...]) -> _Stop:
        return cls(trail, host_name(trail.url), is_own(trail.url, allow=allow))


class Exchange:
    """The connections, the turns and the bounds of all requests; open it with ``async with``.

    No client of a library stands around it: cookies, redirects, proxies from the environment,
    unbounded unpacking and a log line with the whole URL are what a client adds, and all of
    them must stay off here; and what it builds for every request is most of a request's cost.

    Args:
        resolver: looks names up; the system's by default. It is closed with the exchange.
        tls: which certificates to trust; by default those of the Mozilla list (certifi).
        pace: gives out the turns; its own by default.
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.limits = limits
        self._inner_resolver = resolver
        self._tls = tls
        # the same feeds are asked again and again
        self._read_url = lru_cache(REMEMBERED)(partial(_first_stop, allow=limits.allow))
        self._dial: Dial | None = None
        self._resolver: VettingResolver | None = None
        self._pace = pace or Pace(
            per_host=limits.per_host_concurrency,
            spacing_s=limits.per_host_spacing_s,
            in_all=limits.connections,
        )
        self._introduction = (
            f"User-Agent: {limits.user_agent}\r\nAccept-Encoding: {ACCEPT_ENCODING}\r\n"
        )

    async def __aenter__(self) -> Self:
        limits = self.limits
        self._tls = self._tls or httpx.create_ssl_context(trust_env=False)
        self._resolver = VettingResolver(
            self._inner_resolver or SystemResolver(), allow=limits.allow
        )
        self._dial = Dial(
            resolver=self._resolver,
            sockets=VettingSocketFactory(allow=limits.allow),
            tls=self._tls,
            idle_s=limits.idle_s,
            most_idle=limits.connections,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._dial is not None and self._resolver is not None:
            self._dial.close()
            await self._resolver.close()
            await asyncio.sleep(0)  # the connections end in the loop's next turn
        self._dial = self._resolver = None

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
        stop = first = self._read_url(url)
        loop, left_s = asyncio.get_running_loop(), wish.deadline_s
        answer = Answer(0, {}, b"")
        for _ in range(wish.max_redirects + 1):
            trail = stop.trail
            await wish.permit(trail.url)
            async with self._pace.turn(stop.host, is_own=stop.is_own):
                started_at = loop.time()
                answer = await self._ask_in_time(trail.url, wish, left_s)
                left_s -= loop.time() - started_at
            if answer.status not in (REDIRECTS if wish.form is None else KEEPING):
                return trail, answer
            location = answer.headers.get("location", "")
            trail = trail.step(answer.status, location, allow=self.limits.allow)
            stop = _Stop.of(trail, allow=self.limits.allow)
        raise FeedUnreachable(
            f"{shown(first.trail.url)}: more than {wish.max_redirects} redirects, "
            f"the last to {shown(stop.trail.url)}; asked again later",
            status=answer.status,
            trouble=Trouble.ANSWER,
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
                f"({wish.deadline_setting}); asked again later",
                trouble=Trouble.SLOW,
            ) from error

    async def _ask(self, url: httpx.URL, wish: Wish) -> Answer:
        """One request to one address; the connection is free again when this returns."""
        if self._dial is None:
            raise RuntimeError("the exchange is used outside of its async with block")
        request = self._request(url, wish)
        repeats = wish.form is None
        try:
            return await self._dial.ask(url, request, _take(url, wish), repeats=repeats)
        except FeedError:
            raise
        # Whatever else is raised here is the libraries' reading of a stranger's bytes; the
        # kinds are many and change with their releases, and none may end the poll of others.
        except Exception as error:
            raise unanswered(url, error) from error

    def _request(self, url: httpx.URL, wish: Wish) -> bytes:
        """The request as it travels; source: RFC 9112 §3.2.1, RFC 9110 §7.2 Host."""
        fields, method, body = wish.fields, "GET", b""
        if wish.form is not None:
            method, body = "POST", urlencode(wish.form).encode("ascii")
            kind = "application/x-www-form-urlencoded"
            fields = {**fields, "Content-Type": kind, "Content-Length": str(len(body))}
        lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
        head = (
            f"{method} {url.raw_path.decode('ascii')} HTTP/1.1\r\n"
            f"Host: {url.netloc.decode('ascii')}\r\n{self._introduction}{lines}\r\n"
        )
        if head.count("\n") != len(fields) + 5 or head.count("\r") != len(fields) + 5:
            raise ValueError("a line break within a header field, which would begin another")
        return head.encode("ascii") + body


def _first_stop(url: str, *, allow: tuple[AllowedAddress, ...]) -> _Stop:
    return _Stop.of(Trail(check_url(url, allow=allow)), allow=allow)


def host_name(url: httpx.URL) -> str:
    """By what a host's wishes and turns are kept: its name, with a port that is not usual."""
    host = url.raw_host.decode("ascii")
    return host if url.port in (None, *PORTS.values()) else f"{host}:{url.port}"


def _take(url: httpx.URL, wish: Wish) -> Take:
    """Where the body of an answer from ``url`` goes: nowhere, unless it is a 200."""

    def take(status: int, headers: Fields) -> Body | None:
        return _body(url, headers, wish) if status == 200 else None

    return take


def _body(url: httpx.URL, headers: Fields, wish: Wish) -> Body:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if wish.types and media_type not in wish.types:
        what = f'of the type "{media_type[:40]}"' if media_type else "of no type"
        raise PageRefused(f"{shown(url)}: the document is {what}, none we read; left unread")
    max_bytes = wish.max_bytes
    body = Body(
        shown(url),
        encoding=headers.get("content-encoding", ""),
        max_bytes=max_bytes,
        max_bytes_setting=wish.max_bytes_setting,
        cuts=wish.cuts,
    )
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes and not wish.cuts:
        raise FeedTooLarge(
            f"{shown(url)}: body of {length} bytes is over {max_bytes} "
            f"({wish.max_bytes_setting}); skipped until the next poll"
        )
    return body
