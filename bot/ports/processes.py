"""What processes that share a store ask of it about each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bot.model import Process


class ProcessStore(Protocol):
    """The part of the store that knows who is at work on it, and what is to be given out."""

    async def record_process(self, process: Process) -> None:
        """Note that ``process`` lives, and in which roles.

        Its ``beat_at`` counts where the database has no clock.
        """
        ...

    async def forget_process(self, name: str) -> None:
        """The process of this name ends."""
        ...

    async def find_processes(self, now: datetime, *, within: timedelta) -> tuple[Process, ...]:
        """Processes that said within this time that they live, by name."""
        ...

    async def find_due_buckets(self, by: datetime) -> tuple[int, ...]:
        """The parts of the feeds (``bot.model.bucket_of``) in which any is due then."""
        ...
