"""What the core asks of the store where several processes share one: paces, and events seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast something may be done, over all processes.

    Attributes:
        per_s: so often a second.
        burst: so many may be done early after a pause.
    """

    per_s: float
    burst: int = 0

    @property
    def gap_us(self) -> int:
        """Microseconds between two turns."""
        return round(1e6 / self.per_s)

    @property
    def early_us(self) -> int:
        """Microseconds by which a turn may begin before it is due."""
        return self.burst * self.gap_us


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns that were given, or none.

    Attributes:
        starts_in_s: when each may begin, in seconds from now; () where none was given.
        opens_in_s: when the next one may, 0.0 for now.
    """

    starts_in_s: tuple[float, ...]
    opens_in_s: float


class Budgets(Protocol):
    """Keeps paces that all processes on one database keep together, by its clock."""

    async def take_turns(
        self, name: str, rate: Rate, *, count: int = 1, at_most_s: float | None = None
    ) -> Turns:
        """Give the next ``count`` turns of ``name``; nobody else gets them.

        Args:
            at_most_s: none are given where the first is further away, in seconds; None: they
                are given however far that is.
        """
        ...

    async def hold_turns(self, name: str, rate: Rate, *, seconds: float) -> None:
        """Have no turn of ``name`` begin in the next ``seconds``, but those that were given.

        After that none begins early at first.
        """
        ...


class SeenEvents(Protocol):
    """Remembers what a platform sent to any of the processes."""

    async def note_event(self, event_id: str, *, now: datetime) -> bool:
        """Whether ``event_id`` is new, which it is no longer then."""
        ...


class Shared(Budgets, SeenEvents, Protocol):
    """All that processes share beside the outbox and the feeds."""
