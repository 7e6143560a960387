"""What operators look at, and what their machines ask: the server, and who may.

Other rooms and modules say what there is (``Route``); here is what holds for all of it. It
shows and changes nothing, runs no script, loads nothing from anywhere else, and is framed by
nobody. Whoever reaches it from another machine must know the token (``bot/web/access.py``).

Source: CSP Level 3; Fetch, ``Cross-Origin-Resource-Policy``; RFC 9110 §15.5.2, §15.5.6.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.errors import InputInvalid, NewsbotError
from bot.prose.strangers import StrangersLog
from bot.web.access import Access, Keys, is_known_host
from bot.web.listening import listen_at

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ErrorPage = Callable[[web.Request, int, str], web.Response]
"""Draws what went wrong: the status, and a line on it or ""."""

SETTING = "status.listen (NEWSBOT_STATUS_LISTEN)"

MAX_BYTES = 4_096
"""Of a body; only the form that asks for the token sends any."""

AT_ONCE = 2
"""Answers that are made at the same time; others wait. The store has four connections to SQLite,
and a search for words takes one for seconds where stories are many: the bot keeps the others."""

ANSWER_S = 20.0
CLOSE_S = 2.0
"""Seconds for an answer, and for those under way when the program stops."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # without any, our own forms would say Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
"""Of every answer; one that sets another value keeps it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """Something that can be asked for with GET or HEAD.

    Attributes:
        path: as aiohttp writes them, "/story/{id}".
        access: who may.
        method: POST for what the token is typed into.
        is_limited: waits its turn, see ``AT_ONCE``. Not so what asks the store nothing: a stranger
            who sends a form letter by letter would keep the readers out. Nor do probes.
    """

    path: str
    handler: Handler
    access: Access = Access.READER
    method: str = "GET"
    is_limited: bool = True


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all of a site.

    Attributes:
        public_url: of the proxy before it, or "".
        is_open: other machines reach it, so that any name may be its name.
    """

    keys: Keys
    public_url: str = ""
    is_open: bool = False

    def knows_host(self, request: web.Request) -> bool:
        """Whether ``request`` was meant for us."""
        return self.is_open or is_known_host(request, urlsplit(self.public_url).hostname or "")


def make_site(house: House, routes: Iterable[Route], *, draw_error: ErrorPage) -> web.Application:
    """The server of ``routes``."""
    guard = _Guard(house, draw_error)
    server = web.Application(client_max_size=MAX_BYTES, middlewares=[guard.answer])
    for route in routes:
        methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
        for method in methods:
            guard.routes[server.router.add_route(method, route.path, route.handler)] = route
    server.on_response_prepare.append(_dress)
    return server


@asynccontextmanager
async def open_site(server: web.Application, *, listen: str) -> AsyncIterator[str]:
    """Listen until the block ends; gives the address, with the port that it was given.

    Raises:
        SettingsInvalid: nothing can listen there; the message says why.
    """
    runner = web.AppRunner(server, access_log=None, logger=StrangersLog(), shutdown_timeout=CLOSE_S)
    await runner.setup()
    try:
        yield await listen_at(runner, listen, setting=SETTING)
    finally:
        await runner.cleanup()


def say_error(request: web.Request, status: int, text: str) -> web.Response:
    """What went wrong as a line of text."""
    del request
    return web.Response(status=status, text=f"{text or status}\n")


class _Guard:
    """Stands before every handler."""

    def __init__(self, house: House, draw_error: ErrorPage) -> None:
        self.routes: dict[web.AbstractRoute, Route] = {}
        self._house = house
        self._draw_error = draw_error
        self._places = asyncio.Semaphore(AT_ONCE)

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What ``handler`` answers, or why it may not or cannot."""
        if not self._house.knows_host(request):
            return self._draw_error(request, 421, "This is not the place of that name.")
        route = self.routes.get(request.match_info.route)  # None where there is no such thing
        access = route.access if route else Access.READER  # who may not look learns of no address
        if not self._house.keys.lets_in(request, access):
            return self._refuse(request, access)
        turn = self._places if route and route.is_limited else nullcontext()
        try:
            async with asyncio.timeout(ANSWER_S), turn:
                return await handler(request)
        except web.HTTPException as error:
            return self._pass_on(request, error)
        except Exception as error:  # noqa: BLE001 - it is logged, and the next answer may be better
            return self._explain(request, error)

    def _explain(self, request: web.Request, error: Exception) -> web.Response:
        if isinstance(error, InputInvalid):
            return self._draw_error(request, 400, str(error))
        if isinstance(error, NewsbotError | TimeoutError):
            told = str(error) or f"it took more than {ANSWER_S:.0f} s"
            log.warning("%s %s could not be answered: %s", request.method, request.path, told)
            return self._draw_error(request, 503, "")
        log.error("%s %s could not be answered", request.method, request.path, exc_info=error)
        return self._draw_error(request, 500, "")

    def _refuse(self, request: web.Request, access: Access) -> web.Response:
        response = self._draw_error(request, 401, "")
        scheme = "Basic" if access is Access.FEED else "Bearer"
        response.headers["WWW-Authenticate"] = f'{scheme} realm="newsbot"'
        return response

    def _pass_on(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        """A redirect as it is, a refusal as a page with the headers that belong to it."""
        if error.status < 400:
            return error
        response = self._draw_error(request, error.status, "")
        if allowed := error.headers.get("Allow"):
            response.headers["Allow"] = allowed
        return response


async def _dress(request: web.Request, response: web.StreamResponse) -> None:
    del request
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "newsbot"  # and not which versions of what
