"""Articles over real connections: leave asked of the site first, then the page, then its text."""

from __future__ import annotations

import asyncio
import gzip
import logging

import pytest

from bot.fetching.articles import MAX_BYTES, MAX_READING
from bot.scheduling.workers import ParserPool
from tests.fetching.lab import LOCAL_NAMES, USER_AGENT, ScriptedResolver
from tests.fetching.pages import ALLOWED, HTML, PAGE, ROBOTS, read, reader, robots
from tests.parsing.pages import ARTICLE, page
from tests.servers.feeds import (
    Behaviour,
    Document,
    FeedServer,
    RawServer,
    flood,
    head,
    redirect,
    reset,
    saying,
    stall,
)


async def test_the_site_is_asked_for_leave_once_then_for_each_page() -> None:
    async with FeedServer({ROBOTS: ALLOWED, "/a": PAGE, "/b": PAGE}) as server, reader() as reading:
        texts = [await reading.read(server.url(path)) for path in ("/a", "/b")]

    assert texts == [ARTICLE, ARTICLE]
    assert [asked.path for asked in server.asked] == [ROBOTS, "/a", "/b"]
    assert {asked.headers["User-Agent"] for asked in server.asked} == {USER_AGENT}
    assert server.asked[1].headers["Accept"].startswith("text/html, application/xhtml+xml")


async def test_a_page_is_read_by_a_worker_process() -> None:
    async with ParserPool() as pool:
        assert await read({ROBOTS: ALLOWED, "/a": PAGE}, extractor=pool) == ARTICLE


async def test_readers_of_one_link_share_one_request() -> None:
    slow = Document(PAGE.body, HTML, latency_s=0.1)
    async with FeedServer({ROBOTS: ALLOWED, "/a": slow}) as server, reader() as reading:
        texts = await asyncio.gather(*(reading.read(server.url("/a")) for _ in range(5)))
        again = await reading.read(server.url("/a"))

    assert [*texts, again] == [ARTICLE] * 6
    assert server.counts == {ROBOTS: 1, "/a": 2}


async def test_a_reader_who_gives_up_leaves_the_others_theirs() -> None:
    slow = Document(PAGE.body, HTML, latency_s=0.2)
    async with FeedServer({ROBOTS: ALLOWED, "/a": slow}) as server, reader() as reading:
        first = asyncio.create_task(reading.read(server.url("/a")))
        second = asyncio.create_task(reading.read(server.url("/a")))
        await asyncio.sleep(0.05)
        first.cancel()

        assert await second == ARTICLE


async def test_a_redirect_on_the_same_site_needs_leave_for_its_target() -> None:
    documents = {ROBOTS: ALLOWED, "/a": redirect("/b"), "/b": PAGE, "/private/b": PAGE}
    assert await read(documents) == ARTICLE

    async with (
        FeedServer(documents | {"/a": redirect("/private/b")}) as server,
        reader() as reading,
    ):
        assert await reading.read(server.url("/a")) == ""
    assert server.counts["/private/b"] == 0


@pytest.mark.parametrize(("rule", "text"), [("Allow: /", ARTICLE), ("Disallow: /", "")])
async def test_a_redirect_to_another_site_needs_its_leave_too(rule: str, text: str) -> None:
    theirs = {ROBOTS: robots("User-agent: *", rule), "/b": PAGE}
    async with FeedServer(theirs) as there, reader() as reading:
        documents = {ROBOTS: ALLOWED, "/a": redirect(there.url("/b"))}
        async with FeedServer(documents) as here:
            assert await reading.read(here.url("/a")) == text

    assert there.counts[ROBOTS] == 1
    assert there.counts["/b"] == bool(text)


@pytest.mark.parametrize(
    "link",
    [
        "http://10.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "http://user:pass@127.0.0.1/a",
        "no link",
        "",
    ],
)
async def test_a_link_that_may_not_be_asked_is_not(link: str) -> None:
    async with reader() as reading:
        assert await reading.read(link) == ""


async def test_a_name_that_resolves_to_a_private_address_is_not_asked() -> None:
    resolver = ScriptedResolver({"wire.example": [["10.0.0.1"]]})
    async with reader(resolver=resolver) as reading:
        assert await reading.read("http://wire.example/a") == ""

    assert resolver.calls == ["wire.example"]


@pytest.mark.parametrize(
    "document",
    [
        Document(status=404),
        Document(status=500),
        Document(status=403),
        redirect(""),
        Document(PAGE.body, "application/pdf"),
        Document(PAGE.body, "application/rss+xml"),
        Document(PAGE.body, ""),
        Document(b"", HTML),
        Document(page("Please log in to continue reading.").encode(), HTML),
        Document(PAGE.body + b" " * 200_000, HTML, is_packed=False),
        Document(PAGE.body + b" " * 200_000, HTML),
    ],
)
async def test_what_is_no_readable_page_is_no_article(document: Document) -> None:
    assert await read({ROBOTS: ALLOWED, "/a": document}, max_bytes=100_000) == ""


@pytest.mark.parametrize("content_type", ["TEXT/HTML", "application/xhtml+xml; charset=utf-8"])
async def test_pages_come_in_two_types(content_type: str) -> None:
    assert await read({ROBOTS: ALLOWED, "/a": Document(PAGE.body, content_type)}) == ARTICLE


def on_pages(behave: Behaviour) -> Behaviour:
    """Says that there is no robots.txt, and does ``behave`` to whoever then asks for a page."""
    answered = False

    async def answer(incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter) -> None:
        nonlocal answered
        if answered:
            await behave(incoming, outgoing)
        else:
            answered = True
            await saying(head("Content-Length: 0", status="404 Not Found"))(incoming, outgoing)

    return answer


TYPED = f"Content-Type: {HTML}"


async def halfway(incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter) -> None:
    """Begins a page and never goes on."""
    outgoing.write(head(TYPED) + PAGE.body[:200])
    await stall(incoming, outgoing)


@pytest.mark.parametrize(
    "behave",
    [
        stall,
        halfway,
        flood,
        reset,
        saying(b""),
        saying(head(TYPED) + PAGE.body * 100),
        saying(head(TYPED, "Content-Encoding: gzip") + gzip.compress(bytes(2**26), mtime=0)),
        saying(head(TYPED, "Content-Encoding: gzip") + gzip.compress(PAGE.body, mtime=0)[:-9]),
        saying(head(TYPED, "Content-Encoding: br") + PAGE.body),
        saying(head(TYPED, "Content-Length: -5")),
    ],
    ids=lambda behave: behave.__name__,
)
async def test_servers_that_misbehave_cost_their_page_and_nothing_else(behave: Behaviour) -> None:
    async with (
        RawServer(on_pages(behave)) as server,
        reader(article_s=0.5, max_bytes=100_000) as reading,
    ):
        assert await reading.read(server.url("/a")) == ""
        assert {request.split()[1] for request in server.requests} == {ROBOTS, "/a"}
        assert await server.open_connections() == 0


async def test_a_slow_site_holds_nobody_longer_than_the_deadline() -> None:
    slow = robots("User-agent: *", "Allow: /", latency_s=0.6)
    async with (
        FeedServer({ROBOTS: slow, "/a": PAGE}) as server,
        reader(article_s=0.3) as reading,
    ):
        assert await reading.read(server.url("/a")) == ""
        async with asyncio.timeout(20):  # its leave still comes, and holds for the next page
            while not (text := await reading.read(server.url("/a"))):
                pass

    assert text == ARTICLE
    assert server.counts[ROBOTS] == 1


async def test_pages_take_turns_with_each_other() -> None:
    slow = Document(PAGE.body, HTML, latency_s=0.1)
    resolver = ScriptedResolver(LOCAL_NAMES)
    documents = {ROBOTS: ALLOWED, **{f"/{n}": slow for n in range(6)}}
    async with (
        FeedServer(documents) as server,
        reader(resolver=resolver, per_host_concurrency=2) as reading,
    ):
        links = [f"http://wire.example:{server.port}/{n}" for n in range(6)]
        texts = await asyncio.gather(*map(reading.read, links))

    assert texts == [ARTICLE] * 6
    assert server.peak_in_flight == 2


async def test_closing_while_somebody_reads_leaves_nobody_waiting() -> None:
    async with RawServer(stall) as server:
        async with reader(article_s=20.0) as reading:
            waiting = asyncio.create_task(reading.read(server.url("/a")))
            await server.is_asked.wait()
        async with asyncio.timeout(5):
            assert await waiting == ""


async def test_the_log_says_why_and_shows_no_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot")
    await read({ROBOTS: robots("User-agent: *", "Disallow: /")}, "/a?token=hunter2")
    (line,) = caplog.messages

    assert "robots.txt forbids it; the feed's own text stands" in line
    assert "hunter2" not in line


async def test_what_a_site_says_of_all_its_pages_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot")
    documents = {ROBOTS: Document(status=500), "/a": PAGE}
    async with (
        FeedServer(documents) as server,
        FeedServer({ROBOTS: ALLOWED}) as other,
        reader() as reading,
    ):
        for path in ("/a", "/b", "/c"):
            assert await reading.read(server.url(path)) == ""
            assert await reading.read(other.url(path)) == ""  # which has no such page

    (line,) = [line for line in caplog.messages if "robots.txt" in line]
    assert "/a: its site's robots.txt cannot be had" in line
    assert line.endswith("this is told once an hour")
    assert len(caplog.messages) == 1 + 3


async def test_of_a_page_two_mebibytes_are_taken_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot")
    fits = PAGE.body.ljust(MAX_BYTES)
    documents = {ROBOTS: ALLOWED, "/a": Document(fits, HTML), "/b": Document(fits + b" ", HTML)}

    assert await read(documents) == ARTICLE
    assert await read(documents, "/b") == ""
    assert "2097152 bytes (the most a page may have)" in caplog.text


async def test_pages_beyond_the_bound_are_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with RawServer(stall) as server:
        async with reader(article_s=20.0) as reading:
            waiting = [
                asyncio.create_task(reading.read(server.url(f"/{n}"))) for n in range(MAX_READING)
            ]
            await server.is_asked.wait()
            async with asyncio.timeout(10):
                assert await reading.read(server.url("/further")) == ""
                assert await reading.read(server.url("/one-more")) == ""
            (line,) = caplog.messages
        await asyncio.gather(*waiting)

    assert f"not asked for, as {MAX_READING} others are being read" in line


async def test_a_page_that_was_read_makes_room_for_the_next() -> None:
    documents = {ROBOTS: ALLOWED, **{f"/{n}": PAGE for n in range(MAX_READING + 2)}}
    async with FeedServer(documents) as server, reader() as reading:
        texts = [await reading.read(server.url(f"/{n}")) for n in range(MAX_READING + 2)]

    assert texts == [ARTICLE] * (MAX_READING + 2)
