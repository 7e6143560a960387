"""Two workspaces at once, by HTTP: from the installation over a command to a post, and away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.app.slack import SlackSide, open_slack
from bot.commands.command import Office
from bot.errors import SendParked
from bot.model import Destination, Platform
from bot.platforms.slack.manifest import load_manifest
from bot.settings import Settings
from bot.store import SqlStore, open_store
from tests.builders import delivery, message
from tests.platforms.slack.desk import CATALOGUE, MATCHER, now, until
from tests.platforms.slack.webstage import PUBLIC, Browser, settings_for
from tests.servers.slack import Channel, SlackServer
from tests.servers.slack.world import Team


@dataclass
class Town:
    """The Slack side of the program as it runs, and the workspaces around it."""

    server: SlackServer
    store: SqlStore
    side: SlackSide
    browser: Browser

    def place(self, channel: Channel) -> Destination:
        return Destination(Platform.SLACK, channel.team_id, channel.id)

    async def install(self, team: Team) -> None:
        """Have somebody of ``team`` install the app."""
        self.server.installer = next(u for u in team.users.values() if not u.is_bot)
        status, page = await self.browser.install()
        assert status == 200, page

    async def send(self, story_id: str, channel: Channel) -> None:
        """Post a story."""
        owed = delivery(story_id, self.place(channel), next_attempt_at=now())
        await self.side.sender.send(owed, message(story_id=story_id))

    async def parked(self, channel: Channel) -> str:
        """Why the subscription of ``channel`` waits, "" if it does not."""
        found = await self.store.find_subscription_or_none(self.place(channel))
        assert found is not None
        return found.parked


@dataclass
class _Door:
    """Where the browser finds the program."""

    address: str


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(SlackServer())
        store = await stack.enter_async_context(await open_store(str(tmp_path / "news.sqlite3")))
        listen = f"127.0.0.1:{free_port()}"
        settings = Settings(slack=settings_for(server, listen=listen))
        office = Office(store, CATALOGUE, MATCHER)
        opening = open_slack(settings, office, engine=store.database.guest_engine, clock=now)
        side = await stack.enter_async_context(opening)
        running = asyncio.create_task(side.run())
        jar = aiohttp.DummyCookieJar()
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        server.hand_over.request_url = f"http://{listen}/slack/events"
        await until_it_listens(session, f"http://{listen}/healthz")
        yield Town(server, store, side, Browser(session, _Door(f"http://{listen}")))
        running.cancel()
        await asyncio.wait({running})
        assert server.complaints == []
        assert server.hand_over.late == []


async def until_it_listens(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                async with session.get(url) as answer:
                    assert (answer.status, await answer.text()) == (200, "ok\n")
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.01)


async def test_two_workspaces_are_served_and_one_that_leaves_takes_nothing_along(
    town: Town,
) -> None:
    server = town.server
    here, other = server.team, server.add_team("Carrier Watch")
    linus = server.add_user("linus", team=other)
    general, news = server.channel, server.add_channel("news", team=other)
    for team in (here, other):
        await town.install(team)
        assert team.token.scopes == set(load_manifest().scopes)

    # A command in each, answered in each.
    await server.slash("/alerts subscribe pair", user=server.manager, channel=general)
    await server.slash("/alerts subscribe makers", user=linus, channel=news)
    subscribed = await town.store.find_subscriptions(Platform.SLACK)
    assert {one.destination for one in subscribed} == {town.place(general), town.place(news)}

    # A post in each, by its own token.
    await town.send("s1", general)
    await town.send("s2", news)
    posted = [one for one in server.asked if one.method == "chat.postMessage"]
    used = {one.args["channel"]: one.token for one in posted}
    assert used == {general.id: here.bot_token, news.id: other.bot_token}
    assert (len(general.posts), len(news.posts)) == (1, 1)

    # One leaves.
    server.revoke(here, "account_inactive")
    await until_parked(town, general)
    assert await town.parked(general) == (
        "the app is not installed in the workspace any more; install it again at "
        f"{PUBLIC}/slack/install, then use /alerts resume"
    )
    with pytest.raises(SendParked, match="install it again"):
        await town.send("s3", general)
    await town.send("s4", news)
    assert (len(general.posts), len(news.posts)) == (1, 2)
    assert await town.parked(news) == ""

    # And comes back.
    await town.install(here)
    await server.slash("/alerts resume", user=server.manager, channel=general)
    assert await town.parked(general) == ""
    await town.send("s3", general)
    assert len(general.posts) == 2


async def until_parked(town: Town, channel: Channel) -> None:
    async with asyncio.timeout(10):
        while not await town.parked(channel):  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.01)


async def test_a_workspace_that_never_installed_it_is_not_answered_and_stops_nobody(
    town: Town,
) -> None:
    server = town.server
    stranger = server.add_team("Strangers")
    mallory = server.add_user("mallory", team=stranger)
    lobby = server.add_channel("lobby", team=stranger)
    await town.install(server.team)

    act = server.start_slash("/alerts list", user=mallory, channel=lobby)
    answered = await server.slash("/alerts list", user=server.manager)

    assert answered.text
    await until(lambda: act.is_acked)
    assert not lobby.posts
