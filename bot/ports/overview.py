"""What an operator asks of the store: how everything is doing, however much there is of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.model import Feed, Platform, Story
from bot.model.condition import Condition
from bot.ports.values import Backlog, FeedQuery, Parked


class OverviewStore(Protocol):
    """The part of the store that counts and lists.

    No answer grows with what there is, but what it costs to make some does.
    """

    async def count_conditions(self) -> Mapping[Condition, int]:
        """How many polled feeds are in each condition; broken ones count as failing."""
        ...

    async def find_feeds_like(self, query: FeedQuery) -> tuple[Feed, ...]:
        """Polled feeds that answer ``query``, the worst first, then by name; without marks."""
        ...

    async def load_backlogs(self, now: datetime) -> tuple[Backlog, ...]:
        """What each platform is owed that has a place or a delivery, by name."""
        ...

    async def find_newest_posted(self) -> Mapping[Platform, Story | None]:
        """Of each platform that anybody subscribes on the newest story that was ever posted there.

        None where there is none among the newest stories of all.
        """
        ...

    async def find_parked(self, *, limit: int) -> tuple[Parked, ...]:
        """Places that the platform takes no posts for, the first subscribed first."""
        ...
