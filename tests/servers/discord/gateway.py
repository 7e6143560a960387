"""The gateway: sessions over websockets, with heartbeats, resumes and close codes.

After the Discord documentation, "Gateway" with its part on Sharding, "Gateway Events" and "Opcodes
and Status Codes".
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from tests.servers.discord.state import State
    from tests.servers.discord.world import Channel, Guild, Message

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
ALL_INTENTS = (1 << 26) - 1
UNKNOWN_OP, UNDECODABLE, NOT_IDENTIFIED, BAD_TOKEN, TWICE = 4001, 4002, 4003, 4004, 4005
BAD_SEQUENCE, TOO_FAST, TIMED_OUT, BAD_SHARD = 4007, 4008, 4009, 4010
NEEDS_SHARDS, BAD_VERSION, BAD_INTENTS, FORBIDDEN_INTENTS = 4011, 4012, 4013, 4014
SHARD_EVENTS = {"READY", "RESUMED", "INTERACTION_CREATE"}  # need no intent


@dataclass
class Session:
    """What a client may resume: its place in the stream of events."""

    id: str
    intents: int
    shard: tuple[int, int]
    seq: int = 0
    sent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=5000))
    connection: Connection | None = None

    def push(self, event: str, data: Any) -> None:
        """Send an event now, and keep it for a resume."""
        self.seq += 1
        payload = {"op": 0, "t": event, "s": self.seq, "d": data}
        self.sent.append(payload)
        if self.connection is not None:
            self.connection.send(payload)


class Connection:
    """One websocket; what is sent is queued, and packed as the client asked."""

    def __init__(self, ws: web.WebSocketResponse, compress: str) -> None:
        self.ws = ws
        self.session: Session | None = None
        self.is_silent = False
        self.closed_with = 0
        self.times: deque[float] = deque()
        self._queue: asyncio.Queue[dict[str, Any] | tuple[int, str]] = asyncio.Queue()
        self._pack = _packer(compress)

    def send(self, payload: dict[str, Any]) -> None:
        """Put a payload in the queue; it is lost on a connection gone silent."""
        if not self.is_silent:
            self._queue.put_nowait(payload)

    def close(self, code: int, reason: str = "") -> None:
        """Close once everything queued is sent."""
        self._queue.put_nowait((code, reason))

    async def run(self) -> None:
        """Send what is queued until the connection closes."""
        while not self.ws.closed:
            item = await self._queue.get()
            if isinstance(item, tuple):
                self.closed_with = item[0]
                await self.ws.close(code=item[0], message=item[1].encode())
                return
            raw = json.dumps(item)
            try:
                if self._pack is None:
                    await self.ws.send_str(raw)
                else:
                    await self.ws.send_bytes(self._pack(raw.encode()))
            except ConnectionError:
                return


def _packer(compress: str) -> Callable[[bytes], bytes] | None:
    """A function that packs one payload in the stream; None for plain text."""
    if compress == "zlib-stream":
        flate = zlib.compressobj()
        return lambda raw: flate.compress(raw) + flate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        zstandard = import_module("zstandard")  # only a client that has it asks for it
        block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        stream = zstandard.ZstdCompressor().compressobj()
        return lambda raw: bytes(stream.compress(raw) + stream.flush(block))
    return None


class Gateway:
    """All sessions, and what may be made to go wrong.

    Attributes:
        heartbeat_interval_ms: told in HELLO; a client that is silent for twice as long is closed.
        privileged: privileged intents that are switched on in the portal.
        is_refusing: new connections, resumes too, get 503.
        is_resume_dead: resumes get 503.
        closes_before_hello: this many new connections are closed at once.
        advised_shards: told to whoever asks how many connections there should be.
        most_guilds: of one session; with more it is refused with 4011.
        at_once, apart_s: so many sessions may begin within so many seconds, by the shard's number
            modulo the first; one that comes too soon is invalid. 0 seconds: all may.
        counts: "connect", "identify", "resume", "resumed", "heartbeat", "refused", close codes.
        said: every payload clients sent, heartbeats left out.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.token = ""
        self.heartbeat_interval_ms = 41_250
        self.privileged = 0
        self.is_refusing = False
        self.is_resume_dead = False
        self.closes_before_hello = 0
        self.advised_shards = 1
        self.most_guilds = 2_500
        self.at_once, self.apart_s = 1, 0.0
        self._begun_at: dict[int, float] = {}
        self.counts: Counter[str] = Counter()
        self.said: list[dict[str, Any]] = []
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()

    @property
    def is_ready(self) -> bool:
        """Whether a client is connected and has identified or resumed."""
        return any(c.session is not None and not c.ws.closed for c in self.connections)

    # what is told

    def dispatch(
        self, event: str, data: Any, guild_id: int = 0, *, is_message: bool = False
    ) -> None:
        """Tell every session that is meant: the guild's shard, with the intent for it."""
        for session in self.sessions.values():
            if _is_meant(session, event, guild_id, is_message=is_message):
                session.push(event, data)

    def dispatch_message(self, event: str, message: Message, channel: Channel) -> None:
        """Tell of a message; its content only where the content intent is not needed.

        Source: "Gateway", message content intent: own messages, direct messages and messages
        that mention the app carry their content always.
        """
        if not self.sessions:
            return
        mention = f"<@{self._state.bot.id}>"
        is_open = message.author is self._state.bot or not channel.guild_id
        is_open = is_open or mention in message.content
        data = message.json(is_hidden=not is_open)
        if mention in message.content:
            data["mentions"] = [self._state.bot.json()]
        if message.nonce:
            data["nonce"] = message.nonce
        if channel.guild_id:
            guild = self._state.guilds[channel.guild_id]
            data["guild_id"] = str(guild.id)
            data["member"] = {
                k: v for k, v in guild.member_json(message.author).items() if k != "user"
            }
            data["channel_type"] = channel.kind
        self.dispatch(event, data, channel.guild_id, is_message=True)

    # what goes wrong

    def drop(self, code: int = 0) -> None:
        """Close every connection with ``code``, or cut it off without a word (0)."""
        for connection in tuple(self.connections):
            if code:
                connection.close(code)
            elif connection.ws._req is not None and connection.ws._req.transport is not None:
                connection.ws._req.transport.abort()

    def silence(self) -> None:
        """Leave every present connection open but dead: no event, no acknowledged heartbeat."""
        for connection in self.connections:
            connection.is_silent = True

    def ask_reconnect(self) -> None:
        """Send op 7 to every connection."""
        for connection in self.connections:
            connection.send({"op": 7, "d": None, "s": None, "t": None})

    def invalidate(self, *, is_resumable: bool = False) -> None:
        """Send op 9 to every connection; without resume the sessions are forgotten."""
        for connection in self.connections:
            connection.send({"op": 9, "d": is_resumable, "s": None, "t": None})
        if not is_resumable:
            self.sessions.clear()

    # the websocket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        is_resume = request.path.endswith("/resume")
        if self.is_refusing or (is_resume and self.is_resume_dead):
            self.counts["refused"] += 1
            return web.Response(status=503, text="upstream connect error")
        ws = web.WebSocketResponse(autoping=True, max_msg_size=0)
        await ws.prepare(request)
        self.counts["connect"] += 1
        if self.closes_before_hello > 0:
            self.closes_before_hello -= 1
            await ws.close(code=1001)
            return ws
        connection = Connection(ws, request.query.get("compress", ""))
        self.connections.add(connection)
        sender = asyncio.create_task(connection.run())
        try:
            if request.query.get("v", "10") != "10":
                connection.close(BAD_VERSION, "Invalid API version")
            connection.send(
                {
                    "op": 10,
                    "d": {"heartbeat_interval": self.heartbeat_interval_ms, "_trace": []},
                    "s": None,
                    "t": None,
                }
            )
            await self._receive_all(connection)
        finally:
            self.connections.discard(connection)
            if connection.session is not None and connection.session.connection is connection:
                connection.session.connection = None
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        if code := connection.closed_with or ws.close_code:
            self.counts[str(code)] += 1
        return ws

    async def _receive_all(self, connection: Connection) -> None:
        while True:
            try:
                timeout_s = 2 * self.heartbeat_interval_ms / 1000
                message = await connection.ws.receive(timeout=timeout_s)
            except TimeoutError:
                connection.close(TIMED_OUT, "Session timed out")
                await asyncio.sleep(0.05)
                return
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                return
            code = self._take(connection, message.data)
            self._state.wake()
            if code:
                connection.close(code)

    def _take(self, connection: Connection, raw: str | bytes) -> int:
        """Act on one payload; the close code if it may not be."""
        if len(raw) > 4096:
            return UNDECODABLE
        now = time.monotonic()
        connection.times.append(now)
        while connection.times[0] < now - 60:
            connection.times.popleft()
        if len(connection.times) > 120:
            return TOO_FAST
        try:
            payload = json.loads(raw)
            op = payload["op"]
        except (ValueError, KeyError, TypeError):
            return UNDECODABLE
        return self._act(connection, op, payload)

    def _act(self, connection: Connection, op: int, payload: dict[str, Any]) -> int:
        if op == 1:
            self.counts["heartbeat"] += 1
            connection.send({"op": 11, "d": None, "s": None, "t": None})
            return 0
        self.said.append(payload)
        if op in {2, 6}:
            if connection.session is not None:
                return TWICE
            start = self._identify if op == 2 else self._resume
            return start(connection, payload.get("d") or {})
        if connection.session is None:
            return NOT_IDENTIFIED
        return 0 if op in {3, 4, 8, 31} else UNKNOWN_OP

    def _identify(self, connection: Connection, data: dict[str, Any]) -> int:
        self.counts["identify"] += 1
        if data.get("token") != self.token:
            return BAD_TOKEN
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            return BAD_INTENTS
        if intents & PRIVILEGED & ~self.privileged:
            return FORBIDDEN_INTENTS
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            return BAD_SHARD
        guilds = [g for g in self._state.guilds.values() if (g.id >> 22) % count == number]
        if len(guilds) > self.most_guilds:
            return NEEDS_SHARDS
        if self._is_too_soon(number):
            connection.send({"op": 9, "d": False, "s": None, "t": None})
        else:
            self._begin(connection, intents, (number, count), guilds)
        return 0

    def _is_too_soon(self, number: int) -> bool:
        key, now = number % self.at_once, time.monotonic()
        if now < self._begun_at.get(key, 0.0) + self.apart_s:
            self.counts["too soon"] += 1
            return True
        self._begun_at[key] = now
        return False

    def _begin(
        self, connection: Connection, intents: int, shard: tuple[int, int], guilds: list[Guild]
    ) -> None:
        number, count = shard
        session = Session(f"{self._state.ids.next():x}", intents, (number, count))
        self.sessions[session.id] = session
        self._join(connection, session)
        application = {"id": str(self._state.application_id), "flags": 0}
        ready = {
            "v": 10,
            "user": self._state.bot.json() | {"verified": True, "mfa_enabled": True},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": f"{self._state.root.replace('http', 'ws', 1)}/gateway/resume",
            "shard": [number, count],
            "application": application,
            "private_channels": [],
            "session_type": "normal",
        }
        session.push("READY", ready)
        for guild in guilds:
            if intents & GUILDS and not guild.is_unavailable:
                session.push("GUILD_CREATE", self._state.guild_json(guild))

    def _resume(self, connection: Connection, data: dict[str, Any]) -> int:
        self.counts["resume"] += 1
        if data.get("token") != self.token:
            return BAD_TOKEN
        session = self.sessions.get(str(data.get("session_id")))
        if session is None:
            connection.send({"op": 9, "d": False, "s": None, "t": None})
            return 0
        seq = data.get("seq")
        if not isinstance(seq, int) or seq > session.seq:
            return BAD_SEQUENCE
        self._join(connection, session)
        for payload in [p for p in session.sent if p["s"] > seq]:
            connection.send(payload)
        self.counts["resumed"] += 1
        session.push("RESUMED", {"_trace": []})
        return 0

    def _join(self, connection: Connection, session: Session) -> None:
        session.connection = connection
        connection.session = session


def _is_meant(session: Session, event: str, guild_id: int, *, is_message: bool) -> bool:
    number, count = session.shard
    if (guild_id >> 22) % count != number:
        return False
    if event in SHARD_EVENTS:
        return True
    if is_message:
        return bool(session.intents & (GUILD_MESSAGES if guild_id else DIRECT_MESSAGES))
    return bool(session.intents & GUILDS)
