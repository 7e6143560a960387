from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from bot.errors import FeedEncodingRefused, FeedError, FeedTooLarge, FeedUnreachable, Trouble
from bot.model import Feed, Fetched, Validators
from tests.builders import NOW, feed
from tests.fetching.lab import (
    CERTIFICATE,
    LOCAL_NAMES,
    USER_AGENT,
    ScriptedResolver,
    fetcher,
    limits,
)
from tests.servers.feeds import Document, FeedServer, RawServer, head, redirect, saying, stall

RSS = b"<rss><channel><title>Example Wire</title></channel></rss>"
DATE = "Tue, 09 Jan 2018 08:00:00 GMT"


def local_names() -> ScriptedResolver:
    return ScriptedResolver(LOCAL_NAMES)


async def fetch_raw(answer: bytes, asked: Feed | None = None) -> Fetched:
    """What is made of exactly these bytes."""
    async with RawServer(saying(answer)) as server, fetcher() as opened:
        target = replace(asked or feed(), spec=feed(server.url()).spec)
        return await opened.fetch(target, conditional=True)


async def test_a_first_fetch_brings_the_body_and_its_validators() -> None:
    document = Document(RSS, etag='W/"1-e"', headers={"Cache-Control": "max-age=90"})
    async with FeedServer({"/rss": document}) as server, fetcher() as opened:
        fetched = await opened.fetch(feed(server.url("/rss")), conditional=True)

    assert fetched == Fetched(
        url=server.url("/rss"),
        body=RSS,
        content_type="application/rss+xml; charset=utf-8",
        validators=Validators('W/"1-e"', DATE),
        max_age_s=90.0,
    )


async def test_validators_are_sent_back_verbatim_and_304_has_no_body() -> None:
    async with FeedServer({"/rss": Document(RSS)}) as server, fetcher() as opened:
        target = feed(server.url("/rss"))
        first = await opened.fetch(target, conditional=True)
        again = await opened.fetch(replace(target, validators=first.validators), conditional=True)

    assert (again.body, again.validators) == (None, first.validators)
    assert server.asked[1].headers["If-None-Match"] == first.validators.etag
    assert server.asked[1].headers["If-Modified-Since"] == first.validators.last_modified


async def test_an_unconditional_fetch_sends_no_validators() -> None:
    async with FeedServer({"/rss": Document(RSS)}) as server, fetcher() as opened:
        target = feed(server.url("/rss"), validators=Validators('"1"', DATE))
        fetched = await opened.fetch(target, conditional=False)

    assert fetched.body == RSS
    assert not {"If-None-Match", "If-Modified-Since"} & server.asked[0].headers.keys()


async def test_a_changed_feed_brings_new_validators_and_drops_the_old() -> None:
    async with FeedServer() as server, fetcher() as opened:
        server.put("/rss", Document(RSS), Document(RSS + b" ", last_modified=None))
        target = feed(server.url("/rss"))
        first = await opened.fetch(target, conditional=True)
        second = await opened.fetch(replace(target, validators=first.validators), conditional=True)

    assert second.body == RSS + b" "
    assert second.validators.etag not in (None, first.validators.etag)
    assert second.validators.last_modified is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (['ETag: "2"'], Validators('"2"', DATE)),
        (
            ["Last-Modified: Wed, 10 Jan 2018 08:00:00 GMT"],
            Validators('"1"', "Wed, 10 Jan 2018 08:00:00 GMT"),
        ),
        ([], Validators('"1"', DATE)),
    ],
)
async def test_validators_of_a_304_replace_those_it_names(
    fields: list[str], expected: Validators
) -> None:
    answer = head(*fields, status="304 Not Modified")
    fetched = await fetch_raw(answer, feed(validators=Validators('"1"', DATE)))

    assert (fetched.body, fetched.validators) == (None, expected)


@pytest.mark.parametrize("etag", [b'"\xe9"', '"é"'.encode(), b""])
async def test_a_validator_that_cannot_be_sent_back_as_it_came_is_not_kept(etag: bytes) -> None:
    fetched = await fetch_raw(b"HTTP/1.1 200 OK\r\nETag: " + etag + b"\r\n\r\n" + RSS)

    assert (fetched.body, fetched.validators.etag) == (RSS, None)


async def test_long_header_fields_are_no_reason_to_miss_a_feed() -> None:
    policy = "Content-Security-Policy: " + "https://cdn.example " * 1000

    assert (await fetch_raw(head(policy) + RSS)).body == RSS


@pytest.mark.parametrize("status", ["200 OK", "304 Not Modified"])
async def test_the_hub_of_the_link_fields_is_reported(status: str) -> None:
    links = ['Link: <https://hub.example/>; rel="hub"', 'Link: </rss>; rel="self"']
    fetched = await fetch_raw(head(*links, status=status), feed(validators=Validators('"1"')))

    assert fetched.hub == "https://hub.example/"
    assert fetched.topic.endswith("/rss")


async def test_unasked_304_is_an_error() -> None:
    with pytest.raises(FeedUnreachable, match="304 Not Modified") as caught:
        await fetch_raw(head(status="304 Not Modified"))

    assert caught.value.status == 304


async def test_requests_say_who_asks_and_what_is_understood() -> None:
    async with FeedServer({"/rss": Document(RSS)}) as server, fetcher() as opened:
        await opened.fetch(feed(server.url("/rss")), conditional=True)
    headers = server.asked[0].headers

    assert headers["User-Agent"] == USER_AGENT
    assert headers["User-Agent"].startswith("newsbot/")
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert headers["Accept"].startswith("application/rss+xml")
    assert headers["Host"] == f"127.0.0.1:{server.port}"


async def test_cookies_are_not_kept() -> None:
    document = Document(RSS, headers={"Set-Cookie": "visitor=1; Path=/"})
    async with (
        FeedServer({"/rss": document}) as server,
        fetcher(resolver=local_names()) as opened,
    ):
        for _ in range(2):
            await opened.fetch(feed(server.url("/rss", host="wire.example")), conditional=True)

    assert "Cookie" not in server.asked[1].headers


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer(stall) as proxy, FeedServer({"/rss": Document(RSS)}) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        async with fetcher(deadline_s=5) as opened:
            assert (await opened.fetch(feed(server.url("/rss")), conditional=True)).body == RSS

        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(RSS, mtime=0)),
        ("deflate", zlib.compress(RSS)),
        ("identity", RSS),
        ("x-unset", gzip.compress(RSS, mtime=0)),
    ],
)
async def test_packed_bodies_are_unpacked(encoding: str, body: bytes) -> None:
    fields = [] if encoding == "x-unset" else [f"Content-Encoding: {encoding}"]

    assert (await fetch_raw(head(*fields) + body)).body == RSS


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
async def test_encodings_we_did_not_ask_for_are_refused(encoding: str) -> None:
    with pytest.raises(FeedEncodingRefused):
        await fetch_raw(head(f"Content-Encoding: {encoding}") + gzip.compress(RSS, mtime=0))


async def test_a_body_announced_as_too_large_is_not_read() -> None:
    async with RawServer(saying(head("Content-Length: 99999999"))) as server, fetcher() as opened:
        with pytest.raises(FeedTooLarge, match=r"fetch\.max_bytes"):
            await opened.fetch(feed(server.url()), conditional=True)


@pytest.mark.parametrize(
    "status", [201, 203, 204, 206, 300, 304, 400, 401, 403, 404, 410, 451, 500, 599]
)
async def test_other_statuses_are_errors_that_name_themselves(status: int) -> None:
    with pytest.raises(FeedUnreachable, match=f"answered {status}") as caught:
        await fetch_raw(head("Content-Length: 0", status=f"{status} X"))

    assert caught.value.status == status
    assert caught.value.retry_after_s is None


async def test_permanent_redirects_are_followed_and_reported() -> None:
    async with FeedServer({"/new": Document(RSS)}) as server, fetcher() as opened:
        server.put("/old", redirect("/mid", status=301))
        server.put("/mid", redirect("/new", status=308))
        fetched = await opened.fetch(feed(server.url("/old")), conditional=True)

    assert fetched.body == RSS
    assert fetched.url == fetched.moved_to == server.url("/new")


async def test_a_304_behind_a_redirect_reports_the_move_too() -> None:
    async with FeedServer({"/new": Document(RSS)}) as server, fetcher() as opened:
        server.put("/old", redirect("/new", status=301))
        target = feed(server.url("/old"), validators=Validators(**_validators(Document(RSS))))
        fetched = await opened.fetch(target, conditional=True)

    assert (fetched.body, fetched.moved_to) == (None, server.url("/new"))


def _validators(document: Document) -> dict[str, str]:
    headers = document.validators()
    return {"etag": headers["ETag"], "last_modified": headers["Last-Modified"]}


async def test_redirects_are_followed_up_to_their_bound() -> None:
    async with FeedServer({"/0": Document(RSS)}) as server, fetcher(max_redirects=5) as opened:
        for n in range(1, 7):
            server.put(f"/{n}", redirect(f"/{n - 1}"))

        assert (await opened.fetch(feed(server.url("/5")), conditional=True)).body == RSS
        with pytest.raises(FeedUnreachable, match="more than 5 redirects"):
            await opened.fetch(feed(server.url("/6")), conditional=True)


async def test_a_loop_of_redirects_ends() -> None:
    async with FeedServer({"/rss": redirect("/rss")}) as server, fetcher() as opened:
        with pytest.raises(FeedUnreachable, match="redirects") as caught:
            await opened.fetch(feed(server.url("/rss")), conditional=True)

    assert caught.value.trouble is Trouble.ANSWER
    assert server.counts["/rss"] == 6


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_names_a_delay_is_left_alone_until_then(status: int) -> None:
    document = Document(status=status, headers={"Retry-After": "120"})
    async with (
        FeedServer({"/busy": document, "/rss": Document(RSS)}) as server,
        fetcher(resolver=local_names()) as opened,
    ):

        async def ask(host: str, path: str) -> Fetched:
            return await opened.fetch(feed(server.url(path, host=host)), conditional=True)

        with pytest.raises(FeedUnreachable) as first:
            await ask("wire.example", "/busy")
        with pytest.raises(FeedUnreachable) as second:
            await ask("wire.example", "/rss")
        other = await ask("other.example", "/rss")

    assert (first.value.status, first.value.retry_after_s) == (status, 120.0)
    assert second.value.status is None
    assert (first.value.was_asked, second.value.was_asked) == (True, False)
    assert first.value.trouble is second.value.trouble is Trouble.BUSY
    assert second.value.retry_after_s is not None
    assert 100 < second.value.retry_after_s <= 120
    assert other.body == RSS
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", 60.0),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300.0),
        ("9999999", 86_400.0),
        ("later", None),
    ],
)
async def test_delays_are_bounded(value: str, expected: float | None) -> None:
    # no Date field: the delay is counted from our own clock
    with pytest.raises(FeedUnreachable) as caught:
        await fetch_raw(head(f"Retry-After: {value}", status="429 Too Many Requests"))

    assert caught.value.retry_after_s == expected


async def test_one_host_is_asked_by_two_at_a_time() -> None:
    async with (
        FeedServer({"/rss": Document(RSS, latency_s=0.01)}) as server,
        fetcher(resolver=local_names(), per_host_concurrency=2) as opened,
    ):
        target = feed(server.url("/rss", host="wire.example"))
        await asyncio.gather(*(opened.fetch(target, conditional=True) for _ in range(12)))

    assert server.peak_in_flight == 2


async def test_opened_addresses_are_asked_by_as_many_as_there_are_connections() -> None:
    async with (
        FeedServer({"/rss": Document(RSS, latency_s=0.2)}) as server,
        fetcher(per_host_concurrency=1, per_host_spacing_s=60.0, connections=8) as opened,
    ):
        target = feed(server.url("/rss"))
        await asyncio.gather(*(opened.fetch(target, conditional=True) for _ in range(16)))

    assert 2 <= server.peak_in_flight <= 8


async def test_waiting_for_a_turn_does_not_count_against_the_deadline() -> None:
    async with (
        FeedServer({"/rss": Document(RSS, latency_s=0.3)}) as server,
        fetcher(resolver=local_names(), per_host_concurrency=1, deadline_s=1.0) as opened,
    ):
        target = feed(server.url("/rss", host="wire.example"))
        fetched = await asyncio.gather(*(opened.fetch(target, conditional=True) for _ in range(5)))

    assert [one.body for one in fetched] == [RSS] * 5


async def test_redirects_share_one_deadline() -> None:
    async with FeedServer(latency_s=0.3) as server, fetcher(deadline_s=0.8) as opened:
        server.put("/rss", redirect("/rss"))
        with pytest.raises(FeedUnreachable, match=r"0\.8 s \(fetch\.deadline_s\)"):
            await opened.fetch(feed(server.url("/rss")), conditional=True)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_tls_is_verified_against_the_name_and_the_server_sees_it() -> None:
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    async with (
        FeedServer({"/rss": Document(RSS)}, tls=server_tls()) as server,
        fetcher(resolver=local_names(), tls=trusting) as opened,
    ):
        named = feed(server.url("/rss", host="wire.example"))
        assert (await opened.fetch(named, conditional=True)).body == RSS
        with pytest.raises(FeedUnreachable, match="Hostname mismatch"):
            await opened.fetch(feed(server.url("/rss", host="other.example")), conditional=True)

    assert server.asked[0].headers["Host"] == f"wire.example:{server.port}"


async def test_a_certificate_nobody_vouches_for_is_refused() -> None:
    async with (
        FeedServer({"/rss": Document(RSS)}, tls=server_tls()) as server,
        fetcher(resolver=local_names()) as opened,
    ):
        with pytest.raises(FeedUnreachable, match="certificate is not valid") as caught:
            await opened.fetch(feed(server.url("/rss", host="wire.example")), conditional=True)

        assert caught.value.trouble is Trouble.TLS

    assert server.asked == []


async def test_errors_repeat_no_query() -> None:
    async with FeedServer() as server, fetcher() as opened:
        with pytest.raises(FeedError) as caught:
            await opened.fetch(feed(server.url("/rss?key=hunter2")), conditional=True)

    assert "hunter2" not in str(caught.value)
    assert f"{server.url('/rss')}?…: answered 404" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [{"user_agent": ""}, {"user_agent": "a\r\nb"}, {"deadline_s": 0}, {"connections": 0}],
)
def test_limits_that_cannot_work_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        limits(**change)
