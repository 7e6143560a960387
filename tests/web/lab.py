"""What tests of hubs share: a newsroom whose wire names a hub, and a door the hub can reach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.fetching import HttpFetcher, WebHubAsker
from bot.model import HubState, HubSubscription
from bot.pipeline.hubs import HubDesk
from bot.scheduling.workers import ParserPool
from bot.web.door import PATH, HubDoor, open_door
from tests.pipeline.lab import NOISE, WIRE, Item, Newsroom, open_newsroom, rss
from tests.servers.hub import HubServer

PUBLIC = "https://news.example.org"
"""Where the hub believes us to be; its proxy leads to the door."""

MAX_BYTES = 50_000


@dataclass
class HubRoom:
    """A newsroom, the hub of its wire, and what stands between them.

    Attributes:
        wakes: how often somebody was called to post.
    """

    news: Newsroom
    hub: HubServer
    desk: HubDesk
    door: HubDoor
    wakes: int = 0

    @property
    def topic(self) -> str:
        """What the hub knows the wire by."""
        return self.news.server.url(WIRE)

    async def offer(self, *items: Item, hub: str | None = None) -> None:
        """Serve a wire that names the hub, and poll it."""
        named = self.hub.url if hub is None else hub
        link = f'<{named}>; rel="hub", <{self.topic}>; rel="self"'
        headers = {"Link": link} if named else {}
        self.news.server.put(WIRE, rss(*(items or (NOISE,)), headers=headers))
        await self.news.poll()

    async def tend(self) -> None:
        """One look of the chore, and whatever the hub makes of it."""
        await self.desk.tend()
        await self.hub.settle()

    async def subscription(self) -> HubSubscription:
        """Ours, there being one."""
        (callback,) = {asked["hub.callback"] for asked in self.hub.asked[-1:]}
        found = await self.news.store.find_hub_or_none(callback.rpartition("/")[2])
        assert found is not None
        return found

    async def subscribe(self) -> HubSubscription:
        """Get to the point where the hub pushes."""
        await self.offer()
        await self.tend()
        held = await self.subscription()
        assert held.state is HubState.HELD
        return held


@asynccontextmanager
async def open_hub_room(folder: Path, parser: ParserPool, **hub: Any) -> AsyncIterator[HubRoom]:
    """Everything there is, with a wire that was polled once; ``hub`` are the hub's ways."""
    async with open_newsroom(folder, parser) as news, HubServer(**hub) as server:
        assert isinstance(news.fetcher, HttpFetcher)
        asker = WebHubAsker(news.fetcher.exchange, news.fetcher.strangers, clock=news.clock)
        desk = HubDesk(
            news.store, asker, take=news.poller.take, base=f"{PUBLIC}{PATH}", clock=news.clock
        )
        async with open_door(desk, listen="127.0.0.1:0", max_bytes=MAX_BYTES) as door:
            room = HubRoom(news, server, desk, door)
            server.proxy = {PUBLIC: door.address}
            server.topics.add(room.topic)

            def wake() -> None:
                room.wakes += 1

            desk.call_when_done(wake)
            await news.go_live()
            yield room


async def set_state(room: HubRoom, state: HubState) -> HubSubscription:
    """Have the store say that we stand so with the hub."""
    changed = replace(await room.subscription(), state=state)
    await room.news.store.save_hub(changed)
    return changed
