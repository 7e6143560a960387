"""Servers that do what no specification allows: each is one FeedError, and nothing leaks."""

from __future__ import annotations

import asyncio
import gzip
import socket

import pytest

from bot.errors import FeedEncodingRefused, FeedError, FeedTooLarge, FeedUnreachable, Trouble
from tests.builders import feed
from tests.fetching.lab import ScriptedResolver, fetcher
from tests.servers.feeds import (
    Behaviour,
    FeedServer,
    RawServer,
    bomb,
    drip,
    flood,
    head,
    reset,
    saying,
    stall,
)

PIECE = gzip.compress(b"<rss/>" * 100, mtime=0)

CASES: dict[str, tuple[Behaviour, type[FeedError], str]] = {
    "no answer": (stall, FeedUnreachable, r"0\.5 s \(fetch\.deadline_s\)"),
    "a byte now and then": (drip, FeedUnreachable, r"0\.5 s \(fetch\.deadline_s\)"),
    "no end": (flood, FeedTooLarge, r"fetch\.max_bytes"),
    "a bomb": (bomb, FeedTooLarge, r"fetch\.max_bytes"),
    "a reset": (reset, FeedUnreachable, "broke off"),
    "nothing": (saying(b""), FeedUnreachable, "without an answer"),
    "another protocol": (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), FeedUnreachable, "not HTTP"),
    "half a head": (saying(b"HTTP/1.1 200 OK\r\nConte"), FeedUnreachable, "without an answer"),
    "zero bytes in the head": (saying(head("A: b\x00c")), FeedUnreachable, "not HTTP"),
    "a head too long": (saying(head("A: " + "b" * 40_000)), FeedUnreachable, "not HTTP"),
    "a field without a name": (saying(head(": b")), FeedUnreachable, "not HTTP"),
    "a negative length": (saying(head("Content-Length: -5")), FeedUnreachable, "not HTTP"),
    "two lengths": (
        saying(head("Content-Length: 1", "Content-Length: 2") + b"ab"),
        FeedUnreachable,
        "not HTTP",
    ),
    "a length too long": (
        saying(head("Content-Length: 9") + b"<rss/>"),
        FeedUnreachable,
        "broke off",
    ),
    "a length too short": (
        saying(head("Content-Length: 6") + b"<rss/>rest"),
        FeedUnreachable,
        "not HTTP",
    ),
    "bad chunks": (
        saying(head("Transfer-Encoding: chunked") + b"zz\r\n"),
        FeedUnreachable,
        "broke off|not HTTP",
    ),
    "chunks that end early": (
        saying(head("Transfer-Encoding: chunked") + b"5\r\n<rss"),
        FeedUnreachable,
        "broke off",
    ),
    "a packed body that ends early": (
        saying(head("Content-Encoding: gzip") + PIECE[:-5]),
        FeedEncodingRefused,
        "ends too early",
    ),
    "another protocol on request": (
        saying(head("Upgrade: websocket", "Connection: upgrade", status="101 Switching Protocols")),
        FeedUnreachable,
        "101",
    ),
    "an unheard-of status": (saying(head(status="999 Odd")), FeedUnreachable, "999"),
    "a redirect to nowhere": (saying(head(status="302 Found")), FeedUnreachable, "where to"),
}


TROUBLES: dict[str, set[Trouble]] = {
    r"0\.5 s \(fetch\.deadline_s\)": {Trouble.SLOW},
    r"fetch\.max_bytes": {Trouble.TOO_LARGE},
    "broke off": {Trouble.CONNECTION},
    "without an answer": {Trouble.CONNECTION},
    "not HTTP": {Trouble.ANSWER},
    "broke off|not HTTP": {Trouble.CONNECTION, Trouble.ANSWER},
    "ends too early": {Trouble.ENCODING},
    "101": {Trouble.ANSWER},
    "999": {Trouble.ANSWER},
    "where to": {Trouble.ANSWER},
}


@pytest.mark.parametrize(("behave", "kind", "says"), CASES.values(), ids=CASES.keys())
async def test_a_misbehaving_server_is_one_line_and_no_open_connection(
    behave: Behaviour, kind: type[FeedError], says: str
) -> None:
    async with (
        RawServer(behave) as server,
        fetcher(deadline_s=0.5, max_bytes=100_000) as opened,
    ):
        with pytest.raises(kind, match=says) as caught:
            await opened.fetch(feed(server.url()), conditional=True)

        assert caught.value.trouble in TROUBLES[says]
        assert str(caught.value).startswith(f"{server.url()}: ")
        assert "\n" not in str(caught.value)
        assert await server.open_connections() == 0


async def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it meanwhile
        port = taken.getsockname()[1]
        async with fetcher() as opened:
            with pytest.raises(
                FeedUnreachable, match=f"port {port} \\(Connection refused\\)"
            ) as caught:
                await opened.fetch(feed(f"http://127.0.0.1:{port}/"), conditional=True)
            assert caught.value.trouble is Trouble.CONNECTION


async def test_a_name_nobody_knows() -> None:
    async with fetcher(deadline_s=20.0) as opened:
        with pytest.raises(
            FeedUnreachable, match=r"nowhere\.invalid could not be looked up"
        ) as caught:
            await opened.fetch(feed("http://nowhere.invalid/"), conditional=True)
        assert caught.value.trouble is Trouble.NAME


async def test_a_name_without_addresses() -> None:
    async with fetcher(resolver=ScriptedResolver({"wire.example": [[]]})) as opened:
        with pytest.raises(FeedUnreachable, match="no address") as caught:
            await opened.fetch(feed("http://wire.example/"), conditional=True)
        assert caught.value.trouble is Trouble.NAME


async def test_tls_spoken_to_a_server_without_it() -> None:
    async with FeedServer() as server, fetcher() as opened:
        with pytest.raises(FeedUnreachable, match="no TLS connection could be made") as caught:
            await opened.fetch(feed(f"https://127.0.0.1:{server.port}/"), conditional=True)
        assert caught.value.trouble is Trouble.TLS


@pytest.mark.parametrize("behave", [stall, drip])
async def test_giving_up_leaves_no_connection_behind(behave: Behaviour) -> None:
    async with RawServer(behave) as server, fetcher() as opened:
        fetching = asyncio.create_task(opened.fetch(feed(server.url()), conditional=True))
        await server.is_asked.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching

        assert await server.open_connections() == 0


async def test_closing_the_fetcher_ends_idle_connections() -> None:
    async def answer_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head("Content-Length: 6") + b"<rss/>")
        await reader.read()

    async with RawServer(answer_twice) as server:
        async with fetcher() as opened:
            await opened.fetch(feed(server.url()), conditional=True)
            assert await server.open_connections() == 1  # kept for the next feed of this host

        assert await server.open_connections() == 0


async def test_it_is_used_inside_its_block_only() -> None:
    async with fetcher() as opened:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await opened.fetch(feed("http://127.0.0.1/"), conditional=True)
