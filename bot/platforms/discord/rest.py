"""The client that posts: logged in for REST, never connected to the gateway.

It lives as long as the process, so that posting does not depend on the gateway's clients,
which come and go. Proxies: discord.py uses none of HTTP_PROXY and HTTPS_PROXY (its aiohttp
session is made without ``trust_env``), so neither do we; the API is asked directly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr
from yarl import URL

from bot.delivery.pace import Urgency
from bot.delivery.share import Share
from bot.errors import SendError, SendRefusedForNow
from bot.platforms.discord.pacer import MAX_UNANSWERED
from bot.platforms.discord.traffic import Traffic
from bot.ports.shared import Budgets, Rate

MAX_BUCKET_S = 30.0
"""Seconds a call waits for the limit of its route before it is put off; discord.py's least."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Seconds between attempts to log in: they double from one to the other."""

PROBE_S = 3_600.0
"""Seconds between looks whether a token that was refused is taken again.

One that was reset never is, but Discord has refused good ones while it was out of order.
"""

BUDGET = "discord"
"""The pace of all requests of the bot, among those that processes share."""

log = logging.getLogger(__name__)


class Account(Protocol):
    """Who the bot is on Discord, and where Discord is: the section ``discord`` of the settings."""

    @property
    def token(self) -> SecretStr | None:
        """The bot token."""
        ...

    @property
    def api_base(self) -> str:
        """Of the REST API."""
        ...

    @property
    def gateway_url(self) -> str:
        """Of the gateway's websocket."""
        ...

    @property
    def max_requests_per_s(self) -> int:
        """Over the whole bot."""
        ...


def point_library_at(account: Account) -> None:
    """Make discord.py talk to the servers of ``account``, in the whole process.

    The library has no option for that: the addresses are attributes of its classes. They are
    set here and nowhere else. Also silences its warnings about voice, which we do not use.
    """
    Route.BASE = account.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(account.gateway_url)
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False


class Rest:
    """Access to Discord's REST API; see ``open_rest``.

    Attributes:
        traffic: what all requests pass; its trace belongs into every other client too.
    """

    def __init__(self, account: Account, *, budgets: Budgets | None = None) -> None:
        rate = account.max_requests_per_s
        share = Share(budgets, BUDGET, Rate(rate)) if budgets is not None else None
        self.traffic = Traffic(rate, api_base=account.api_base, share=share)
        self._account = account
        self._client: discord.Client | None = None
        self._settled = asyncio.Event()
        self._came_up = asyncio.Condition()

    @property
    def is_up(self) -> bool:
        """Whether it is logged in and its token is still taken."""
        return self._client is not None and not self.traffic.is_refused

    @property
    def client(self) -> discord.Client:
        """The client that is logged in.

        Raises:
            SendRefusedForNow: there is none yet, or its token is not taken.
        """
        self.traffic.refuse_if_stopped()
        if self._client is None:
            raise SendRefusedForNow("discord: not logged in yet", retry_after_s=FIRST_WAIT_S)
        return self._client

    async def wait_until_settled(self) -> bool:
        """Wait until it is logged in or the token was refused; whether it is up."""
        await self._settled.wait()
        return self.is_up

    async def wait_until_up(self) -> None:
        """Wait until it is logged in with a token that is taken, be it in a year."""
        async with self._came_up:
            await self._came_up.wait_for(lambda: self.is_up)

    async def run(self) -> None:
        """Log in, and look every ``PROBE_S`` whether a token that was refused is taken again."""
        await self._log_in()
        self._settled.set()
        while True:
            async with self._came_up:
                self._came_up.notify_all()
            await self.traffic.refused.wait()
            while self.traffic.is_refused:
                await asyncio.sleep(PROBE_S)
                await self._probe()
            if self._client is None:
                await self._log_in()

    async def _probe(self) -> None:
        """Ask once; the traffic sees whether the token is taken."""
        try:
            if self._client is None:
                self._client = await self._open_client(is_probe=True)
                return
            async with self.traffic.call(Urgency.FRESH, is_probe=True):
                await self._client.http.request(Route("GET", "/users/@me"))
        except Exception as error:  # noqa: BLE001 - the next look may do better
            log.debug("discord: the token is still not taken: %s", _tell(error))

    async def _log_in(self) -> None:
        """Log in, however long the network is away; return when settled."""
        wait_s = FIRST_WAIT_S
        while not self.traffic.is_refused:
            try:
                self._client = await self._open_client()
                break
            except Exception as error:  # noqa: BLE001 - whatever answers there: polling goes on
                if self.traffic.refused.is_set():
                    break  # said by the traffic, once
                delay_s = max(wait_s, getattr(error, "retry_after_s", None) or 0.0)
                log.warning(
                    "discord: cannot log in at %s: %s; next attempt in %.0f s",
                    self._account.api_base,
                    _tell(error),
                    delay_s,
                )
                await asyncio.sleep(delay_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def close(self) -> None:
        """Close the connections."""
        self.traffic.pacer.close()
        if self._client is not None:
            await self._client.close()

    async def _open_client(self, *, is_probe: bool = False) -> discord.Client:
        """A new client for each attempt: a failed one keeps its session half open."""
        assert self._account.token is not None
        client = discord.Client(
            intents=discord.Intents(guilds=True),  # of no effect here; without it a warning
            max_messages=None,
            max_ratelimit_timeout=MAX_BUCKET_S,
            # Answers are read after the pacer let the next request start.
            connector=aiohttp.TCPConnector(limit=2 * MAX_UNANSWERED),
            http_trace=self.traffic.trace,
        )
        try:
            async with self.traffic.call(Urgency.FRESH, is_probe=is_probe):
                await client.login(self._account.token.get_secret_value())
        except BaseException:
            await client.close()
            raise
        return client


@asynccontextmanager
async def open_rest(account: Account, *, budgets: Budgets | None = None) -> AsyncIterator[Rest]:
    """The REST client, logging in while the caller goes on.

    Until it is logged in, sends are put off. Where the network is away it tries again, with
    longer and longer waits; where the token is not taken it says so once, names discord.token,
    and makes no further request but one an hour, which finds out whether it is taken again.

    Args:
        account: with a token.
        budgets: where several processes speak for the bot, which keep one pace.
    """
    point_library_at(account)
    rest = Rest(account, budgets=budgets)
    running = asyncio.create_task(rest.run(), name="discord login")
    try:
        yield rest
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await rest.close()


def _tell(error: Exception) -> str:
    """One line, without the library's request in it."""
    if isinstance(error, SendError):
        return str(error)
    if isinstance(error, discord.LoginFailure):
        return "it answered 401, not in Discord's words; a proxy on the way?"
    if isinstance(error, discord.HTTPException):
        return f"it answered {error.status} {' '.join(error.text.split())[:200]}".rstrip()
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientError | OSError):
        return " ".join(str(error).split())[:200] or type(error).__name__
    return f"what answers there is not Discord's API (discord.api_base): {type(error).__name__}"
