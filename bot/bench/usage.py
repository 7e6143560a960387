"""What a process costs: CPU and memory, with the processes it started.

``RUSAGE_CHILDREN`` counts those that ended; workers still alive are asked one by one.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator

import psutil

LOOK_EVERY_S = 0.1
"""Memory is looked at so often; what comes and goes in between is not seen."""


class CpuWatch:
    """CPU of this process and all it ever started, from the moment this is made."""

    def __init__(self) -> None:
        self._theirs_s = _theirs_s()
        self._own_s = _used_s(resource.RUSAGE_SELF)  # last: to ask for theirs takes some, too

    def spent_s(self) -> float:
        """Seconds since, of user and system."""
        own_s = _used_s(resource.RUSAGE_SELF) - self._own_s
        return own_s + _theirs_s() - self._theirs_s


def _used_s(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _theirs_s() -> float:
    """Of those that ended, and of those that are there with what theirs took that ended."""
    spent_s = _used_s(resource.RUSAGE_CHILDREN)
    for process in psutil.Process().children(recursive=True):
        try:
            spent_s += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return spent_s


class MemoryWatch:
    """Looks from outside at the memory of process ``pid`` and all it started; costs it nothing.

    Attributes:
        peak_bytes: the most that was resident at once. Pages that processes share count once
            among them where the system tells (Linux), elsewhere for each.

    Source: proc_pid_smaps(5), Pss.
    """

    def __init__(self, pid: int) -> None:
        self.peak_bytes = 0
        self._process = psutil.Process(pid)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Look once."""
        self.peak_bytes = max(self.peak_bytes, sum(self._resident_bytes()))

    def _resident_bytes(self) -> Iterator[int]:
        try:
            family = [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                memory = process.memory_full_info()
                yield getattr(memory, "pss", memory.rss)
            except psutil.Error:  # it ended, or is not ours to look into
                continue
