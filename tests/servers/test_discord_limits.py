"""The loopback Discord's rate limits, and how the real discord.py obeys them."""

from __future__ import annotations

import asyncio

import discord

from tests.servers.discord import DiscordServer, Fault
from tests.servers.discord_bot import Bot, running_bot
from tests.servers.test_discord_messages import post, text_channel


async def send(server: DiscordServer, running: Bot, count: int) -> None:
    channel = text_channel(running, server.channel)
    await asyncio.gather(*(channel.send(str(number)) for number in range(count)))


async def test_bucket_headers_keep_the_client_below_the_limit() -> None:
    async with DiscordServer() as server, running_bot(server) as running:
        server.limiter.limits["create_message"] = (5, 0.4)

        await send(server, running, 12)

        assert len(server.channel.posts) == 12
        assert not server.limiter.overruns


async def test_client_that_heeds_no_header_is_stopped_and_counted() -> None:
    async with DiscordServer() as server:
        server.limiter.limits["create_message"] = (5, 30.0)

        answers = [await post(server, {"content": "x"}) for _ in range(6)]

        assert [status for status, _ in answers] == [200] * 5 + [429]
        assert 29 < answers[-1][1]["retry_after"] <= 30
        assert answers[-1][1]["global"] is False
        assert (server.limiter.overruns["bucket"], server.limiter.invalid[429]) == (1, 1)


async def test_global_limit_counts_over_all_channels() -> None:
    async with DiscordServer() as server:
        server.limiter.global_per_s = 4
        channels = [server.add_channel(server.guild, f"c{number}") for number in range(6)]

        answers = [await post(server, {"content": "x"}, channel=each) for each in channels]

        assert [status for status, _ in answers] == [200] * 4 + [429] * 2
        assert answers[-1][1]["global"] is True
        assert server.limiter.overruns == {"global": 2}


async def test_injected_429_is_waited_for_and_never_called_an_overrun() -> None:
    async with DiscordServer() as server, running_bot(server) as running:
        server.faults.add(
            Fault(429, scope="shared", retry_after_s=0.05),
            Fault(429, scope="global", retry_after_s=0.05),
        )

        sent = await text_channel(running, server.channel).send("x")

        assert [post.id for post in server.channel.posts] == [sent.id]
        assert server.limiter.injected == {"shared": 1, "global": 1}
        assert not server.limiter.overruns
        assert server.limiter.invalid == {429: 1}  # shared ones are not held against the bot


async def test_interaction_answers_are_outside_the_global_limit() -> None:
    async with DiscordServer() as server, running_bot(server):
        server.limiter.global_per_s = 0

        asked = server.slash("/later", channel=server.channel, user=server.person)

        assert (await asked.answer()).text == "done"
        assert not server.limiter.overruns


async def test_pace_of_discord_py_does_not_protect_from_the_global_limit() -> None:
    """Why the product needs a pacer of its own: the server sees what the library lets through."""
    async with DiscordServer() as server, running_bot(server) as running:
        server.limiter.global_per_s = 5
        channels = [server.add_channel(server.guild, f"c{number}") for number in range(8)]
        await server.wait_until(lambda: running.get_channel(channels[-1].id) is not None)

        places = [text_channel(running, channel) for channel in channels]
        await asyncio.gather(*(place.send("x") for place in places))

        assert server.limiter.overruns["global"] > 0
        assert all(len(channel.posts) == 1 for channel in channels)
        assert isinstance(places[0], discord.TextChannel)
