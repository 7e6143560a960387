"""What asks Slack about people and channels, in front of the loopback Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.model import Destination, Platform
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.people import People
from bot.platforms.slack.places import SlackPlaces
from bot.platforms.slack.workspaces import OneWorkspace, open_workspace
from bot.store import SqlStore, open_store
from tests.platforms.slack.stage import make_hasty_pacer, settings_for
from tests.servers.slack import Channel, SlackServer


@dataclass
class Timer:
    """Seconds that pass when a test says so."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Front:
    """A server, what asks it, and an empty store.

    Attributes:
        timer: by which answers grow old.
    """

    server: SlackServer
    one: OneWorkspace
    calls: Calls
    people: People
    places: SlackPlaces
    store: SqlStore
    timer: Timer

    @property
    def workspace(self) -> str:
        return self.server.team.id

    def place(self, channel: Channel | None = None, *, thread: str = "") -> Destination:
        chosen = channel or self.server.channel
        return Destination(Platform.SLACK, chosen.team_id, chosen.id, thread)

    def grow_old(self) -> None:
        """Let every answer that is kept run out."""
        self.timer.seconds += 3_600

    async def lose_scope(self, *scopes: str) -> None:
        """Take scopes away from the bot, and let it learn of that."""
        self.server.team.token.scopes -= set(scopes)
        await self.one._probe()


@asynccontextmanager
async def open_front() -> AsyncIterator[Front]:
    async with SlackServer(is_limited=False) as server:
        async with (
            open_workspace(settings_for(server)) as one,
            await open_store("sqlite://") as store,
        ):
            assert await one.wait_until_settled()
            calls, timer = Calls(one, make_hasty_pacer()), Timer()
            people = People(calls, timer=timer)
            places = SlackPlaces(calls, people)
            yield Front(server, one, calls, people, places, store, timer)
        assert not server.complaints
