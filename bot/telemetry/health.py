"""How the process is doing: does the event loop keep time, and how much memory is in use.

A blocked loop is what stops heartbeats and polls at once, and nothing else in
the process can notice it while it lasts.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICK_S = 0.02
"""Between two looks at the clock. A stall is seen as up to this much shorter than it was."""

LATE_S = 0.1
"""A loop that wakes up later than this was blocked."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the loop woke up over a stretch of time.

    Attributes:
        worst_s: the longest delay, in seconds.
        stalls: delays of more than ``LATE_S``.
        ticks: how often was looked.
        span_s: how long it was watched, in seconds.
    """

    worst_s: float = 0.0
    stalls: int = 0
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
        self._window = Lateness()

    @property
    def worst_ms(self) -> float:
        """The longest delay since it was entered, in milliseconds."""
        return self._total.worst_s * 1000

    @property
    def total(self) -> Lateness:
        """Everything since it was entered."""
        return self._total

    def take_window(self) -> Lateness:
        """What happened since this was last called; the next window starts empty."""
        window, self._window = self._window, Lateness()
        return window

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
        self._total = self._with(self._total, late_s, span_s)
        self._window = self._with(self._window, late_s, span_s)

    def _with(self, seen: Lateness, late_s: float, span_s: float) -> Lateness:
        return Lateness(
            worst_s=max(seen.worst_s, late_s),
            stalls=seen.stalls + (late_s > self._late_s),
            ticks=seen.ticks + 1,
            span_s=seen.span_s + span_s,
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of one process in bytes, now and at most so far."""

    now_bytes: int
    peak_bytes: int


def read_memory(pid: int | None = None) -> Memory:
    """The memory of ``pid``, or of this process.

    Without Linux's /proc (macOS) only this process is known, and only its peak: both
    numbers are that.

    Raises:
        ProcessLookupError: there is no such process, or nothing is told of it here.
    """
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        if pid is not None:
            raise ProcessLookupError(f"process {pid}: nothing is known of its memory") from None
        unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2) of each system
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        return Memory(peak, peak)
    sizes = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Vm"))
    if "VmRSS" not in sizes:  # a process that has ended and was not waited for
        raise ProcessLookupError(f"process {pid}: it has ended")
    return Memory(_bytes(sizes["VmRSS"]), _bytes(sizes["VmHWM"]))


def _bytes(size: str) -> int:
    """Bytes of a size as in /proc/PID/status, ``  1234 kB``, which are KiB (proc(5))."""
    return int(size.split(maxsplit=1)[0]) * 1024
