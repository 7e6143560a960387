"""The sample server answers as a careful publisher's server would."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
import pytest

from bot.demo.samples import SAMPLE_FEEDS, Edition
from bot.demo.server import SampleFeeds

CHANGED = "shouji-qianxian.rss"
UNCHANGED = "table-and-market.json"


class Answer(NamedTuple):
    status: int
    body: bytes
    etag: str
    modified: str
    encoding: str
    content_type: str


@pytest.fixture
async def served() -> AsyncIterator[SampleFeeds]:
    async with SampleFeeds() as feeds:
        yield feeds


async def get(served: SampleFeeds, name: str, **headers: str) -> Answer:
    """Ask as a program would that unpacks for itself."""
    sent = {"Accept-Encoding": "identity"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"http://{served.address}/{name}", headers=sent) as response,
    ):
        return Answer(
            response.status,
            await response.read(),
            response.headers.get("ETag", ""),
            response.headers.get("Last-Modified", ""),
            response.headers.get("Content-Encoding", ""),
            response.content_type,
        )


async def test_every_feed_is_served_as_it_lies_in_its_folder(served: SampleFeeds) -> None:
    for feed, url in zip(SAMPLE_FEEDS, served.urls, strict=True):
        answer = await get(served, url.rpartition("/")[2])

        assert (answer.status, answer.body) == (200, feed.load_edition(Edition.FIRST))
        assert answer.content_type == feed.content_type


async def test_it_listens_on_loopback_alone(served: SampleFeeds) -> None:
    assert all(url.startswith("http://127.0.0.1:") for url in served.urls)


async def test_a_known_etag_is_answered_with_304_and_no_body(served: SampleFeeds) -> None:
    first = await get(served, UNCHANGED)

    again = await get(served, UNCHANGED, If_None_Match=first.etag)

    assert (again.status, again.body) == (304, b"")
    assert (again.etag, again.modified) == (first.etag, first.modified)


async def test_a_known_date_is_answered_with_304(served: SampleFeeds) -> None:
    first = await get(served, UNCHANGED)

    assert first.modified == "Mon, 08 Jan 2018 20:50:00 GMT"
    assert (await get(served, UNCHANGED, If_Modified_Since=first.modified)).status == 304


async def test_an_older_date_is_answered_in_full(served: SampleFeeds) -> None:
    since = "Mon, 08 Jan 2018 20:49:59 GMT"

    assert (await get(served, UNCHANGED, If_Modified_Since=since)).status == 200


async def test_the_etag_overrules_the_date(served: SampleFeeds) -> None:
    first = await get(served, UNCHANGED)

    answer = await get(
        served, UNCHANGED, If_None_Match='"another"', If_Modified_Since=first.modified
    )

    assert answer.status == 200


async def test_bodies_are_compressed_for_those_who_accept_it(served: SampleFeeds) -> None:
    plain = await get(served, CHANGED)
    packed = await get(served, CHANGED, Accept_Encoding="gzip")

    assert (plain.encoding, packed.encoding) == ("", "gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.etag == plain.etag


async def test_after_advancing_changed_feeds_are_new_and_the_others_are_not(
    served: SampleFeeds,
) -> None:
    changed, unchanged = await get(served, CHANGED), await get(served, UNCHANGED)

    served.advance(Edition.SECOND)
    news = await get(
        served, CHANGED, If_None_Match=changed.etag, If_Modified_Since=changed.modified
    )
    same = await get(served, UNCHANGED, If_None_Match=unchanged.etag)
    by_date = await get(served, CHANGED, If_Modified_Since=changed.modified)

    assert (news.status, same.status, by_date.status) == (200, 304, 200)
    assert news.body != changed.body


async def test_an_outlet_that_is_silent_since_an_edition_is_unchanged_in_the_next(
    served: SampleFeeds,
) -> None:
    served.advance(Edition.SECOND)
    second = await get(served, CHANGED)

    served.advance(Edition.THIRD)
    third = await get(served, CHANGED)
    again = await get(served, CHANGED, If_Modified_Since=second.modified)

    assert second.modified == "Mon, 08 Jan 2018 22:40:00 GMT"
    assert (third.etag, third.modified, again.status) == (second.etag, second.modified, 304)


async def test_answers_are_counted(served: SampleFeeds) -> None:
    etag = (await get(served, UNCHANGED)).etag
    await get(served, UNCHANGED, If_None_Match=etag)
    await get(served, "no-such-feed.rss")

    assert served.answers == {200: 1, 304: 1, 404: 1}


async def test_nobody_listens_after_the_context() -> None:
    async with SampleFeeds() as served:
        pass

    with pytest.raises(aiohttp.ClientConnectorError):
        await get(served, UNCHANGED)
