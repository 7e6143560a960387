"""What an attack is: how its server behaves, and what must come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.errors import Trouble

CANARY = "127.66.66.66"
"""The internal address that no feed may lead us to."""

RSS = "Content-Type: application/rss+xml; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"


@dataclass
class Call:
    """One request to a case, and the connection on which it came.

    Attributes:
        count: how often the feed's own address was asked before: 0 at the first poll.
        path: as it was asked for.
        fields: its header fields, names in lower case.
        host, port: where the case itself is served.
    """

    count: int
    path: str
    fields: Mapping[str, str]
    host: str
    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def at(self, path: str) -> str:
        """The address of another path of this case."""
        return f"http://{self.host}:{self.port}{path}"

    async def say(self, piece: bytes) -> None:
        """Send ``piece`` as it is, as fast as it is taken."""
        self.writer.write(piece)
        await self.writer.drain()

    async def answer(self, body: bytes | str, *fields: str, status: str = "200 OK") -> None:
        """A proper answer; RSS unless ``fields`` name another type."""
        packed = body.encode() if isinstance(body, str) else body
        names = " ".join(fields).lower()
        given = [*fields, f"Content-Length: {len(packed)}", "Connection: close"]
        if "content-type:" not in names:
            given.append(RSS)
        await self.say(head(*given, status=status) + packed)

    async def hang(self) -> None:
        """Say nothing more until the other end has gone away."""
        await self.reader.read()


Serve = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Expect:
    """What must have come of a case after its last poll.

    Attributes:
        entries: in the store.
        trouble: of the feed.
        says: a pattern that the feed's error must hold.
        posts: stories that were posted, each once; what the first poll brings is history.
        edits: posts that were edited, at most.
        moved: the path at which the feed is polled from now on, "" for where it was.
        due_s: the next poll is due within these seconds, (least, most); None for any.
        shows: what the titles of entries must be, where that matters.
    """

    entries: int = 0
    trouble: Trouble = Trouble.NONE
    says: str = ""
    posts: int = 0
    edits: int = 0
    moved: str = ""
    due_s: tuple[float, float] | None = None
    shows: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = [f"refused: {self.trouble}" if self.trouble else "read"]
        told += [f"{self.entries} entries"] if self.entries else []
        told += [f"{self.posts} posts"] if self.posts else []
        told += [f"moved to {self.moved}"] if self.moved else []
        return ", ".join(told)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One attack.

    Attributes:
        name: of one word, with strokes.
        does: what its server does, in a line.
        serve: answers each request.
        polls: how often the feed is polled.
        apart: how far the clock goes on between two polls.
        url: of the feed; {host}, {port}, {canary} and {number} (the canary's, one way to
            write it) are filled in.
        names: what each look-up of a host name says, the last answer for ever; filled in too.
        deadline_s: setting of the fetcher, where the attack is on our time.
        certificate: file of key and certificate, for a case that speaks TLS.
        most_s: a guard against hanging, in seconds; no measure of speed.
        most_mb: how far bot and workers may grow while they deal with it, in MB.
    """

    name: str
    does: str
    serve: Serve
    expect: Expect
    polls: int = 1
    apart: timedelta = timedelta(hours=2)
    url: str = "http://{host}:{port}/feed"
    names: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    deadline_s: float = 20.0
    certificate: str = ""
    most_s: float = 60.0
    most_mb: float = 64.0

    def address(self, host: str, port: int) -> str:
        """The feed's address where the case is served at ``host`` and ``port``."""
        return self.url.format(host=host, port=port, canary=CANARY)

    def answers(self, host: str) -> dict[str, tuple[tuple[str, ...], ...]]:
        """What its names resolve to, look-up by look-up."""
        return {
            name: tuple(tuple(a.format(host=host, canary=CANARY) for a in one) for one in script)
            for name, script in self.names.items()
        }


def head(*fields: str, status: str = "200 OK") -> bytes:
    """The head of an answer with these header fields."""
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")


def item(
    number: int | str, title: str = "", *, more: str = "", guid: str | None = None, link: str = ""
) -> str:
    """One item; nothing is escaped, as an attacker would not."""
    named = f"n{number}" if guid is None else guid
    identity = f"<guid isPermaLink='false'>{named}</guid>" if named else ""
    leads = f"<link>{link or f'https://hostile.example/{number}'}</link>"
    return f"<item>{identity}<title>{title or headline(number)}</title>{leads}{more}</item>"


def headline(number: int | str) -> str:
    """A title that is news for our readers, of a story of its own."""
    return f"Huawei phone P{number}{number} dropped by AT&amp;T in state {number}"


def rss(*items: str, top: str = "", before: str = "") -> str:
    """An RSS document of ``items``, newest first."""
    return (
        f"<?xml version='1.0' encoding='utf-8'?>{before}<rss version='2.0'><channel>"
        f"<title>Hostile Wire</title>{top}{''.join(items)}</channel></rss>"
    )


CALM = item("calm", "Village bakes its longest apple tart")
"""An item that nobody is told of."""


def always(body: bytes | str, *fields: str, status: str = "200 OK") -> Serve:
    """The same answer to every request."""

    async def serve(call: Call) -> None:
        await call.answer(body, *fields, status=status)

    return serve


def in_turn(*bodies: bytes | str) -> Serve:
    """A document for each poll, the last one for ever."""

    async def serve(call: Call) -> None:
        await call.answer(bodies[min(call.count, len(bodies) - 1)])

    return serve


def raw(answer: bytes) -> Serve:
    """These bytes, whatever they are, and the end of the connection."""

    async def serve(call: Call) -> None:
        await call.say(answer)

    return serve


async def serve_nothing(call: Call) -> None:
    """For cases that must not be asked at all."""
    await call.answer("asked", status="500 Asked")
