"""A WebSub hub on loopback: verifies who asks, pushes signed documents, refuses what it may.

After the W3C Recommendation WebSub: §5.1 the request, §5.2 denial, §5.3 verification of
intent, §7 content distribution with its signature. It is strict where a hub may be, so that
a question that is not as it should be is answered 400 and not let pass.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

MAX_SECRET = 199  # bytes, §5.1: less than 200


@dataclass
class Held:
    """A subscription that was verified."""

    callback: str
    topic: str
    secret: str


@dataclass
class HubServer:
    """A hub that knows some topics.

    Attributes:
        topics: what it pushes; others are denied.
        denies: why every question is turned down, "" for not at all.
        verifies: False for a hub that takes questions and never verifies them.
        is_sync: it verifies before it answers the question.
        lease_s: what it gives, None for what was asked for.
        status, headers: of its answers in place of 202, for a hub in trouble.
        method: of its signatures; "" for none.
        challenge: None for a new one each time.
        proxy: where the addresses of callbacks lead in truth, as a reverse proxy would.
        asked: the forms of all questions.
        said: status and text of the answers at callbacks.
        held: by callback.
    """

    topics: set[str] = field(default_factory=set)
    denies: str = ""
    verifies: bool = True
    is_sync: bool = False
    lease_s: int | None = None
    status: int = 202
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "sha256"
    challenge: str | None = None
    proxy: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    url: str = ""
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None
    _verifying: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        server = web.Application()
        server.router.add_post("/", self._take)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        self._session = aiohttp.ClientSession(trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.settle()
        assert self._session is not None
        assert self._runner is not None
        await self._session.close()
        await self._runner.cleanup()

    async def settle(self) -> None:
        """Wait until every question was dealt with."""
        while self._verifying:
            await asyncio.gather(*self._verifying)

    async def push(self, topic: str, body: bytes, **changes: Any) -> list[int]:
        """Send ``body`` to all who hold ``topic``; ``changes`` are header fields, None to omit."""
        holders = [held for held in self.held.values() if held.topic == topic]
        return [await self.push_to(held.callback, held, body, **changes) for held in holders]

    async def push_to(self, callback: str, held: Held, body: bytes, **changes: Any) -> int:
        """Send ``body`` to ``callback`` as ``held`` has it; its answer's status."""
        fields = {
            "Content-Type": "application/rss+xml",
            "Link": f'<{self.url}>; rel="hub", <{held.topic}>; rel="self"',
            "X-Hub-Signature": self.sign(body, held.secret),
        } | {name.replace("_", "-"): value for name, value in changes.items()}
        headers = {name: value for name, value in fields.items() if value}
        assert self._session is not None
        async with self._session.post(self._way(callback), data=body, headers=headers) as answer:
            self.said.append((answer.status, await answer.text()))
            if answer.status == HTTPStatus.GONE:
                self.held.pop(callback, None)
            return answer.status

    def sign(self, body: bytes, secret: str) -> str:
        """The signature of ``body``, "" where this hub makes none."""
        if not self.method or not secret:
            return ""
        digest = hmac.new(secret.encode(), body, getattr(hashlib, self.method)).hexdigest()
        return f"{self.method}={digest}"

    async def call_back(self, callback: str, **query: str) -> tuple[int, str]:
        """Ask at ``callback`` with these parameters of ``hub.``."""
        assert self._session is not None
        params = {f"hub.{name}": value for name, value in query.items()}
        async with self._session.get(self._way(callback), params=params) as answer:
            self.said.append((answer.status, await answer.text()))
            return self.said[-1]

    def _way(self, callback: str) -> str:
        for public, real in self.proxy.items():
            if callback.startswith(public):
                return real + callback.removeprefix(public)
        return callback

    async def _take(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            return web.Response(status=400, text="not a form")
        asked = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(asked)
        if self.status != HTTPStatus.ACCEPTED:
            return web.Response(status=self.status, headers=self.headers)
        if wrong := _find_fault(asked):
            return web.Response(status=400, text=wrong)
        task = asyncio.create_task(self._deal_with(asked))
        self._verifying.add(task)
        task.add_done_callback(self._verifying.discard)
        if self.is_sync:
            await task
        return web.Response(status=202)

    async def _deal_with(self, asked: dict[str, str]) -> None:
        callback, topic, mode = (asked[f"hub.{name}"] for name in ("callback", "topic", "mode"))
        if self.denies or topic not in self.topics:
            await self.call_back(callback, mode="denied", topic=topic, reason=self.denies)
            return
        if not self.verifies:
            return
        challenge = secrets.token_hex(16) if self.challenge is None else self.challenge
        query = {"mode": mode, "topic": topic, "challenge": challenge}
        if mode == "subscribe":
            wished = asked.get("hub.lease_seconds", "864000")
            query["lease_seconds"] = wished if self.lease_s is None else str(self.lease_s)
        status, text = await self.call_back(callback, **query)
        if not (200 <= status < 300 and text == challenge):
            return
        if mode == "subscribe":
            self.held[callback] = Held(callback, topic, asked.get("hub.secret", ""))
        else:
            self.held.pop(callback, None)


def _find_fault(asked: Mapping[str, str]) -> str:
    """What a hub may refuse a question for, "" for nothing."""
    parts = urlsplit(asked.get("hub.callback", ""))
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
        return "no callback"
    if asked.get("hub.mode") not in {"subscribe", "unsubscribe"}:
        return "no mode"
    if not asked.get("hub.topic"):
        return "no topic"
    if len(asked.get("hub.secret", "").encode()) > MAX_SECRET:
        return "the secret is too long"
    if not asked.get("hub.lease_seconds", "1").isdigit():
        return "no lease"
    return ""
