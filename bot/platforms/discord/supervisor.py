"""Keeps a client of one shard connected to the gateway for as long as the process lives.

discord.py gives up on some failures, repeats a dead address for ever on others, and begins
sessions without counting them. So each client is given one session and one attempt to resume
it; whatever ends it, a new one follows after a wait. Polling and posting go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import discord

from bot.errors import SendError
from bot.platforms.discord.client import NewsClient
from bot.platforms.discord.rest import Rest
from bot.platforms.discord.sessions import WHOLE, Sessions, Shard, load_gateway

log = logging.getLogger(__name__)

BAD_TOKEN = 4004
NEEDS_SHARDS = 4011
HOPELESS = frozenset({BAD_TOKEN, 4010, NEEDS_SHARDS, 4012, 4013, 4014})
"""Close codes that the same connection would get again.

Source: Discord documentation, "Opcodes and Status Codes", Gateway Close Event Codes.
"""

CLOSE_S = 5.0
"""Seconds for closing a client, its last answers included; part of the ten of a stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds.

    Attributes:
        first_s, longest_s: between two clients; doubles from one to the other, and begins
            again after a client that was connected for ``longest_s``.
        away_s: the longest where the network failed before a session was asked for, which
            costs none of the day's.
        hopeless_s: where only a person can help.
        down_s: a client that is not ready for so long is replaced.
        look_s: how often that is looked at.
        spare: sessions of the day that are left to a person who starts the program.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    away_s: float = 10.0
    hopeless_s: float = 1800.0
    down_s: float = 120.0
    look_s: float = 1.0
    spare: int = 20


class Hopeless(Exception):
    """Only a person can help; the message says how."""


class NeedsShards(Hopeless):
    """The bot is in too many servers for so few connections."""


class Supervisor:
    """Runs one client after the other, for one shard.

    Args:
        sessions: say when the next may begin.
        is_count_ours: we chose how many shards there are, and choose anew where these are too
            few; else a person has to.

    Attributes:
        client: the present one, None between two.
    """

    def __init__(
        self,
        *,
        token: str,
        rest: Rest,
        make_client: Callable[[], NewsClient],
        sessions: Sessions,
        shard: Shard = WHOLE,
        is_count_ours: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self.client: NewsClient | None = None
        self.shard = shard
        self._token = token
        self._rest = rest
        self._sessions = sessions
        self._is_count_ours = is_count_ours
        self._make_client = make_client
        self._patience = patience or Patience()
        self._has_begun = False  # the last client asked for a session

    @property
    def is_up(self) -> bool:
        """Whether commands arrive."""
        return self.client is not None and self.client.down_since is None

    async def run(self) -> None:
        """Keep a client connected until this is cancelled; wait while the token is not taken.

        Raises:
            NeedsShards: where ``is_count_ours``.
        """
        wait_s = self._patience.first_s
        while True:
            await self._rest.wait_until_up()
            started, longest_s = time.monotonic(), self._patience.longest_s
            self._has_begun = False
            try:
                await self._wait_for_session()
                await self._run_client()
                why = "the connection ended"
            except Hopeless as error:
                if isinstance(error, NeedsShards) and self._is_count_ours:
                    raise
                log.error("discord: %s; next attempt in half an hour", error)  # noqa: TRY400
                await asyncio.sleep(self._patience.hopeless_s)
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may do better
                why = tell(error)
                if isinstance(error, aiohttp.ClientError | OSError) and not self._has_begun:
                    longest_s = min(longest_s, self._patience.away_s)
            if not self._rest.is_up:
                continue  # said by the traffic, once
            if time.monotonic() - started >= self._patience.longest_s:
                wait_s = self._patience.first_s
            pause_s = wait_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            log.warning("discord: %s; next attempt in %.1f s, posting goes on", why, pause_s)
            await asyncio.sleep(pause_s)
            # What failures after the asking made longer, a dead network does not make shorter.
            wait_s = max(wait_s, min(wait_s * 2, longest_s))

    async def _wait_for_session(self) -> None:
        """Leave some of the sessions that Discord grants a day.

        Source: Discord documentation, "Gateway", Session Start Limit: beyond it the token is
        reset.
        """
        limit = (await load_gateway(self._rest))["session_start_limit"]
        self._sessions.at_once = limit.get("max_concurrency", 1)
        if limit["remaining"] <= self._patience.spare:
            wait_s = limit["reset_after"] / 1000
            log.error(
                "discord: only %d sessions are left today; no command is answered for %.0f min",
                limit["remaining"],
                wait_s / 60,
            )
            await asyncio.sleep(wait_s)

    async def _run_client(self) -> None:
        """One client, from its log-in until it fails or was not ready for too long.

        Raises:
            Hopeless: the next would fare no better.
        """
        client = self._make_client()
        self.client = client
        running = asyncio.create_task(self._start(client), name="gateway")
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=self._patience.look_s)
                down_s = time.monotonic() - (client.down_since or time.monotonic())
                if down_s > self._patience.down_s and not running.done():
                    raise TimeoutError(f"not connected for {down_s:.0f} s")
            await running
        except discord.PrivilegedIntentsRequired as error:
            raise Hopeless("Discord asks for an intent to be switched on") from error
        except discord.ConnectionClosed as error:
            if error.code == BAD_TOKEN:
                await load_gateway(self._rest)
            if error.code == NEEDS_SHARDS:
                raise NeedsShards(tell_close(error.code)) from error
            if error.code in HOPELESS:
                raise Hopeless(tell_close(error.code)) from error
            raise
        finally:
            self.client = None
            self._has_begun = client.begun.is_set()
            running.cancel()
            closing = asyncio.create_task(self._close(client, running))
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:  # a stop, or another shard's end, comes meanwhile
                await asyncio.wait({closing})
                raise

    async def _start(self, client: NewsClient) -> None:
        """Log in, begin a session when it is this shard's turn, and hear until it ends.

        The next that waits for the same turns logs in when this one has begun.
        """
        client.down_since = math.inf  # not by its own fault
        line = self._sessions.find_line(self.shard)
        await line.acquire()
        try:
            await client.login(self._token)  # the traffic limits its time
            await self._sessions.wait_for_turn(self.shard)
            client.down_since = time.monotonic()
            connecting = asyncio.create_task(client.connect(reconnect=False))
            beginning = asyncio.create_task(client.begun.wait())
            try:
                await asyncio.wait({connecting, beginning}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                connecting.cancel()
                await asyncio.wait({connecting})
                raise
            finally:
                beginning.cancel()
        finally:
            line.release()
        await connecting

    async def _close(self, client: NewsClient, running: asyncio.Task[None]) -> None:
        """Close ``client``, if that did not do so itself; whatever hangs is left behind.

        It may have been closing itself when it was cancelled; then its way to the API is open
        still, and its own close says that it was cancelled. Nobody cancels this here.
        """
        with suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(CLOSE_S):
                await client.close()
        with suppress(Exception, asyncio.CancelledError):
            await running
        with suppress(Exception):
            await client.http.close()


def tell_close(code: int | None) -> str:
    """What a close code asks of the operator."""
    match code:
        case 4004:
            return "the gateway does not take the token (discord.token)"
        case 4011:
            return (
                "the bot is in too many servers for so few connections (2,500 each); raise "
                "discord.shard_count, or leave it at 0 for as many as Discord advises"
            )
        case _:
            return f"the gateway refuses this program (close code {code}); a newer version may help"


def tell(error: Exception) -> str:
    """One line on what ended a client."""
    words = " ".join(str(error).split())[:200] or type(error).__name__
    match error:
        case AttributeError():  # discord.py, where the connection ends before its first word
            words = "the gateway closed the connection before its first word"
        case SendError():
            words = str(error).removeprefix("discord: ")
        case discord.LoginFailure():
            words = "the log-in was answered 401, not in Discord's words; a proxy on the way?"
        case discord.HTTPException():
            words = f"the API answered {error.status}"
        case TimeoutError():
            words = str(error) or "the gateway did not answer in time"
        case aiohttp.ClientError() | OSError():
            words = f"the gateway cannot be reached: {words}"
    return words
