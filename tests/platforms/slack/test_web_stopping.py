"""How the door for Slack's requests closes: what is under way ends, what hangs is broken off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.platforms.slack import web
from bot.platforms.slack.clients import open_session
from bot.platforms.slack.web import open_web
from bot.store import open_store
from tests.builders import NOW
from tests.platforms.slack.webstage import make_listener, open_many, settings_for
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import Fault
from tests.servers.slack.signing import post_signed

COMMAND = {
    "command": "/slow",
    "text": "pixel",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


async def test_an_answer_under_way_is_given_before_it_stops(
    session: aiohttp.ClientSession,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    async with SlackServer() as server:
        heard = make_listener(server, session)

        @heard.app.command("/slow")
        async def slow(ack: AsyncAck) -> None:
            begun.set()
            await go_on.wait()
            await ack("done")

        account = settings_for(server)
        async with open_web(account, heard.app, workspaces=None, scopes=()) as door:
            asking = asyncio.create_task(
                post_signed(
                    f"{door.address}/slack/events",
                    COMMAND,
                    secret=server.hand_over.signing_secret,
                    is_form=True,
                )
            )
            await begun.wait()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
        assert await asking == (200, {"text": "done"})
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(door.address)


async def test_a_command_that_hangs_does_not_hold_the_stop_up(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor twice: while its answer is waited for, and while what it does is."""
    monkeypatch.setattr(web, "CLOSE_S", 2.0)
    begun = asyncio.Event()
    async with SlackServer() as server:
        heard = make_listener(server, session)

        @heard.app.command("/slow")
        async def slow(ack: AsyncAck) -> None:
            begun.set()
            await asyncio.Event().wait()

        account = settings_for(server)
        async with open_web(account, heard.app, workspaces=None, scopes=()) as door:
            asking = asyncio.create_task(
                post_signed(
                    f"{door.address}/slack/events",
                    COMMAND,
                    secret=server.hand_over.signing_secret,
                    is_form=True,
                )
            )
            await begun.wait()
            stopping_since = time.monotonic()
        took_s = time.monotonic() - stopping_since
        with pytest.raises(OSError, match="disconnected"):
            await asking
        assert 1.5 < took_s < 3.0


async def test_an_installation_that_hangs_does_not_hold_the_stop_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "CLOSE_S", 0.1)
    async with (
        SlackServer() as server,
        await open_store(str(tmp_path / "news.sqlite3")) as store,
    ):
        server.installer = server.person
        server.faults.add(Fault(0, method="oauth.v2.access", hold_s=60.0))
        async with open_many(server, store) as many:
            installing = asyncio.create_task(many.browser().install())
            await server.wait_until(lambda: len(server.faults.struck) == 1)
            stopping_since = time.monotonic()
        took_s = time.monotonic() - stopping_since
        with pytest.raises(aiohttp.ClientError):
            await installing
        assert took_s < 5
        assert await many.workspaces.count() == 0
        await store.record_beat(NOW)
