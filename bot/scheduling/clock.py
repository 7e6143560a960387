"""The clock of the house, and waiting by it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time, as aware UTC."""
    return datetime.now(UTC)


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Until ``event`` or ``seconds`` from now, whichever is first; whether it was the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def finish(
    tasks: Collection[asyncio.Task[Any]], *, grace_s: float, is_told: bool = True
) -> None:
    """Give ``tasks`` (one or more) ``grace_s`` to end, then drop them; the log is told of that.

    None is left behind, also when this is cancelled itself: the store is closed next.
    """
    try:
        await asyncio.wait(tasks, timeout=grace_s)
    finally:
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        if late:
            if is_told:
                log.warning("%d tasks did not finish in time and were dropped", len(late))
            await asyncio.wait(late)
