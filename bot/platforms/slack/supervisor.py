"""Keeps a socket to Slack open for as long as the process lives.

slack_sdk's client repeats a dead address for ever and asks for new ones without a pause that
grows. So each client is given one socket; whatever ends it, a new one follows after a wait.
Slack renews sockets every few hours: then the next is opened before the old one is closed.
Polling and posting do not depend on it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.failures import UNCLEAR, error_of
from bot.platforms.slack.socket import Socket

log = logging.getLogger(__name__)

HOPELESS = {
    "invalid_auth": "Slack does not take the app-level token",
    "not_authed": "Slack does not take the app-level token",
    "token_revoked": "the app-level token was revoked",
    "token_expired": "the app-level token has run out",
    "account_inactive": "the app, or its workspace, is switched off",
    "not_allowed_token_type": "this is no app-level token; it begins with xapp-",
    "missing_scope": "the app-level token lacks the scope connections:write",
    "no_permission": "the app-level token lacks the scope connections:write",
    "forbidden_team": "Socket Mode is not open to this workspace",
    "link_disabled": "Socket Mode is switched off; switch it on in the app's settings",
}
"""Errors of apps.connections.open, and the one reason of a disconnect, that only a person mends.

Source: Slack documentation, "apps.connections.open", errors; "Using Socket Mode", disconnects.
"""

RENEWALS = frozenset({"warning", "refresh_requested"})
"""Reasons of a disconnect before which the next socket may be opened already.

Source: Slack documentation, "Using Socket Mode": "warning" comes some ten seconds ahead.
"""

FINISH_S = 2.0
"""Seconds that answers under way have to arrive when the program stops."""

LONGEST_ASKED_S = 600.0
"""Seconds; a longer wait that Slack asks for is cut to this, for the next look."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds.

    Attributes:
        first_s, longest_s: between two sockets; doubles from one to the other, and begins again
            after a socket that lived for ``longest_s``.
        away_s: the longest between two sockets while Slack is not there to give an address.
        hopeless_s: where only a person can help.
        open_s: for the address of a socket, the socket, and Slack's first word on it.
        linger_s: a socket that was renewed is kept for at least so long, for what is still on its
            way, and until the next one is open.
        ping_s: between two pings; a socket without an answer to one is replaced.
        look_s: how often it is looked at whether a socket is still there.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    away_s: float = 20.0
    hopeless_s: float = 300.0
    open_s: float = 30.0
    linger_s: float = 5.0
    ping_s: float = 10.0
    look_s: float = 1.0


class Hopeless(Exception):
    """Only a person can help; the message says how."""


class Finishing(Protocol):
    """What answers people, as far as a stop goes."""

    async def finish(self) -> None:
        """Wait until everything under way is answered."""
        ...

    async def break_off(self) -> None:
        """Give up what is under way; when this returns, nothing of it works any more."""
        ...


class Supervisor:
    """Opens one socket after the other.

    Args:
        web_client: asks for the address of a socket; without handlers that repeat a call.
        app: takes what arrives.
        reception: answers it; given time to finish when this is stopped.
    """

    def __init__(
        self,
        *,
        app_token: str,
        web_client: AsyncWebClient,
        app: AsyncApp,
        reception: Finishing,
        patience: Patience | None = None,
    ) -> None:
        self._app_token = app_token
        self._web_client = web_client
        self._app = app
        self._reception = reception
        self._patience = patience or Patience()
        self._has_url = False
        self._sockets: set[Socket] = set()
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether what people do arrives."""
        return any(one.is_up for one in self._sockets)

    async def run(self) -> None:
        """Keep a socket open until this is cancelled.

        When it returns, nothing that people asked for is under way any more.
        """
        try:
            await self._run()
        finally:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(FINISH_S):
                        await self._reception.finish()
                for task in self._retiring:
                    task.cancel()
                if self._sockets or self._retiring:
                    closing = [asyncio.ensure_future(one.close()) for one in self._sockets]
                    await asyncio.wait({*closing, *self._retiring})
                self._sockets.clear()
            finally:
                await self._reception.break_off()

    async def _run(self) -> None:
        wait_s = self._patience.first_s
        was_up = False
        while True:
            started, least_s, most_s = time.monotonic(), 0.0, self._patience.longest_s
            try:
                reason = await self._serve(is_again=was_up)
                was_up = True
                is_renewal = reason in RENEWALS
                why = tell_end(reason)
            except Hopeless as error:
                minutes = self._patience.hopeless_s / 60
                log.error("slack: %s; next attempt in %.0f min", error, minutes)  # noqa: TRY400
                await asyncio.sleep(self._patience.hopeless_s)
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may do better
                is_renewal, why = False, tell(error)
                least_s = find_delay(error)
                if not self._has_url and is_away(error):
                    most_s = self._patience.away_s
            if time.monotonic() - started >= self._patience.longest_s:
                wait_s = self._patience.first_s
            share = random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            pause_s = max(least_s, min(wait_s, most_s) * share)
            if is_renewal:
                log.debug("slack: %s", why)
            else:
                until = "" if self.is_up else ", no command arrives until then"
                log.warning("slack: %s; next attempt in %.1f s%s", why, pause_s, until)
            await asyncio.sleep(pause_s)
            wait_s = min(wait_s * 2, self._patience.longest_s)

    async def _serve(self, *, is_again: bool) -> str:
        """One socket, until it ends; the reason that Slack gave for that, or "".

        Raises:
            Hopeless: the next would fare no better.
        """
        socket = await self._open()
        try:
            log.info("connected to Slack again" if is_again else "connected to Slack")
            while socket.is_up and not socket.ended.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience.look_s):
                        await socket.ended.wait()
            if socket.why in HOPELESS:
                raise Hopeless(tell_hopeless(socket.why))
            return socket.why
        finally:
            self._retire(socket)

    async def _open(self) -> Socket:
        """A socket on which Slack has said its first word."""
        self._has_url = False
        try:
            async with asyncio.timeout(self._patience.open_s):
                url = await self._find_url()
                self._has_url = True
                socket = Socket(
                    app_token=self._app_token,
                    web_client=self._web_client,
                    ping_s=self._patience.ping_s,
                )
                self._sockets.add(socket)
                socket.socket_mode_request_listeners.append(self._take)  # type: ignore[arg-type]
                try:
                    await socket.open(url)
                except BaseException:
                    self._retire(socket)
                    if socket.why in HOPELESS:
                        raise Hopeless(tell_hopeless(socket.why)) from None
                    raise
                return socket
        except TimeoutError:
            raise TimeoutError(f"not connected within {self._patience.open_s:.0f} s") from None

    async def _find_url(self) -> str:
        """The address of the next socket; it works once, and for half a minute.

        Raises:
            Hopeless: there is none before somebody mends something.
        """
        try:
            told = await self._web_client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            code = str(error.response.get("error", ""))
            if code in HOPELESS:
                raise Hopeless(tell_hopeless(code)) from error
            raise
        return str(told["url"])

    async def _take(self, socket: SocketModeClient, request: SocketModeRequest) -> None:
        """Have one request answered; a defect of ours does not reach the socket."""
        started = time.time()
        try:
            response = await run_async_bolt_app(self._app, request)
        except Exception:
            log.exception("a request of Slack's broke (%s)", request.type)
            return
        try:
            await send_async_response(socket, request, response, started)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            log.warning("slack did not get our receipt of a request (%s): %s", request.type, error)

    def _has_next(self, socket: Socket) -> bool:
        return any(one.is_up for one in self._sockets if one is not socket)

    def _retire(self, socket: Socket) -> None:
        """Close ``socket``; one that was renewed brings things until the next one does."""

        async def retire() -> None:
            if socket.why in RENEWALS:
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(self._patience.linger_s)
                    # ASYNC110: whether a socket is up is looked at everywhere, nothing says so.
                    while socket.is_up and not self._has_next(socket):  # noqa: ASYNC110
                        await asyncio.sleep(self._patience.look_s)
            try:
                await socket.close()
            finally:
                self._sockets.discard(socket)

        task = asyncio.create_task(retire(), name="slack socket ends")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


def tell_hopeless(word: str) -> str:
    """What a word of ``HOPELESS`` asks of the operator."""
    return f"{HOPELESS[word]} (slack.app_token: {word})"


def tell_end(reason: str) -> str:
    """One line on a socket that ended, by the reason that Slack gave."""
    if reason in RENEWALS:
        return f"Slack renews the connection ({reason})"
    return f"Slack ended the connection ({reason})" if reason else "the connection ended"


def tell(error: Exception) -> str:
    """One line on why there is no socket."""
    match error:
        case SlackApiError():
            code = str(error.response.get("error", "")) or f"status {error.response.status_code}"
            return f"apps.connections.open was answered {code}"
        case TimeoutError():
            return str(error) or "no answer in time"
        case aiohttp.ClientError() | OSError():
            words = " ".join(str(error).split())[:200] or type(error).__name__
            return f"Slack cannot be reached: {words}"
        case _:
            return f"no connection: {type(error).__name__}"


def is_away(error: Exception) -> bool:
    """Whether Slack was not there to answer; what it refuses or limits is an answer."""
    if isinstance(error, SlackApiError):
        return error.response.status_code >= 500 or error_of(error) in UNCLEAR
    return isinstance(error, aiohttp.ClientError | OSError)


def find_delay(error: Exception) -> float:
    """Seconds that Slack asks us to wait, 0 where it asks for nothing."""
    if not isinstance(error, SlackApiError):
        return 0.0
    headers: dict[str, str] = dict(error.response.headers or {})
    said = next((value for key, value in headers.items() if key.lower() == "retry-after"), "0")
    return min(float(said), LONGEST_ASKED_S) if said.isdecimal() else 0.0
