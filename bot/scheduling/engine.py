"""What keeps a bot going: one process by itself (jobs.py), or several together (cluster/)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.model import ProcessRole

GRACE_S = 7.0
"""What a stop leaves for polls under way. With the last drain and the closing of everything
a stop takes less than the ten seconds that supervisors allow."""


class Timing(NamedTuple):
    """When a chore is done, and by whom.

    Attributes:
        name: of its task; no other has it.
        role: of several processes those of this role can do it.
        every_s: how often it is done; less often where doing it takes longer.
    """

    name: str
    role: ProcessRole
    every_s: float


@dataclass(frozen=True, slots=True)
class RoleChore:
    """A chore, as ``Timing`` says, and what it is."""

    name: str
    role: ProcessRole
    every_s: float
    work: Callable[[], Awaitable[None]]


class Engine(Protocol):
    """Polls what is due and posts what is owed, until it is told to stop."""

    @property
    def worst_lateness_s(self) -> float:
        """The longest that a due feed had to wait for its poll in ``run``, in seconds."""
        ...

    async def run(self, stop: asyncio.Event, *, grace_s: float = GRACE_S) -> None:
        """Work until ``stop``; then finish the work in hand within ``grace_s``.

        A poll that does not finish in time is dropped: nothing of it is written, and it is
        due as before.
        """
        ...

    def wake(self) -> None:
        """Poll and post at once what somebody just made due; without this it takes a second."""
        ...
