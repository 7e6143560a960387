"""Answers that never end, come too slowly, or are framed and packed to break their reader."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from functools import cache

from bot.errors import Trouble
from tests.servers.hostile.case import CALM, RSS, Call, Case, Expect, Serve, always, head, raw, rss

FEED = rss(CALM).encode()
READ = Expect(entries=1)
SLOW = Expect(trouble=Trouble.SLOW, says=r"fetch\.deadline_s")
TOO_LARGE = Expect(trouble=Trouble.TOO_LARGE, says=r"fetch\.max_bytes")
PACKED_WRONG = Expect(trouble=Trouble.ENCODING)
BROKEN = Expect(trouble=Trouble.CONNECTION)
NO_HTTP = Expect(trouble=Trouble.ANSWER)
PATIENCE_S = 0.7


@cache
def _zeros(megabytes: int, wbits: int) -> bytes:
    """So many megabytes of zeros, packed; takes seconds, but gives way to other threads."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()


async def bomb_in_gzip(call: Call) -> None:
    await call.answer(await asyncio.to_thread(_zeros, 400, 31), "Content-Encoding: gzip")


async def bomb_in_deflate(call: Call) -> None:
    await call.answer(await asyncio.to_thread(_zeros, 200, 15), "Content-Encoding: deflate")


async def bomb_in_a_bomb(call: Call) -> None:
    twice = gzip.compress(await asyncio.to_thread(_zeros, 400, 31), mtime=0)
    await call.answer(twice, "Content-Encoding: gzip")


async def endless(call: Call) -> None:
    await call.say(head(RSS) + b"<rss>")
    while True:
        await call.say(b"<item/>" * 8192)


async def endless_chunks(call: Call) -> None:
    await call.say(head(RSS, "Transfer-Encoding: chunked"))
    while True:
        await call.say(b"1\r\n \r\n" * 8192)


async def endless_chunk_lines(call: Call) -> None:
    await call.say(head(RSS, "Transfer-Encoding: chunked") + b"1;")
    while True:
        await call.say(b"x" * 65_536)


async def endless_trailers(call: Call) -> None:
    await call.say(head(RSS, "Transfer-Encoding: chunked") + b"1\r\n<\r\n0\r\n")
    while True:
        await call.say(b"X-Trailer: x\r\n" * 4096)


async def endless_fields(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\n")
    while True:
        await call.say(b"X-Field: x\r\n" * 4096)


async def endless_preliminaries(call: Call) -> None:
    while True:
        await call.say(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1024)


async def endless_gzip_members(call: Call) -> None:
    await call.say(head(RSS, "Content-Encoding: gzip"))
    while True:
        await call.say(gzip.compress(b"", mtime=0) * 4096)


def dripping(start: bytes, drop: bytes = b" ") -> Serve:
    """``start`` at once, then ``drop`` ten times a second for ever."""

    async def serve(call: Call) -> None:
        await call.say(start)
        while not call.reader.at_eof():
            await call.say(drop)
            await asyncio.sleep(0.1)

    return serve


def stalling(start: bytes) -> Serve:
    """``start`` at once, then nothing."""

    async def serve(call: Call) -> None:
        await call.say(start)
        await call.hang()

    return serve


def _time(name: str, does: str, serve: Serve) -> Case:
    return Case(name=name, does=does, serve=serve, expect=SLOW, deadline_s=PATIENCE_S)


def _size(name: str, does: str, serve: Serve, expect: Expect = TOO_LARGE) -> Case:
    return Case(name=name, does=does, serve=serve, expect=expect)


CASES = (
    _size("bomb-gzip", "400 MB of zeros in 400 KB of gzip", bomb_in_gzip),
    _size("bomb-deflate", "200 MB of zeros in 200 KB of deflate", bomb_in_deflate),
    _size(
        "bomb-within",
        "a bomb, packed once more than the header says",
        bomb_in_a_bomb,
        Expect(trouble=Trouble.UNREADABLE),
    ),
    _size("bomb-of-members", "empty gzip members without end", endless_gzip_members, PACKED_WRONG),
    _size(
        "stacked-encodings",
        "a body packed three times over",
        always(
            gzip.compress(gzip.compress(FEED), mtime=0), "Content-Encoding: gzip, deflate, gzip"
        ),
        PACKED_WRONG,
    ),
    *(
        _size(
            f"unasked-{name}",
            f"a body in {name}, which nobody asked for",
            always(b"\x28\xb5\x2f\xfd" * 100, f"Content-Encoding: {name}"),
            PACKED_WRONG,
        )
        for name in ("br", "zstd", "compress", "x-unheard-of")
    ),
    _size(
        "gzip-that-is-none",
        "plain text, called gzip",
        always(FEED, "Content-Encoding: gzip"),
        PACKED_WRONG,
    ),
    _size(
        "gzip-cut-short",
        "a packed body without its end",
        always(gzip.compress(FEED, mtime=0)[:-9], "Content-Encoding: gzip"),
        PACKED_WRONG,
    ),
    _size(
        "gzip-with-a-tail",
        "a packed body with rubbish behind it",
        always(gzip.compress(FEED, mtime=0) + b"rubbish" * 100, "Content-Encoding: gzip"),
        READ,
    ),
    _size("endless-body", "a body without end", endless),
    _size("endless-chunks", "chunks of one byte without end", endless_chunks, NO_HTTP),
    _size("endless-chunk-line", "the size of a chunk, without end", endless_chunk_lines, NO_HTTP),
    _size("endless-trailers", "fields after the body, without end", endless_trailers, NO_HTTP),
    _size("endless-fields", "header fields without end", endless_fields, NO_HTTP),
    _size("endless-preliminaries", "answers of 103 without end", endless_preliminaries, NO_HTTP),
    _time("byte-by-byte", "a body of ten bytes a second", dripping(head(RSS) + b"<rss>")),
    _time(
        "chunk-by-chunk",
        "chunks of one byte, ten a second",
        dripping(head(RSS, "Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    ),
    _time(
        "slow-fields", "header fields of ten bytes a second", dripping(b"HTTP/1.1 200 OK\r\nA: b")
    ),
    _time("stall-before-the-answer", "no answer at all", stalling(b"")),
    _time("stall-in-the-head", "half a status line", stalling(b"HTTP/1.1 20")),
    _time("stall-after-the-head", "a head and no body", stalling(head(RSS, "Content-Length: 500"))),
    _time("stall-in-the-body", "half a body", stalling(head(RSS) + FEED[:100])),
    _time("stall-before-the-end", "all of a body but no end", stalling(head(RSS) + FEED)),
    _size(
        "length-too-long",
        "less than the length that it names",
        raw(head(RSS, "Content-Length: 5000") + FEED),
        BROKEN,
    ),
    _size(
        "length-too-short",
        "more than the length that it names",
        raw(head(RSS, "Content-Length: 100") + FEED),
        Expect(trouble=Trouble.ANSWER),
    ),
    _size(
        "length-absurd",
        "a length of an exabyte",
        raw(head(RSS, "Content-Length: 1000000000000000000") + FEED),
    ),
    _size(
        "length-negative", "a negative length", raw(head(RSS, "Content-Length: -1") + FEED), NO_HTTP
    ),
    _size(
        "lengths-two",
        "two lengths that differ",
        raw(head(RSS, f"Content-Length: {len(FEED)}", "Content-Length: 1") + FEED),
        NO_HTTP,
    ),
    _size(
        "length-and-chunks",
        "a length and chunks at once",
        raw(
            head(RSS, f"Content-Length: {len(FEED)}", "Transfer-Encoding: chunked")
            + b"5\r\n<rss>\r\n0\r\n\r\n"
        ),
        NO_HTTP,
    ),
    _size("no-http", "another protocol", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), NO_HTTP),
    _size(
        "field-of-a-megabyte",
        "a header field of a megabyte",
        raw(head(f"X: {'x' * 2**20}")),
        NO_HTTP,
    ),
    _size(
        "broken-off", "the connection ends in the head", raw(b"HTTP/1.1 200 OK\r\nConte"), BROKEN
    ),
)
