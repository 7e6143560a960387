"""Joins Discord: the client that posts, and the one that people talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.commands.answer import Answer
from bot.commands.command import Office
from bot.model import Platform
from bot.platforms.discord.access import invite_link
from bot.platforms.discord.client import Crew, NewsClient, learn_command_ids
from bot.platforms.discord.interactions import Reception
from bot.platforms.discord.mentions import Listener
from bot.platforms.discord.notice import Notices
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.rest import Rest, open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.platforms.discord.sessions import Sessions
from bot.platforms.discord.shards import Division, Shards
from bot.platforms.discord.supervisor import CLOSE_S
from bot.ports import Clock
from bot.ports.shared import Shared
from bot.scheduling.clock import finish
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.scheduling.cluster.seat import Seat  # loaded only where there are several processes

    FindSeat = Callable[[str, Sequence[int], int], Seat]


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """What the rest of the program knows of Discord; see ``bot.app.sides.Side``.

    Attributes:
        seat: of the process that has these shards, among several; None where there is one.
    """

    rest: Rest
    sender: DiscordSender
    notice: Notices
    shards: Shards
    crew: Crew
    seat: Seat | None = None
    name: str = "Discord"

    @property
    def is_heard(self) -> bool:
        """Whether what people do arrives: the gateway is connected, here or by who has the seat."""
        return self.shards.is_up or (self.seat is not None and not self.seat.is_held)

    async def run(self) -> None:
        """Answer people until this is cancelled; of several processes the one in the seat does."""
        if self.seat is None:
            await self.shards.run()
            return

        async def talk(ending: asyncio.Event) -> None:
            running = asyncio.create_task(self.shards.run(), name="shards")
            stopping = asyncio.create_task(ending.wait())
            try:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                running.cancel()
                await asyncio.wait({running})

        stop = asyncio.Event()
        sitting = asyncio.create_task(
            self.seat.run(stop, grace_s=CLOSE_S + 1.0, work=talk), name="seat"
        )
        try:
            await asyncio.shield(sitting)
        finally:  # nobody else has the seat before the last answers arrived
            stop.set()
            await finish({sitting}, grace_s=CLOSE_S + 1.5, is_told=False)

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell a person of ``workspace`` something in a direct message, once."""
        await self.notice.tell(workspace, person, said)

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after each command, as it may have made posts due."""
        self.crew.reception.after.append(wake)

    async def wait_until_settled(self) -> None:
        """Wait until posts can be made, or cannot be for now."""
        await self.rest.wait_until_settled()

    async def introduce(self, doing: str = "posting to") -> str:
        """Under which name it posts, and how to invite it, once that is known."""
        if not await self.rest.wait_until_settled():
            return f"not {doing} Discord: the token is not taken (discord.token)"
        client = self.rest.client
        return f"{doing} Discord as {client.user}; to invite it: {invite_link(client)}"


@asynccontextmanager
async def open_discord(
    settings: Settings,
    office: Office,
    *,
    clock: Clock,
    shared: Shared | None = None,
    find_seat: FindSeat | None = None,
) -> AsyncIterator[DiscordSide]:
    """Log in to post, and get ready to be talked to.

    Args:
        office: what commands work with; they get it with the channels of Discord added.
        settings: with a token.
        shared: with other processes that speak for the bot; None where there are none.
        find_seat: the seat of this name, for these shards of so many, where other processes may
            want it too.
    """
    token = settings.discord.token
    assert token is not None

    def find_client(guild_id: int) -> NewsClient | None:
        return shards.find_client(guild_id)

    async with open_rest(settings.discord, budgets=shared) as rest:
        places = DiscordPlaces(rest, find_client=find_client)
        office = replace(
            office,
            places={**office.places, Platform.DISCORD: places},
            is_feeds_open=settings.discord.feeds_open,
        )
        crew = _make_crew(office, clock, rest)
        chosen = settings.discord
        shards = Shards(
            token=token.get_secret_value(),
            rest=rest,
            reception=crew.reception,
            make_client=partial(NewsClient, crew),
            division=Division(chosen.shard_count, chosen.shard_numbers),
            sessions=Sessions(shared),
        )
        sender = DiscordSender(rest, clock=clock, places=places, command_ids=crew.command_ids)
        seat = None
        if find_seat:
            seat = find_seat("discord", chosen.shard_numbers, chosen.shard_count)
        side = DiscordSide(rest, sender, Notices(rest), shards, crew, seat)
        if seat is None:
            yield side
            return
        async with _learning_command_ids(rest, crew):  # somebody else may be talked to
            yield side


def _make_crew(office: Office, clock: Clock, rest: Rest) -> Crew:
    command_ids: dict[str, int] = {}
    return Crew(
        store=office.store,
        reception=Reception(office, clock, command_ids),
        listener=Listener(office, clock, command_ids),
        trace=rest.traffic.trace,
        command_ids=command_ids,
    )


@asynccontextmanager
async def _learning_command_ids(rest: Rest, crew: Crew) -> AsyncIterator[None]:
    async def learn() -> None:
        await rest.wait_until_up()
        await learn_command_ids(rest.client, crew)

    learning = asyncio.create_task(learn(), name="command ids")
    try:
        yield
    finally:
        await finish({learning}, grace_s=0.0, is_told=False)
