"""What a post says: the feed's text, the article's where that is a teaser, or an endpoint's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.fetching import ChatEndpoint, Endpoint, HttpFetcher, PageReader
from bot.pipeline.telling import Teller
from bot.scheduling.workers import ParserPool
from bot.stories import OutletNames
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.parsing.pages import PARAGRAPHS, page
from tests.pipeline.lab import CATALOGUE, STORIES, Item, Newsroom, make_poller, open_newsroom
from tests.servers.chat import KEY, MODEL, ChatServer, completion
from tests.servers.feeds import Document

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLE = "Huawei loses the carrier for its next phone"
FIRST = PARAGRAPHS[0]
WHOLE = (
    "Meridian Mobile will not sell the next phone of Huawei in its shops. "
    "Both had meant to announce the deal in Las Vegas."
)
EDITED = "Huawei now says that talks with Meridian Mobile go on."
ABSTRACT = "Huawei has lost the US carrier that was to sell its next phone."


@asynccontextmanager
async def telling_room(
    folder: Path, parser: ParserPool, *, chat: ChatServer | None = None
) -> AsyncIterator[Newsroom]:
    """A newsroom that reads articles on loopback, and asks ``chat`` where there is one."""
    async with open_newsroom(folder, parser) as room, AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(HttpFetcher(limits(), clock=room.clock))
        articles = await stack.enter_async_context(
            PageReader(fetcher.exchange, extractor=parser, clock=room.clock, deadline_s=20)
        )
        abstracter = None
        if chat is not None:
            endpoint = Endpoint(url=chat.url, model=MODEL, key=KEY)
            abstracter = await stack.enter_async_context(ChatEndpoint(endpoint, user_agent="test"))
        teller = Teller(articles, abstracter, OutletNames(CATALOGUE.outlets))
        room.poller = make_poller(room.store, fetcher, parser, room.clock, teller)
        room.server.put("/robots.txt", Document(b"User-agent: *\nAllow: /", "text/plain"))
        room.server.put("/a", Document(page().encode(), "text/html; charset=utf-8"))
        yield room


async def publish(
    room: Newsroom, summary: str, *, link: str = "", title: str = TITLE, **changes: Any
) -> str:
    """Poll an entry with ``summary``; what the post of its story says."""
    item = Item("one", title, summary, **changes)
    xml = item.to_xml().replace("https://wire.example/one", link or room.server.url("/a"))
    body = f"<rss version='2.0'><channel><title>Example Wire</title>{xml}</channel></rss>"
    room.server.put("/wire", Document(body.encode()))
    report = await room.poll()
    assert report.error == ""
    (found,) = await room.store.find_stories(STORIES)
    return found.summary


@pytest.mark.parametrize("teaser", ["", TITLE, "Meridian Mobile has walked away from a […]"])
async def test_a_teaser_gives_way_to_the_article(
    tmp_path: Path, parser: ParserPool, teaser: str
) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()

        assert (await publish(room, teaser)).startswith(FIRST)


async def test_a_feed_that_says_enough_leaves_the_site_alone(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()

        assert await publish(room, WHOLE) == WHOLE
        assert room.server.counts["/a"] == room.server.counts["/robots.txt"] == 0


async def test_a_page_that_may_not_be_read_leaves_the_teaser(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        room.server.put("/robots.txt", Document(b"User-agent: *\nDisallow: /", "text/plain"))
        await room.go_live()

        said = await publish(room, "Meridian Mobile has walked away from Huawei, as it […]")

        assert said.startswith("Meridian Mobile has walked away from Huawei")
        assert room.server.counts["/a"] == 0


async def test_a_first_poll_asks_for_no_article(tmp_path: Path, parser: ParserPool) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.add()

        assert await publish(room, "") == ""
        assert room.server.counts["/a"] == 0


async def test_what_is_no_news_asks_for_no_article(tmp_path: Path, parser: ParserPool) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()
        item = Item("bread", "Village bakes its longest loaf of bread")
        xml = item.to_xml().replace("https://wire.example/bread", room.server.url("/a"))
        feed = f"<rss version='2.0'><channel><title>W</title>{xml}</channel></rss>"
        room.server.put("/wire", Document(feed.encode()))

        assert (await room.poll()).new == 1
        assert room.server.counts["/a"] == 0


async def test_an_aggregators_page_is_not_read(tmp_path: Path, parser: ParserPool) -> None:
    aggregator = next(outlet for outlet in CATALOGUE.outlets.values() if outlet.is_aggregator)
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()

        link = f"https://{aggregator.domains[0]}/articles/1"

        assert await publish(room, "", link=link) == ""
        assert len(room.server.asked) == 2  # the feed, twice


async def test_an_edited_headline_is_told_anew(tmp_path: Path, parser: ParserPool) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()
        await publish(room, WHOLE)

        assert await publish(room, EDITED, title=f"Update: {TITLE}") == EDITED


async def test_a_date_that_moved_asks_nobody_and_changes_no_post(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()
        said = await publish(room, "")
        room.server.put("/a", Document(b"gone", status=500))

        later = await publish(room, "", published_at=NOW)

        assert later == said
        assert later.startswith(FIRST)
        assert room.server.counts["/a"] == 0  # since it is gone
        (found,) = await room.store.find_stories(STORIES)
        assert found.revision == 1


async def test_an_edit_whose_article_is_gone_keeps_what_was_said(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()
        said = await publish(room, "")
        room.server.put("/a", Document(b"gone", status=500))

        assert await publish(room, "", title=f"{TITLE}, it says") == said


async def test_an_edit_after_the_story_was_closed_is_shown_and_does_not_open_it(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        await room.go_live()
        await publish(room, WHOLE)
        (before,) = await room.store.find_stories(STORIES)
        room.clock.move(days=6)

        assert await publish(room, EDITED) == EDITED

        (after,) = await room.store.find_stories(STORIES)
        assert (after.revision, after.updated_at) == (2, before.updated_at)


async def test_an_endpoints_summary_stands_if_it_holds(tmp_path: Path, parser: ParserPool) -> None:
    async with (
        ChatServer(completion(ABSTRACT)) as chat,
        telling_room(tmp_path, parser, chat=chat) as room,
    ):
        await room.go_live()

        assert await publish(room, WHOLE) == ABSTRACT
        assert len(chat.asked) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "A carrier has lost its next phone.",  # names no company
        "Huawei has lost the carrier for 4 of its phones.",  # a number nobody wrote
        "Huawei has lost a carrier, see https://evil.example for more.",
    ],
)
async def test_the_extract_stands_where_the_endpoint_invents(
    tmp_path: Path, parser: ParserPool, wrong: str
) -> None:
    async with (
        ChatServer(completion(wrong)) as chat,
        telling_room(tmp_path, parser, chat=chat) as room,
    ):
        await room.go_live()

        assert await publish(room, WHOLE) == WHOLE
        assert len(chat.asked) == 1


async def test_the_extract_stands_where_the_endpoint_fails(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with ChatServer() as chat:
        chat.status = 500
        async with telling_room(tmp_path, parser, chat=chat) as room:
            await room.go_live()

            assert await publish(room, WHOLE) == WHOLE


async def test_all_reports_of_a_poll_are_told_side_by_side(
    tmp_path: Path, parser: ParserPool
) -> None:
    async with telling_room(tmp_path, parser) as room:
        slow = replace(Document(page().encode(), "text/html; charset=utf-8"), latency_s=1.0)
        for path in ("/a", "/b"):
            room.server.put(path, slow)
        await room.go_live()
        items = [Item(path, f"{TITLE} in {path[1:]}").to_xml() for path in ("/a", "/b")]
        body = "".join(items).replace("https://wire.example/", room.server.url(""))
        feed = f"<rss version='2.0'><channel><title>W</title>{body}</channel></rss>"
        room.server.put("/wire", Document(feed.encode()))

        assert (await room.poll()).flagged == 2
        assert room.server.peak_in_flight == 2
