"""What holds for every address of the status page: who may, and what each answer says."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest
from aiohttp import web

from bot.errors import DatabaseUnusable, InputInvalid, SettingsInvalid
from bot.web.access import COOKIE, Access, Keys
from bot.web.site import House, Route, make_site, open_site, say_error
from tests.builders import NOW

TOKEN = "an-invented-token-of-a-test"


def tell_time() -> datetime:
    return NOW


KEYS = Keys(tell_time, TOKEN)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def _hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def _break(_: web.Request) -> web.Response:
    raise RuntimeError("a defect of ours")


async def _lose(_: web.Request) -> web.Response:
    raise DatabaseUnusable("postgresql://db.example: no connection")


async def _puzzle(_: web.Request) -> web.Response:
    raise InputInvalid("no such company")


ROUTES = (
    Route("/", _hello),
    Route("/healthz", _hello, Access.ALL, is_limited=False),
    Route("/open/{id:[0-9]+}", _hello, Access.ALL),
    Route("/feed.atom", _hello, Access.FEED),
    Route("/login", _hello, Access.ALL, method="POST"),
    Route("/broken", _break),
    Route("/lost", _lose),
    Route("/puzzle", _puzzle),
)


@asynccontextmanager
async def visit(
    token: str = "", *, public_url: str = "", is_open: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    house = House(Keys(tell_time, token), public_url, is_open=is_open)
    server = make_site(house, ROUTES, draw_error=say_error)
    async with (
        open_site(server, listen="127.0.0.1:0") as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


async def test_without_a_token_this_machine_may_look() -> None:
    async with visit() as client:
        assert (await client.get("/")).text == "hello"
        assert (await client.get("/feed.atom")).status_code == 200


async def test_with_a_token_nobody_else_learns_anything() -> None:
    async with visit(TOKEN) as client:
        for path in ("/", "/feed.atom", "/no-such-thing", "/broken"):
            assert (await client.get(path)).status_code == 401, path
        for path in ("/healthz", "/open/7"):
            assert (await client.get(path)).text == "hello"
            assert (await client.head(path)).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {KEYS.feed_key}"},
        {"Cookie": f"{COOKIE}={TOKEN}"},
        {"Cookie": f"{COOKIE}="},
        {"Cookie": f"{COOKIE}=1."},
        {"Cookie": f"{COOKIE}={KEYS.make_cookie()}0"},
        {"Cookie": f"{COOKIE}=9{KEYS.make_cookie()}"},
        {"Cookie": f"{COOKIE}={KEYS.feed_key}"},
    ],
)
async def test_what_is_not_the_token_opens_nothing(said: dict[str, str]) -> None:
    async with visit(TOKEN) as client:
        assert (await client.get("/", headers=said)).status_code == 401


async def test_the_token_opens_everything_and_the_cookie_too() -> None:
    async with visit(TOKEN) as client:
        for said in (BEARER, {"Cookie": f"{COOKIE}={KEYS.make_cookie()}"}):
            assert (await client.get("/", headers=said)).status_code == 200
            assert (await client.get("/feed.atom", headers=said)).status_code == 200


async def test_the_key_of_the_feeds_opens_the_feeds_alone() -> None:
    basic = base64.b64encode(f"reader:{KEYS.feed_key}".encode()).decode()
    async with visit(TOKEN) as client:
        assert (await client.get(f"/feed.atom?key={KEYS.feed_key}")).status_code == 200
        shown = await client.get("/feed.atom", headers={"Authorization": f"Basic {basic}"})
        assert shown.status_code == 200
        assert (await client.get(f"/?key={KEYS.feed_key}")).status_code == 401
        assert (await client.get(f"/feed.atom?key={TOKEN}")).status_code == 401
        asked = await client.get("/feed.atom")
        assert asked.headers["WWW-Authenticate"] == 'Basic realm="newsbot"'


def test_neither_cookie_nor_key_says_what_the_token_is() -> None:
    cookie = KEYS.make_cookie()
    assert TOKEN not in cookie + KEYS.feed_key
    assert KEYS.feed_key not in cookie
    assert Keys(tell_time, "another-token-altogether").feed_key != KEYS.feed_key
    nobody = Keys(tell_time)
    assert (nobody.feed_key, nobody.fits("")) == ("", False)


@pytest.mark.parametrize(
    "host", ["rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example:80", "["]
)
async def test_a_strangers_name_for_this_machine_is_refused(host: str) -> None:
    async with visit() as client:
        for path in ("/", "/healthz", "/no-such-thing"):
            assert (await client.get(path, headers={"Host": host})).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8090", "127.0.0.1", "[::1]:1", "news.example.org"])
async def test_our_own_names_and_that_of_the_proxy_are_known(host: str) -> None:
    async with visit(public_url="https://news.example.org") as client:
        assert (await client.get("/", headers={"Host": host})).status_code == 200


async def test_where_others_reach_it_the_token_is_what_counts() -> None:
    async with visit(TOKEN, is_open=True) as client:
        told = {"Host": "anything.example"}
        assert (await client.get("/", headers=told)).status_code == 401
        assert (await client.get("/", headers=told | BEARER)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_nothing_can_be_changed(method: str) -> None:
    async with visit() as client:
        refused = await client.request(method, "/")

        assert refused.status_code == 405
        assert refused.headers["Allow"] == "GET,HEAD"


async def test_head_gives_the_headers_alone() -> None:
    async with visit() as client:
        answer = await client.head("/")

        assert (answer.status_code, answer.headers["Content-Length"]) == (200, "5")
        assert answer.content == b""


@pytest.mark.parametrize("path", ["/", "/healthz", "/no-such-thing", "/broken", "/login"])
async def test_every_answer_keeps_scripts_frames_and_other_sites_out(path: str) -> None:
    async with visit() as client:
        headers = (await client.get(path)).headers

        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "aiohttp" not in headers["Server"]


@pytest.mark.parametrize(
    "said", [b"GET /feed.atom?key=hush\xff HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_without_a_word_in_the_log(
    said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with visit() as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + said)
        heard = await reader.read()
        writer.close()

    assert b" 400 Bad Request" in heard
    assert not [one for one in caplog.records if one.levelno > logging.DEBUG]
    assert "hush" not in caplog.text


async def test_a_defect_is_logged_and_told_without_its_innards(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with visit() as client:
        answer = await client.get("/broken")

    assert (answer.status_code, "defect" in answer.text) == (500, False)
    assert "a defect of ours" in caplog.text


async def test_a_database_that_is_away_is_told_in_one_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    async with visit() as client:
        answer = await client.get("/lost")

    assert (answer.status_code, "db.example" in answer.text) == (503, False)
    (record,) = caplog.records
    assert record.getMessage() == (
        "GET /lost could not be answered: postgresql://db.example: no connection"
    )
    assert record.exc_info is None


async def test_a_wrong_question_is_told_in_words() -> None:
    async with visit() as client:
        answer = await client.get("/puzzle")

        assert (answer.status_code, answer.text) == (400, "no such company\n")


async def test_a_port_that_is_taken_is_named_with_the_setting() -> None:
    async with visit() as client:
        taken = f"127.0.0.1:{client.base_url.port}"
        server = make_site(House(Keys(tell_time)), ROUTES, draw_error=say_error)
        with pytest.raises(SettingsInvalid, match=r"status\.listen .* is taken by another program"):
            async with open_site(server, listen=taken):
                pass
