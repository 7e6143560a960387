"""The door: a person types the token once, a program sends it each time, nobody else sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from bot.store import SqlStore, open_store
from bot.web.access import COOKIE, Keys
from bot.web.site import AT_ONCE
from tests.builders import NOW
from tests.web.visits import find, visit

TOKEN = "an-invented-token-of-a-test"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/page.sqlite3") as opened:
        yield opened


async def test_a_person_types_the_token_and_is_led_on(store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        asked = await client.get("/feeds?state=failing&text=a%20b")
        form = find(Html(asked.text), "form.door")
        assert asked.status_code == 401
        assert "WWW-Authenticate" in asked.headers
        to = find(form, "[name=to]").attributes["value"]

        let_in = await client.post("/login", data={"token": f" {TOKEN} ", "to": to})
        assert (let_in.status_code, let_in.headers["Location"]) == (
            303,
            "./feeds?state=failing&text=a%20b",
        )
        cookie = let_in.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Secure" not in cookie  # this one came by http
        assert TOKEN not in cookie
        assert (await client.get("/feeds")).status_code == 200

        page = (await client.get("/")).text
        assert 'action="logout"' in page
        left = await client.post("/logout")
        assert left.status_code == 303
        assert COOKIE not in client.cookies
        assert (await client.get("/")).status_code == 401


async def test_who_opens_the_door_itself_is_led_to_the_stories(store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        form = find(Html((await client.get("/login?lang=zh")).text), "form.door")

    assert find(form, "[name=to]").attributes["value"] == ""


async def test_a_wrong_token_is_told_and_opens_nothing(store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        answer = await client.post("/login", data={"token": "wrong", "to": "feeds"})

        assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
        assert "That is not the token." in answer.text


async def test_whoever_logs_in_is_led_nowhere_else(store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        for to in (
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "../../neighbour",
            "feeds/%2e%2e/%2E./neighbour",
            "/",
            "",
        ):
            answer = await client.post("/login", data={"token": TOKEN, "to": to})
            assert (answer.status_code, answer.headers["Location"]) == (303, "./"), to


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("?text=it's+a:b&lang=zh", "./?text=it%27s%20a%3Ab&lang=zh"),
        ("story/aaaaaaaaaa", "./story/aaaaaaaaaa"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("\r\nSet-Cookie: a=b", "./%0D%0ASet-Cookie%3A%20a%3Db"),
        ("feeds?text=\r\nSet-Cookie: a=b", "./feeds?text=%0D%0ASet-Cookie%3A%20a%3Db"),
    ],
)
async def test_where_they_were_going_is_written_anew(
    to: str, location: str, store: SqlStore
) -> None:
    async with visit(store, token=TOKEN) as client:
        answer = await client.post("/login", data={"token": TOKEN, "to": to})

    assert (answer.status_code, answer.headers["Location"]) == (303, location)
    assert "Set-Cookie" in answer.headers


async def test_the_cookie_is_for_the_folder_of_the_page_and_no_neighbour(store: SqlStore) -> None:
    public = "https://ops.example.org/newsbot"
    async with visit(store, token=TOKEN, public_url=public) as client:
        for path in ("/login", "/logout"):
            answer = await client.post(path, data={"token": TOKEN})
            # RFC 6265 §5.1.4: without one, it is the folder that the browser asked for
            assert "path" not in answer.headers["Set-Cookie"].lower()


@pytest.mark.parametrize(("days", "status"), [(30, 200), (31, 401)])
async def test_a_cookie_that_somebody_kept_ends(days: int, status: int, store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        let_in = await client.post("/login", data={"token": TOKEN})
        kept = {"Cookie": f"{COOKIE}={let_in.cookies[COOKIE]}"}
    async with visit(store, token=TOKEN, now=NOW + timedelta(days=days)) as client:
        assert (await client.get("/feeds", headers=kept)).status_code == status


async def test_behind_a_proxy_with_tls_the_cookie_travels_encrypted_only(store: SqlStore) -> None:
    public = "https://news.example.org"
    async with visit(store, token=TOKEN, public_url=public) as client:
        told = {"Host": "news.example.org"}
        answer = await client.post("/login", data={"token": TOKEN}, headers=told)

    assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_proxy_that_keeps_its_name_to_itself_tells_that_it_has_tls(store: SqlStore) -> None:
    told = {"X-Forwarded-Proto": "https"}
    async with visit(store, token=TOKEN, public_url="https://news.example.org") as client:
        by_proxy = await client.post("/login", data={"token": TOKEN}, headers=told)
        here = await client.post("/login", data={"token": TOKEN})

    assert "Secure" in by_proxy.headers["Set-Cookie"]
    assert "Secure" not in here.headers["Set-Cookie"]


async def test_a_stranger_who_types_slowly_keeps_nobody_out(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99"
    begun = f"POST /login HTTP/1.1\r\nHost: localhost\r\n{form}\r\n\r\ntoken=".encode()
    async with visit(store, token=TOKEN) as client, AsyncExitStack() as strangers:
        for _ in range(2 * AT_ONCE):
            _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            strangers.callback(writer.close)
            writer.write(begun)
            await writer.drain()
        said = {"Authorization": f"Bearer {TOKEN}"}
        await client.get("/style.css")  # by then the strangers are at the door
        assert (await client.get("/feeds", headers=said)).status_code == 200

    assert "could not be answered" not in caplog.text, "of those who hung up"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"token=x"),
        ("multipart/form-data; boundary=a", b"--b"),
        ("application/x-www-form-urlencoded; charset=none-such", b"token=x"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"token=\xff"),
    ],
)
async def test_what_is_no_form_is_refused_without_a_word_in_the_log(
    kind: str, body: bytes, store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with visit(store, token=TOKEN) as client:
        answer = await client.post("/login", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert not [one for one in caplog.records if one.name.startswith("bot")]


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://news.example.org"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
async def test_the_forms_of_other_sites_do_nothing(said: dict[str, str], store: SqlStore) -> None:
    async with visit(store, token=TOKEN, public_url="https://news.example.org") as client:
        for path in ("/login", "/logout"):
            answer = await client.post(path, data={"token": TOKEN}, headers=said)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


async def test_a_browser_that_tells_its_origin_alone_may_log_in(store: SqlStore) -> None:
    async with visit(store, token=TOKEN, public_url="https://news.example.org/bot") as client:
        for origin in (f"http://127.0.0.1:{client.base_url.port}", "https://news.example.org"):
            answer = await client.post("/login", data={"token": TOKEN}, headers={"Origin": origin})
            assert answer.status_code == 303, origin


async def test_who_comes_by_a_link_from_elsewhere_is_asked_once_more_by_ourselves(
    store: SqlStore,
) -> None:
    async with visit(store, token=TOKEN) as client:
        stranger = await client.get("/", headers={"Sec-Fetch-Site": "cross-site"})
        own = await client.get("/", headers={"Sec-Fetch-Site": "same-origin"})

    assert (stranger.headers.get("Refresh"), own.headers.get("Refresh")) == ("0", None)


async def test_programs_are_told_in_a_line(store: SqlStore) -> None:
    async with visit(store, token=TOKEN) as client:
        refused = await client.get("/", headers={"Accept": "*/*"})
        known = {"Authorization": f"Bearer {TOKEN}", "Accept": "*/*"}
        missing = await client.get("/nothing", headers=known)

    assert (refused.status_code, refused.text) == (401, "401\n")
    assert (missing.status_code, missing.headers["Content-Type"]) == (
        404,
        "text/plain; charset=utf-8",
    )
    assert missing.text == "404 There is nothing here\n"


async def test_a_browser_gets_a_page_where_there_is_nothing(store: SqlStore) -> None:
    async with visit(store) as client:
        missing = await client.get("/no/such/place")

    page = Html(missing.text)
    assert missing.status_code == 404
    assert find(page, "h1").text() == "There is nothing here"
    assert find(page, "link[rel='stylesheet']").attributes["href"] == "../../style.css"
    assert page.css("nav a")


async def test_without_a_token_there_is_nothing_to_log_out_of(store: SqlStore) -> None:
    async with visit(store) as client:
        assert "logout" not in (await client.get("/")).text
        assert (await client.post("/login", data={"token": ""})).status_code == 401


async def test_the_page_hands_out_the_key_of_the_feeds_and_never_the_token(
    store: SqlStore,
) -> None:
    async with visit(store, token=TOKEN) as client:
        page = (await client.get("/", headers={"Authorization": f"Bearer {TOKEN}"})).text
        address = find(Html(page), "link[type='application/atom+xml']").attributes["href"]
        assert address == f"feed.atom?key={Keys(lambda: NOW, TOKEN).feed_key}"
        assert (await client.get(f"/{address}")).status_code == 200
        assert TOKEN not in page
