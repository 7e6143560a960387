"""When an answer is whole, how much of a head is taken, and which connections serve again."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.errors import FeedUnreachable, Trouble
from bot.fetching import parse_allowed
from bot.fetching.exchange import Exchange, Wish
from bot.model import Validators
from tests.builders import feed
from tests.fetching.lab import LOCAL_NAMES, ScriptedResolver, fetcher, limits
from tests.servers.feeds import Behaviour, RawServer, head, saying, stall

RSS = b"<rss><channel/></rss>"
LENGTH = f"Content-Length: {len(RSS)}"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(RSS), RSS)


def in_pieces(answer: bytes, *, size: int = 1) -> Behaviour:
    """Sends ``answer`` so that every few bytes are a packet of their own."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(answer), size):
            writer.write(answer[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)

    return behave


def again_and_again(*answers: bytes) -> Behaviour:
    """Sends one answer for each request that comes on the connection, then hangs up."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, answer in enumerate(answers):
            if number:
                await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()

    return behave


@pytest.mark.parametrize(
    "answer",
    [
        head(LENGTH) + RSS,
        head() + RSS,
        head("Transfer-Encoding: chunked") + CHUNKED,
        head("Transfer-Encoding: Chunked", "Trailer: X") + CHUNKED[:-2] + b"X: y\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n" + RSS,
        head(status="103 Early Hints") + head("X: y", status="100 Continue") + head(LENGTH) + RSS,
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_an_answer_is_whole_however_it_is_framed_and_cut(answer: bytes, size: int) -> None:
    async with RawServer(in_pieces(answer, size=size)) as server, fetcher() as opened:
        fetched = await opened.fetch(feed(server.url()), conditional=True)

    assert fetched.body == RSS


@pytest.mark.parametrize(
    "answer",
    [
        head("Transfer-Encoding: gzip") + RSS,
        head("Transfer-Encoding: chunked", LENGTH) + CHUNKED,
        head(*(f"X-{n}: y" for n in range(200)), LENGTH) + RSS,
        head(*(f"X-{n}: {'y' * 30_000}" for n in range(9)), LENGTH) + RSS,
        head(status="100 Continue") * 10_000,
        head("X: " + "y" * 200_000),
        b"\r\n" * 100_000,
    ],
    ids=["packed on the way", "two framings", "many", "heavy", "interim", "endless", "nothing"],
)
async def test_a_head_beyond_bounds_or_a_framing_in_doubt_is_no_answer(answer: bytes) -> None:
    async with RawServer(saying(answer)) as server, fetcher(deadline_s=5) as opened:
        with pytest.raises(FeedUnreachable) as caught:
            await opened.fetch(feed(server.url()), conditional=True)

    assert caught.value.trouble in {Trouble.ANSWER, Trouble.CONNECTION}
    assert "no whole answer" not in str(caught.value)


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"1;", b"x" * 5_000),
        (b"1\r\n<\r\n0\r\n", b"X: " + b"y" * 5_000),
        (b"1\r\n<\r\n0\r\n", b"X: y\r\n" * 1_000),
        (b"", b"1\r\n<\r\n" * 1_000),
    ],
    ids=["chunk line", "trailer", "trailers", "chunks of a byte"],
)
async def test_a_framing_without_end_is_given_up_long_before_the_deadline(
    begin: bytes, piece: bytes
) -> None:
    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head("Transfer-Encoding: chunked") + begin)
        while True:
            writer.write(piece)
            await writer.drain()

    async with RawServer(behave) as server, fetcher(deadline_s=60) as opened:
        with pytest.raises(FeedUnreachable, match="not HTTP as we know it") as caught:
            await opened.fetch(feed(server.url()), conditional=True)

        assert caught.value.trouble is Trouble.ANSWER
        assert await server.open_connections() == 0


async def test_a_connection_serves_again_once_its_answer_was_read_to_the_end() -> None:
    answers = (head(LENGTH) + RSS, head(status="304 Not Modified"), head(LENGTH) + RSS)
    async with RawServer(again_and_again(*answers)) as server, fetcher() as opened:
        target = replace(feed(server.url()), validators=Validators('"1"'))
        bodies = [(await opened.fetch(target, conditional=True)).body for _ in answers]

    assert bodies == [RSS, None, RSS]
    assert server.connections == 1


@pytest.mark.parametrize(
    "first",
    [
        head(LENGTH, "Connection: close") + RSS,
        b"HTTP/1.0 200 OK\r\n" + head(LENGTH)[17:] + RSS,
        head("Content-Length: 9999", status="404 Not Found") + b"nothing here",
        head("Connection: upgrade", "Upgrade: h2c", status="101 Switching Protocols"),
        head(LENGTH) + RSS + b"\n",
        head("Transfer-Encoding: chunked") + CHUNKED + b"\r\n",
        head(LENGTH) + RSS + head(LENGTH) + b"<rss>forged</rss>....",
        head(status="304 Not Modified") + b"\r\n" + head(LENGTH) + b"<rss>forged</rss>....",
    ],
    ids=[
        "closing",
        "of old",
        "unread",
        "switched",
        "a line too many",
        "a line behind chunks",
        "an answer too many",
        "a body to none",
    ],
)
async def test_a_connection_left_unclear_is_not_used_again(first: bytes) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first if server.connections == 1 else head(LENGTH) + RSS)
        await reader.read()

    async with RawServer(behave) as server, fetcher() as opened:
        with suppress(FeedUnreachable):
            await opened.fetch(feed(server.url()), conditional=True)
        assert (await opened.fetch(feed(server.url()), conditional=True)).body == RSS

    assert server.connections == 2


async def test_a_switch_of_protocols_is_an_answer_and_nothing_follows_it() -> None:
    switched = head("Connection: upgrade", "Upgrade: h2c", status="101 Switching Protocols")
    async with RawServer(again_and_again(switched)) as server, fetcher() as opened:
        with pytest.raises(FeedUnreachable, match="answered 101"):
            await opened.fetch(feed(server.url()), conditional=True)


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_without_a_word() -> None:
    async with RawServer(again_and_again(head(LENGTH) + RSS)) as server, fetcher() as opened:
        for _ in range(2):
            assert (await opened.fetch(feed(server.url()), conditional=True)).body == RSS
            await server.open_connections()

    assert server.connections == 2


async def test_a_kept_connection_that_dies_of_the_next_request_is_replaced_once() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.connections == 1:
            writer.write(head(LENGTH) + RSS)
            await reader.read(1)  # the next request has begun to arrive; hang up on it

    async with RawServer(behave) as server, fetcher() as opened:
        assert (await opened.fetch(feed(server.url()), conditional=True)).body == RSS
        with pytest.raises(FeedUnreachable, match="without an answer"):
            await opened.fetch(feed(server.url()), conditional=True)

    assert server.connections == 2


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(LENGTH) + RSS)
        await asyncio.sleep(0.05)
        writer.write(head(LENGTH) + b"<rss>forged</rss>....")
        await reader.read()

    async with RawServer(behave) as server, fetcher() as opened:
        await opened.fetch(feed(server.url()), conditional=True)
        assert await server.open_connections() == 0


async def test_no_more_than_so_many_connections_are_kept() -> None:
    resolver = ScriptedResolver({f"{n}.example": [["127.0.0.1"]] for n in range(6)})

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(LENGTH) + RSS)
        await reader.read()

    async with (
        RawServer(behave) as server,
        fetcher(resolver=resolver, connections=2) as opened,
    ):
        for n in range(6):
            url = f"http://{n}.example:{server.port}/"
            await opened.fetch(feed(url), conditional=True)

        assert await server.open_connections() == 2


async def test_unused_connections_are_closed_in_time() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(LENGTH) + RSS)
        await reader.read()

    async with RawServer(behave) as server, fetcher(idle_s=0.05) as opened:
        await opened.fetch(feed(server.url()), conditional=True)

        assert await server.open_connections() == 0


async def test_a_second_address_is_tried_where_the_first_takes_no_connection() -> None:
    async with RawServer(saying(head(LENGTH) + RSS)) as server:
        resolver = ScriptedResolver({"wire.example": [["127.0.0.2", "127.0.0.1"]]})
        async with fetcher(resolver=resolver) as opened:
            target = feed(f"http://wire.example:{server.port}/")

            assert (await opened.fetch(target, conditional=True)).body == RSS


async def test_giving_up_within_a_tls_handshake_leaves_no_connection() -> None:
    trusting = ssl.create_default_context()
    async with RawServer(stall) as server, fetcher(tls=trusting, deadline_s=0.2) as opened:
        with pytest.raises(FeedUnreachable, match="no whole answer") as caught:
            await opened.fetch(feed(f"https://127.0.0.1:{server.port}/"), conditional=True)

        assert caught.value.trouble is Trouble.SLOW
        assert await server.open_connections() == 0


async def test_strangers_do_not_get_the_connections_of_own_feeds() -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(LENGTH) + RSS)
        await reader.read()

    resolver = ScriptedResolver(LOCAL_NAMES)
    async with RawServer(behave) as server, fetcher(resolver=resolver) as opened:
        target = feed(f"http://wire.example:{server.port}/")
        await opened.fetch(target, conditional=True)
        with pytest.raises(Exception, match="not a public address"):
            await opened.fetch(replace(target, added_by="slack/T1"), conditional=True)


async def test_a_line_break_never_begins_another_field() -> None:
    wish = Wish(fields={"Accept": "a\r\nX: y"}, deadline_s=5, max_bytes=1, max_redirects=0)
    async with RawServer(stall) as server:
        allow = (parse_allowed("127.0.0.1"),)
        async with Exchange(limits(allow=allow)) as exchange:
            with pytest.raises(ValueError, match="line break"):
                await exchange.follow(server.url(), wish)

        assert server.requests == []
