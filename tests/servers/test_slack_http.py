"""The loopback Slack over HTTP: signed requests to the real slack-bolt, and OAuth."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import CLIENT_ID, CLIENT_SECRET, SlackServer, agree, post_signed
from tests.servers.slack_bot import Bot, error_of

EVENT = {"type": "event_callback", "event": {"type": "unheard_of"}, "team_id": "T0"}


@asynccontextmanager
async def serving(bot: Bot) -> AsyncIterator[str]:
    """The bot behind an address of its own."""
    runner = web.AppRunner(bot.app.web_app("/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made
        assert not made.complaints


@pytest.fixture
async def bot(server: SlackServer) -> AsyncIterator[Bot]:
    made = Bot(server, signing_secret=server.hand_over.signing_secret)
    async with serving(made) as address:
        server.hand_over.request_url = address
        yield made


async def test_everything_a_person_does_is_posted_signed(server: SlackServer, bot: Bot) -> None:
    at_once = await server.slash("/show at once")
    shown = await server.slash("/show one")
    asked = await server.press(shown.answer, "Wrong")
    offered = await server.type(asked.modal, "Company", "hu")
    refused = await server.submit(asked.modal, {"Reason": "none"})
    taken = await server.submit(asked.modal, {"Reason": "old", "Company": "huawei"})
    await server.see(taken)
    said = await server.say("hello")
    home = await server.open_home()

    assert at_once.text == "here\n(only you can see this)"
    assert [o["value"] for o in offered] == ["huawei"]
    assert refused.errors == {"reason": "say a little more"}
    assert taken.text == "noted: old (huawei)"
    assert said.text == "heard: hello"
    assert home.text.startswith("── Home ──")
    assert not server.hand_over.late


async def test_forged_and_stale_requests_are_turned_away(server: SlackServer, bot: Bot) -> None:
    url, secret = server.hand_over.request_url, server.hand_over.signing_secret

    async def status(secret: str, *, age_s: int = 0) -> int:
        at = int(time.time()) - age_s
        found, _ = await post_signed(url, EVENT, secret=secret, is_form=False, at=at)
        return found

    good = await status(secret, age_s=60)
    assert good == 404  # known to be Slack's; only nobody listens to that event
    assert await status(secret, age_s=301) == 401
    assert await status("another-secret") == 401


async def test_event_is_repeated_with_its_reason(server: SlackServer, bot: Bot) -> None:
    server.hand_over.limit_s, server.hand_over.repeats_s = 0.1, (0.01,)
    heard: list[tuple[str | None, str | None]] = []

    async def fail(request: web.Request) -> web.Response:
        number = request.headers.get("X-Slack-Retry-Num")
        heard.append((number, request.headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/", fail)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.hand_over.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    act = server.start_say("hello")
    assert act.envelope is not None
    envelope = act.envelope
    await server.wait_until(lambda: envelope.is_given_up)
    await runner.cleanup()

    assert heard == [(None, None), ("1", "http_error")]


async def test_command_to_an_app_that_is_not_there_fails(server: SlackServer) -> None:
    server.hand_over.request_url = "http://127.0.0.1:9/slack/events"
    act = await server.slash("/show one")

    assert act.failure == "operation_timeout"


async def go_to(server: SlackServer, **asked: str) -> dict[str, list[str]]:
    """Send a browser to the page that asks; what it is sent back with."""
    given = {"client_id": CLIENT_ID, "redirect_uri": "http://127.0.0.1:1/back"} | asked
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{server.root}/oauth/v2/authorize", params=given, allow_redirects=False
        ) as response,
    ):
        return parse_qs(urlsplit(response.headers["Location"]).query)


async def test_person_allows_the_app_into_a_workspace(server: SlackServer) -> None:
    other = server.add_team("Elsewhere")
    server.installer = server.add_user("eve", team=other)
    other.token.error = "account_inactive"
    back = await go_to(server, scope="chat:write,commands", state="s-1")
    client = AsyncWebClient(base_url=server.api_base)
    trade = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": back["code"][0]}
    trade["redirect_uri"] = "http://127.0.0.1:1/back"
    found = await client.oauth_v2_access(**trade)

    assert back["state"] == ["s-1"]
    assert (found["team"]["id"], found["scope"]) == (other.id, "chat:write,commands")
    with_token = AsyncWebClient(token=found["access_token"], base_url=server.api_base)
    assert (await with_token.auth_test())["team_id"] == other.id
    assert await error_of(client.oauth_v2_access(**trade)) == "code_already_used"


async def test_person_may_say_no(server: SlackServer) -> None:
    assert await go_to(server, state="s-1") == {"state": ["s-1"], "error": ["access_denied"]}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "other"}, "bad_client_secret"),
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"code": "made-up"}, "invalid_code"),
        ({"redirect_uri": "http://127.0.0.1:1/elsewhere"}, "bad_redirect_uri"),
    ],
)
async def test_codes_are_traded_with_the_right_words_only(
    server: SlackServer, changed: dict[str, str], error: str
) -> None:
    code = agree(server, server.person, scopes=("chat:write",))
    given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code}
    client = AsyncWebClient(base_url=server.api_base)

    assert await error_of(client.oauth_v2_access(**(given | changed))) == error
