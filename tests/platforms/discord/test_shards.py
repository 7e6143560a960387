"""The servers divided over several connections, in one process or in several."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.sessions import WHOLE, Sessions, Shard
from bot.platforms.discord.shards import Division
from bot.store import open_store
from tests.platforms.discord.desk import Desk, open_desk, until
from tests.platforms.discord.rows import row, say_hello
from tests.platforms.sharing import KeptBudgets
from tests.servers.discord import Channel, DiscordServer

TABLE = (row("hello", say_hello),)
TWO = Division(count=2)


def shard_of(guild_id: int, count: int) -> int:
    """As Discord's documentation has it."""
    return (guild_id >> 22) % count


def add_servers(server: DiscordServer, count: int = 2) -> list[Channel]:
    """A channel in a server of each shard, in order; servers are added until all have one."""
    found: dict[int, Channel] = {}
    for guild in tuple(server.guilds.values()):
        found.setdefault(shard_of(guild.id, count), server.channel)
    began = server.clock()
    for second in range(1, 1_000):
        if len(found) == count:
            break
        server.clock = partial(float, began + second / 1000)  # ids tell the millisecond
        guild = server.add_guild(f"Server {second}")
        channel = server.add_channel(guild, "news")
        found.setdefault(shard_of(guild.id, count), channel)
    return [found[number] for number in range(count)]


async def ask_in(desk: Desk, channel: Channel) -> str:
    guild = desk.server.guilds[channel.guild_id]
    return (await desk.server.slash("/try hello", channel=channel, user=guild.owner).answer()).text


def is_answered(channel: Channel) -> bool:
    return any(one.author.is_bot for one in channel.posts)


def find_identified(server: DiscordServer) -> list[tuple[int, int]]:
    said = [one["d"]["shard"] for one in server.gateway.said if one["op"] == 2]
    return sorted((number, count) for number, count in said)


async def test_one_process_answers_in_the_servers_of_all_its_shards() -> None:
    async with open_desk(table=TABLE, division=TWO) as desk:
        channels = add_servers(desk.server)

        for channel in channels:
            assert await ask_in(desk, channel) == "Hello"

        assert find_identified(desk.server) == [(0, 2), (1, 2)]
        for number, channel in enumerate(channels):
            client = desk.shards.find_client(channel.guild_id)
            assert client is not None
            assert client.shard == Shard(number, 2)
            assert client.get_guild(channel.guild_id) is not None
        assert len(desk.server.syncs) == 1


async def test_names_and_direct_messages_are_heard_where_they_arrive() -> None:
    async with open_desk(division=TWO) as desk:
        server = desk.server
        for channel in (*add_servers(server), server.direct_channel(server.person)):
            owner = server.guilds[channel.guild_id].owner if channel.guild_id else server.person
            server.say("@bot help", channel=channel, user=owner)
            await until(partial(is_answered, channel))


async def test_a_shard_that_fails_takes_no_other_with_it() -> None:
    async with open_desk(table=TABLE, division=TWO) as desk:
        channels = add_servers(desk.server)
        kept = desk.supervisor.client
        (lost,) = [
            one for one in desk.server.gateway.connections if one.session and one.session.shard[0]
        ]
        assert lost.session is not None
        desk.server.gateway.sessions.pop(lost.session.id)
        lost.send({"op": 9, "d": False, "s": None, "t": None})

        await until(lambda: len(desk.clients) == 3 and desk.shards.is_up)

        assert desk.supervisor.client is kept
        for channel in channels:
            assert await ask_in(desk, channel) == "Hello"


async def test_two_processes_divide_the_servers_and_one_tells_the_commands() -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DiscordServer())
        store = await stack.enter_async_context(await open_store("sqlite://"))
        channels = add_servers(server)
        first, second = [
            await stack.enter_async_context(
                open_desk(
                    table=TABLE,
                    server=server,
                    store=store,
                    division=Division(2, (number,)),
                )
            )
            for number in (0, 1)
        ]

        for channel in channels:
            assert await ask_in(first, channel) == "Hello"
        await until(lambda: second.crew.command_ids)

        assert find_identified(server) == [(0, 2), (1, 2)]
        assert len(server.syncs) == 1
        assert second.crew.command_ids == first.crew.command_ids
        assert first.shards.find_client(channels[1].guild_id) is None
        assert second.shards.find_client(channels[0].guild_id) is None


async def test_sessions_of_all_processes_begin_as_far_apart_as_discord_wants() -> None:
    budgets = KeptBudgets()

    def be_strict(server: DiscordServer) -> None:
        server.gateway.apart_s = 0.3

    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DiscordServer())
        store = await stack.enter_async_context(await open_store("sqlite://"))
        opening = [
            stack.enter_async_context(
                open_desk(
                    table=TABLE,
                    server=server,
                    store=store,
                    division=Division(4, numbers),
                    sessions=Sessions(budgets, apart_s=0.6),
                    prepare=be_strict,
                )
            )
            for numbers in ((0, 1), (2, 3))
        ]
        for desk in opening:
            await desk

        assert find_identified(server) == [(number, 4) for number in range(4)]
        assert server.gateway.counts["too soon"] == 0


async def test_a_session_that_began_too_soon_is_begun_again() -> None:
    def be_strict(server: DiscordServer) -> None:
        server.gateway.apart_s = 0.3

    async with open_desk(table=TABLE, division=TWO, prepare=be_strict) as desk:
        assert desk.server.gateway.counts["too soon"]
        for channel in add_servers(desk.server):
            assert await ask_in(desk, channel) == "Hello"


async def test_nobody_has_to_say_how_many_shards_there_are() -> None:
    def advise(server: DiscordServer) -> None:
        server.gateway.advised_shards = 3

    async with open_desk(table=TABLE, division=Division(), prepare=advise) as desk:
        assert find_identified(desk.server) == [(0, 3), (1, 3), (2, 3)]


async def test_a_bot_that_grew_too_large_meanwhile_asks_how_many_there_should_be(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def be_small(server: DiscordServer) -> None:
        server.gateway.most_guilds = 1

    async with open_desk(table=TABLE, division=Division(), prepare=be_small) as desk:
        kept = {channel.guild_id for channel in add_servers(desk.server)}
        for guild_id in desk.server.guilds.keys() - kept:
            del desk.server.guilds[guild_id]
        desk.server.gateway.advised_shards = 2
        desk.server.gateway.invalidate()

        await until(lambda: len(desk.shards.supervisors) == 2 and desk.shards.is_up)

        assert "asking how many there should be" in caplog.text


async def test_too_few_shards_that_a_person_chose_are_told_with_the_setting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def be_full(server: DiscordServer) -> None:
        server.gateway.most_guilds = 0

    async with open_desk(table=TABLE, prepare=be_full, is_waited_for=False) as desk:
        await until(lambda: "raise discord.shard_count" in caplog.text)
        assert not desk.shards.is_up

        desk.server.gateway.most_guilds = 9
        await desk.wait_until_up()


@given(st.integers(0, 2**63 - 1), st.integers(1, 500))
def test_each_server_is_in_one_shard(guild_id: int, count: int) -> None:
    having = [number for number in range(count) if Shard(number, count).has(guild_id)]

    assert having == [shard_of(guild_id, count)]


def test_a_division_knows_its_shards() -> None:
    assert Division().find_shards(1) == (WHOLE,)
    assert Division().find_shards(2) == (Shard(0, 2), Shard(1, 2))
    assert Division(4, (1, 3)).find_shards(9) == (Shard(1, 4), Shard(3, 4))
