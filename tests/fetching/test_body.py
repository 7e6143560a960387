from __future__ import annotations

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FeedEncodingRefused, FeedTooLarge
from bot.fetching.body import MAX_MEMBERS, Body

FEED = b"<rss><channel><title>Example Wire</title></channel></rss>" * 500
MIB = 2**20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def unpack(*chunks: bytes, encoding: str = "", max_bytes: int = MIB) -> bytes:
    body = Body("https://wire.example/rss", encoding=encoding, max_bytes=max_bytes)
    for chunk in chunks:
        body.add(chunk)
    return body.finish()


PACKED = [
    ("", FEED),
    ("identity", FEED),
    ("gzip", gzip.compress(FEED, mtime=0)),
    ("X-GZip", gzip.compress(FEED, mtime=0)),
    ("gzip, identity", gzip.compress(FEED, mtime=0)),
    ("", gzip.compress(FEED, mtime=0)),  # feed.xml.gz, served as what it is
    (
        "gzip",
        gzip.compress(FEED[:99], mtime=0)
        + gzip.compress(b"", mtime=0)
        + gzip.compress(FEED[99:], mtime=0),
    ),
    ("gzip", gzip.compress(FEED, mtime=0) + b"\0" * 512),
    ("gzip", gzip.compress(FEED[:99], mtime=0) + b"\0\0\0" + gzip.compress(FEED[99:], mtime=0)),
    ("gzip", gzip.compress(FEED, mtime=0) + b"<!-- added by a proxy -->"),
    ("deflate", zlib.compress(FEED)),
    ("deflate", raw_deflate(FEED)),
    ("deflate", zlib.compress(FEED) + b"rest"),
]


@pytest.mark.parametrize(("encoding", "packed"), PACKED)
@pytest.mark.parametrize("size", [1, 7, 1000, MIB])
def test_bodies_come_out_whole_however_they_are_cut(
    encoding: str, packed: bytes, size: int
) -> None:
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]

    assert unpack(*chunks, encoding=encoding) == FEED


@pytest.mark.parametrize("over", range(0, 300, 3))
def test_bodies_just_over_a_step_come_out_whole(over: int) -> None:
    """The last bytes may wait inside zlib when its input is used up and its output full."""
    body = bytes(64 * 1024 + over)

    assert unpack(raw_deflate(body), encoding="deflate") == body


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_nothing_is_an_empty_body(encoding: str) -> None:
    assert unpack(encoding=encoding) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "deflate,gzip", "é"])
def test_other_and_stacked_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(FeedEncodingRefused, match=r"wire\.example/rss: the body is packed"):
        unpack(encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", FEED),
        ("gzip", b"x"),
        ("deflate", b"\x78\x9c" + FEED),
        ("gzip", gzip.compress(FEED, mtime=0)[:-1]),
        ("gzip", gzip.compress(FEED, mtime=0)[:40]),
        ("gzip", gzip.compress(FEED, mtime=0) + gzip.compress(FEED, mtime=0)[:20]),
        ("gzip", gzip.compress(FEED, mtime=0)[:-8] + b"badcrc!!"),
        ("", gzip.compress(FEED, mtime=0)[:40]),
        ("deflate", zlib.compress(FEED)[:-1]),
        ("deflate", raw_deflate(FEED)[:-1]),
    ],
)
def test_bodies_that_are_not_as_declared_are_refused(encoding: str, packed: bytes) -> None:
    with pytest.raises(FeedEncodingRefused):
        unpack(packed, encoding=encoding)


@pytest.mark.parametrize(("encoding", "packed"), PACKED)
def test_the_bound_includes_its_edge(encoding: str, packed: bytes) -> None:
    assert unpack(packed, encoding=encoding, max_bytes=len(FEED)) == FEED
    with pytest.raises(FeedTooLarge):
        unpack(packed, encoding=encoding, max_bytes=len(FEED) - 1)


def test_the_bound_names_its_setting_and_what_comes_next() -> None:
    with pytest.raises(FeedTooLarge) as caught:
        unpack(FEED, max_bytes=1000)

    assert str(caught.value) == (
        "https://wire.example/rss: body passed 1000 bytes (fetch.max_bytes); "
        "skipped until the next poll"
    )


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_costs_no_more_memory_than_the_bound(encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    packed = pack(bytes(256 * MIB))
    body = Body("https://wire.example/rss", encoding=encoding, max_bytes=2 * MIB)

    tracemalloc.start()
    with pytest.raises(FeedTooLarge):
        body.add(packed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * MIB


def test_empty_members_without_end_are_counted_as_they_come() -> None:
    empty = gzip.compress(b"", mtime=0)
    with pytest.raises(FeedTooLarge):
        unpack(*[empty] * 1000, encoding="gzip", max_bytes=len(empty) * 1000 - 1)


def test_members_are_taken_up_to_a_number_that_nobody_needs() -> None:
    empty = gzip.compress(b"", mtime=0)

    assert unpack(empty * MAX_MEMBERS, encoding="gzip") == b""
    with pytest.raises(FeedEncodingRefused, match="more than 1000 pieces"):
        unpack(empty * (MAX_MEMBERS + 1), encoding="gzip")


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=5), st.sampled_from(["", "gzip", "deflate"]))
def test_no_bytes_break_it_otherwise(chunks: list[bytes], encoding: str) -> None:
    with suppress(FeedEncodingRefused):
        unpack(*chunks, encoding=encoding)
