"""All that one process of several does, in the roles it has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bot.scheduling.cluster.polling import Shifts
from bot.scheduling.engine import GRACE_S

LAST_POSTS_S = 2.0
"""What a stop leaves for posts once the last polls ended, which may have taken all of the grace:
with both, and the closing of everything, it takes less than the ten seconds of supervisors."""


class Part(Protocol):
    """Something a process does beside others, until it is told to stop."""

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Work until ``stop``; then finish what is in hand within ``grace_s``."""
        ...


class Cluster:
    """Runs the parts of this process side by side.

    Args:
        parts: what it does.
        shifts: its polls, where it polls; they end before ``posts``.
        posts: what posts here; it ends last, so that what the last polls brought goes out.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        shifts: Shifts | None = None,
        posts: Sequence[Part] = (),
    ) -> None:
        self._parts = tuple(parts)
        self._shifts = shifts
        self._posts = tuple(posts)

    @property
    def worst_lateness_s(self) -> float:
        """The longest that a due feed had to wait for its poll, in seconds; 0 without polls."""
        return self._shifts.worst_lateness_s if self._shifts else 0.0

    def wake(self) -> None:
        """Have looked now for what somebody just made due; posts have jobs, and need no look."""
        if self._shifts:
            self._shifts.wake()

    async def run(self, stop: asyncio.Event, *, grace_s: float = GRACE_S) -> None:
        """Work until ``stop``; a part that breaks ends all, as only a defect can break one."""
        first = last = asyncio.Event()
        early, last_grace_s = list(self._parts), grace_s
        if self._shifts:
            early.append(self._shifts)
            last, last_grace_s = asyncio.Event(), LAST_POSTS_S
        begun = [_start(part, first, grace_s) for part in early]
        posting = [_start(part, last, last_grace_s) for part in self._posts]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([*begun, *posting, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            first.set()
            if begun:
                await asyncio.wait(begun)
            last.set()
            if posting:
                await asyncio.wait(posting)
        for task in (*begun, *posting):
            task.result()


def _start(part: Part, stop: asyncio.Event, grace_s: float) -> asyncio.Task[None]:
    return asyncio.create_task(part.run(stop, grace_s=grace_s), name=type(part).__name__)
