"""Slack over HTTP: its requests, the pages on which a workspace installs the app, and a pulse.

Requests are checked by bolt: signed with the signing secret, at most five minutes old. A proxy
with TLS stands before this; who is behind it is not known here, and nothing depends on it.

Source: Slack documentation, "Verifying requests from Slack".
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_internals import build_async_context
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from bot.errors import SettingsInvalid
from bot.platforms.slack.doors import EVENTS_PATH, HEALTH_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.platforms.slack.installing import InstallableApp, TooManyBegun, make_flow
from bot.platforms.slack.installs import InstalledWorkspaces
from bot.platforms.slack.pages import HEADERS, draw_failure, draw_no_installing
from bot.prose.addresses import explain_listening
from bot.prose.strangers import StrangersLog

SETTING = "slack.listen (NEWSBOT_SLACK_LISTEN)"

MAX_BODY_BYTES = 2**20
"""Slack's largest requests bring a message or a view back: some hundred thousand bytes."""

READ_S = 10.0
"""Seconds for a request to arrive whole."""

CLOSE_S = 5.0
"""Seconds for requests under way when the program stops; part of the ten of a stop."""

log = logging.getLogger(__name__)


class Account(InstallableApp, Protocol):
    """Where we listen, and as which app: the section ``slack`` of the settings."""

    @property
    def listen(self) -> str:
        """Address and port, as in "127.0.0.1:3000" or "[::]:3000"; port 0 is one that is free."""
        ...


class WebDoor:
    """What listens; see ``open_web``.

    Attributes:
        address: where it listens, with the port that it was given.
        install_url: where people install the app, or "" where it serves one workspace.
    """

    def __init__(
        self,
        app: AsyncApp,
        *,
        flow: AsyncOAuthFlow | None,
        install_url: str,
        is_healthy: Callable[[], bool],
    ) -> None:
        self.address = ""
        self.install_url = install_url
        self._app = app
        self._flow = flow
        self._is_healthy = is_healthy
        self._work: set[asyncio.Task[BoltResponse]] = set()

    def make_server(self) -> web.Application:
        """The routes."""
        server = web.Application(client_max_size=MAX_BODY_BYTES)
        server.router.add_post(EVENTS_PATH, self._take)
        server.router.add_get(INSTALL_PATH, self._begin, allow_head=False)
        server.router.add_get(REDIRECT_PATH, self._finish, allow_head=False)
        server.router.add_get(HEALTH_PATH, self._tell_health)
        return server

    async def finish(self, *, by_s: float) -> None:
        """Let what is under way end; what has not by then is broken off.

        Args:
            by_s: on the clock of the loop.
        """
        if self._work:
            left_s = max(0.0, by_s - asyncio.get_running_loop().time())
            await asyncio.wait(self._work, timeout=left_s)
        for task in (left := tuple(self._work)):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _take(self, request: web.Request) -> web.Response:
        """A request of Slack: an event, a command, a button, a form."""
        if not _may_be_signed(request.headers):
            return _hang_up(401, "this is not signed as Slack signs")
        try:
            async with asyncio.timeout(READ_S):
                await request.read()
            asked = _read_whole(await to_bolt_request(request))
        except TimeoutError:
            return _hang_up(408, "the request did not arrive in time")
        except web.HTTPException:
            raise  # the body is too large
        except Exception as error:  # noqa: BLE001 - it is not signed yet; anybody can send anything
            log.info("slack: a request cannot be read: %s", type(error).__name__)
            return web.Response(status=400, text="this is no request of Slack\n")
        return await to_aiohttp_response(await self._whole(self._app.async_dispatch(asked)))

    async def _begin(self, request: web.Request) -> web.Response:
        """Somebody wants to install the app."""
        flow = self._flow
        return await self._show(request, flow.handle_installation if flow else None)

    async def _finish(self, request: web.Request) -> web.Response:
        """Slack sends them back."""
        flow = self._flow
        return await self._show(request, flow.handle_callback if flow else None)

    async def _show(
        self,
        request: web.Request,
        handle: Callable[[AsyncBoltRequest], Coroutine[Any, Any, BoltResponse]] | None,
    ) -> web.Response:
        if handle is None:
            return _page(404, draw_no_installing())
        try:
            answer = await self._whole(handle(await to_bolt_request(request)))
        except TooManyBegun:
            log.warning("slack: too many installations were begun; more in ten minutes")
            return self._fail(503, "too_many")
        except (aiohttp.ClientError, SlackClientError, TimeoutError) as error:
            log.warning("slack: an installation broke off: %s", type(error).__name__)
            return self._fail(502, "slack_away")
        except Exception:
            log.exception("slack: an installation could not be finished")
            return self._fail(500, "defect")
        response = await to_aiohttp_response(answer)
        response.headers.update(HEADERS)
        return response

    def _fail(self, status: int, reason: str) -> web.Response:
        return _page(status, draw_failure(reason, again_url=self.install_url))

    async def _tell_health(self, _: web.Request) -> web.Response:
        """For whoever watches the process; it says nothing that strangers may not know."""
        if self._is_healthy():
            return web.Response(text="ok\n")
        return web.Response(status=503, text="not ready\n")

    async def _whole(self, work: Coroutine[Any, Any, BoltResponse]) -> BoltResponse:
        """Do ``work`` to its end, though the connection that asked for it may be gone by then."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return await asyncio.shield(task)


@asynccontextmanager
async def open_web(
    account: Account,
    app: AsyncApp,
    *,
    workspaces: InstalledWorkspaces | None,
    scopes: Iterable[str],
    is_healthy: Callable[[], bool] = lambda: True,
) -> AsyncIterator[WebDoor]:
    """Listen until the block ends; then requests under way are finished.

    Args:
        app: made with the signing secret.
        workspaces: that installed the app; None where the bot serves the one of its operator.
        scopes: what the app asks of a workspace that installs it.
        is_healthy: what is told at ``/healthz``.

    Raises:
        SettingsInvalid: nothing can listen there; the message says why.
    """
    flow, install_url = None, ""
    if workspaces is not None:
        install_url = f"{account.public_url}{INSTALL_PATH}"
        flow = make_flow(
            account,
            installations=workspaces.store,
            states=workspaces.states,
            scopes=scopes,
            client=workspaces.nobody,
        )
    door = WebDoor(app, flow=flow, install_url=install_url, is_healthy=is_healthy)
    # aiohttp waits twice as long: for answers under way, and for those that it breaks off.
    runner = web.AppRunner(
        door.make_server(),
        access_log=None,
        logger=StrangersLog(),
        shutdown_timeout=CLOSE_S / 4,
        lingering_time=0,  # the rest of what was refused is not read to throw it away
    )
    await runner.setup()
    try:
        await _listen(runner, account.listen)
        host, port = runner.addresses[0][:2]
        door.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        yield door
    finally:
        by_s = asyncio.get_running_loop().time() + CLOSE_S
        await runner.cleanup()
        await door.finish(by_s=by_s)


async def _listen(runner: web.AppRunner, where: str) -> None:
    host, _, port = where.rpartition(":")
    site = web.TCPSite(runner, host.removeprefix("[").removesuffix("]"), int(port))
    try:
        await site.start()
    except OSError as error:
        raise SettingsInvalid(f"{SETTING}: {where} {explain_listening(error)}") from error


def _hang_up(status: int, what: str) -> web.Response:
    """Refuse, as the body is still to come."""
    response = web.Response(status=status, text=f"{what}\n")
    response.force_close()
    return response


def _may_be_signed(headers: Mapping[str, str]) -> bool:
    """Whether the two headers have their form; bolt stumbles over others, at length in the log."""
    stamp = headers.get("X-Slack-Request-Timestamp", "0")
    signature = headers.get("X-Slack-Signature", "")
    return bool(re.fullmatch("[0-9]{1,20}", stamp)) and signature.isascii()


def _read_whole(asked: AsyncBoltRequest) -> AsyncBoltRequest:
    """``asked`` with its form, where bolt saw none.

    Bolt takes a form with the letters "payload" anywhere in it for a button's: "/news search
    payload" would be read as nothing.
    """
    if not asked.body and "payload" in asked.raw_body:
        asked.body = dict(parse_qsl(asked.raw_body, keep_blank_values=True))
        asked.context = build_async_context(AsyncBoltContext(), asked.body)
    return asked


def _page(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)
