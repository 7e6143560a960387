"""A farm of feeds for the bot at work: a process of its own, cheap to ask.

Each feed stands on a loopback address of its own, has twenty entries, and answers with 304
where nothing is new. The farm is told over a pipe what to publish, and tells when it was asked
and when it first answered with what. It speaks just as much HTTP as our own fetcher needs.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

ENTRIES = 20
WORDS = "The market for radios and the towers that carry them grew again this quarter. "
_NUMBER = re.compile(rb"GET /(\d+)")
_ETAG = re.compile(rb"(?i)if-none-match: *([^\r]+)")


@dataclass
class _Outlet:
    """One feed: its titles, oldest first, and how many of them there have been.

    Attributes:
        edition: one more with each change.
        kept: the edition that some asker is known to have kept, as it said so in asking.
        asked_at: when it was asked last, in seconds since 1970.
        worst_gap_s: the longest time between two askings.
    """

    number: int
    titles: list[str]
    count: int = ENTRIES
    seen: int = ENTRIES  # entries that some answer had
    packed: bytes = b""
    edition: int = 0
    kept: int = -1
    asked_at: float = 0.0
    worst_gap_s: float = 0.0

    def publish(self, title: str) -> None:
        self.titles = [*self.titles, title][-ENTRIES:]
        self.count += 1
        self._reprint()

    def amend(self, index: int, title: str) -> None:
        """Give the entry ``index``, counted from the feed's first one, another title."""
        place = index - (self.count - len(self.titles))
        if place >= 0:  # else nobody is shown it any more
            self.titles[place] = title
            self._reprint()

    def _reprint(self) -> None:
        self.edition += 1
        self.packed = b""

    def note_asked(self, now: float) -> None:
        if self.asked_at:
            self.worst_gap_s = max(self.worst_gap_s, now - self.asked_at)
        self.asked_at = now

    def body(self) -> bytes:
        """The document, gzipped; some 10 KB before that."""
        if not self.packed:
            first = self.count - len(self.titles)
            items = [
                f"<item><guid>{self.number}-{first + place}</guid><title>{escape(title)}</title>"
                f"<link>https://outlet-{self.number}.example/{first + place}</link>"
                f"<description>{WORDS * 4}</description></item>"
                for place, title in enumerate(self.titles)
            ]
            text = (
                '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
                f"<title>Outlet {self.number}</title>{''.join(reversed(items))}</channel></rss>"
            )
            self.packed = gzip.compress(text.encode(), 1, mtime=0)
        return self.packed


class _Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, farm: _Farm) -> None:
        self._farm = farm
        self._transport: asyncio.Transport | None = None
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked and self._transport is not None:
            request, _, self._asked = self._asked.partition(b"\r\n\r\n")
            self._transport.write(self._farm.answer(request))


class _Farm:
    """All feeds, and what was asked of them."""

    def __init__(self, feeds: int) -> None:
        self.outlets = [
            _Outlet(number, [f"Outlet {number} reports item {place}" for place in range(ENTRIES)])
            for number in range(feeds)
        ]
        self.first_answers: dict[str, float] = {}
        self.answers: Counter[int] = Counter()
        self.asked: dict[int, float] = {}

    def forget(self) -> None:
        """Begin to count anew who was asked and how often."""
        self.answers.clear()
        self.asked.clear()
        for outlet in self.outlets:
            outlet.asked_at = outlet.worst_gap_s = 0.0

    def find_unkept(self) -> list[int]:
        """The feeds of which nobody is known to have kept the latest edition."""
        return [one.number for one in self.outlets if one.kept != one.edition]

    def answer(self, request: bytes) -> bytes:
        found = _NUMBER.match(request)
        assert found is not None
        outlet = self.outlets[int(found[1])]
        now = time.time()
        outlet.note_asked(now)
        self.asked.setdefault(outlet.number, now)
        etag = b'"%d"' % outlet.edition
        known = _ETAG.search(request)
        if known and known[1] == etag:
            outlet.kept = outlet.edition
            self.answers[304] += 1
            return b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % etag
        self.answers[200] += 1
        fresh = outlet.count - outlet.seen
        outlet.seen = outlet.count
        for title in outlet.titles[len(outlet.titles) - fresh :] if fresh else ():
            self.first_answers.setdefault(title, time.monotonic())
        body = outlet.body()
        return (
            b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Type: application/rss+xml\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (etag, len(body))
        ) + body


@dataclass
class FarmHandle:
    """The farm, from the side of who measures."""

    urls: list[str]
    pipe: Connection
    pid: int
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, what: str, *args: Any) -> Any:
        """Do or tell something, one asking after the other.

        ``publish``: (feed, title) pairs. ``amend``: (feed, index of the entry, title).
        ``answers``: how many, by status; ``asked``: how many feeds were; ``asked_at``: first
        when, by feed; ``gaps``: the longest time between two askings, of each feed, in seconds.
        ``forget``: begin to count these anew. ``first_answers``: when, by title, monotonic.
        ``unkept``: feeds of which nobody has shown to have kept the latest.
        """
        async with self._turn:
            self.pipe.send((what, args))
            return await asyncio.to_thread(self.pipe.recv)


def loopback_address(number: int) -> str:
    """A host of its own to whoever is polite by host."""
    return f"127.{1 + number // 62_500}.{1 + number // 250 % 250}.{1 + number % 250}"


@contextmanager
def open_farm(feeds: int) -> Iterator[FarmHandle]:
    """A farm at work; stopped at the end."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(there, feeds), daemon=True)
    process.start()
    try:
        yield FarmHandle(here.recv(), here, process.pid or 0)
    finally:
        here.send(("stop", ()))
        process.join(10)


def _serve(pipe: Connection, feeds: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_serve_until_stopped(pipe, _Farm(feeds)))


async def _serve_until_stopped(pipe: Connection, farm: _Farm) -> None:
    loop = asyncio.get_running_loop()
    urls: list[str] = []
    port = 0
    for number in range(len(farm.outlets)):  # loopback only: one listener an address
        listener = socket.create_server((loopback_address(number), port), backlog=16)
        port = listener.getsockname()[1]
        await loop.create_server(lambda: _Answering(farm), sock=listener)
        urls.append(f"http://{loopback_address(number)}:{port}/{number}")
    pipe.send(urls)
    while True:
        what, args = await asyncio.to_thread(pipe.recv)
        if what == "stop":
            return
        pipe.send(_obey(farm, what, args))


def _obey(farm: _Farm, what: str, args: tuple[Any, ...]) -> Any:
    if what == "publish":
        for number, title in args:
            farm.outlets[number].publish(title)
    elif what == "amend":
        for number, index, title in args:
            farm.outlets[number].amend(index, title)
    elif what == "forget":
        farm.forget()
    elif what == "unkept":
        return farm.find_unkept()
    return {
        "first_answers": farm.first_answers,
        "answers": farm.answers,
        "asked": len(farm.asked),
        "asked_at": farm.asked,
        "gaps": [one.worst_gap_s for one in farm.outlets],
    }.get(what)
