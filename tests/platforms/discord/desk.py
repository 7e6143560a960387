"""A bot that people talk to, in front of the loopback Discord: real clients, a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.catalogue import load_catalogue
from bot.commands.command import Action, Command, Office
from bot.commands.suggest import suggest
from bot.commands.table import TABLE
from bot.matching import Matcher
from bot.model import Destination, Platform
from bot.platforms.discord.client import Crew, NewsClient
from bot.platforms.discord.interactions import FindSuggestions, Reception
from bot.platforms.discord.mentions import Listener
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.rest import Rest, open_rest
from bot.platforms.discord.sessions import Sessions, Shard
from bot.platforms.discord.shards import Division, Shards
from bot.platforms.discord.supervisor import Patience, Supervisor
from bot.store import SqlStore, open_store
from tests.platforms.discord.stage import settings_for
from tests.servers.discord import Channel, DiscordServer, redirected

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = load_catalogue(ROOT / "config")
MATCHER = Matcher(CATALOGUE)
HASTE = Patience(first_s=0.05, longest_s=0.2, hopeless_s=0.3, down_s=30.0, look_s=0.02)
ALONE = Division(count=1)


@dataclass
class Desk:
    """A bot at work; ``table`` and ``actions`` may be a test's own."""

    server: DiscordServer
    store: SqlStore
    rest: Rest
    crew: Crew
    shards: Shards
    places: DiscordPlaces
    clients: list[NewsClient] = field(default_factory=list)

    @property
    def supervisor(self) -> Supervisor:
        """Of the only shard, or the first."""
        return self.shards.supervisors[0]

    def place(self, channel: Channel | None = None) -> Destination:
        chosen = channel or self.server.channel
        return Destination(Platform.DISCORD, str(chosen.guild_id), str(chosen.id))

    async def answer(self, text: str, **given: Any) -> str:
        """All that a command's answer says, asked by a manager of the server; no escapes."""
        asked = self.server.slash(text, **(self.manager | given))
        return (await asked.answer()).text.replace("\\", "")

    @property
    def manager(self) -> dict[str, Any]:
        return {"channel": self.server.channel, "user": self.server.manager}

    @property
    def person(self) -> dict[str, Any]:
        return {"channel": self.server.channel, "user": self.server.person}

    async def wait_until_up(self) -> None:
        """Until a client is ready and its commands are known."""
        await until(lambda: self.shards.is_up and bool(self.server.commands))


async def until(is_so: Callable[[], object], *, timeout_s: float = 15.0) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: it never was.
    """
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 - what is waited for is not ours to set an event
            await asyncio.sleep(0.01)


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_desk(
    *,
    table: tuple[Command, ...] = TABLE,
    actions: Mapping[str, Action] | None = None,
    find_suggestions: FindSuggestions = suggest,
    patience: Patience = HASTE,
    server: DiscordServer | None = None,
    store: SqlStore | None = None,
    defer_after_s: float = 1.0,
    heartbeat_timeout_s: float = 60.0,
    is_waited_for: bool = True,
    division: Division = ALONE,
    sessions: Sessions | None = None,
    prepare: Callable[[DiscordServer], None] = lambda _: None,
) -> AsyncIterator[Desk]:
    """Everything, connected; a ``server`` or ``store`` of the caller's stays open."""
    if server is None:
        async with (
            DiscordServer() as own,
            open_desk(
                table=table,
                actions=actions,
                find_suggestions=find_suggestions,
                patience=patience,
                server=own,
                store=store,
                defer_after_s=defer_after_s,
                heartbeat_timeout_s=heartbeat_timeout_s,
                is_waited_for=is_waited_for,
                division=division,
                sessions=sessions,
                prepare=prepare,
            ) as desk,
        ):
            yield desk
        return
    if store is None:
        async with (
            await open_store("sqlite://") as opened,
            open_desk(
                table=table,
                actions=actions,
                find_suggestions=find_suggestions,
                patience=patience,
                server=server,
                store=opened,
                defer_after_s=defer_after_s,
                heartbeat_timeout_s=heartbeat_timeout_s,
                is_waited_for=is_waited_for,
                division=division,
                sessions=sessions,
                prepare=prepare,
            ) as desk,
        ):
            yield desk
        return

    def find_client(guild_id: int) -> NewsClient | None:
        return desk.shards.find_client(guild_id)

    prepare(server)
    with redirected(server):
        async with open_rest(settings_for(server)) as rest:
            places = DiscordPlaces(rest, find_client=find_client)
            office = Office(store, CATALOGUE, MATCHER, places={Platform.DISCORD: places})
            known: dict[str, Any] = {"find_suggestions": find_suggestions}
            if actions is not None:
                known["find_action"] = actions.get
            ids: dict[str, int] = {}
            crew = Crew(
                store=store,
                reception=Reception(office, now, ids, defer_after_s, **known),
                listener=Listener(office, now, ids),
                trace=rest.traffic.trace,
                command_ids=ids,
                table=table,
                heartbeat_timeout_s=heartbeat_timeout_s,
            )

            def make_client(shard: Shard) -> NewsClient:
                client = NewsClient(crew, shard)
                desk.clients.append(client)
                return client

            shards = Shards(
                token=server.token,
                rest=rest,
                reception=crew.reception,
                make_client=make_client,
                division=division,
                sessions=sessions or Sessions(apart_s=0.02),
                patience=patience,
            )
            desk = Desk(server, store, rest, crew, shards, places)
            running = asyncio.create_task(shards.run())
            try:
                if is_waited_for:
                    await desk.wait_until_up()
                yield desk
            finally:
                running.cancel()
                await asyncio.wait({running})
