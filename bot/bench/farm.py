"""The server that all pollers ask: each feed on a loopback address of its own.

Polite pollers go by host, so a thousand feeds of one host would measure their manners. Where
loopback has one address only (macOS), each feed gets a port of its own instead.

Validators, 304 and gzip are as good servers have them. Source: RFC 9110 §8.8, §13.1.2, §15.4.5.

    python -m bot.bench.farm FEEDS STARTS_AT    # seconds since 1970
"""

from __future__ import annotations

import asyncio
import errno
import gzip
import resource
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from bot.bench.documents import ENTRIES, Outlet
from bot.bench.helper import answer_requests

HANG_UP_S = 0.2
"""For open connections to end by themselves; 0 would be for ever."""

BACKLOG = 16
"""Connections that wait at one address."""


@dataclass(frozen=True, slots=True)
class _Edition:
    """A document as it is served now."""

    body: bytes
    packed: bytes
    headers: dict[str, str]


class Farm:
    """Feeds 0 to ``feeds`` - 1, as they are before anything new.

    Attributes:
        answers: how many requests were answered since ``show``, by status.
        is_by_port: whether feeds differ in their ports, as there is one address only; that is
            found out unless it is said.
    """

    def __init__(self, feeds: int, starts_at: datetime, *, is_by_port: bool = False) -> None:
        self.answers: Counter[int] = Counter()
        self.is_by_port = is_by_port
        self._listening: list[asyncio.Server] = []
        self._outlets = [Outlet(number, starts_at) for number in range(feeds)]
        self._printed: dict[int, list[_Edition]] = {}
        self._editions = self._print_editions(new=0)
        self._server = web.Server(self._answer, access_log=None)

    async def listen(self) -> list[str]:
        """Open the addresses; the URLs of the feeds, in order."""
        _allow_files(2 * len(self._outlets) + 500)
        urls: list[str] = []
        for place in self._open_places():
            place.listen(BACKLOG)
            loop = asyncio.get_running_loop()
            self._listening.append(await loop.create_server(self._server, sock=place))
            host, port = place.getsockname()
            urls.append(f"http://{host}:{port}/{len(urls)}/feed.xml")
        return urls

    async def close(self) -> None:
        """Answer nobody any more."""
        for place in self._listening:
            place.close()
        await self._server.shutdown(HANG_UP_S)

    async def show(self, *, new: int) -> None:
        """From now on every feed has ``new`` entries more than at first, and as many old ones less.

        Connections are closed, as between two polls lie minutes.
        """
        await self._server.shutdown(HANG_UP_S)
        self.answers.clear()
        self._editions = self._print_editions(new=new)

    def _open_places(self) -> Iterator[socket.socket]:
        """A bound socket for each feed."""
        port = 0
        for number in range(len(self._outlets)):
            place = socket.socket()
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                place.bind(("127.0.0.1" if self.is_by_port else _address(number), port))
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                self.is_by_port, port = True, 0
                place.bind(("127.0.0.1", port))
            if not self.is_by_port:
                port = place.getsockname()[1]
            yield place

    def _print_editions(self, *, new: int) -> list[_Edition]:
        if new not in self._printed:
            newest = ENTRIES - 1 + new
            self._printed[new] = [_print(outlet, newest) for outlet in self._outlets]
        return self._printed[new]

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        edition = self._editions[int(request.path.split("/")[1])]
        if request.headers.get("If-None-Match") == edition.headers["ETag"]:
            response = web.Response(status=304, headers=edition.headers)
        elif "gzip" in request.headers.get("Accept-Encoding", ""):
            packed = edition.headers | {"Content-Encoding": "gzip"}
            response = web.Response(body=edition.packed, headers=packed)
        else:
            response = web.Response(body=edition.body, headers=edition.headers)
        self.answers[response.status] += 1
        return response


def _print(outlet: Outlet, newest: int) -> _Edition:
    body = outlet.document(newest)
    headers = {
        "Content-Type": outlet.content_type,
        "ETag": f'"{outlet.number}-{newest}"',
        "Last-Modified": format_datetime(outlet.published_at(newest), usegmt=True),
        "Vary": "Accept-Encoding",
    }
    return _Edition(body, gzip.compress(body, 6, mtime=0), headers)


def _address(number: int) -> str:
    """A host of its own for whoever is polite by host."""
    return f"127.{1 + number // 62_500}.{1 + number // 250 % 250}.{1 + number % 250}"


def _allow_files(count: int) -> None:
    """Let this process have ``count`` files and sockets open, if the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _serve(feeds: int, starts_at: datetime) -> None:
    farm = Farm(feeds, starts_at)
    urls = await farm.listen()

    async def where() -> dict[str, Any]:
        return {"urls": urls, "is_by_port": farm.is_by_port}

    async def show(new: int) -> None:
        await farm.show(new=new)

    async def answers() -> dict[int, int]:
        return dict(farm.answers)

    await answer_requests({"where": where, "show": show, "answers": answers})


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), datetime.fromtimestamp(int(sys.argv[2]), UTC)))
