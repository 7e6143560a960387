from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from bot.errors import AddressRefused, FeedUnreachable, InputInvalid
from bot.fetching import WebFeedFinder
from bot.model import FeedSpec
from bot.scheduling.workers import ParserPool
from tests.builders import NOW, feed
from tests.fetching.lab import LOCAL_NAMES, ScriptedResolver, fetcher
from tests.parsing.documents import item, rss
from tests.parsing.pages import page
from tests.servers.feeds import Document, FeedServer, redirect

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one pool of workers for all

HTML = "text/html; charset=utf-8"
MONDAY, TUESDAY = "Mon, 08 Jan 2018 08:00:00 GMT", "Tue, 09 Jan 2018 08:00:00 GMT"
WIRE = Document(rss(item("Older", pubDate=MONDAY), item("Newer", pubDate=TUESDAY)).encode())
OTHER = Document(rss(item("Elsewhere"), channel="<title>Other Wire</title>").encode())


def links(*written: str) -> Document:
    """A page with these link elements in its head."""
    return Document(page(head="".join(written)).encode(), HTML)


def alternate(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool() as opened:
        yield opened


@asynccontextmanager
async def finder(pool: ParserPool, **changes: Any) -> AsyncIterator[WebFeedFinder]:
    finder_changes = {name: changes.pop(name) for name in ("deadline_s",) if name in changes}
    async with fetcher(**changes) as opened:
        yield WebFeedFinder(
            opened.exchange, parser=pool, links=pool, clock=lambda: NOW, **finder_changes
        )


async def test_the_address_of_a_feed_is_that_feed(pool: ParserPool) -> None:
    async with FeedServer({"/rss": WIRE}) as server, finder(pool) as finding:
        (found,) = await finding.find_feeds(f" <{server.url('/rss')}> ")

    assert found.spec == FeedSpec(server.url("/rss"), "Example Wire")
    assert (found.entries, found.titles) == (2, ("Newer", "Older"))


async def test_a_page_is_asked_for_the_feeds_it_names(pool: ParserPool) -> None:
    documents = {
        "/": links(
            alternate("/comments", "Comments"),
            alternate("other", "Other"),
            alternate("/rss", "All news", "application/atom+xml"),
            alternate("/gone", "Gone"),
            alternate("/wp-json", "REST", "application/json"),
        ),
        "/comments": WIRE,
        "/other": OTHER,
        "/rss": WIRE,
        "/wp-json": OTHER,
    }
    async with FeedServer(documents) as server, finder(pool) as finding:
        found = await finding.find_feeds(server.url("/"))

        assert [one.spec for one in found] == [
            FeedSpec(server.url("/other"), "Other Wire"),
            FeedSpec(server.url("/rss"), "Example Wire"),
            FeedSpec(server.url("/comments"), "Example Wire"),
        ]
        assert server.counts["/wp-json"] == 0
        assert server.counts["/feed"] == 0  # what is named is enough


async def test_a_feed_without_a_title_is_called_as_the_page_calls_it(pool: ParserPool) -> None:
    nameless = Document(rss(item(), channel="").encode())
    documents = {"/": links(alternate("/rss", "Phones")), "/rss": nameless}
    async with FeedServer(documents) as server, finder(pool) as finding:
        (found,) = await finding.find_feeds(server.url("/"))

    assert found.spec.title == "Phones"


@pytest.mark.parametrize("place", ["/news/feed", "/feed", "/rss.xml", "/atom.xml", "/index.xml"])
async def test_a_page_that_names_none_is_looked_for_in_the_usual_places(
    pool: ParserPool, place: str
) -> None:
    documents = {"/news": Document(page().encode(), HTML), place: WIRE}
    async with FeedServer(documents) as server, finder(pool) as finding:
        (found,) = await finding.find_feeds(server.url("/news"))

        assert found.spec.url == server.url(place)


async def test_links_to_one_feed_are_one(pool: ParserPool) -> None:
    documents = {
        "/": links(alternate("/a"), alternate("/b")),
        "/a": redirect("/rss", status=301),
        "/b": redirect("/rss", status=308),
        "/rss": WIRE,
    }
    async with FeedServer(documents) as server, finder(pool) as finding:
        (found,) = await finding.find_feeds(server.url("/"))

        assert found.spec.url == server.url("/rss")


async def test_a_passing_redirect_keeps_the_address(pool: ParserPool) -> None:
    documents = {"/a": redirect("/rss"), "/rss": WIRE}
    async with FeedServer(documents) as server, finder(pool) as finding:
        (found,) = await finding.find_feeds(server.url("/a"))

        assert found.spec.url == server.url("/a")


async def test_a_page_without_a_feed_says_what_to_do(pool: ParserPool) -> None:
    documents = {"/": Document(page().encode(), HTML)}
    async with FeedServer(documents) as server, finder(pool) as finding:
        with pytest.raises(InputInvalid, match=r"is a web page, it names no feed.*Look for “RSS”"):
            await finding.find_feeds(server.url("/"))


async def test_a_page_whose_feeds_are_broken_says_that(pool: ParserPool) -> None:
    documents = {"/": links(alternate("/rss"))}
    async with FeedServer(documents) as server, finder(pool) as finding:
        with pytest.raises(InputInvalid, match="the feeds that it names cannot be read"):
            await finding.find_feeds(server.url("/"))


@pytest.mark.parametrize(
    ("body", "kind"), [(b"\x89PNG\r\n", "image/png"), (b"", "text/plain"), (b"{}", "")]
)
async def test_what_is_neither_feed_nor_page_is_told(
    pool: ParserPool, body: bytes, kind: str
) -> None:
    async with FeedServer({"/x": Document(body, kind)}) as server, finder(pool) as finding:
        with pytest.raises(InputInvalid, match="Name the address of a feed"):
            await finding.find_feeds(server.url("/x"))

        assert server.counts["/feed"] == 0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "Name the address of a feed"),
        ("<>", "Name the address of a feed"),
        ("not an address", "signs that no address has"),
        ("phones", "no http or https address"),
        ("ftp://wire.example/rss", "no http or https address"),
        ("https://me:secret@wire.example/rss", "has a user name or password"),
    ],
)
async def test_what_is_no_address_is_refused_unasked(
    pool: ParserPool, written: str, said: str
) -> None:
    async with finder(pool) as finding:
        with pytest.raises(InputInvalid, match=said) as caught:
            await finding.find_feeds(written)

    assert "secret" not in str(caught.value)


async def test_an_address_without_a_scheme_is_asked_by_https(pool: ParserPool) -> None:
    async with finder(pool) as finding:
        with pytest.raises(AddressRefused, match=r"^https://10\.0\.0\.1/rss: "):
            await finding.find_feeds("10.0.0.1/rss")


async def test_a_server_that_fails_is_told_with_its_answer(pool: ParserPool) -> None:
    async with FeedServer() as server, finder(pool) as finding:
        with pytest.raises(FeedUnreachable, match="404 Not Found"):
            await finding.find_feeds(server.url("/rss"))


async def test_the_wait_is_bounded(pool: ParserPool) -> None:
    slow = Document(page().encode(), HTML, latency_s=5)
    async with FeedServer({"/": slow}) as server, finder(pool, deadline_s=0.2) as finding:
        with pytest.raises(FeedUnreachable, match=r"longer than 0\.2 s to look for a feed"):
            await finding.find_feeds(server.url("/"))


@pytest.mark.parametrize("host", ["wire.example", "127.0.0.1", "localhost"])
async def test_an_address_of_a_chat_does_not_reach_what_is_opened_for_the_operators_feeds(
    pool: ParserPool, host: str
) -> None:
    resolver = ScriptedResolver({**LOCAL_NAMES, "localhost": [["127.0.0.1"]]})
    async with FeedServer({"/rss": WIRE}) as server, fetcher(resolver=resolver) as opened:
        finding = WebFeedFinder(opened.strangers, parser=pool, links=pool, clock=lambda: NOW)

        with pytest.raises(AddressRefused, match="not a public address"):
            await finding.find_feeds(server.url("/rss", host=host))

        assert server.asked == []


@pytest.mark.parametrize("host", ["wire.example", "127.0.0.1"])
async def test_a_feed_that_a_chat_added_is_not_polled_at_what_is_opened_for_the_operators(
    host: str,
) -> None:
    resolver = ScriptedResolver(LOCAL_NAMES)
    async with FeedServer({"/rss": WIRE}) as server, fetcher(resolver=resolver) as opened:
        url = server.url("/rss", host=host)

        with pytest.raises(AddressRefused, match="not a public address"):
            await opened.fetch(feed(url, added_by="discord/g1"), conditional=False)
        assert server.asked == []
        await opened.fetch(feed(url), conditional=False)
        assert len(server.asked) == 1
