"""A feed server on loopback: documents by path, well-behaved; and one that misbehaves.

``FeedServer`` speaks HTTP as it should: validators, 304, gzip, redirects, delays, a
script of documents for successive polls. ``RawServer`` hands the bare connection to a
function, for everything a web framework refuses to do.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from socket import SO_LINGER, SOL_SOCKET
from typing import Self

from aiohttp import web

LAST_MODIFIED = datetime(2018, 1, 9, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Document:
    """What a path answers.

    Attributes:
        etag: None for one made from the body, "" for none at all.
        last_modified: None for no such header.
        is_packed: sent as gzip to those who accept it.
        latency_s: seconds before the answer begins.
    """

    body: bytes = b""
    content_type: str = "application/rss+xml; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: datetime | None = LAST_MODIFIED
    is_packed: bool = True
    latency_s: float = 0.0

    def validators(self) -> dict[str, str]:
        """The headers by which a client can ask again whether anything changed."""
        found = {}
        etag = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"' if self.etag is None else self.etag
        if etag:
            found["ETag"] = etag
        if self.last_modified is not None:
            found["Last-Modified"] = format_datetime(self.last_modified, usegmt=True)
        return found


def redirect(to: str, *, status: int = 302) -> Document:
    """A document that sends its reader elsewhere."""
    return Document(status=status, headers={"Location": to}, etag="", last_modified=None)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; ``at`` is monotonic, in seconds."""

    path: str
    headers: Mapping[str, str]
    at: float
    status: int


class FeedServer:
    """Serves documents at a free port of one or many loopback addresses.

    ``hosts`` all share the port, so that 127.0.0.1, 127.0.0.2 ... are hosts of their own
    to a client that is polite to each. ``latency_s`` is added to every answer.

    Attributes:
        asked: every request, in the order of arrival at an answer.
        counts: requests by path.
        peak_in_flight: the most requests that were being answered at one moment.
    """

    def __init__(
        self,
        documents: Mapping[str, Document] | None = None,
        *,
        hosts: Sequence[str] = ("127.0.0.1",),
        latency_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._scripts: dict[str, tuple[Document, ...]] = {
            path: (document,) for path, document in (documents or {}).items()
        }
        self._hosts = tuple(hosts)
        self._latency_s = latency_s
        self._tls = tls
        self._runner: web.ServerRunner | None = None
        self._in_flight = 0
        self.port = 0
        self.asked: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.peak_in_flight = 0

    def put(self, path: str, *documents: Document) -> None:
        """Answer ``path`` with each of ``documents`` in turn, then always with the last.

        The turn is counted from now on: a request asks for the next one, also where the
        answer then is 304.
        """
        self._scripts[path] = documents
        self.counts[path] = 0

    def url(self, path: str = "/", *, host: str = "") -> str:
        """The address of ``path``, at the first of the hosts unless another is named."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self._hosts[0]}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None))
        await self._runner.setup()
        for host in self._hosts:
            site = web.TCPSite(self._runner, host, self.port, ssl_context=self._tls)
            await site.start()
            self.port = self.port or self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        self._in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        at = time.monotonic()
        try:
            script = self._scripts.get(request.path, (Document(b"no such feed", status=404),))
            document = script[min(self.counts[request.path], len(script) - 1)]
            self.counts[request.path] += 1
            if delay_s := self._latency_s + document.latency_s:
                await asyncio.sleep(delay_s)
            response = _render(document, request)
        finally:
            self._in_flight -= 1
        self.asked.append(Asked(request.path, dict(request.headers), at, response.status))
        return response


def _render(document: Document, request: web.BaseRequest) -> web.Response:
    validators = document.validators() if document.status == 200 else {}
    if _is_unchanged(validators, request):
        return web.Response(status=304, headers={**validators, **document.headers})
    headers = {"Content-Type": document.content_type, **validators, **document.headers}
    body = document.body
    if document.is_packed and body and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = _pack(body)
    return web.Response(status=document.status, headers=headers, body=body)


def _is_unchanged(validators: Mapping[str, str], request: web.BaseRequest) -> bool:
    """Whether the client has it already; If-None-Match goes first (RFC 9110 §13.2.2)."""
    wanted = request.headers.get("If-None-Match")
    if wanted is not None:
        return validators.get("ETag") in [tag.strip() for tag in wanted.split(",")]
    since = request.headers.get("If-Modified-Since")
    return since is not None and since == validators.get("Last-Modified")


@lru_cache(maxsize=4096)
def _pack(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What to do with a connection whose request has been read."""


class RawServer:
    """Hands each connection to ``behave`` once the request's head has arrived.

    Attributes:
        connections: how many were opened, with or without a request on them.
        requests: the heads that arrived, as text.
        is_asked: set once there is one.
    """

    def __init__(self, behave: Behaviour, *, host: str = "127.0.0.1") -> None:
        self._behave = behave
        self._host = host
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.requests: list[str] = []
        self.is_asked = asyncio.Event()

    def url(self, path: str = "/feed") -> str:
        """The address of ``path`` on this server."""
        return f"http://{self._host}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def open_connections(self) -> int:
        """Connections whose other end has not gone away, having had half a second for it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=0.5)
        return len(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            self.is_asked.set()
            await self._behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the server is being closed
        finally:
            writer.close()
            self._tasks.discard(task)


def saying(answer: bytes) -> Behaviour:
    """Sends these bytes, whatever they are, and closes."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return behave


def head(*fields: str, status: str = "200 OK") -> bytes:
    """The head of an answer with these header fields."""
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")


async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Never answers; returns when the client goes away."""
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a proper head, then a byte ten times a second for ever."""
    writer.write(head("Content-Type: application/rss+xml"))
    while not reader.at_eof():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.1)


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a body without end as fast as it is taken."""
    writer.write(head("Content-Type: application/rss+xml"))
    while True:
        writer.write(b"<item/>" * 8192)
        await writer.drain()


async def bomb(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends 128 MiB of zeros as 128 KiB of gzip, in members of 1 MiB."""
    writer.write(head("Content-Encoding: gzip") + _pack(bytes(2**20)) * 128)
    await writer.drain()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promises a body, sends a piece and resets the connection."""
    writer.write(head("Content-Length: 1000") + b"<rss>")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
