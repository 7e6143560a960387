"""Links of strangers' feeds do not reach the machines that the operator opened for own feeds."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

from bot.fetching import PageReader, parse_allowed
from tests.builders import NOW
from tests.fetching.lab import LOCAL_NAMES, ScriptedResolver, fetcher
from tests.fetching.pages import ALLOWED, HTML, OWN, PAGE, ROBOTS, Asking, Here, reader
from tests.parsing.pages import ARTICLE
from tests.servers.feeds import Document, FeedServer, redirect

STRANGER = "https://rival.example/rss"
DOCUMENTS = {ROBOTS: ALLOWED, "/a": PAGE}


@pytest.mark.parametrize("host", ["wire.example", "127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_a_strangers_link_does_not_reach_what_is_opened_for_own_feeds(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    resolver = ScriptedResolver({**LOCAL_NAMES, "localhost": [["127.0.0.1"]]})
    async with (
        FeedServer(DOCUMENTS) as server,
        reader(resolver=resolver, found_in=STRANGER) as reading,
    ):
        assert await reading.read(server.url("/a", host=host)) == ""

    assert server.asked == []
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("host", ["wire.example", "127.0.0.1"])
@pytest.mark.parametrize("feed", [OWN, "http://localhost/rss", "http://127.9.9.9:8080/rss"])
async def test_an_own_feeds_link_is_read(host: str, feed: str) -> None:
    resolver = ScriptedResolver(LOCAL_NAMES)
    async with (
        FeedServer(DOCUMENTS) as server,
        reader(resolver=resolver, found_in=feed) as reading,
    ):
        assert await reading.read(server.url("/a", host=host)) == ARTICLE


@pytest.mark.parametrize(
    "feed",
    [
        "http://wire.example/rss",  # may lead elsewhere at the next look-up
        "http://10.0.0.1/rss",  # private, and not opened
        "http://user:pass@127.0.0.1/rss",
        "",
    ],
)
async def test_a_feed_is_own_only_at_an_opened_address_in_figures(feed: str) -> None:
    resolver = ScriptedResolver(LOCAL_NAMES)
    async with (
        FeedServer(DOCUMENTS) as server,
        reader(resolver=resolver, found_in=feed) as reading,
    ):
        assert await reading.read(server.url("/a")) == ""

    assert server.asked == []


async def test_a_feed_is_own_only_at_the_port_that_is_opened() -> None:
    async with FeedServer(DOCUMENTS) as server:
        opened = (parse_allowed(f"127.0.0.1:{server.port}"),)
        async with reader(allow=opened, found_in="http://127.0.0.1:1/rss") as reading:
            assert await reading.read(server.url("/a")) == ""
            own = Asking(reading.reading, found_in=server.url("/rss"))
            assert await own.read(server.url("/a")) == ARTICLE


async def test_a_stranger_is_not_handed_what_an_own_feed_is_reading() -> None:
    slow = Document(PAGE.body, HTML, latency_s=0.1)
    async with FeedServer({ROBOTS: ALLOWED, "/a": slow}) as server, reader() as own:
        stranger = Asking(own.reading, found_in=STRANGER)
        link = server.url("/a")

        for first, second in ((own, stranger), (stranger, own)):
            texts = await asyncio.gather(first.read(link), second.read(link))
            assert dict(zip((first, second), texts, strict=True)) == {own: ARTICLE, stranger: ""}


async def test_an_own_page_may_redirect_to_a_name_on_an_own_machine() -> None:
    resolver = ScriptedResolver(LOCAL_NAMES)
    async with FeedServer(DOCUMENTS) as server, reader(resolver=resolver) as reading:
        server.put("/from", redirect(f"http://wire.example:{server.port}/a"))

        assert await reading.read(server.url("/from")) == ARTICLE


async def test_strangers_links_share_names_and_turns_with_feeds() -> None:
    resolver = ScriptedResolver({"rival.example": [["10.0.0.1"]], "quiet.example": [["10.0.0.1"]]})
    async with fetcher(resolver=resolver) as opened:
        async with PageReader(opened.exchange, extractor=Here(), clock=lambda: NOW) as pages:
            stranger = Asking(pages, found_in=STRANGER)
            opened.exchange.leave_alone(httpx.URL("https://quiet.example/rss"), 90)

            assert await stranger.read("https://quiet.example/a") == ""
            assert resolver.calls == []
            assert await stranger.read("https://rival.example/a") == ""
            assert resolver.calls == ["rival.example"]

        assert not resolver.is_closed  # lent, not given
    assert resolver.is_closed
