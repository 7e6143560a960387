"""What happens to a server and its channels, and what the bot makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import discord

from bot.model import Destination, Platform, Subscription
from bot.platforms.discord.client import INTENTS, REMOVED
from tests.platforms.discord.desk import Desk, now, open_desk, until
from tests.platforms.discord.rows import row, say_hello
from tests.servers.discord import Channel

TABLE = (row("hello", say_hello),)


async def subscribe(desk: Desk, channel: Channel, thread: Channel | None = None) -> Destination:
    place = Destination(
        Platform.DISCORD, str(channel.guild_id), str(channel.id), str(thread.id) if thread else ""
    )
    await desk.store.subscribe(Subscription(place), now=now() - timedelta(days=1))
    return place


async def left(desk: Desk, is_so: Callable[[list[Subscription]], bool]) -> list[Subscription]:
    """The subscriptions once they are as they should be.

    Raises:
        TimeoutError: they never were.
    """
    async with asyncio.timeout(10):
        while True:
            found = list(await desk.store.find_subscriptions(Platform.DISCORD))
            if is_so(found):
                return found
            await asyncio.sleep(0.01)


async def test_no_intent_is_privileged() -> None:
    privileged = discord.Intents(members=True, presences=True, message_content=True)

    assert not INTENTS.value & privileged.value


async def test_who_throws_the_bot_out_finds_everything_parked_when_it_is_back() -> None:
    async with open_desk(table=TABLE) as desk:
        other = desk.server.add_guild("Other")
        kept = await subscribe(desk, desk.server.channel)
        await subscribe(desk, desk.server.add_channel(other, "news"))
        desk.server.remove_guild(other)

        found = await left(desk, lambda all_: any(one.parked for one in all_))
        assert {one.destination == kept: one.parked for one in found} == {True: "", False: REMOVED}


async def test_a_server_that_is_away_for_a_while_is_not_left() -> None:
    async with open_desk(table=TABLE) as desk:
        await subscribe(desk, desk.server.channel)
        gone = {"id": str(desk.server.guild.id), "unavailable": True}
        desk.server.gateway.dispatch("GUILD_DELETE", gone, desk.server.guild.id)

        await desk.answer("/try hello")  # events come in order

        (one,) = await desk.store.find_subscriptions(Platform.DISCORD)
        assert not one.parked


async def test_a_deleted_channel_is_forgotten_with_its_threads() -> None:
    async with open_desk(table=TABLE) as desk:
        news = desk.server.add_channel(desk.server.guild, "news")
        kept = await subscribe(desk, desk.server.channel)
        await subscribe(desk, news)
        await subscribe(desk, news, desk.server.add_thread(news, "a thread"))
        desk.server.remove_channel(news)

        (one,) = await left(desk, lambda all_: len(all_) == 1)
        assert one.destination == kept


async def test_a_deleted_thread_is_forgotten_alone() -> None:
    async with open_desk(table=TABLE) as desk:
        thread = desk.server.add_thread(desk.server.channel, "a thread")
        kept = await subscribe(desk, desk.server.channel)
        await subscribe(desk, desk.server.channel, thread)
        desk.server.remove_channel(thread)

        (one,) = await left(desk, lambda all_: len(all_) == 1)
        assert one.destination == kept


async def test_a_client_that_was_closed_hands_out_nothing_more() -> None:
    """discord.py waits two seconds for servers, and tells then that it is ready, closed or not."""
    async with open_desk(table=TABLE) as desk:
        client = desk.supervisor.client
        assert client is not None
        desk.server.gateway.is_resume_dead = True
        desk.server.gateway.drop()
        await until(lambda: client.is_closed() and desk.supervisor.client is not client)

        client.dispatch("ready")
        assert not client.is_ready()


async def test_nothing_is_posted_unasked() -> None:
    async with open_desk(table=TABLE) as desk:
        desk.server.add_channel(desk.server.add_guild("New"), "general")
        await desk.answer("/try hello")

        assert desk.server.count("create_message") == 0
