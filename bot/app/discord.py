"""Joins Discord: the client that posts, and the one that people talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.commands.answer import Answer
from bot.commands.command import Office
from bot.model import Platform
from bot.platforms.discord.access import invite_link
from bot.platforms.discord.client import Crew, NewsClient
from bot.platforms.discord.interactions import Reception
from bot.platforms.discord.mentions import Listener
from bot.platforms.discord.notice import Notices
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.rest import Rest, open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.platforms.discord.supervisor import Supervisor
from bot.ports import Clock
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """What the rest of the program knows of Discord; see ``bot.app.sides.Side``."""

    rest: Rest
    sender: DiscordSender
    notice: Notices
    supervisor: Supervisor
    crew: Crew
    name: str = "Discord"

    async def run(self) -> None:
        """Answer people until this is cancelled."""
        await self.supervisor.run()

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell a person of ``workspace`` something in a direct message, once."""
        await self.notice.tell(workspace, person, said)

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after each command, as it may have made posts due."""
        self.crew.reception.after.append(wake)

    async def wait_until_settled(self) -> None:
        """Wait until posts can be made, or cannot be for now."""
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
        office = replace(
            office,
            places={**office.places, Platform.DISCORD: places},
            is_feeds_open=settings.discord.feeds_open,
        )
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
        yield DiscordSide(rest, sender, Notices(rest), supervisor, crew)
