from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from bot.platforms.discord.pacer import Urgency
from bot.platforms.discord.traffic import Traffic
from tests.platforms.discord.stage import Stage


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://discord.com/api/v10/channels/1/messages", True),
        ("https://discord.com/api/v10/users/@me?with=1", True),
        ("https://discord.com/api/v10/interactions/1/token/callback", False),
        ("https://discord.com/api/v10/webhooks/1/token/messages/@original", False),
        ("https://discord.com/api/v9/channels/1/messages", False),
        ("https://discord.com/gateway", False),
        ("https://cdn.discordapp.com/attachments/1/2/list.opml", False),
        ("wss://gateway.discord.gg/?v=10", False),
    ],
)
async def test_the_limit_over_all_holds_for(url: str, *, is_ours: bool) -> None:
    traffic = Traffic(45, api_base="https://discord.com/api/v10")

    assert traffic._is_ours(URL(url)) is is_ours


async def test_a_task_that_outlives_the_call_it_was_begun_in_can_ask_all_the_same(
    stage: Stage,
) -> None:
    has_ended = asyncio.Event()

    async def ask_later() -> int:
        await has_ended.wait()
        return (await stage.rest.client.fetch_channel(stage.server.channel.id)).id

    async with stage.rest.traffic.call(Urgency.EDIT, is_once=True):
        later = asyncio.create_task(ask_later())
    has_ended.set()

    assert await later == stage.server.channel.id
