"""How fast calls may follow each other, and who goes first. Pure; platforms build pacers of it.

Times are seconds of a clock that never goes back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.model import Delivery, Digest, Message

FRESH = timedelta(minutes=2)
"""A story that was opened less long ago goes before all others."""

SLOW_S = 60.0
"""Seconds of a lower rate after a platform said that we are too fast."""

SLOWEST = 1 / 8
"""Part of the rate that is left however often it says so."""


class Urgency(IntEnum):
    """What a request is for; the lower goes first."""

    FRESH = 0  # a story that has just come, or a person who waits
    BACKLOG = 1  # a story that is late already
    EDIT = 2  # a post that is there and says a little less than it could


def find_urgency(delivery: Delivery, message: Message | Digest, *, now: datetime) -> Urgency:
    """What sending ``message`` at ``now`` is for."""
    if delivery.message_ref:
        return Urgency.EDIT
    # Not by its attempts: our own pace, which sends a post away for a moment, counts as one.
    is_fresh = now - (delivery.opened_at or delivery.next_attempt_at) < FRESH
    return Urgency.FRESH if is_fresh and isinstance(message, Message) else Urgency.BACKLOG


@dataclass(slots=True)
class Schedule:
    """When the next request may start.

    Requests are ``1 / rate`` seconds apart; ``burst`` of them may start early after a gap that
    was too long, so that late timers cost no throughput.

    Source: the generic cell rate algorithm, ITU-T I.371 annex A.

    Attributes:
        rate: requests a second.
    """

    rate: float
    burst: int = 0
    _due: float = -math.inf
    _part: float = 1.0
    _slow_until: float = -math.inf
    _held_until: float = -math.inf

    def opens_at(self, now: float) -> float:
        """When the next request may start; not after ``now`` if it may at once."""
        return max(self._due - self.burst * self.gap(now), self._held_until)

    def take(self, now: float) -> None:
        """A request starts at ``now``."""
        self._due = max(self._due, now) + self.gap(now)

    def hold(self, now: float, seconds: float) -> None:
        """Nothing starts for ``seconds``."""
        self._held_until = max(self._held_until, now + seconds)

    def slow_down(self, now: float, seconds: float) -> None:
        """The platform says that we are too fast and should wait ``seconds``.

        The rate is halved for ``SLOW_S``, once for all the requests that were under way. After
        the wait none starts early.
        """
        if now >= self._held_until:
            part = self._part if now < self._slow_until else 1.0
            self._part = max(part / 2, SLOWEST)
        self.hold(now, seconds)
        self._slow_until = self._held_until + SLOW_S
        self._due = max(self._due, self._held_until + self.burst * self.gap(now))

    def gap(self, now: float) -> float:
        """Seconds between two requests."""
        return 1 / (self.rate * (self._part if now < self._slow_until else 1.0))
