"""What the leader gives out: parts of the feeds, chores, and the jobs of the dead."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from bot.ports import Clock, Store
from bot.scheduling.cluster.board import Board, Job
from bot.scheduling.cluster.names import POLL_QUEUE, chore_lock, chore_queue, poll_lock
from bot.scheduling.cluster.polling import shift_job
from bot.scheduling.engine import Timing
from bot.scheduling.jobs import BEAT_S
from bot.scheduling.polls import AHEAD, TICK_S
from bot.scheduling.ticks import Chore

REVIVE_EVERY_S = 5.0
"""How often it is looked for jobs whose workers are dead."""

log = logging.getLogger(__name__)


class Giver:
    """Puts on the board what is due and has no job."""

    def __init__(self, *, store: Store, board: Board, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._clock = clock

    def chores(self, given: Sequence[Timing]) -> list[Chore]:
        """All that a leader does now and then, ``given`` among it."""
        return [
            (self.give_polls, TICK_S),
            (self.revive_stalled, REVIVE_EVERY_S),
            (self.beat, BEAT_S),
            *((partial(self.give_chore, name), every_s) for name, _, every_s in given),
        ]

    async def give_polls(self) -> None:
        """Have somebody poll each part of the feeds in which any is due, or soon."""
        due = await self._store.find_due_buckets(self._clock() + AHEAD)
        if not due:
            return
        locks = {poll_lock(bucket): bucket for bucket in due}
        for lock in sorted(locks.keys() - await self._board.find_locks(POLL_QUEUE)):
            await self._board.put(shift_job(locks[lock]))

    async def give_chore(self, name: str) -> None:
        """Have a process that can do the chore called ``name``, unless one is about to."""
        lock = chore_lock(name)
        await self._board.put(Job(name, chore_queue(name), lock, queueing_lock=lock))

    async def revive_stalled(self) -> None:
        """Give jobs whose workers are dead to others."""
        stalled = await self._board.find_stalled()
        for job in stalled:
            await self._board.revive(job)
        if stalled:
            log.warning("%d jobs of processes that died are given to others", len(stalled))

    async def beat(self) -> None:
        """Note that somebody leads."""
        await self._store.record_beat(self._clock())
