"""``newsbot run`` at work beside a chat platform of ours, and the news that it then finds."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.cli.conftest import NEWS
from tests.cli.program import Newsbot
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

ANOTHER = NEWS.replace(
    b"<item>",
    b"<item><guid>three</guid><title>AT&amp;T drops the OnePlus 6 phone</title>"
    b"<link>https://harbour.example/oneplus</link></item><item>",
    1,
)
"""The feed with one entry more."""

QUICK = {
    "NEWSBOT_POLL_ADAPTIVE": "false",
    "NEWSBOT_POLL_MIN_INTERVAL_S": "0.2",
    "NEWSBOT_POLL_DEFAULT_INTERVAL_S": "0.2",
}


@dataclass
class Running:
    """A bot at work; ``said`` is all of its standard error once it has stopped."""

    said: str = ""


@asynccontextmanager
async def running(newsbot: Newsbot, **env: str) -> AsyncIterator[Running]:
    """Start it, and stop it as its user would, within ten seconds."""
    process = await newsbot.start("run", **QUICK, **env)
    run = Running()
    try:
        yield run
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            answer = await newsbot.finish(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert answer.out == ""
    run.said = answer.err


def follow(newsbot: Newsbot, feed: str) -> None:
    """Have it poll ``feed`` alone."""
    newsbot.write("feeds.txt", feed)
    newsbot.env["NEWSBOT_CATALOGUE_FEEDS"] = "feeds.txt"


def connect_discord(newsbot: Newsbot, discord: DiscordServer) -> None:
    """Give it a token for ``discord``."""
    newsbot.env |= {
        "NEWSBOT_DISCORD_TOKEN": discord.token,
        "NEWSBOT_DISCORD_API_BASE": discord.api_base,
        "NEWSBOT_DISCORD_GATEWAY_URL": discord.gateway_url,
    }


def connect_slack(newsbot: Newsbot, slack: SlackServer) -> None:
    """Give it the tokens for ``slack``."""
    newsbot.env |= {
        "NEWSBOT_SLACK_BOT_TOKEN": slack.bot_token,
        "NEWSBOT_SLACK_APP_TOKEN": slack.app_token,
        "NEWSBOT_SLACK_API_BASE": slack.api_base,
    }
