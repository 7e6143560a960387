"""The loopback Discord's gateway and interactions, with the real discord.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.servers.discord import DiscordServer, NotOffered, world
from tests.servers.discord_bot import Bot, plain_intents, running_bot
from tests.servers.test_discord_messages import ask


@pytest.fixture
async def bot() -> AsyncIterator[tuple[DiscordServer, Bot]]:
    async with DiscordServer(is_limited=False) as started, running_bot(started) as running:
        yield started, running


Pair = tuple[DiscordServer, Bot]


async def test_bot_knows_its_guild_and_what_it_may_do(bot: Pair) -> None:
    server, running = bot
    (guild,) = running.guilds
    (channel,) = guild.text_channels

    server.set_permissions(server.channel, world.VIEW)
    await server.wait_until(lambda: not channel.permissions_for(guild.me).send_messages)

    assert (guild.id, channel.id) == (server.guild.id, server.channel.id)
    assert guild.me.guild_permissions.value == world.EVERYDAY
    assert channel.permissions_for(guild.me).value == world.VIEW


async def test_command_arrives_with_all_it_names(bot: Pair) -> None:
    server, _ = bot
    server.manager.locale = "zh-CN"

    asked = server.slash(
        "/show company:AT&T and Huawei channel:#general file:x",
        channel=server.channel,
        user=server.manager,
        files={"file": ("feeds.opml", b"<opml/>")},
    )

    answer = await asked.answer()
    assert "AT&T and Huawei general (True, 'zh-CN') b'<opml/>'" in answer.text
    assert server.channel.posts == (answer,)


async def test_deferred_answer_and_its_follow_up_stay_with_the_person(bot: Pair) -> None:
    server, _ = bot
    asked = server.slash("/later", channel=server.channel, user=server.person)

    answer = await asked.answer()
    await server.wait_until(lambda: bool(asked.followups))

    assert (answer.text, answer.is_ephemeral, asked.callback) == ("done", True, 5)
    assert [each.text for each in asked.followups] == ["and more"]
    assert server.channel.posts == ()


async def test_command_works_in_direct_messages(bot: Pair) -> None:
    server, _ = bot
    place = server.direct_channel(server.person)

    answer = await server.slash("/show company:x", channel=place, user=server.person).answer()

    assert place.posts == (answer,)


async def test_autocomplete_offers_for_the_last_option(bot: Pair) -> None:
    server, _ = bot

    found = await server.autocomplete(
        "/show company:hua", channel=server.channel, user=server.person
    )

    assert found == [{"name": "Hua", "value": "hua"}]


async def test_button_opens_a_modal_that_is_answered(bot: Pair) -> None:
    server, _ = bot
    asked = server.slash("/show company:x", channel=server.channel, user=server.person)
    card = await asked.answer()

    pressed = server.press(card, "wrong", user=server.person)
    await asyncio.wait_for(pressed.answered.wait(), 5)
    sent = server.submit(pressed, {"reason": "old news"})

    assert (await sent.answer()).text == "noted: old news"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/nothing", "no command"),
        ("/manage", "hidden from ada"),
        ("/show", "company must be filled in"),
        ("/show company:x channel:#nowhere", "nothing here is called"),
        ("/show words", "is no option"),
    ],
)
async def test_what_the_client_does_not_offer_is_not_sent(bot: Pair, text: str, said: str) -> None:
    server, _ = bot

    with pytest.raises(NotOffered, match=said):
        server.slash(text, channel=server.channel, user=server.person)

    assert server.interactions == []


async def test_late_and_second_answers_are_refused(bot: Pair) -> None:
    server, running = bot
    await running.close()
    late = server.slash("/later", channel=server.channel, user=server.person)
    twice = server.slash("/later", channel=server.channel, user=server.person)
    body = {"type": 4, "data": {"content": "x"}}

    async def answer(asked: object) -> tuple[int, int]:
        path = f"/interactions/{asked.id}/{asked.token}/callback"  # type: ignore[attr-defined]
        status, given = await ask(server, "POST", path, body)
        return status, (given or {}).get("code", 0)

    first, second = await answer(twice), await answer(twice)
    start = server.clock()
    server.clock = lambda: start + 3.1

    assert (first, second, await answer(late)) == ((204, 0), (400, 40060), (404, 10062))

    edit = f"/webhooks/{server.application_id}/{twice.token}/messages/@original"
    in_time, _ = await ask(server, "PATCH", edit, {"content": "y"})
    server.clock = lambda: start + 15 * 60 + 1
    status, given = await ask(server, "PATCH", edit, {"content": "z"})

    assert (in_time, status, given["code"]) == (200, 401, 50027)
    assert server.channel.posts[0].text == "y"


async def test_content_is_hidden_unless_the_bot_is_meant(bot: Pair) -> None:
    server, running = bot
    direct = server.direct_channel(server.person)

    server.say("a secret", channel=server.channel, user=server.person)
    server.say("@bot a question", channel=server.channel, user=server.person)
    server.say("between us", channel=direct, user=server.person)
    await server.wait_until(lambda: len(running.heard) == 3)

    assert [m.content for m in running.heard] == [
        "",
        f"<@{server.bot.id}> a question",
        "between us",
    ]


async def test_privileged_intent_closes_the_connection() -> None:
    async with DiscordServer() as server:
        intents = plain_intents()
        intents.message_content = True

        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running_bot(server, intents=intents):
                pass

        assert server.gateway.counts["4014"] == 1


async def test_events_of_a_broken_connection_arrive_after_the_resume(bot: Pair) -> None:
    server, running = bot

    server.gateway.drop()
    server.say("@bot still there?", channel=server.channel, user=server.person)
    await server.wait_until(lambda: server.gateway.counts["resumed"] == 1)
    await server.wait_until(lambda: len(running.heard) == 1)

    assert server.gateway.counts["identify"] == 1


async def test_forgotten_session_is_identified_anew(bot: Pair) -> None:
    server, _ = bot

    server.gateway.invalidate()

    await server.wait_until(lambda: server.gateway.counts["identify"] == 2)


async def test_dead_resume_address_leaves_the_bot_outside() -> None:
    async with DiscordServer() as server, running_bot(server):
        server.gateway.is_resume_dead = True
        server.gateway.drop()

        await server.wait_until(lambda: server.gateway.counts["refused"] > 0)
        assert not server.gateway.is_ready

        server.gateway.is_resume_dead = False
        await server.wait_until(lambda: server.gateway.counts["resumed"] == 1)


async def test_silenced_connection_is_given_up_by_the_client() -> None:
    async with DiscordServer() as server:
        server.gateway.heartbeat_interval_ms = 200
        async with running_bot(server, heartbeat_timeout_s=1.0):
            server.gateway.silence()

            await server.wait_until(lambda: server.gateway.counts["resumed"] == 1, timeout_s=20)


async def test_plain_connection_and_its_close_codes() -> None:
    async with DiscordServer() as server, aiohttp.ClientSession() as session:
        for payload, code in (
            ({"op": 2, "d": {"token": "wrong", "intents": 1}}, 4004),
            ({"op": 3, "d": {}}, 4003),
            ({"op": 2, "d": {"token": server.token, "intents": -1}}, 4013),
            ("nonsense", 4002),
        ):
            async with session.ws_connect(server.gateway_url) as socket:
                assert (await socket.receive_json())["op"] == 10
                await socket.send_str(json.dumps(payload))
                closed = await socket.receive()
                assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, code)
