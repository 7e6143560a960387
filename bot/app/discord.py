"""Joins Discord: the client that posts, and the one that people talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from bot.commands.command import Office
from bot.model import Platform
from bot.platforms.discord.access import invite_link
from bot.platforms.discord.client import Crew, NewsClient
from bot.platforms.discord.interactions import Reception
from bot.platforms.discord.mentions import Listener
from bot.platforms.discord.notice import ParkedNotice
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.rest import Rest, open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.platforms.discord.supervisor import Supervisor
from bot.ports import Clock
from bot.settings import Settings

LOG_IN_S = 20.0
"""A single round waits so long for the first log-in; what it then cannot post waits for the
next round."""


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """What the rest of the program knows of Discord.

    Attributes:
        supervisor: run it beside the polls; its fate does not touch them.
        notice: tells who subscribed that a channel takes no posts any more.
    """

    rest: Rest
    sender: DiscordSender
    notice: ParkedNotice
    supervisor: Supervisor
    crew: Crew

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after each command, as it may have made posts due."""
        self.crew.reception.after.append(wake)

    async def wait_until_settled(self) -> None:
        """Wait until posts can be made, or cannot be for now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOG_IN_S):
                await self.rest.wait_until_settled()

    async def introduce(self) -> str:
        """Under which name it posts, and how to invite it, once that is known."""
        if not await self.rest.wait_until_settled():
            return "not posting to Discord: the token is not taken (discord.token)"
        client = self.rest.client
        return f"posting to Discord as {client.user}; to invite it: {invite_link(client)}"


@asynccontextmanager
async def open_discord(
    settings: Settings, office: Office, *, clock: Clock
) -> AsyncIterator[DiscordSide]:
    """Log in to post, and get ready to be talked to.

    Args:
        office: what commands work with; they get it with the channels of Discord added.
        settings: with a token.
    """
    token = settings.discord.token
    assert token is not None
    async with open_rest(settings.discord) as rest:
        places = DiscordPlaces(rest, find_client=lambda: supervisor.client)
        office = replace(office, places={**office.places, Platform.DISCORD: places})
        command_ids: dict[str, int] = {}
        crew = Crew(
            store=office.store,
            reception=Reception(office, clock, command_ids),
            listener=Listener(office, clock, command_ids),
            trace=rest.traffic.trace,
            command_ids=command_ids,
        )
        supervisor = Supervisor(
            token=token.get_secret_value(),
            rest=rest,
            reception=crew.reception,
            make_client=lambda: NewsClient(crew),
        )
        sender = DiscordSender(rest, clock=clock, places=places, command_ids=command_ids)
        yield DiscordSide(rest, sender, ParkedNotice(rest), supervisor, crew)
