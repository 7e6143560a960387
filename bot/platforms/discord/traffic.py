"""Every request to Discord passes here: paced, limited in time, counted, and stopped if need be.

discord.py repeats requests by itself, after 429 and some 5xx, and does not say so. aiohttp's
tracing, which discord.py offers to its users as ``http_trace``, sees each single one: it may
wait before it starts, and learns how it was answered. So what holds for a request holds for
the library's own repeats too, and nothing of the library is replaced.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from yarl import URL

from bot.delivery.pace import Urgency
from bot.delivery.share import Share
from bot.errors import SendRefusedForNow
from bot.platforms.discord.pacer import Pacer

ANSWER_S = 15.0
"""Seconds for one request, from its start to the end of the answer."""

MAX_INVALID = 5_000
"""Answers 401, 403 and 429 in ``INVALID_WINDOW_S``; half of what Discord bans an address for.

Source: Discord documentation, "Rate Limits", Invalid Request Limit.
"""

INVALID_WINDOW_S = 600.0

BAN_S = 600.0
"""Seconds to wait when the answer comes from the web server in front and names no time."""

OFF_S = 900.0
"""Seconds to put off what is owed while the token is not taken."""

_EXEMPT = frozenset({"interactions", "webhooks"})
"""First part of a route outside the global limit. Source: the same, Global Rate Limit."""

log = logging.getLogger(__name__)


class OnceOnly(Exception):
    """The request may have been carried out and would not be harmless a second time."""


@dataclass(slots=True)
class Call:
    """A call of the library, whatever requests it makes of it.

    Attributes:
        is_once: a request that may have been carried out is not repeated.
        is_probe: it asks whether the token is taken again, so it goes out while it is not.
        limit: ends the call when a request takes too long.
        is_unclear: some request may have been carried out: 5xx, or no answer.
        is_open: it has not ended; tasks that were begun in it may outlive it.
    """

    urgency: Urgency
    is_once: bool
    is_probe: bool
    limit: asyncio.Timeout
    is_unclear: bool = False
    is_open: bool = True


_current: ContextVar[Call | None] = ContextVar("discord_call", default=None)


class Traffic:
    """The requests of one bot, whichever client makes them.

    Args:
        rate: requests a second.
        api_base: of the REST API; other addresses are left alone.
        share: of the requests of all processes that speak for the bot.

    Attributes:
        pacer: says when a request may start.
        trace: to be given to every ``discord.Client`` as ``http_trace``.
        refused: set while Discord does not take the token; only probes are made then.
    """

    def __init__(self, rate: float, *, api_base: str, share: Share | None = None) -> None:
        self.pacer = Pacer(rate, share=share)
        self.refused = asyncio.Event()
        self._base = URL(api_base)
        self._invalid: deque[float] = deque()
        self._stopped_until = 0.0
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_start.append(self._start)
        self.trace.on_request_end.append(self._answered)
        self.trace.on_response_chunk_received.append(self._read)
        self.trace.on_request_exception.append(self._failed)

    @property
    def is_refused(self) -> bool:
        """Whether Discord does not take the token."""
        return self.refused.is_set()

    @asynccontextmanager
    async def call(
        self, urgency: Urgency, *, is_once: bool = False, is_probe: bool = False
    ) -> AsyncIterator[Call]:
        """Calls of the library within are made with this urgency.

        Raises:
            TimeoutError: a request took longer than ``ANSWER_S``.
            SendRefusedForNow: no requests are made now.
            OnceOnly: the library would have repeated what may have been carried out.
        """
        async with asyncio.timeout(None) as limit:
            call = Call(urgency, is_once, is_probe, limit)
            token = _current.set(call)
            try:
                yield call
            finally:
                call.is_open = False
                _current.reset(token)

    def refuse_if_stopped(self) -> None:
        """Say so if no request may be made now.

        Raises:
            SendRefusedForNow: with the time to wait.
        """
        if self.is_refused:
            raise SendRefusedForNow(
                "discord: the token is not taken (discord.token)", retry_after_s=OFF_S
            )
        self._refuse_if_paused()

    def _refuse_if_paused(self) -> None:
        left_s = self._stopped_until - asyncio.get_running_loop().time()
        if left_s > 0:
            raise SendRefusedForNow(
                f"discord: no requests for {left_s:.0f} s, else the address would be banned",
                retry_after_s=left_s,
            )

    async def _start(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        del session
        context.number, context.is_ours = None, self._is_ours(params.url)
        if not context.is_ours:
            return
        call = _find_call_or_none()
        if call and call.is_once and call.is_unclear:
            raise OnceOnly
        if call and call.is_probe:
            self._refuse_if_paused()
        else:
            self.refuse_if_stopped()
        context.number = await self.pacer.start(call.urgency if call else Urgency.FRESH)
        _limit(call, ANSWER_S)

    async def _answered(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        del session
        if context.number is None:
            return
        self.pacer.finish(context.number)
        context.number = None
        status, headers = params.response.status, params.response.headers
        call = _find_call_or_none()
        if call and status >= 500:
            call.is_unclear = True
        if status in {401, 403, 429} and headers.get("X-RateLimit-Scope") != "shared":
            self._count_invalid()
        if status == 401 and await _is_discords(params.response):
            self._refuse()
        elif status == 200 and call and call.is_probe:
            self._take_back()
        if status == 429 and not headers.get("Via"):
            self._stop(_seconds(headers.get("Retry-After"), BAN_S), "the address is banned")
        elif status == 429 and "X-RateLimit-Global" in headers:
            self.pacer.slow_down(_seconds(headers.get("Retry-After"), 1.0))

    async def _read(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceResponseChunkReceivedParams,
    ) -> None:
        """The answer is here; what follows may wait for a bucket as long as it likes."""
        del session, params
        if context.is_ours:
            _limit(_find_call_or_none(), None)

    async def _failed(
        self,
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        del session
        if context.number is None:
            return
        self.pacer.finish(context.number)
        context.number = None
        call = _find_call_or_none()
        if call and not isinstance(params.exception, aiohttp.ClientConnectorError):
            call.is_unclear = True

    def _is_ours(self, url: URL) -> bool:
        base = self._base.path.rstrip("/") + "/"
        if url.origin() != self._base.origin() or not url.path.startswith(base):
            return False
        return url.path.removeprefix(base).partition("/")[0] not in _EXEMPT

    def _refuse(self) -> None:
        if not self.is_refused:
            self.refused.set()
            log.error(
                "discord: the token is not taken (discord.token); nothing is posted there and no"
                " command answered until the program is started with one that is. This one is"
                " tried again once an hour, in case the fault was Discord's"
            )

    def _take_back(self) -> None:
        if self.is_refused:
            self.refused.clear()
            log.info("discord: the token is taken again; what is owed is posted now")

    def _count_invalid(self) -> None:
        now = asyncio.get_running_loop().time()
        self._invalid.append(now)
        while self._invalid[0] <= now - INVALID_WINDOW_S:
            self._invalid.popleft()
        if len(self._invalid) >= MAX_INVALID:
            self._stop(
                self._invalid[0] + INVALID_WINDOW_S - now,
                f"{len(self._invalid)} requests in ten minutes were refused",
            )

    def _stop(self, seconds: float, why: str) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._stopped_until:
            log.error("discord: %s; no requests for %.0f s", why, seconds)
        self._stopped_until = max(self._stopped_until, now + seconds)


def _find_call_or_none() -> Call | None:
    """The call that this request is made for."""
    call = _current.get()
    return call if call and call.is_open else None


async def _is_discords(response: aiohttp.ClientResponse) -> bool:
    """Whether Discord itself refused, and not a machine on the way or a page of Cloudflare's.

    Discord's refusals are a JSON object with a code and a message, whoever passes them on. A
    ``Via``, by which discord.py tells Cloudflare's 429, tells nothing here: a proxy that refuses
    us may add its own (RFC 9110 §7.6.3). discord.py reads the same body again from memory.

    Source: Discord documentation, "Opcodes and Status Codes", JSON error codes.
    """
    try:
        said = json.loads(await response.read())
    except (ValueError, aiohttp.ClientError, OSError):
        return False
    return (
        isinstance(said, dict)
        and isinstance(said.get("code"), int)
        and isinstance(said.get("message"), str)
    )


def _limit(call: Call | None, seconds: float | None) -> None:
    """Let ``call`` end in so many seconds from now, None for not at all."""
    if call is None or call.limit.expired():
        return
    when = None if seconds is None else asyncio.get_running_loop().time() + seconds
    call.limit.reschedule(when)


def _seconds(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:  # a date, which Discord does not send
        return default
