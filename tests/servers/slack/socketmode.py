"""Socket Mode: websockets that the app opens, envelopes down, acknowledgements up.

After the Slack documentation, "Using Socket Mode": several connections may be open (10); any
one of them gets an envelope; Slack refreshes them after a ``disconnect``.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.servers.slack.refusal import Refused

if TYPE_CHECKING:
    from tests.servers.slack.hand_over import Envelope
    from tests.servers.slack.watching import Watching

MOST_CONNECTIONS = 10


class Sockets:
    """The connections of the app.

    Attributes:
        is_refusing: whether new connections are turned away.
        opened: connections that were ever open.
    """

    def __init__(self, server: Watching) -> None:
        self._server = server
        self.is_refusing = False
        self.opened = 0
        self._tickets: set[str] = set()
        self._silent: set[int] = set()
        self._open: list[web.WebSocketResponse] = []
        self._turn = 0

    @property
    def count(self) -> int:
        """Connections open now."""
        return len(self._open)

    def make_url(self) -> str:
        """An address that opens one connection.

        Raises:
            Refused: internal_error while connections are refused.
        """
        if self.is_refusing:
            raise Refused("internal_error")
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        root = self._server.root.replace("http://", "ws://")
        return f"{root}/link/?ticket={ticket}&app_id={self._server.app_id}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, for as long as it lives."""
        ticket = request.query.get("ticket", "")
        if self.is_refusing or ticket not in self._tickets:
            return web.Response(status=503 if self.is_refusing else 408)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open.append(socket)
        self.opened += 1
        hello = {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self._server.app_id},
            "debug_info": {"host": "loopback", "approximate_connection_time": 18060},
        }
        await socket.send_json(hello)
        self._server.wake()
        try:
            await self._listen(socket)
        finally:
            self._silent.discard(id(socket))
            if socket in self._open:
                self._open.remove(socket)
            self._server.wake()
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if id(socket) in self._silent:
                continue
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take(message.data)

    def _take(self, text: str) -> None:
        try:
            given: Any = json.loads(text)
            envelope_id = given["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self._server.complaints.append(f"no acknowledgement: {text[:100]}")
            return
        self._server.hand_over.take_ack(envelope_id, given.get("payload"))

    async def send(self, envelope: Envelope) -> bool:
        """Send to one of the connections; False where there is none."""
        while self._open:
            self._turn += 1
            socket = self._open[self._turn % len(self._open)]
            envelope.sent_at.append(time.monotonic())
            if id(socket) in self._silent:
                return True
            try:
                await socket.send_json(envelope.json())
            except (ConnectionError, RuntimeError):
                envelope.sent_at.pop()
                if socket in self._open:
                    self._open.remove(socket)
                continue
            return True
        return False

    # going wrong

    def cut(self) -> None:
        """Break every connection off, as a network does."""
        for socket in tuple(self._open):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
        self._open.clear()

    def silence(self) -> None:
        """Let the open connections hear and say nothing any more, no pong either."""
        self._silent |= {id(socket) for socket in self._open}

    async def ask_to_leave(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to be replaced ("warning" gives notice, the others close)."""
        for socket in tuple(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            if reason != "warning":
                self._open.remove(socket)
                await socket.close()

    async def close(self) -> None:
        """Close all connections."""
        for socket in tuple(self._open):
            await socket.close()
        await asyncio.sleep(0)
