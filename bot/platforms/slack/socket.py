"""One socket to Slack, by slack_sdk's client, which does not connect again by itself."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

import aiohttp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

SWITCHED = 101
"""Source: RFC 9110 §15.2.2, Switching Protocols."""

CLOSE_S = 3.0
"""Seconds for closing a socket; part of the ten of a stop."""


class _Logger(logging.Logger):
    """What slack_sdk says of a socket; the supervisor tells the same in its own words, once."""

    def __init__(self) -> None:
        super().__init__("slack_sdk.socket_mode", logging.CRITICAL)
        self.propagate = False


class Socket(SocketModeClient):
    """A client for one socket: it does not connect again, but says that it has ended.

    Attributes:
        greeted: set when Slack has said its first word: requests arrive from now on.
        ended: set when nothing arrives any more, or when Slack asks to go elsewhere.
        why: the reason that Slack gave for that, or "".
        failure: why it could not be opened, None where it could.
    """

    def __init__(self, *, app_token: str, web_client: AsyncWebClient, ping_s: float) -> None:
        super().__init__(
            app_token=app_token,
            logger=_Logger(),
            web_client=web_client,
            ping_interval=ping_s,
            on_message_listeners=[self._hear],
        )
        self.greeted, self.ended = asyncio.Event(), asyncio.Event()
        self.why = ""
        self.failure: Exception | None = None
        self._unused = self.aiohttp_client_session
        trace = aiohttp.TraceConfig()
        trace.on_request_exception.append(self._note_failure)
        trace.on_request_end.append(self._note_answer)
        # aiohttp's own look at the environment for a proxy minds NO_PROXY; slack_sdk's does not.
        self.proxy = None
        self.aiohttp_client_session = aiohttp.ClientSession(trace_configs=[trace], trust_env=True)

    @property
    def is_up(self) -> bool:
        """Whether requests arrive on it."""
        session = self.current_session
        return self.greeted.is_set() and session is not None and not session.closed

    async def open(self, url: str) -> None:
        """Connect to ``url``, which works once, and wait for Slack's first word.

        Raises:
            Exception: it could not be done; slack_sdk would repeat it with the same address.
        """
        self.wss_uri = url
        connecting = asyncio.ensure_future(self.connect())  # type: ignore[no-untyped-call]
        greeted = asyncio.ensure_future(self.greeted.wait())
        ended = asyncio.ensure_future(self.ended.wait())
        try:
            await asyncio.wait({greeted, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (connecting, greeted, ended):
                task.cancel()
            await asyncio.wait({connecting, greeted, ended})
        if not self.greeted.is_set():
            raise self.failure or OSError(self.why or "closed before its first word")

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Called by the SDK when this socket is of no use any more."""
        del force
        self.ended.set()

    async def close(self) -> None:
        """End it, with everything that works for it; one that hangs is left behind."""
        self.ended.set()
        self.closed = True
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_S):
                await self.disconnect()  # type: ignore[no-untyped-call]
        self.current_session = None
        await self._unused.close()
        await super().close()  # type: ignore[no-untyped-call]

    async def _hear(self, message: aiohttp.WSMessage) -> None:
        said = _read_object(message.data)
        match said.get("type"):
            case "hello":
                self.greeted.set()
            case "disconnect":
                self.why = str(said.get("reason") or "refresh_requested")
                self.ended.set()

    async def _note_failure(
        self, _: Any, __: Any, told: aiohttp.TraceRequestExceptionParams
    ) -> None:
        error = told.exception
        self.failure = error if isinstance(error, Exception) else OSError(type(error).__name__)
        self.ended.set()

    async def _note_answer(self, _: Any, __: Any, told: aiohttp.TraceRequestEndParams) -> None:
        if told.response.status != SWITCHED:
            self.failure = OSError(f"its address was answered {told.response.status}")
            self.ended.set()


def _read_object(text: Any) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
