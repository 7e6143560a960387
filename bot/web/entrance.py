"""The door: what asks for the token, and the pages of what cannot be shown.

The cookie is for this site alone (``SameSite=Strict``). A browser sends none with the first
page that it opens by a link from somewhere else, so that page asks for itself once more.

Source: RFC 6265bis §5.6 (cookies); Fetch Metadata (``Sec-Fetch-Site``); Fetch §3.1, ``Origin``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from aiohttp import web

from bot.web.access import COOKIE, COOKIE_DAYS, Access
from bot.web.drawing import answer, draw, receive
from bot.web.site import House, Route, say_error
from bot.web.words import WORDS

READ_S = 10.0
"""For what is typed to arrive whole."""

_FIELDS = ("token", "to")

_HERE = ""
"""Of a cookie without a path, a browser takes the folder of the page that set it: ours, also where
a proxy serves it beside others (RFC 6265 §5.1.4)."""


class Entrance:
    """Lets people in, and says why not."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> tuple[Route, ...]:
        """Where the token is typed, and where it is forgotten."""
        return (
            Route("/login", self.login, Access.ALL, method="POST", is_limited=False),
            Route("/logout", self.logout, Access.ALL, method="POST", is_limited=False),
        )

    async def login(self, request: web.Request) -> web.Response:
        """``POST /login``: the token for a cookie."""
        _refuse_strangers(request, self._house.public_url)
        form = await _read_form(request)
        token, to = (said if isinstance(said := form.get(name), str) else "" for name in _FIELDS)
        if not self._house.keys.fits(token):
            return _ask(request, to=to, is_wrong=True)
        response = web.Response(status=303, headers={"Location": f"./{_inside(to)}"})
        response.set_cookie(
            COOKIE,
            self._house.keys.make_cookie(),
            max_age=COOKIE_DAYS * 86_400,
            path=_HERE,
            httponly=True,
            samesite="Strict",
            secure=_is_encrypted(request, self._house.public_url),
        )
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """``POST /logout``: forget the cookie."""
        _refuse_strangers(request, self._house.public_url)
        response = web.Response(status=303, headers={"Location": "./"})
        response.del_cookie(COOKIE, path=_HERE, httponly=True, samesite="Strict")
        return response

    def draw_error(self, request: web.Request, status: int, detail: str) -> web.Response:
        """The page of an error; a line of text for programs."""
        speech = receive(request).speech
        told = speech(f"error_{status}" if f"error_{status}" in WORDS else "error_else")
        if "text/html" not in request.headers.get("Accept", ""):
            return say_error(request, status, detail or (f"404 {told}" if status == 404 else ""))
        if status == 401:
            is_door = request.path in {"/login", "/logout"}
            return _ask(request, to="" if is_door else request.path_qs.lstrip("/"))
        help_ = speech(f"help_{status}") if f"help_{status}" in WORDS else ""
        knows = self._house.keys.lets_in(request, Access.READER) and status != 421
        visit = receive(
            request, section="" if knows else "door", can_leave=knows and self._has_token
        )
        shown = detail if status == 400 else ""
        text = draw(visit, "error", told=told, detail=shown, help=help_)
        return answer(request, text, status=status)

    @property
    def _has_token(self) -> bool:
        return bool(self._house.keys.token)


def _ask(request: web.Request, *, to: str, is_wrong: bool = False) -> web.Response:
    """The form that asks for the token."""
    visit = receive(request, section="door")
    text = draw(visit, "login", to=to, is_wrong=is_wrong)
    response = answer(request, text, status=401)
    if not is_wrong and request.headers.get("Sec-Fetch-Site") == "cross-site":
        response.headers["Refresh"] = "0"  # by ourselves, and so with the cookie if there is one
    return response


async def _read_form(request: web.Request) -> Mapping[str, object]:
    """What was typed. Anybody may send anything here, so none of it is a line of the log.

    Raises:
        HTTPRequestTimeout: it did not arrive whole in ``READ_S``.
        HTTPBadRequest: it is no form.
    """
    try:
        async with asyncio.timeout(READ_S):
            return await request.post()
    except (TimeoutError, ConnectionError):  # of one that hung up, nobody hears this
        raise web.HTTPRequestTimeout from None
    except (ValueError, LookupError):  # parts without a boundary, words of no known charset
        raise web.HTTPBadRequest from None


def _refuse_strangers(request: web.Request, public_url: str) -> None:
    """Forms of other sites are none of ours; a browser says whose it is.

    Over plain http from another machine it says so by ``Origin`` alone; a program says nothing.

    Raises:
        HTTPForbidden: it is another site's.
    """
    site, origin = (request.headers.get(name) for name in ("Sec-Fetch-Site", "Origin"))
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        ours = {request.host, urlsplit(public_url).netloc} - {""}
        is_ours = origin is None or origin.partition("://")[2] in ours
    if not is_ours:
        raise web.HTTPForbidden


def _inside(to: str) -> str:
    """The address ``to`` below ours, written anew: no scheme, no host, nothing that climbs."""
    path, _, asked = to.partition("?")
    steps = [unquote(step) for step in path.split("/")] if path else []
    if any(step in {"", ".", ".."} for step in steps):
        return ""
    query = urlencode(parse_qsl(asked, keep_blank_values=True), quote_via=quote)
    return "/".join(quote(step, safe="") for step in steps) + (f"?{query}" if query else "")


def _is_encrypted(request: web.Request, public_url: str) -> bool:
    """Whether the browser came by https: to the proxy, which speaks plain http to us.

    It says so, or passes on the name that it was asked by; few do both unless told to. Who
    forges that harms nobody but themselves.
    """
    proxy = urlsplit(public_url)
    return proxy.scheme == "https" and (
        request.headers.get("X-Forwarded-Proto", "").lower() == "https"
        or urlsplit(f"//{request.host}").hostname == proxy.hostname
    )
