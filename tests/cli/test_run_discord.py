"""``newsbot run`` and ``newsbot doctor`` with a token for Discord, against a server of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.cli.program import Newsbot
from tests.cli.running import ANOTHER, connect_discord, follow, running
from tests.platforms.discord.desk import until
from tests.servers.discord import DiscordServer
from tests.servers.feeds import Document, FeedServer


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def connected(newsbot: Newsbot, discord: DiscordServer, server: FeedServer) -> Newsbot:
    """A bot with a token, and one feed."""
    follow(newsbot, server.url("/news"))
    connect_discord(newsbot, discord)
    return newsbot


async def subscribe(discord: DiscordServer) -> None:
    """As a manager of the server does, once the commands are there."""
    await until(lambda: discord.commands and discord.gateway.is_ready, timeout_s=30)
    asked = discord.slash("/alerts subscribe", channel=discord.channel, user=discord.manager)
    assert "Subscribed" in (await asked.answer(timeout_s=15)).text


async def test_from_an_invitation_to_the_first_post(
    connected: Newsbot, discord: DiscordServer, server: FeedServer
) -> None:
    async with running(connected) as run:
        await subscribe(discord)
        await until(lambda: server.asked, timeout_s=30)
        server.put("/news", Document(ANOTHER))
        await until(lambda: discord.channel.posts, timeout_s=30)

    said = run.said
    (post,) = discord.channel.posts
    assert "AT&T drops the OnePlus 6 phone" in post.text
    assert "newsbot: watching 1 feed, connecting to Discord; Ctrl-C stops" in said
    assert "newsbot: posting to Discord as newsbot; to invite it: https://discord.com/" in said
    assert "scope=bot+applications.commands&permissions=309237713920" in said
    assert discord.token not in said


async def test_one_round_posts_and_opens_no_gateway(
    connected: Newsbot, discord: DiscordServer, server: FeedServer
) -> None:
    async with running(connected):
        await subscribe(discord)
        await until(lambda: server.asked, timeout_s=30)
    sessions = discord.gateway.counts["identify"]
    server.put("/news", Document(ANOTHER))
    await connected("run", "--once", "--now")

    assert len(discord.channel.posts) == 1
    assert discord.gateway.counts["identify"] == sessions


async def test_a_gateway_that_hangs_does_not_hold_up_a_stop(
    connected: Newsbot, discord: DiscordServer
) -> None:
    async with running(connected):
        await until(lambda: discord.gateway.is_ready and discord.commands, timeout_s=30)
        discord.gateway.silence()


async def test_polling_goes_on_while_discord_is_away(
    connected: Newsbot, server: FeedServer
) -> None:
    away = {
        "NEWSBOT_DISCORD_API_BASE": "http://127.0.0.1:9/api/v10",
        "NEWSBOT_DISCORD_GATEWAY_URL": "ws://127.0.0.1:9",
    }
    async with running(connected, **away) as run:
        await until(lambda: len(server.asked) >= 3, timeout_s=30)

    assert "discord: cannot log in at http://127.0.0.1:9/api/v10" in run.said


async def test_polling_goes_on_with_a_token_that_is_not_taken(
    connected: Newsbot, discord: DiscordServer, server: FeedServer
) -> None:
    async with running(connected, NEWSBOT_DISCORD_TOKEN="old.invented.token") as run:
        await until(lambda: len(server.asked) >= 3, timeout_s=30)

    said = run.said
    assert said.count("the token is not taken") == 2  # in the log, and to who started it
    assert discord.count("get_my_user") == 1
    assert "old.invented.token" not in said


async def test_doctor_knows_the_bot_of_a_token(connected: Newsbot, discord: DiscordServer) -> None:
    answer = await connected("doctor")

    assert "ok    discord: newsbot, servers: 1\n" in answer.out
    assert discord.gateway.counts["connect"] == 0


async def test_doctor_tells_how_to_invite_a_bot_that_nobody_has(
    connected: Newsbot, discord: DiscordServer
) -> None:
    discord.remove_guild(discord.guild)

    answer = await connected("doctor")

    assert "note  discord: nobody has invited the bot yet; this address does: https:" in answer.out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"NEWSBOT_DISCORD_TOKEN": "old.invented.token"},
            "WRONG discord.token: Discord does not take it; make a new one under Bot",
        ),
        (
            {"NEWSBOT_DISCORD_API_BASE": "http://127.0.0.1:9/api/v10"},
            "WRONG discord: http://127.0.0.1:9/api/v10 cannot be reached",
        ),
    ],
    ids=["token", "network"],
)
async def test_doctor_says_what_is_wrong(
    connected: Newsbot, change: dict[str, str], says: str
) -> None:
    connected.env |= change
    answer = await connected("doctor", code=1)

    assert says in answer.out
    assert "invented" not in answer.out


async def test_a_token_takes_the_posts_from_the_console(
    connected: Newsbot, server: FeedServer
) -> None:
    answer = await connected("run", "--once", NEWSBOT_POLL_POST_FIRST_POLL="true")
    stats = await connected("stats")

    assert answer.out == ""
    assert "1 flagged" in answer.err
    assert stats.code == 0
