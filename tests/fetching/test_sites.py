"""Sites and their wishes: robots.txt, Crawl-delay, 429."""

from __future__ import annotations

import asyncio

import pytest

from bot.fetching import PageReader
from bot.fetching.robots import MAX_BYTES
from tests.builders import NOW, feed
from tests.fetching.lab import fetcher
from tests.fetching.pages import ALLOWED, PAGE, ROBOTS, Asking, Here, read, reader, robots
from tests.parsing.pages import ARTICLE
from tests.servers.feeds import Document, FeedServer, RawServer, redirect, reset


async def test_a_page_that_robots_may_not_read_is_never_asked_for() -> None:
    documents = {ROBOTS: ALLOWED, "/private/a": PAGE}
    async with FeedServer(documents) as server, reader() as reading:
        assert await reading.read(server.url("/private/a")) == ""

    assert server.counts == {ROBOTS: 1}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_site_without_robots_txt_allows_all(status: int) -> None:
    assert await read({ROBOTS: Document(status=status), "/a": PAGE}) == ARTICLE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
async def test_a_site_whose_robots_txt_fails_forbids_all(status: int) -> None:
    async with (
        FeedServer({ROBOTS: Document(status=status), "/a": PAGE}) as server,
        reader() as reading,
    ):
        assert await reading.read(server.url("/a")) == ""
        assert await reading.read(server.url("/a")) == ""

    assert server.counts == {ROBOTS: 1}


async def test_a_site_whose_robots_txt_breaks_off_forbids_all() -> None:
    async with RawServer(reset) as server, reader() as reading:
        assert await reading.read(server.url("/a")) == ""

    assert [request.split()[1] for request in server.requests] == [ROBOTS]


async def test_a_robots_txt_may_be_elsewhere_five_redirects_away() -> None:
    hops = {f"/hop{n}": redirect(f"/hop{n + 1}") for n in range(1, 5)}
    forbids = robots("User-agent: *", "Disallow: /")
    documents = {ROBOTS: redirect("/hop1"), **hops, "/hop5": forbids, "/a": PAGE}

    assert await read(documents) == ""
    assert await read({**documents, "/hop5": ALLOWED}) == ARTICLE


async def test_a_robots_txt_six_redirects_away_is_none() -> None:
    hops = {f"/hop{n}": redirect(f"/hop{n + 1}") for n in range(1, 6)}
    forbids = robots("User-agent: *", "Disallow: /")

    assert await read({ROBOTS: redirect("/hop1"), **hops, "/hop6": forbids, "/a": PAGE}) == ARTICLE


async def test_a_robots_txt_may_not_lead_us_to_an_address_that_is_refused() -> None:
    documents = {ROBOTS: redirect("http://169.254.169.254/"), "/a": PAGE}

    assert await read(documents) == ""


async def test_of_a_very_long_robots_txt_the_beginning_counts() -> None:
    filler = "# " + "x" * MAX_BYTES
    forbids = robots("User-agent: *", "Disallow: /", filler)
    too_late = robots(filler, "User-agent: *", "Disallow: /", is_packed=False)

    assert await read({ROBOTS: forbids, "/a": PAGE}) == ""
    assert await read({ROBOTS: too_late, "/a": PAGE}) == ARTICLE


async def test_a_delay_that_fits_is_kept_between_all_requests() -> None:
    patient = robots("User-agent: newsbot", "Crawl-delay: 0.3")
    async with (
        FeedServer({ROBOTS: patient, "/a": PAGE, "/b": PAGE}) as server,
        reader() as reading,
    ):
        links = [server.url(path) for path in ("/a", "/b")]
        texts = await asyncio.gather(*map(reading.read, links))
    first, second, third = (asked.at for asked in server.asked)

    assert texts == [ARTICLE, ARTICLE]
    assert second - first >= 0.29
    assert third - second >= 0.29


async def test_where_the_delay_is_longer_than_a_post_waits_nothing_is_read() -> None:
    async with (
        FeedServer({ROBOTS: robots("User-agent: *", "Crawl-delay: 30"), "/a": PAGE}) as server,
        reader() as reading,
    ):
        assert await reading.read(server.url("/a")) == ""

    assert server.counts == {ROBOTS: 1}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {}), (429, {"Retry-After": "1"}), (503, {"Retry-After": "3600"})],
)
async def test_a_site_that_wants_peace_is_asked_for_no_page_but_for_its_feed(
    status: int, headers: dict[str, str]
) -> None:
    documents = {
        ROBOTS: ALLOWED,
        "/a": Document(status=status, headers=headers),
        "/b": PAGE,
        "/rss": Document(b"<rss/>"),
    }
    async with FeedServer(documents) as server, fetcher() as opened:
        exchange = opened.exchange
        async with PageReader(exchange, extractor=Here(), clock=lambda: NOW) as pages:
            reading = Asking(pages)
            assert await reading.read(server.url("/a")) == ""
            assert await reading.read(server.url("/b")) == ""
        fetched = await opened.fetch(feed(server.url("/rss")), conditional=False)

    assert fetched.body == b"<rss/>"
    assert server.counts["/b"] == 0


async def test_an_overloaded_page_says_nothing_about_the_next() -> None:
    documents = {ROBOTS: ALLOWED, "/a": Document(status=503), "/b": PAGE}
    async with FeedServer(documents) as server, reader() as reading:
        assert await reading.read(server.url("/a")) == ""
        assert await reading.read(server.url("/b")) == ARTICLE


async def test_a_host_whose_feed_wants_peace_is_asked_for_no_page() -> None:
    resting = Document(status=429, headers={"Retry-After": "90"})
    async with FeedServer({ROBOTS: ALLOWED, "/rss": resting, "/a": PAGE}) as server:  # noqa: SIM117
        async with fetcher() as opened:
            with pytest.raises(Exception, match="we ask too often"):
                await opened.fetch(feed(server.url("/rss")), conditional=False)
            exchange = opened.exchange
            async with PageReader(exchange, extractor=Here(), clock=lambda: NOW) as pages:
                assert await Asking(pages).read(server.url("/a")) == ""

    assert server.counts == {"/rss": 1}


async def test_sites_beyond_the_bound_are_forgotten_the_longest_unused_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.fetching.sites.MAX_SITES", 2)
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    async with (
        FeedServer({ROBOTS: ALLOWED, "/a": PAGE}, hosts=hosts) as server,
        reader() as reading,
    ):
        for number in (1, 2, 1, 3, 1, 2):
            assert await reading.read(server.url("/a", host=f"127.0.0.{number}")) == ARTICLE

    assert server.counts[ROBOTS] == 4  # 1, 2, 3, and 2 again


async def test_readers_of_one_site_share_one_question_for_leave() -> None:
    slow = robots("User-agent: *", "Allow: /", latency_s=0.1)
    async with FeedServer({ROBOTS: slow, "/a": PAGE, "/b": PAGE}) as server, reader() as reading:
        texts = await asyncio.gather(*(reading.read(server.url(path)) for path in ("/a", "/b")))

    assert texts == [ARTICLE, ARTICLE]
    assert server.counts[ROBOTS] == 1
