"""Chores of a role: what is to be done now and then by one process that can."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.scheduling.cluster.board import Board
from bot.scheduling.cluster.names import chore_queue
from bot.scheduling.engine import RoleChore

PLACES = 2
"""Chores done at a time by one process; one may wait long for a platform."""


class Chores:
    """Does the chores that the leader gives out and this process can do."""

    def __init__(self, board: Board, chores: Sequence[RoleChore]) -> None:
        self._board = board
        self._queues = [chore_queue(chore.name) for chore in chores]
        for chore in chores:
            board.add_task(chore.name, chore.work)

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Do them until ``stop``."""
        if self._queues:
            await self._board.work(self._queues, places=PLACES, stop=stop, grace_s=grace_s)
        else:
            await stop.wait()
