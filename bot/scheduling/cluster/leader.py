"""One process leads: it does what must be done once, however many processes there are.

Two may believe for a moment that they lead (see seat.py). All that a leader does may be done
twice: jobs are put on the board under locks of their own, and the rest changes nothing the
second time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish
from bot.scheduling.cluster.seat import Seat
from bot.scheduling.ticks import Chore, Ticks

SEAT = "leader"

LAST_TICKS_S = 1.0
"""What is under way has so long to end where this process leads no more."""

log = logging.getLogger(__name__)


class Leader:
    """Does ``chores`` while this process leads.

    Args:
        conninfo: of the database, as libpq takes it.
    """

    def __init__(self, conninfo: str, chores: Sequence[Chore], *, absence: Absence) -> None:
        self._seat = Seat(conninfo, SEAT, absence=absence)
        self._chores = tuple(chores)
        self._absence = absence

    @property
    def is_leading(self) -> bool:
        """Whether this process leads."""
        return self._seat.is_held

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Lead whenever nobody else does, until ``stop``."""
        await self._seat.run(stop, grace_s=grace_s, work=self._lead)

    async def _lead(self, stop: asyncio.Event) -> None:
        log.info("this process leads: it gives out the work from here on")
        ticks = Ticks(self._absence)
        ticks.start(self._chores)
        try:
            await stop.wait()
        finally:
            if under_way := await ticks.stop():
                await finish(under_way, grace_s=LAST_TICKS_S, is_told=False)
            ticks.close()
            log.info("this process leads no more")
