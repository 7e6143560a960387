"""``newsbot run`` with tokens for Slack, and for both platforms, against servers of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.cli.program import Newsbot
from tests.cli.running import ANOTHER, connect_discord, connect_slack, follow, running
from tests.platforms.discord.desk import until
from tests.servers.discord import DiscordServer
from tests.servers.feeds import Document, FeedServer
from tests.servers.slack import Fault, SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def connected(newsbot: Newsbot, slack: SlackServer, server: FeedServer) -> Newsbot:
    """A bot with tokens for Slack, and one feed."""
    follow(newsbot, server.url("/news"))
    connect_slack(newsbot, slack)
    return newsbot


@pytest.fixture
def on_both(connected: Newsbot, discord: DiscordServer) -> Newsbot:
    """The same with a token for Discord as well."""
    connect_discord(connected, discord)
    return connected


def over_http(*, listen: str) -> dict[str, str]:
    """Variables for one workspace that reaches us by HTTP."""
    return {
        "NEWSBOT_SLACK_MODE": "http",
        "NEWSBOT_SLACK_SIGNING_SECRET": "invented-signing-secret-0123456789",
        "NEWSBOT_SLACK_APP_TOKEN": "",
        "NEWSBOT_SLACK_LISTEN": listen,
    }


async def subscribe_slack(slack: SlackServer) -> None:
    await slack.ready(timeout_s=30)
    await until(lambda: slack.count("auth.test"), timeout_s=30)
    assert "Subscribed" in (await slack.slash("/alerts subscribe any", timeout_s=15)).text


async def subscribe_discord(discord: DiscordServer) -> None:
    await until(lambda: discord.commands and discord.gateway.is_ready, timeout_s=30)
    asked = discord.slash("/alerts subscribe", channel=discord.channel, user=discord.manager)
    assert "Subscribed" in (await asked.answer(timeout_s=15)).text


async def test_from_a_token_to_the_first_post(
    connected: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    async with running(connected) as run:
        await subscribe_slack(slack)
        await until(lambda: server.asked, timeout_s=30)
        server.put("/news", Document(ANOTHER))
        await until(lambda: slack.channel.posts, timeout_s=30)

    (post,) = slack.channel.posts
    assert "AT&amp;T drops the OnePlus 6 phone" in post.text
    assert "newsbot: watching 1 feed, connecting to Slack; Ctrl-C stops" in run.said
    assert f"newsbot: posting to Slack as newsbot in {slack.team.name}\n" in run.said
    for secret in (slack.bot_token, slack.app_token):
        assert secret not in run.said
    assert "Traceback" not in run.said
    assert slack.hand_over.late == []
    assert not slack.limiter.overruns


async def test_one_round_posts_and_opens_no_socket(
    connected: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    async with running(connected):
        await subscribe_slack(slack)
        await until(lambda: server.asked, timeout_s=30)
    opened = slack.sockets.opened
    server.put("/news", Document(ANOTHER))
    await connected("run", "--once", "--now")

    assert len(slack.channel.posts) == 1
    assert slack.sockets.opened == opened


async def test_a_stop_leaves_no_socket_open(connected: Newsbot, slack: SlackServer) -> None:
    async with running(connected):
        await slack.ready(timeout_s=30)
        slack.sockets.silence()

    await until(lambda: slack.sockets.count == 0)


async def test_polling_goes_on_while_slack_is_away(connected: Newsbot, server: FeedServer) -> None:
    async with running(connected, NEWSBOT_SLACK_API_BASE="http://127.0.0.1:9/api/") as run:
        await until(lambda: len(server.asked) >= 3, timeout_s=30)

    assert "slack: cannot connect at http://127.0.0.1:9/api/" in run.said
    assert "slack: Slack cannot be reached" in run.said
    assert "Traceback" not in run.said


async def test_polling_goes_on_with_tokens_that_are_not_taken(
    connected: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    wrong = {
        "NEWSBOT_SLACK_BOT_TOKEN": "xoxb-invented-old-1",
        "NEWSBOT_SLACK_APP_TOKEN": "xapp-invented-old-2",
    }
    async with running(connected, **wrong) as run:
        await until(lambda: len(server.asked) >= 3, timeout_s=30)

    assert "not posting to Slack: the token is not taken (slack.bot_token)" in run.said
    assert "Slack does not take the app-level token (slack.app_token: invalid_auth)" in run.said
    assert slack.count("apps.connections.open") == 1
    assert "invented-old" not in run.said


async def test_a_token_takes_the_posts_from_the_console(connected: Newsbot) -> None:
    answer = await connected("run", "--once", NEWSBOT_POLL_POST_FIRST_POLL="true")

    assert answer.out == ""
    assert "1 flagged" in answer.err


async def test_one_story_goes_to_both_platforms(
    on_both: Newsbot, slack: SlackServer, discord: DiscordServer, server: FeedServer
) -> None:
    async with running(on_both) as run:
        await subscribe_slack(slack)
        await subscribe_discord(discord)
        await until(lambda: server.asked, timeout_s=30)
        server.put("/news", Document(ANOTHER))
        await until(lambda: slack.channel.posts and discord.channel.posts, timeout_s=30)

    assert len(slack.channel.posts) == 1
    assert len(discord.channel.posts) == 1
    assert "connecting to Discord and Slack; Ctrl-C stops" in run.said
    assert "posting to Slack as newsbot in" in run.said
    assert "posting to Discord as newsbot" in run.said


async def check_slack_posts(slack: SlackServer, server: FeedServer) -> None:
    await subscribe_slack(slack)
    await until(lambda: server.asked, timeout_s=30)
    server.put("/news", Document(ANOTHER))
    await until(lambda: slack.channel.posts, timeout_s=30)


async def check_discord_posts(discord: DiscordServer, server: FeedServer) -> None:
    await subscribe_discord(discord)
    await until(lambda: server.asked, timeout_s=30)
    server.put("/news", Document(ANOTHER))
    await until(lambda: discord.channel.posts, timeout_s=30)


async def test_slack_works_with_a_token_that_discord_does_not_take(
    on_both: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    async with running(on_both, NEWSBOT_DISCORD_TOKEN="old.invented.token") as run:
        await check_slack_posts(slack, server)

    assert "not posting to Discord: the token is not taken (discord.token)" in run.said
    assert "newsbot: posting to Discord" not in run.said


async def test_slack_works_while_discords_gateway_is_refused(
    on_both: Newsbot, slack: SlackServer, discord: DiscordServer, server: FeedServer
) -> None:
    discord.gateway.is_refusing = True
    async with running(on_both):
        await check_slack_posts(slack, server)


async def test_discord_works_with_tokens_that_slack_does_not_take(
    on_both: Newsbot, discord: DiscordServer, server: FeedServer
) -> None:
    wrong = {
        "NEWSBOT_SLACK_BOT_TOKEN": "xoxb-invented-old-1",
        "NEWSBOT_SLACK_APP_TOKEN": "xapp-invented-old-2",
    }
    async with running(on_both, **wrong) as run:
        await check_discord_posts(discord, server)

    assert "not posting to Slack: the token is not taken (slack.bot_token)" in run.said


async def test_discord_works_while_slack_hangs(
    on_both: Newsbot, slack: SlackServer, discord: DiscordServer, server: FeedServer
) -> None:
    slack.faults.chances = [(1.0, Fault("drop", method="", hold_s=60.0))]
    async with running(on_both):
        await check_discord_posts(discord, server)


async def test_discord_works_though_nothing_can_listen_for_slack(
    on_both: Newsbot, discord: DiscordServer, server: FeedServer
) -> None:
    taken = urlsplit(server.url()).netloc
    async with running(on_both, **over_http(listen=taken)) as run:
        await check_discord_posts(discord, server)

    assert f"(NEWSBOT_SLACK_LISTEN): {taken} is taken by another program" in run.said
    assert "Traceback" not in run.said


async def test_over_http_people_are_answered_and_stories_posted(
    connected: Newsbot, slack: SlackServer, server: FeedServer, unused_tcp_port: int
) -> None:
    here = f"127.0.0.1:{unused_tcp_port}"
    slack.hand_over.request_url = f"http://{here}/slack/events"
    async with running(connected, **over_http(listen=here)) as run:
        await wait_for_health(f"http://{here}/healthz")
        assert "Subscribed" in (await slack.slash("/alerts subscribe any", timeout_s=15)).text
        await until(lambda: server.asked, timeout_s=30)
        server.put("/news", Document(ANOTHER))
        await until(lambda: slack.channel.posts, timeout_s=30)
        pressed = await slack.press(slack.channel.posts[0], "Source")

    assert "1 outlet on this story" in pressed.text
    assert slack.sockets.opened == 0
    assert f"slack: listening at http://{here}" in run.said
    assert slack.hand_over.late == []


async def wait_for_health(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
