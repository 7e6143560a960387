"""A count of everything that was ever posted, made once a minute however many ask for it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.ports import Backlog, Clock, Store

COUNT_EVERY = timedelta(minutes=1)
"""A million deliveries take a second on SQLite; a page that reloads itself must not cost that."""


class Backlogs:
    """What each platform is owed, with the time when that was counted."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counting = asyncio.Lock()
        self._counted: tuple[datetime, tuple[Backlog, ...]] | None = None

    async def load(self) -> tuple[datetime, tuple[Backlog, ...]]:
        """When they were counted, less than ``COUNT_EVERY`` ago, and the counts."""
        async with self._counting:
            now = self._clock()
            if self._counted is None or not timedelta(0) <= now - self._counted[0] < COUNT_EVERY:
                self._counted = now, await self._store.load_backlogs(now)
            return self._counted
