"""Slack over HTTP: which requests are taken, what strangers get, and how it stops."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.errors import SettingsInvalid
from bot.platforms.slack import web
from bot.platforms.slack.clients import open_session
from bot.platforms.slack.web import MAX_BODY_BYTES, WebDoor, open_web
from tests.platforms.slack.webstage import Heard, make_listener, settings_for
from tests.servers.slack import SlackServer
from tests.servers.slack.signing import post_signed, sign

FORM = "application/x-www-form-urlencoded"
COMMAND = {
    "command": "/news",
    "text": "pixel",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
}


class Stage:
    """An app that serves one workspace by HTTP."""

    def __init__(self, server: SlackServer, heard: Heard, door: WebDoor) -> None:
        self.server, self.heard, self.door = server, heard, door
        self.url = f"{door.address}/slack/events"
        self.secret = server.hand_over.signing_secret

    async def command(
        self, text: str = "pixel", *, secret: str = "", at: int | None = None
    ) -> tuple[int, Any]:
        """Type /news, signed as Slack would: now, and with the app's secret unless told."""
        return await post_signed(
            self.url, COMMAND | {"text": text}, secret=secret or self.secret, is_form=True, at=at
        )

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Post anything."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=BytesIO(body), headers=headers) as answer,
        ):
            return answer.status, await answer.text()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
async def stage(session: aiohttp.ClientSession) -> AsyncIterator[Stage]:
    async with SlackServer() as server:
        heard = make_listener(server, session)
        account = settings_for(server)
        async with open_web(account, heard.app, workspaces=None, scopes=()) as door:
            yield Stage(server, heard, door)


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


# what Slack sends


async def test_a_signed_command_is_answered(stage: Stage) -> None:
    status, answer = await stage.command()

    assert (status, answer) == (200, {"text": "latest news"})
    assert stage.heard.commands == ["pixel"]


@pytest.mark.parametrize("text", ["search payload", "payload=1", "payload", "", "{}", "a&b=ü +"])
async def test_a_command_arrives_as_it_was_typed(stage: Stage, text: str) -> None:
    status, answer = await stage.command(text)

    assert (status, answer) == (200, {"text": "latest news"})
    assert stage.heard.commands == [text]


async def test_an_event_that_slack_hands_over_is_acknowledged_in_time(stage: Stage) -> None:
    stage.server.hand_over.request_url = stage.url

    envelope = stage.server.tell(stage.server.team, {"type": "app_home_opened", "user": "U1"})

    assert envelope is not None
    await stage.server.wait_until(lambda: envelope.is_acked)
    assert stage.heard.events == ["app_home_opened"]
    assert stage.server.hand_over.late == []


async def test_slacks_first_question_to_the_address_is_answered(stage: Stage) -> None:
    asked = {"type": "url_verification", "challenge": "a word of Slack's", "token": "t"}

    status, answer = await post_signed(stage.url, asked, secret=stage.secret, is_form=False)

    assert (status, answer) == (200, {"challenge": "a word of Slack's"})


# what others send


@pytest.mark.parametrize("age_s", [301, 3_600, -301])
async def test_a_request_signed_long_ago_or_too_soon_is_refused(stage: Stage, age_s: int) -> None:
    status, _ = await stage.command(at=int(time.time()) - age_s)

    assert status == 401
    assert stage.heard.commands == []


async def test_a_request_signed_a_little_while_ago_is_taken(stage: Stage) -> None:
    assert (await stage.command(at=int(time.time()) - 280))[0] == 200


async def test_a_request_signed_with_another_secret_is_refused(stage: Stage) -> None:
    status, _ = await stage.command(secret="another-secret-0123456789abcdef")

    assert status == 401
    assert stage.heard.commands == []


async def test_a_signature_of_another_body_is_refused(stage: Stage) -> None:
    signed = sign(stage.secret, urlencode(COMMAND).encode())
    changed = urlencode(COMMAND | {"text": "forged"}).encode()

    status, _ = await stage.post(changed, signed | {"Content-Type": FORM})

    assert status == 401
    assert stage.heard.commands == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "NOW", "X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": "NOW", "X-Slack-Signature": ""},
    ],
)
async def test_a_request_without_a_proper_signature_is_refused_and_fills_no_log(
    stage: Stage, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    stamped = {key: one.replace("NOW", str(int(time.time()))) for key, one in headers.items()}

    status, _ = await stage.post(urlencode(COMMAND).encode(), {"Content-Type": FORM} | stamped)

    assert status == 401
    assert stage.heard.commands == []
    assert [one for one in caplog.records if one.levelname in {"WARNING", "ERROR"}] == []


@pytest.mark.parametrize("is_hidden", [False, True])
async def test_what_claims_to_check_certificates_gets_no_further(
    stage: Stage, is_hidden: bool
) -> None:
    """Bolt answers these before it looks at the signature."""
    forged = {**COMMAND, "ssl_check": "1"}
    body = urlencode({"payload": json.dumps(forged)} if is_hidden else forged).encode()

    await stage.post(body, {"Content-Type": FORM})

    assert stage.heard.commands == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"7", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"payload=%7B", FORM),
        (b"payload=[1]", FORM),
        (b"\xff\xfe", FORM),
        (b"x", "text/plain; charset=klingon"),
        (b"", FORM),
        (b"\0" * 1000, "application/octet-stream"),
    ],
)
async def test_what_is_no_request_of_slack_is_refused_and_the_next_one_answered(
    stage: Stage, body: bytes, kind: str
) -> None:
    status, _ = await stage.post(body, {"Content-Type": kind})

    assert status in {400, 401}
    assert (await stage.command())[0] == 200


async def test_a_body_beyond_the_limit_is_refused(stage: Stage) -> None:
    body = urlencode(COMMAND | {"text": "x" * MAX_BODY_BYTES}).encode()

    status, _ = await stage.post(body, sign(stage.secret, body) | {"Content-Type": FORM})

    assert status == 413
    assert stage.heard.commands == []


async def test_a_body_that_is_beyond_the_limit_once_unpacked_is_refused(stage: Stage) -> None:
    body = gzip.compress(urlencode(COMMAND | {"text": "x" * 50_000_000}).encode(), mtime=0)
    assert len(body) < MAX_BODY_BYTES
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}

    status, _ = await stage.post(body, headers)

    assert status == 413
    assert (await stage.command())[0] == 200


async def test_a_body_just_under_the_limit_is_taken(stage: Stage) -> None:
    body = urlencode(COMMAND | {"text": "x" * (MAX_BODY_BYTES - 1000)}).encode()

    status, _ = await stage.post(body, sign(stage.secret, body) | {"Content-Type": FORM})

    assert status == 200


async def test_a_body_that_never_arrives_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "READ_S", 0.05)
    host, port = stage.door.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")

    answer = await asyncio.wait_for(reader.readline(), 5)

    assert b" 408 " in answer
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("path", ["/slack/events", "/elsewhere"])
async def test_what_is_refused_is_not_read_to_its_end(stage: Stage, path: str) -> None:
    host, port = stage.door.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 200000000\r\n\r\n".encode())

    async def send_all() -> None:
        for _ in range(200):
            writer.write(bytes(1_000_000))
            await writer.drain()

    with pytest.raises(ConnectionError):
        await send_all()
    writer.close()


@pytest.mark.parametrize("path", ["/", "/slack", "/slack/events/", "/slack/commands", "/.env"])
async def test_nothing_else_is_there(stage: Stage, path: str) -> None:
    assert (await get(stage.door.address + path))[0] == 404


async def test_events_are_posted_and_not_fetched(stage: Stage) -> None:
    assert (await get(stage.url))[0] == 405


@pytest.mark.parametrize("path", ["/slack/install", "/slack/oauth_redirect?code=1&state=2"])
async def test_a_bot_of_one_workspace_has_nothing_to_install(stage: Stage, path: str) -> None:
    status, page = await get(stage.door.address + path)

    assert status == 404
    assert "This bot serves one workspace, in which its operator has installed it." in page
    assert stage.door.install_url == ""


# where it listens, and how it is


async def test_its_pulse_is_felt(stage: Stage) -> None:
    assert await get(f"{stage.door.address}/healthz") == (200, "ok\n")


async def test_it_says_when_it_is_not_ready(session: aiohttp.ClientSession) -> None:
    async with SlackServer() as server:
        app = make_listener(server, session).app
        account = settings_for(server)
        opening = open_web(account, app, workspaces=None, scopes=(), is_healthy=lambda: False)
        async with opening as door:
            assert await get(f"{door.address}/healthz") == (503, "not ready\n")


async def refusal(session: aiohttp.ClientSession, listen: str) -> str:
    async with SlackServer() as server:
        app = make_listener(server, session).app
        account = settings_for(server, listen=listen)
        with pytest.raises(SettingsInvalid) as told:
            async with open_web(account, app, workspaces=None, scopes=()):
                pass
    return str(told.value)


async def test_a_taken_port_is_named_with_its_setting(session: aiohttp.ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"

        told = await refusal(session, listen)

    assert told == (
        f"slack.listen (NEWSBOT_SLACK_LISTEN): {listen} is taken by another program; "
        "stop that one or choose another port"
    )


async def test_an_address_of_another_machine_is_named(session: aiohttp.ClientSession) -> None:
    told = await refusal(session, "192.0.2.1:3000")  # kept for documentation, nobody's

    assert "192.0.2.1:3000 is no address of this machine" in told


async def test_an_address_of_ipv6_is_written_as_people_write_it(
    session: aiohttp.ClientSession,
) -> None:
    async with SlackServer() as server:
        app = make_listener(server, session).app
        account = settings_for(server, listen="[::1]:0")
        async with open_web(account, app, workspaces=None, scopes=()) as door:
            assert door.address.startswith("http://[::1]:")
            assert (await get(f"{door.address}/healthz"))[0] == 200
