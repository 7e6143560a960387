"""Joins hubs to the bot: what asks them, what they reach, what files their documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.fetching import HttpFetcher, WebHubAsker
from bot.pipeline.hubs import HubDesk
from bot.ports import Clock, HubStore
from bot.settings import Settings
from bot.telemetry.observed import ObservedPoller
from bot.web.door import PATH, open_door


@asynccontextmanager
async def open_hubs(
    settings: Settings,
    store: HubStore,
    fetcher: HttpFetcher,
    poller: ObservedPoller,
    *,
    clock: Clock,
) -> AsyncIterator[HubDesk]:
    """A desk that hubs can reach, as long as the block lasts; ``tend`` it now and then.

    Raises:
        SettingsInvalid: nothing can listen at ``web.listen``.
    """
    chosen = settings.web
    desk = HubDesk(
        store,
        WebHubAsker(fetcher.exchange, fetcher.strangers, clock=clock),
        take=poller.take,
        base=f"{chosen.public_url}{PATH}",
        clock=clock,
    )
    async with open_door(desk, listen=chosen.listen, max_bytes=settings.fetch.max_bytes):
        yield desk
