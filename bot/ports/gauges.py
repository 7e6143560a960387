"""What an operator wants to know of the store at any time, and the store that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import Platform


@dataclass(frozen=True, slots=True)
class FeedGauges:
    """How the polled feeds are doing. Each is one of new, well, silent and failing.

    Attributes:
        new: nobody asked them yet.
        silent: they bring far less than they used to (``bot.model.condition.is_silent``).
        failing: their last poll gave nothing.
        late: those of all that should have been asked some time ago.
        due_since: since when the one is due that waits longest for its poll, None for none.
    """

    new: int = 0
    well: int = 0
    silent: int = 0
    failing: int = 0
    late: int = 0
    due_since: datetime | None = None

    @property
    def polled(self) -> int:
        """All of them."""
        return self.new + self.well + self.silent + self.failing


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is owed on one platform and should have been sent by now.

    Attributes:
        due_since: of the oldest.
    """

    count: int
    due_since: datetime


@dataclass(frozen=True, slots=True)
class Gauges:
    """The store at one moment.

    Attributes:
        backlog: of the platforms on which anything is due.
        beat_at: when a scheduler last said it was alive, whatever process it is in.
    """

    at: datetime
    feeds: FeedGauges = field(default_factory=FeedGauges)
    backlog: Mapping[Platform, Overdue] = field(default_factory=dict)
    beat_at: datetime | None = None


class GaugeStore(Protocol):
    """The part of the store that tells how it all goes."""

    async def load_gauges(self, now: datetime, *, late_after: timedelta) -> Gauges:
        """Count all feeds, and all that is owed and due; not for every moment where these are many.

        Args:
            late_after: a feed that is due for longer counts as late.
        """
        ...
