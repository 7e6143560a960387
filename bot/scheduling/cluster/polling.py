"""Polls of several processes: each has some parts of the feeds for a time, a shift.

A job is a shift: while it is under way its worker alone polls that part (the lock of the job
says so), each feed at its due time, by one look a second for all parts it has. After a shift
the part goes to whoever has room. A process takes its share: all parts divided by the
processes that poll. A worker that dies says nothing any more; its shifts are given to others
once that is noticed, and as nothing but a commit moves a due time, its feeds are due as before.

Two processes may poll a part at a time for moments, where one is taken for dead that is not.
Then a feed is asked twice, and both commits together write what one of them would have.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter

from bot.model import BUCKETS, ProcessRole, bucket_of
from bot.pipeline.report import FeedPoller, PollReport
from bot.ports import Clock, Store
from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish, wait
from bot.scheduling.cluster.board import Board, Job
from bot.scheduling.cluster.names import POLL_QUEUE, POLL_TASK, poll_lock
from bot.scheduling.cluster.presence import AT_WORK_WITHIN
from bot.scheduling.polls import TICK_S, Polls
from bot.scheduling.ticks import Ticks

SHIFT_S = 60.0
"""A part stays with one process about so long: a third more or less, so that they do not all
change hands in one second."""

SHARE_EVERY_S = 2.0
"""How often it is looked how many processes share the work."""

LAST_POLLS_S = 5.0
"""At the end of a shift its polls under way have so long before somebody else has the part."""

log = logging.getLogger(__name__)


def shift_job(bucket: int) -> Job:
    """The job of polling this part of the feeds for a while."""
    lock = poll_lock(bucket)
    return Job(POLL_TASK, POLL_QUEUE, lock, queueing_lock=lock, args={"bucket": bucket})


class Shifts:
    """Polls the parts of the feeds that it is given.

    Args:
        name: of this process, among those that say they live.
        concurrency: polls at a time.
    """

    def __init__(
        self,
        *,
        store: Store,
        board: Board,
        poller: FeedPoller,
        clock: Clock,
        name: str,
        concurrency: int,
        absence: Absence,
    ) -> None:
        self._store = store
        self._board = board
        self._clock = clock
        self._name = name
        self._absence = absence
        self._ticks = Ticks(absence)
        self._polls = Polls(
            store=store,
            poller=poller,
            clock=clock,
            concurrency=concurrency,
            look_soon=self.wake,
            told=self._note_poll,
            absence=absence,
        )
        self._busy: set[int] = set()  # parts in which something was polled in this shift
        self._held: Counter[int] = Counter()  # twice where we were taken for dead
        self._recalled = asyncio.Event()
        self._last_polls_s = LAST_POLLS_S
        self._share = 0
        self._share_changed = asyncio.Event()
        board.add_task(POLL_TASK, self._work_shift)

    @property
    def worst_lateness_s(self) -> float:
        """The longest that a due feed had to wait for its poll, in seconds."""
        return self._polls.worst_lateness_s

    def wake(self) -> None:
        """Poll what somebody just made due, if it is in a part we have."""
        self._ticks.hurry(self._polls.look)

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Take shifts until ``stop``; then finish the polls under way within ``grace_s``."""
        self._last_polls_s = min(LAST_POLLS_S, grace_s)
        self._polls.begin()
        self._polls.keep_to(())
        self._ticks.start([(self._polls.look, TICK_S), (self._count_share, SHARE_EVERY_S)])
        try:
            while not stop.is_set():
                await self._work_for_share(stop)
        finally:
            chores = await self._ticks.stop()
            if work := {*self._polls.rest(), *chores}:  # they had some time with their shifts
                await finish(work, grace_s=grace_s - self._last_polls_s)
            self._ticks.close()

    async def _work_for_share(self, stop: asyncio.Event) -> None:
        """Have as many shifts at a time as is our share; until that changes, or ``stop``."""
        self._share_changed.clear()
        self._recalled.clear()
        if not self._share:  # not known yet
            await _first_of(self._share_changed, stop)
            return
        leave = asyncio.Event()
        working = asyncio.create_task(
            self._board.work(
                [POLL_QUEUE], places=self._share, stop=leave, grace_s=LAST_POLLS_S + 1.0
            ),
            name="shifts",
        )
        try:
            await _first_of(self._share_changed, stop)
        finally:
            if stop.is_set():
                self._polls.rest()
            self._recalled.set()
            leave.set()
            await working

    async def _work_shift(self, bucket: int) -> None:
        """Poll feeds of ``bucket`` for a while; the task of a job."""
        self._held[bucket] += 1
        self._polls.keep_to(+self._held)
        try:
            await wait(self._recalled, SHIFT_S * random.uniform(2 / 3, 4 / 3))  # noqa: S311 - no secret
        finally:
            self._held[bucket] -= 1
            self._polls.keep_to(+self._held)
            await self._hand_over(bucket)
        if under_way := self._polls.find_under_way(bucket):
            await asyncio.wait(under_way, timeout=self._last_polls_s)

    async def _hand_over(self, bucket: int) -> None:
        """Let the next shift wait for the end of this one, if there is anything to poll.

        So polls go on while nobody leads. Where it fails the leader gives the part out, as it
        does with one in which nothing was due for a whole shift.
        """
        is_busy = bucket in self._busy or self._polls.find_under_way(bucket)
        if not (is_busy or self._recalled.is_set()):
            return
        self._busy.discard(bucket)
        try:
            await self._board.put(shift_job(bucket))
        except Exception as error:
            if not self._absence.note(error):
                log.exception("a part of the feeds waits for the leader to be given out")

    def _note_poll(self, report: PollReport) -> None:
        self._busy.add(bucket_of(report.feed.url))

    async def _count_share(self) -> None:
        found = await self._store.find_processes(self._clock(), within=AT_WORK_WITHIN)
        pollers = {process.name for process in found if ProcessRole.POLL in process.roles}
        if self._name not in pollers:
            return  # it did not say yet that it is there, or could not
        share = -(-BUCKETS // len(pollers))
        if share != self._share:
            log.info(
                "processes that poll: %d; ours are %d of %d parts", len(pollers), share, BUCKETS
            )
            self._share = share
            self._share_changed.set()


async def _first_of(*events: asyncio.Event) -> None:
    waiting = {asyncio.create_task(event.wait(), name="event") for event in events}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
