"""The client that people talk to: one connection to the gateway, with what it does of it.

It uses no privileged intent, keeps no messages and no members, and knows nothing that a new
one would not know too: the supervisor replaces it whenever it has failed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket, KeepAliveHandler

from bot.commands.command import Command
from bot.commands.table import TABLE
from bot.model import Platform
from bot.platforms.discord.beats import keep_out_false_warnings
from bot.platforms.discord.interactions import Reception
from bot.platforms.discord.mentions import Listener
from bot.platforms.discord.sessions import WHOLE, Shard
from bot.platforms.discord.sync import learn_until_known, sync_until_done
from bot.platforms.discord.translate import TableTranslator
from bot.platforms.discord.tree import make_groups
from bot.ports import Store

INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
"""None of them is privileged. Source: Discord documentation, "Gateway", List of Intents."""

HEARTBEAT_TIMEOUT_S = 60.0
"""Seconds of silence after which the connection counts as dead."""

LAST_WORD_S = 1.0
"""Seconds for taking leave of the gateway; a dead connection never answers."""

FINISH_S = 2.0
"""Seconds that answers under way have to arrive before the client they go through is closed."""

REMOVED = "I was removed from this server; invite me again, then /alerts resume"

log = logging.getLogger(__name__)


class SessionLost(Exception):
    """Discord ended the session; a new one needs a new client, which the supervisor makes."""


@dataclass(frozen=True, slots=True)
class Crew:
    """What every client of the process works with.

    Attributes:
        trace: of the REST client: all requests of the process keep one pace.
        command_ids: of our commands at Discord, by name, as far as known; the one that
            ``reception`` and ``listener`` have.
    """

    store: Store
    reception: Reception
    listener: Listener
    trace: aiohttp.TraceConfig
    command_ids: dict[str, int] = field(default_factory=dict)
    table: tuple[Command, ...] = TABLE
    heartbeat_timeout_s: float = HEARTBEAT_TIMEOUT_S


class NewsTree(app_commands.CommandTree["NewsClient"]):
    """The commands, with an answer for those that Discord has and we have not."""

    async def on_error(
        self,
        interaction: discord.Interaction[NewsClient],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Say what to do; only a change of the table leads here."""
        log.warning("a command that is not ours as it stands: %s", error)
        if interaction.type is not discord.InteractionType.application_command:
            return
        await self.client.crew.reception.tell(
            interaction,
            "My commands have just changed. Reload Discord (Ctrl+R, on a phone close the app) "
            "and use it again",
        )


class NewsClient(discord.Client):
    """One connection; ``connect`` it with ``reconnect=False`` and make a new one when it ends.

    Args:
        shard: the servers that it hears of; all, and direct messages, by default.

    Attributes:
        down_since: since when no session is there, in seconds of ``time.monotonic``; None while
            one is, infinite while it waits for its turn.
        begun: it asked for a session, which Discord counts whatever becomes of it.
    """

    def __init__(self, crew: Crew, shard: Shard = WHOLE) -> None:
        super().__init__(
            intents=INTENTS,
            shard_id=shard.number,
            shard_count=shard.count,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            heartbeat_timeout=crew.heartbeat_timeout_s,
            http_trace=crew.trace,
        )
        keep_out_false_warnings()
        self.crew = crew
        self.shard = shard
        self.down_since: float | None = time.monotonic()
        self.begun = asyncio.Event()
        self.tree = NewsTree(self)
        add_commands(self.tree, crew.table, crew.reception)
        self._syncs: set[asyncio.Task[None]] = set()
        self._events: set[asyncio.Task[Any]] = set()

    async def setup_hook(self) -> None:
        """Have the commands told to Discord while the connection is made.

        They are those of all servers: the first shard tells them, wherever it is, and the
        others learn from the store under which ids they are known.
        """
        await self.tree.set_translator(TableTranslator())
        crew = self.crew
        sync = sync_until_done if self.shard.number == 0 else learn_until_known
        syncing = sync(self.tree, crew.store, command_ids=crew.command_ids)
        task = asyncio.create_task(syncing, name="sync")
        task.add_done_callback(self._syncs.discard)
        self._syncs.add(task)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """A client begins one session: the supervisor counts them and spaces them out.

        Raises:
            SessionLost: this would be its second.
        """
        del shard_id
        if not initial:
            raise SessionLost("Discord ended the session")
        self.begun.set()

    async def close(self) -> None:
        """Let answers under way arrive, then end the connection and what runs beside it.

        discord.py calls this itself when a connection fails; the answers would be lost there.
        """
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_S):
                    await self.crew.reception.finish()
        finally:
            await self._close()

    async def _close(self) -> None:
        try:
            await self._end_tasks()
            with suppress(TimeoutError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(LAST_WORD_S):
                    for socket in self._find_sockets():
                        await socket.close(code=1000)
        finally:
            await super().close()

    async def _end_tasks(self) -> None:
        """Let events under way end, then give up what has not: the store may be closed next."""
        me = asyncio.current_task()
        events = {one for one in self._events if one is not me}
        if events:
            await asyncio.wait(events, timeout=LAST_WORD_S)
        late = {one for one in (*self._syncs, *events) if not one.done()}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """What is done within is waited for when this is closed."""
        me = asyncio.current_task()
        assert me is not None
        self._events.add(me)
        try:
            yield
        finally:
            self._events.discard(me)

    def _find_sockets(self) -> list[DiscordWebSocket]:
        """Every open connection: discord.py forgets those that failed while being made.

        Each has a thread for its heartbeats, which outlives it if nobody stops it.
        """
        threads = [one for one in threading.enumerate() if isinstance(one, KeepAliveHandler)]
        state = self._connection
        return [one.ws for one in threads if one.ws._connection is state]  # noqa: SLF001

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Hand out an event, unless this is closed: discord.py tells of readiness even then."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_connect(self) -> None:
        """A session has begun: commands arrive from now on."""
        self.down_since = None

    async def on_ready(self) -> None:
        """The servers are known too."""
        servers = "1 server" if len(self.guilds) == 1 else f"{len(self.guilds)} servers"
        log.info("connected to Discord as %s, in %s%s", self.user, servers, self.shard.told)

    async def on_resumed(self) -> None:
        """The session goes on where it was broken off."""
        self.down_since = None
        log.info("connected to Discord again%s", self.shard.told)

    async def on_disconnect(self) -> None:
        """The connection is gone; the library tries to resume the session once."""
        if self.down_since is None:
            self.down_since = time.monotonic()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """A button was pressed; commands go through the tree."""
        if interaction.type is discord.InteractionType.component:
            await self.crew.reception.press(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote to the bot, or named it."""
        if self.user is None:
            return
        with self._counted():
            await self.crew.listener.hear(message, me=self.user.id, now_s=time.monotonic())

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Nothing is posted unasked; ``/news help`` is there for those who look."""
        log.info("joined the server %s (%s)", guild.name, guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Keep what was subscribed for the day the bot is invited again, and send nothing."""
        log.info("removed from the server %s (%s)", guild.name, guild.id)
        store = self.crew.store
        with self._counted():
            for one in await store.find_subscriptions(Platform.DISCORD, str(guild.id)):
                await store.park(one.destination, reason=REMOVED)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget what was subscribed there: no channel ever gets its id again."""
        await self._forget(channel.guild.id, str(channel.id))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """The same for a thread."""
        await self._forget(payload.guild_id, str(payload.parent_id), str(payload.thread_id))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A defect of ours in one event; the next ones are not hindered."""
        del args, kwargs
        log.error("%s broke", event_method, exc_info=sys.exception())

    async def _forget(self, guild_id: int, channel: str, thread: str = "") -> None:
        store = self.crew.store
        with self._counted():
            for one in await store.find_subscriptions(Platform.DISCORD, str(guild_id)):
                place = one.destination
                if place.channel == channel and (not thread or place.thread == thread):
                    await store.unsubscribe(place)
                    log.info("%s was deleted in Discord; it is not subscribed now", place.key)


async def learn_command_ids(client: discord.Client, crew: Crew) -> None:
    """Learn under which ids the commands are known, where another process is talked to.

    Args:
        client: logged in, and without commands of its own.
    """
    tree = app_commands.CommandTree(client)
    add_commands(tree, crew.table, crew.reception)
    await tree.set_translator(TableTranslator())
    await learn_until_known(tree, crew.store, command_ids=crew.command_ids)


def add_commands(
    tree: app_commands.CommandTree[Any], table: Iterable[Command], reception: Reception
) -> None:
    """Put the whole table into ``tree``."""
    for group in make_groups(table, use=reception.use, suggest=reception.suggest):
        tree.add_command(group)
