"""The server of the benchmark: a host for each feed, 304 where nothing changed."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from bot.bench.farm import Farm


@pytest.fixture
async def farm() -> AsyncIterator[tuple[Farm, list[str]]]:
    """A farm of three feeds, and their addresses."""
    farm = Farm(3, datetime(2018, 1, 9, tzinfo=UTC))
    urls = await farm.listen()
    yield farm, urls
    await farm.close()


async def test_each_feed_is_a_host_of_its_own(farm: tuple[Farm, list[str]]) -> None:
    assert len({urlsplit(url).netloc for url in farm[1]}) == 3


async def test_a_document_comes_packed_and_once(farm: tuple[Farm, list[str]]) -> None:
    served, urls = farm
    async with httpx.AsyncClient(trust_env=False) as client:
        first = await client.get(urls[1])
        known = {"If-None-Match": first.headers["ETag"]}
        again = await client.get(urls[1], headers=known)
        await served.show(new=1)
        changed = await client.get(urls[1], headers=known)

    assert first.headers["Content-Encoding"] == "gzip"
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""
    assert changed.text != first.text
    assert served.answers == {200: 1}  # counted anew since the new entry


async def test_who_takes_no_gzip_gets_the_same_document_plain(
    farm: tuple[Farm, list[str]],
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        packed = await client.get(farm[1][0])
        async with client.stream(
            "GET", farm[1][0], headers={"Accept-Encoding": "identity"}
        ) as answer:
            plain = b"".join([part async for part in answer.aiter_raw()])

    assert plain == packed.content
    assert len(gzip.compress(plain, mtime=0)) < len(plain) / 3


async def test_without_more_addresses_feeds_have_a_port_each() -> None:
    farm = Farm(3, datetime(2018, 1, 9, tzinfo=UTC), is_by_port=True)
    urls = await farm.listen()
    try:
        places = [urlsplit(url) for url in urls]
        async with httpx.AsyncClient(trust_env=False) as client:
            titles = {(await client.get(url)).text.partition("Courier")[0] for url in urls}
    finally:
        await farm.close()

    assert {place.hostname for place in places} == {"127.0.0.1"}
    assert len({place.port for place in places}) == 3
    assert len(titles) == 3
