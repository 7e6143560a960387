"""The clock of the house."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


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
