"""The server itself: from a request to its answer, faults and limits on the way."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import BasicAuth, web

from tests.servers.slack import chat, conversations, files, oauth, people, views
from tests.servers.slack.calls import METHODS, Call, Method
from tests.servers.slack.control import People
from tests.servers.slack.faults import Fault, Faults
from tests.servers.slack.limiter import Limiter
from tests.servers.slack.refusal import Refused
from tests.servers.slack.responses import use_url
from tests.servers.slack.specification import find_unknown
from tests.servers.slack.world import Token

ROOMS = (chat, conversations, files, oauth, people, views)  # each enters its methods
MAX_BODY = 30 * 2**20  # bytes
APP_TOKEN = "xapp-1-invented-that-must-stay-unseen"
GONE = {"expired_url": 404, "used_url": 404}
SHOWN = ("blocks", "view", "metadata", "attachments")


@dataclass(frozen=True)
class Asked:
    """One request as it came and as it was answered.

    Attributes:
        method: of the Web API; "response_url", "upload" or "download" for the other doors.
        args: with JSON read where Slack would read it; tokens and secrets left out.
        token: by which it came.
        at: monotonic seconds of its arrival.
        status: HTTP status of the answer; 0 where the connection was cut.
        error: Slack's word of a refusal, or "".
        is_committed: whether it took effect.
    """

    method: str
    args: dict[str, Any]
    token: str
    at: float
    status: int
    error: str
    is_committed: bool


class SlackServer(People):
    """Slack on loopback; see the package's docstring for its use.

    Attributes:
        api_base: for ``AsyncWebClient(base_url=...)``, with its slash.
        app_token: of ``apps.connections.open``.
        team, channel: there from the start, with the bot in both.
        person, manager: everyday member, and admin of the workspace.
        limiter: rate limits and the counts of 429.
        faults: what goes wrong, see ``Faults``.
        sockets: the connections of Socket Mode, and how to break them.
        hand_over: what was told to the app and how fast it said so; ``request_url`` makes it HTTP.
        asked: every request, in the order of the answers.
    """

    def __init__(self, *, port: int = 0, is_limited: bool = True) -> None:
        super().__init__()
        self.limiter = Limiter(is_on=is_limited)
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.app_token = APP_TOKEN
        self.tokens[APP_TOKEN] = Token(APP_TOKEN, {"connections:write"}, is_app=True)
        self.team = self.add_team()
        self.person = self.add_user("ada", team=self.team)
        self.manager = self.add_user("grace", team=self.team, is_admin=True)
        self.channel = self.add_channel("general", team=self.team, creator=self.manager)
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        """The address of the Web API."""
        return f"{self.root}/api/"

    @property
    def bot_token(self) -> str:
        """The bot token of the first workspace."""
        return self.team.bot_token

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/api/{method}", self._answer)
        app.router.add_post("/response/{key}", self._take_response)
        app.router.add_get("/link/", self.sockets.serve)
        files.add_routes(app, self)
        oauth.add_routes(app, self)
        self.extend(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def extend(self, app: web.Application) -> None:
        """Add routes of one's own before the server starts."""

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self.hand_over.close()
        await self.sockets.close()
        await self._runner.cleanup()

    async def ready(self, *, timeout_s: float = 10.0) -> None:
        """Wait until the app has a connection of Socket Mode."""
        await self.wait_until(lambda: self.sockets.count > 0, timeout_s=timeout_s)

    def count(self, method: str) -> int:
        """How many requests of a method came, refused ones too."""
        return sum(asked.method == method for asked in self.asked)

    # the Web API

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        args, token = await _read(request)
        known = METHODS.get(name)
        owner = self.tokens.get(token)
        team_id = owner.team_id if owner is not None else ""

        def carry_out() -> dict[str, Any]:
            return {"ok": True, **self._carry_out(name, known, owner, token, args)}

        wait_s = self.limiter.take(name, known.tier, team_id, _channel(args)) if known else 0
        scopes = {"x-oauth-scopes": ",".join(sorted(owner.scopes))} if owner is not None else {}
        if known is not None and known.scopes:
            scopes["x-accepted-oauth-scopes"] = ",".join(known.scopes)
        return await self.give(request, name, args, token, carry_out, wait_s=wait_s, more=scopes)

    def _carry_out(
        self,
        name: str,
        known: Method | None,
        owner: Token | None,
        token: str,
        args: dict[str, Any],
    ) -> dict[str, Any]:
        if known is None:
            raise Refused("unknown_method", req_method=name)
        if not known.is_open:
            _check_token(known, owner, token)
        call = Call(self, name, owner or Token("", set()), args)
        if known.scopes:
            call.require_scope(*known.scopes)
        unknown = find_unknown(known, args)
        if unknown:
            raise Refused("invalid_arguments", *(f"unknown argument: {key}" for key in unknown))
        return known.answer(call)

    # every door

    async def give(
        self,
        request: web.Request,
        name: str,
        args: dict[str, Any],
        token: str,
        carry_out: Any,
        *,
        wait_s: int = 0,
        more: dict[str, str] | None = None,
        refused_status: int = 200,
    ) -> web.StreamResponse:
        """Answer a request at any door: limits, faults, refusals, and a note of it."""
        at = time.monotonic()
        headers, status, given, is_done = dict(more or {}), 200, None, False
        fault = None if wait_s else self.faults.draw(name, _channel(args))
        if fault is not None and fault.is_limit:
            self.limiter.injected[name] += 1
            wait_s = fault.retry_after_s
        if wait_s:
            status, given = 429, {"ok": False, "error": "ratelimited"}
            headers["Retry-After"] = str(wait_s)
        elif fault is None or fault.is_proper or fault.is_committed:
            if fault is not None and fault.late_s:
                await _be_late(request, fault)
            try:
                given, is_done = carry_out(), True
            except Refused as refused:
                given, status = refused.body(), GONE.get(refused.error, refused_status)
        if fault is not None and not fault.is_limit:
            self.wake()
            await asyncio.sleep(fault.hold_s)
            status, given = _go_wrong(fault, status, given)
        error = str(given.get("error", "")) if isinstance(given, dict) else ""
        self.asked.append(Asked(name, args, token, at, status, error, is_done))
        self.wake()
        if status == 0:
            _cut(request)
            return web.Response(status=500)
        if fault is not None and fault.answer == "cut" and not fault.error:
            return await _break_off(request, headers)
        return _render(status, given, headers)

    async def _take_response(self, request: web.Request) -> web.StreamResponse:
        act = self.find_acts.find_by_url(request.match_info["key"])
        try:
            body = await request.json()
        except ValueError:
            body = None

        def carry_out() -> str:
            if act is None:
                raise Refused("expired_url")
            use_url(self, act, body)
            return "ok"

        args = body if isinstance(body, dict) else {}
        return await self.give(request, "response_url", args, "", carry_out, refused_status=400)


def _check_token(known: Method, owner: Token | None, token: str) -> None:
    if not token:
        raise Refused("not_authed")
    if owner is None:
        raise Refused("invalid_auth")
    if owner.error:
        raise Refused(owner.error)
    if owner.is_app != known.is_app and known.name != "auth.test":
        raise Refused("not_allowed_token_type")


async def _be_late(request: web.Request, fault: Fault) -> None:
    """Let it go wrong for who asked, and take effect when nobody looks any more."""
    if fault.answer == "drop":
        _cut(request)
    await asyncio.sleep(fault.late_s)


def _cut(request: web.Request) -> None:
    if request.transport is not None:  # else who asked has hung up
        request.transport.abort()


def _channel(args: dict[str, Any]) -> str:
    return str(args.get("channel") or args.get("channel_id") or "")


def _go_wrong(fault: Fault, status: int, given: Any) -> tuple[int, Any]:
    if fault.error:
        return 200, {"ok": False, "error": fault.error}
    if fault.answer in {0, "cut"}:
        return status, given
    if fault.answer == "drop":
        return 0, None
    return int(fault.answer), "<html><body>upstream connect error</body></html>"


async def _break_off(request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
    """Begin an answer and cut the connection in its body."""
    begun = web.StreamResponse(
        headers=headers | {"Content-Type": "application/json", "Content-Length": "1000"}
    )
    await begun.prepare(request)
    await begun.write(b'{"ok": tr')
    assert request.transport is not None
    request.transport.abort()
    return begun


def _render(status: int, given: Any, headers: dict[str, str]) -> web.Response:
    if isinstance(given, bytes):
        return web.Response(status=status, body=given, headers=headers)
    if isinstance(given, str):
        kind = "text/html" if status >= 500 else "text/plain"
        return web.Response(status=status, text=given, headers=headers, content_type=kind)
    return web.json_response(given, status=status, headers=headers)


async def _read(request: web.Request) -> tuple[dict[str, Any], str]:
    """The arguments, wherever they stand (address, form or JSON), and the token."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            given = {}
        args |= given if isinstance(given, dict) else {}
    elif request.can_read_body:
        args |= {k: v for k, v in (await request.post()).items() if isinstance(v, str)}
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = str(args.pop("token", ""))
    if kind == "Bearer":
        token = secret
    elif kind == "Basic":
        known = BasicAuth.decode(f"{kind} {secret}")
        args |= {"client_id": known.login, "client_secret": known.password}
    for key in SHOWN:
        if isinstance(args.get(key), str):
            try:
                args[key] = json.loads(args[key])
            except ValueError:
                continue
    return args, token
