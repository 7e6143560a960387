"""Two processes with the same bot: one of them is connected to Discord, the other is a spare."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

import pytest
from psycopg import AsyncConnection

from bot.app.discord import DiscordSide, open_discord
from bot.commands.command import Office
from bot.scheduling.absence import Absence
from bot.scheduling.clock import utc_now
from bot.scheduling.cluster.seat import Seat
from bot.settings import Settings
from bot.store import conninfo_of, open_store
from tests.platforms.discord.desk import CATALOGUE, MATCHER, until
from tests.platforms.discord.stage import settings_for
from tests.servers.discord import DiscordServer, redirected
from tests.servers.postgres import PostgresServer


def open_seat(conninfo: str, name: str, parts: Sequence[int], count: int) -> Seat:
    return Seat(conninfo, name, absence=Absence(), parts=parts, count=count)


async def open_two(
    stack: AsyncExitStack, server: DiscordServer, url: str
) -> tuple[DiscordSide, DiscordSide]:
    settings = Settings(discord=settings_for(server, shard_count=1))

    async def open_one() -> DiscordSide:
        store = await stack.enter_async_context(await open_store(url))
        opened = open_discord(
            settings,
            Office(store, CATALOGUE, MATCHER),
            clock=utc_now,
            find_seat=partial(open_seat, conninfo_of(url)),
        )
        return await stack.enter_async_context(opened)

    return await open_one(), await open_one()


async def test_one_process_is_connected_and_the_other_takes_over_when_it_ends(
    postgres: PostgresServer,
) -> None:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.fresh_database())
        server = await stack.enter_async_context(DiscordServer())
        stack.enter_context(redirected(server))
        sides = await open_two(stack, server, url)
        running = [asyncio.create_task(side.run()) for side in sides]
        await until(lambda: any(side.shards.is_up for side in sides), timeout_s=60)
        first = next(n for n, side in enumerate(sides) if side.shards.is_up)
        spare = 1 - first

        assert not sides[spare].shards.is_up
        assert sides[spare].is_heard  # nobody needs to be told of a spare
        assert server.gateway.counts["identify"] == 1

        # Posts of the spare name commands that can be clicked, too.
        await until(lambda: "news recent" in sides[spare].crew.command_ids, timeout_s=60)
        assert sides[spare].crew.command_ids == sides[first].crew.command_ids

        running[first].cancel()
        await asyncio.wait({running[first]})
        assert not sides[first].shards.is_up
        await until(lambda: sides[spare].shards.is_up, timeout_s=60)
        assert server.gateway.counts["identify"] == 2

        running[spare].cancel()
        await asyncio.wait({running[spare]})


async def test_the_last_answers_arrive_before_another_takes_over(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TRY_EVERY_S", "LOST_S"):
        monkeypatch.setattr(f"bot.scheduling.cluster.seat.{name}", 0.05)
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres.fresh_database())
        server = await stack.enter_async_context(DiscordServer())
        stack.enter_context(redirected(server))
        first, spare = await open_two(stack, server, url)
        running = [asyncio.create_task(first.run())]
        await until(lambda: first.shards.is_up and server.commands, timeout_s=60)
        running.append(asyncio.create_task(spare.run()))

        async with await AsyncConnection.connect(conninfo_of(url)) as keeps_waiting:
            await keeps_waiting.execute("LOCK TABLE stories")
            asked = server.slash("/news recent", channel=server.channel, user=server.person)
            await until(lambda: asked.callback, timeout_s=60)
            running[0].cancel()
            await asyncio.sleep(0.5)
            assert not running[0].done()
            assert not spare.shards.is_up

        assert "in the last 7 days" in (await asked.answer()).text
        await until(lambda: spare.shards.is_up, timeout_s=60)
        assert running[0].done()
        running[1].cancel()
        await asyncio.wait(running)
