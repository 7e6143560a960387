"""How the process is doing: does the event loop keep time?

A blocked loop is what stops heartbeats and polls at once, and nothing else in
the process can notice it while it lasts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Self

TICK_S = 0.02
"""Between two looks at the clock. A stall is seen as up to this much shorter than it was."""

LATE_S = 0.1
"""A loop that wakes up later than this was blocked."""

KEPT = 1_000
"""Stalls that are remembered; more than there can be in a minute."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the loop woke up over a stretch of time.

    Attributes:
        worst_s: the longest delay, in seconds.
        stalls: delays of more than ``LATE_S``.
        late_s: how long these were in all, in seconds.
        ticks: how often was looked.
        span_s: how long it was watched, in seconds.
    """

    worst_s: float = 0.0
    stalls: int = 0
    late_s: float = 0.0
    ticks: int = 0
    span_s: float = 0.0


class LoopMonitor:
    """Watches the running event loop while it is entered.

    Example:
        async with LoopMonitor() as monitor:
            await work()
        print(monitor.worst_ms)
    """

    def __init__(self, *, tick_s: float = TICK_S, late_s: float = LATE_S) -> None:
        self._tick_s = tick_s
        self._late_s = late_s
        self._task: asyncio.Task[None] | None = None
        self._looked_at = 0.0
        self._total = Lateness()
        self._stalls: deque[tuple[float, float]] = deque(
            maxlen=KEPT
        )  # when each ended, and how long it was

    @property
    def worst_ms(self) -> float:
        """The longest delay since it was entered, in milliseconds."""
        return self._total.worst_s * 1000

    @property
    def total(self) -> Lateness:
        """Everything since it was entered."""
        return self._total

    def stalled_share(self, *, within_s: float) -> float:
        """How much of the last ``within_s`` seconds the loop was held up, 0.0 to 1.0."""
        since = asyncio.get_running_loop().time() - within_s
        while self._stalls and self._stalls[0][0] <= since:
            self._stalls.popleft()
        return min(1.0, sum(late_s for _, late_s in self._stalls) / within_s)

    async def __aenter__(self) -> Self:
        self._looked_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._watch(), name="loop monitor")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._look()  # the last stall may not have let the task wake up

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            self._look()

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        span_s, self._looked_at = now - self._looked_at, now
        late_s = max(0.0, span_s - self._tick_s)
        is_stall = late_s > self._late_s
        if is_stall:
            self._stalls.append((now, late_s))
        seen = self._total
        self._total = Lateness(
            worst_s=max(seen.worst_s, late_s),
            stalls=seen.stalls + is_stall,
            late_s=seen.late_s + (late_s if is_stall else 0.0),
            ticks=seen.ticks + 1,
            span_s=seen.span_s + span_s,
        )
