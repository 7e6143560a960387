"""The server itself: from a request to its answer, faults and limits on the way."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from aiohttp import web

from tests.servers.discord import answers, rest, world
from tests.servers.discord.calls import Call, Route
from tests.servers.discord.faults import Fault, Faults
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.interactions import People
from tests.servers.discord.limiter import Limiter, Verdict
from tests.servers.discord.refusal import Plain, Refusal, form_error
from tests.servers.discord.schema import load_schemas

TOKEN = "invented.bot-token.that-must-stay-unseen"
MAX_BODY = 26 * 2**20  # bytes
FILE_FIELD = re.compile(r"files\[(\d)\]")
VIA = {"Via": "1.1 google"}


@dataclass(frozen=True)
class Asked:
    """One request as it came and as it was answered.

    Attributes:
        operation: its name in the OpenAPI file.
        at: monotonic seconds of its arrival.
        status: of the answer; 0 where the connection was cut.
        code: Discord's code of a refusal, or 0.
        is_committed: whether it took effect.
    """

    operation: str
    path: str
    channel_id: int
    at: float
    body: Any
    status: int
    code: int
    is_committed: bool


class DiscordServer(People):
    """Discord on loopback; see the package's docstring for its use.

    Attributes:
        token: the only one that is taken; replace it to have 401.
        api_base, gateway_url: for ``Route.BASE`` and ``DEFAULT_GATEWAY`` of discord.py.
        guild, channel: there from the start; the bot may do everyday things in them.
        person, manager: an everyday member, and one who may manage channels and the guild.
        limiter: rate limits and the counts of 429.
        faults: what goes wrong, see ``Faults``.
        asked: every request to the API, in the order of the answers.
        is_checked: whether bodies are held against the OpenAPI file (where that is present).
    """

    def __init__(self, *, is_checked: bool = True, port: int = 0, is_limited: bool = True) -> None:
        super().__init__()
        self.gateway = Gateway(self)
        self.token = TOKEN
        self.limiter = Limiter(is_on=is_limited)
        self.limiter.limits["execute_webhook"] = (5, 2.0)
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.is_checked = is_checked
        self.api_base = ""
        self.gateway_url = ""
        self.person = self.add_user("ada")
        manager = world.EVERYDAY | world.MANAGE_CHANNELS | world.MANAGE_GUILD
        self.manager = self.add_user("grace", permissions=manager)
        self.guild = self.add_guild()
        self.channel = self.add_channel(self.guild, "general")
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def token(self) -> str:
        """The bot token."""
        return self.gateway.token

    @token.setter
    def token(self, value: str) -> None:
        self.gateway.token = value

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY)
        for route in (*answers.ROUTES, *rest.ROUTES):
            handler = partial(self._answer, route)
            app.router.add_route(route.method, f"/api/v10{route.template}", handler)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/resume", self.gateway.serve)
        app.router.add_get("/cdn/{path:.+}", self._give_file)
        app.router.add_route("*", "/api/{rest:.*}", self._refuse_unknown)
        self.extend(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.root = f"http://127.0.0.1:{port}"
        self.api_base = f"{self.root}/api/v10"
        self.gateway_url = f"ws://127.0.0.1:{port}/gateway"
        return self

    def extend(self, app: web.Application) -> None:
        """Add routes of one's own before the server starts."""

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        self.gateway.drop()
        await self._runner.cleanup()

    async def ready(self, *, timeout_s: float = 10.0) -> None:
        """Wait until the bot is connected to the gateway."""
        await self.wait_until(lambda: self.gateway.is_ready, timeout_s=timeout_s)

    def count(self, operation: str) -> int:
        """How many requests of an operation were asked, refused ones too."""
        return sum(asked.operation == operation for asked in self.asked)

    async def _refuse_unknown(self, request: web.Request) -> web.Response:
        return _render(404, Plain(404, "Not Found").body(), {})

    async def _give_file(self, request: web.Request) -> web.Response:
        content = self.files.get(f"/{request.match_info['path']}")
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _answer(self, route: Route, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        params = request.match_info
        channel_id = int(c) if (c := params.get("channel_id", "")).isdecimal() else 0
        body, files, broken = await _read(request)
        place = "/".join(params[name] for name in route.place)
        verdict = self.limiter.take(route.operation, place, is_exempt=route.is_open)
        status, given, headers, is_committed = 0, None, dict(verdict.headers), False
        fault = None
        if verdict.retry_after_s is None:
            fault = self.faults.draw(route.operation, channel_id)
        if verdict.retry_after_s is not None:
            status, given, headers = _limited(verdict)
        elif fault is not None and fault.answer == 429:
            self.limiter.injected[fault.scope] += 1
            verdict = Verdict(verdict.headers, fault.retry_after_s, fault.scope)
            status, given, headers = _limited(verdict)
        elif fault is None or fault.answer == 0 or fault.is_committed:
            call = Call(self, route.operation, params, request.query, body, files)
            status, given = self._carry_out(route, call, request, broken=broken)
            is_committed = status < 300
        if fault is not None and fault.answer != 429:
            status, given, headers = await self._go_wrong(fault, status, given, headers)
        code = given.get("code", 0) if isinstance(given, dict) and status >= 400 else 0
        path = request.path.removeprefix("/api/v10")
        self.asked.append(
            Asked(route.operation, path, channel_id, at, body, status, code, is_committed)
        )
        self.limiter.count_answer(status, verdict.scope)
        self.wake()
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        if fault is not None and fault.answer == "cut":
            return await _break_off(request, headers)
        return _render(status, given, headers)

    def _carry_out(
        self, route: Route, call: Call, request: web.Request, *, broken: bool
    ) -> tuple[int, Any]:
        is_known = request.headers.get("Authorization") == f"Bot {self.token}"
        if not route.is_open and not is_known:
            return 401, Plain(401, "Unauthorized").body()
        if broken:
            return 400, Refusal(50109).body()
        schemas = load_schemas() if self.is_checked else None
        if schemas is not None and route.method in {"POST", "PATCH", "PUT"}:
            problems = schemas.find_problems(route.method, route.template, call.body)
            if problems:
                return 400, form_error(problems).body()
        try:
            return route.handler(call)
        except (Refusal, Plain) as refused:
            return refused.status, refused.body()

    async def _go_wrong(
        self, fault: Fault, status: int, given: Any, headers: dict[str, str]
    ) -> tuple[int, Any, dict[str, str]]:
        if fault.hold_s:
            self.wake()
            await asyncio.sleep(fault.hold_s)
        if fault.answer == 0:
            return status, given, headers
        if fault.answer == "drop":
            return 0, None, {}
        if fault.answer == "cut":
            return 200, None, headers
        if fault.answer == 500:
            return 500, Plain(500, "Internal Server Error").body(), headers
        return int(fault.answer), "upstream connect error or disconnect/reset", VIA


def _limited(verdict: Verdict) -> tuple[int, Any, dict[str, str]]:
    headers, given = verdict.refusal()
    return 429, given, headers | VIA


async def _break_off(request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
    """Begin an answer and cut the connection in its body."""
    begun = web.StreamResponse(
        headers=headers | {"Content-Type": "application/json", "Content-Length": "1000"}
    )
    await begun.prepare(request)
    await begun.write(b'{"id": ')
    assert request.transport is not None
    request.transport.abort()
    return begun


def _render(status: int, given: Any, headers: dict[str, str]) -> web.Response:
    if given is None:
        return web.Response(status=status, headers=headers)
    if isinstance(given, str):
        return web.Response(status=status, text=given, headers=headers)
    raw = json.dumps(given).encode()
    # Exactly this content type: discord.py reads JSON under no other.
    return web.Response(
        status=status, body=raw, headers=headers | {"Content-Type": "application/json"}
    )


async def _read(request: web.Request) -> tuple[Any, dict[int, tuple[str, str, bytes]], bool]:
    """The body's JSON, the files beside it, and whether it could not be read."""
    files: dict[int, tuple[str, str, bytes]] = {}
    raw: str | bytes = b""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        payload = form.get("payload_json", "{}")
        raw = payload if isinstance(payload, str) else b"?"
        for name, value in form.items():
            found = FILE_FIELD.fullmatch(name)
            if found and isinstance(value, web.FileField):
                files[int(found[1])] = (value.filename, value.content_type, value.file.read())
    elif request.can_read_body:
        raw = await request.read()
        if raw and request.content_type != "application/json":
            return {}, files, True
    if not raw:
        return {}, files, False
    try:
        body = json.loads(raw)
    except ValueError:
        return {}, files, True
    return body, files, not isinstance(body, dict | list)
