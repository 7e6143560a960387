from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.delivery.pace import Urgency
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


@pytest.mark.parametrize(
    ("body", "is_discords"),
    [
        ('{"message": "401: Unauthorized", "code": 0}', True),
        ("<html><h1>Who are you?</h1></html>", False),
        ('{"error": "log in to the proxy first"}', False),
        ('["401"]', False),
        ("", False),
    ],
)
async def test_only_discords_own_words_say_that_the_token_is_not_taken(
    body: str, *, is_discords: bool
) -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=401, text=body, headers={"Via": "1.1 proxy"})

    runner = web.ServerRunner(web.Server(refuse))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    traffic = Traffic(45, api_base=base)
    try:
        async with aiohttp.ClientSession(trace_configs=[traffic.trace]) as session:
            answer = await session.get(f"{base}/users/@me")

            assert await answer.text() == body
            assert traffic.is_refused is is_discords
    finally:
        await runner.cleanup()
