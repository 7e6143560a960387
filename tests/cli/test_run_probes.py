"""``newsbot run`` beside Discord, asked by machines, and followed through its log."""

from __future__ import annotations

import json

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.program import Newsbot
from tests.cli.running import ANOTHER, connect_discord, follow, running
from tests.platforms.discord.desk import until
from tests.servers.discord import DiscordServer
from tests.servers.feeds import Document, FeedServer

TOKEN = "an-invented-token-of-the-page"
KEY = "a-key-that-a-publisher-gave"


def read(text: str, name: str, **labels: str) -> float:
    """The figure of ``name`` with just these labels."""
    (found,) = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found


async def test_a_post_is_counted_and_its_way_is_in_the_log(
    newsbot: Newsbot, server: FeedServer, unused_tcp_port: int
) -> None:
    follow(newsbot, server.url(f"/news?key={KEY}"))
    newsbot.env |= {
        "NEWSBOT_STATUS_LISTEN": f"127.0.0.1:{unused_tcp_port}",
        "NEWSBOT_STATUS_TOKEN": TOKEN,
        "NEWSBOT_LOG_FORMAT": "json",
        "NEWSBOT_LOG_LEVEL": "debug",
    }
    here = f"http://127.0.0.1:{unused_tcp_port}"
    async with (
        DiscordServer() as discord,
        httpx.AsyncClient(base_url=here, trust_env=False) as client,
    ):
        connect_discord(newsbot, discord)
        async with running(newsbot) as run:
            await until(lambda: discord.commands and discord.gateway.is_ready, timeout_s=30)
            asked = discord.slash(
                "/alerts subscribe", channel=discord.channel, user=discord.manager
            )
            await asked.answer(timeout_s=15)
            await until(lambda: server.asked, timeout_s=30)
            server.put("/news", Document(ANOTHER))
            await until(lambda: discord.channel.posts, timeout_s=30)
            alive = await client.get("/healthz")
            stranger = await client.get("/metrics")
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            ready = await client.get("/readyz")
            numbers = (await client.get("/metrics")).text

    assert (alive.status_code, alive.text) == (200, "alive\n")
    assert stranger.status_code == 401
    assert ready.status_code == 200, ready.text
    assert "gateway   Discord is heard" in ready.text
    assert read(numbers, "newsbot_gateway_connected", platform="discord") == 1
    assert read(numbers, "newsbot_entries_flagged_total") >= 1
    assert read(numbers, "newsbot_feeds", state="well") == 1
    lines = [json.loads(line) for line in run.said.splitlines() if line.startswith("{")]
    (posted,) = [line for line in lines if "posted as" in line["message"]]
    (poll,) = {line["poll"] for line in lines if posted["story"] in line["message"]}
    way = [line["message"] for line in lines if line.get("poll") == poll]
    assert any("bytes after" in message for message in way)
    assert any(f"opened {posted['story']}" in message for message in way)
    assert posted["delivery"]
    for secret in (TOKEN, KEY, discord.token):
        assert secret not in run.said + numbers + ready.text
