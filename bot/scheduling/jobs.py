"""When things happen: polls that start at their due times, a drain that follows every commit.

All in one process; scheduling/cluster does the same with several.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.delivery.drain import Drain
from bot.model import Feed
from bot.pipeline.report import FeedPoller, PollReport, PollResult
from bot.ports import Clock, Store
from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish, wait
from bot.scheduling.engine import GRACE_S
from bot.scheduling.polls import TICK_S, Polls
from bot.scheduling.ticks import AFTER_ABSENCE_S, AFTER_BREAK_S, Chore, Ticks

BEAT_S = 15
"""How often the scheduler notes that it is alive."""

LOOK_EVERY_S = 1.0
"""How often it is asked whether retries or digests fell due; fresh posts do not wait for it."""

LAST_DRAIN_S = 1.0
"""What a stop leaves for posts whose polls were just finished."""

LAST_PLACES = 20
"""Places that a last drain has: what does not end in time must be looked for at the next start."""

ALL_FEEDS = 1_000_000
"""A limit that no installation reaches."""

BROKE = "internal error; see the log"

WHENEVER = datetime.max.replace(tzinfo=UTC)
"""By then every feed is due."""

log = logging.getLogger(__name__)


class Rounds:
    """Polls what is due and drains what is owed, at most ``concurrency`` polls at a time.

    Polls of one host get a quarter of these places, since they mostly wait for their turns
    at it: fifty search feeds of one site must not keep every other feed waiting.

    Args:
        chores: what else is done now and then while ``run`` is running, first when that begins.
            One that breaks is logged, rests and is repeated; the others go on.
        absence: what is known of the database being away.
    """

    def __init__(
        self,
        *,
        store: Store,
        poller: FeedPoller,
        drain: Drain,
        clock: Clock,
        concurrency: int,
        chores: Sequence[Chore] = (),
        absence: Absence | None = None,
    ) -> None:
        self._store = store
        self._poller = poller
        self._drain = drain
        self._clock = clock
        self._concurrency = concurrency
        self._chores = tuple(chores)
        self._absence = absence or Absence()
        self._ticks = Ticks(self._absence)
        self._polls = Polls(
            store=store,
            poller=poller,
            clock=clock,
            concurrency=concurrency,
            look_soon=self._look_soon,
            told=self._note_poll,
            absence=self._absence,
        )
        self._owed = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def worst_lateness_s(self) -> float:
        """The longest that a due feed had to wait for its poll in ``run``, in seconds."""
        return self._polls.worst_lateness_s

    async def run(self, stop: asyncio.Event, *, grace_s: float = GRACE_S) -> None:
        """Poll and deliver until ``stop``; then finish the work in hand within ``grace_s``.

        A poll that does not finish in time is dropped: nothing of it is written, and
        it is due again at the next start.
        """
        self._stopping.clear()
        self._polls.begin()
        draining = asyncio.create_task(self._drain_until_stopping(), name="drain")
        ours: tuple[Chore, ...] = (
            (self._polls.look, TICK_S),
            (self._beat, BEAT_S),
        )
        self._ticks.start((*ours, *self._chores))
        try:
            await stop.wait()
        finally:
            self._stopping.set()
            self._owed.set()
            self._drain.rest()  # a backlog goes on at the next start, with nothing unclear
            chores = await self._ticks.stop()
            await finish({*self._polls.rest(), *chores, draining}, grace_s=grace_s)
            self._ticks.close()
            await self._drain_last()

    def wake(self) -> None:
        """Poll and post at once what somebody just made due; without this it takes a second."""
        self._look_soon()
        self._post_soon()

    async def run_once(
        self,
        *,
        everything: bool = False,
        stop: asyncio.Event,
        grace_s: float = GRACE_S,
        told: Callable[[PollReport, int], None] | None = None,
    ) -> tuple[PollReport, ...]:
        """Poll what is due now (``everything``: every feed), then deliver what is owed.

        Posts wait for the end of the round, so that a story told by five feeds is
        one post and not a post and four edits.

        Args:
            stop: when set, no further poll is started, and those under way get ``grace_s``.
            told: called after each poll with its report and the number of feeds in all.
        """
        queue = self._polls.make_queue()
        queue.refill(
            await self._store.find_due_feeds(self._clock(), limit=ALL_FEEDS, everything=everything)
        )
        in_all = len(queue)
        reports: list[PollReport] = []

        async def poll_one_by_one() -> None:
            # What one leaves to others has its host's places taken: these go on with it.
            while not stop.is_set() and (feed := queue.take_or_none(WHENEVER)):
                report = await self._polls.poll_or_none(feed)
                queue.give_back(feed)
                report = report or PollReport(feed, PollResult.FAILED, error=BROKE)
                reports.append(_without_marks(report, feed))
                if told:
                    told(reports[-1], in_all)

        lines = min(self._concurrency, in_all)
        polls = {asyncio.create_task(poll_one_by_one(), name="poll") for _ in range(lines)}
        await self._finish_unless_stopped(polls, stop=stop, grace_s=grace_s)
        draining = {asyncio.create_task(self._drain.drain(), name="drain")}
        await self._finish_unless_stopped(draining, stop=stop, grace_s=LAST_DRAIN_S)
        return tuple(reports)

    async def _finish_unless_stopped(
        self, tasks: Collection[asyncio.Task[Any]], *, stop: asyncio.Event, grace_s: float
    ) -> None:
        """Wait for ``tasks``; once ``stop`` is set, for ``grace_s`` at most."""
        if not tasks:
            return
        stopping: asyncio.Future[Any] = asyncio.create_task(stop.wait(), name="stop")
        everything: asyncio.Future[Any] = asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.wait([everything, stopping], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            grace_s = 0.0
            raise
        finally:
            stopping.cancel()
            self._drain.rest()
            await finish(tasks, grace_s=grace_s)
        for task in tasks:
            if not task.cancelled():
                task.result()

    def _look_soon(self) -> None:
        self._ticks.hurry(self._polls.look)

    def _note_poll(self, report: PollReport) -> None:
        if report.flagged or report.edited:
            self._post_soon()

    def _post_soon(self) -> None:
        self._owed.set()
        self._drain.wake()

    async def _drain_until_stopping(self) -> None:
        is_due = True
        while not self._stopping.is_set():
            self._owed.clear()
            try:
                is_due = is_due or await self._is_anything_due()
                if is_due and not self._stopping.is_set():
                    await self._drain.drain()
            except Exception as error:
                if self._absence.note(error):
                    await wait(self._stopping, AFTER_ABSENCE_S)
                    continue
                log.exception("the drain broke; repeated in %g s", AFTER_BREAK_S)
                await wait(self._stopping, AFTER_BREAK_S)
            if not self._stopping.is_set():
                is_due = await wait(self._owed, LOOK_EVERY_S)

    async def _is_anything_due(self) -> bool:
        """Whether a lease could give anything; unlike that, it writes nothing."""
        due_at = await self._store.next_attempt_at()
        return due_at is not None and due_at <= self._clock()

    async def _drain_last(self) -> None:
        """Post what the last polls brought, if that is quick; the rest waits for the next start."""
        try:
            async with asyncio.timeout(LAST_DRAIN_S):
                await self._drain.drain(places=LAST_PLACES)
        except TimeoutError:
            log.warning("posts were not taken in %g s; repeated at the next start", LAST_DRAIN_S)
        except Exception:
            log.exception("the last posts were not made; repeated at the next start")

    async def _beat(self) -> None:
        await self._store.record_beat(self._clock())


def _without_marks(report: PollReport, feed: Feed) -> PollReport:
    """``report`` without what nobody reads in it, as a round may keep ten thousand of them.

    The marks that ``feed`` had before are as old as the round, and a copy takes its time.
    """
    if not report.feed.marks or report.feed.marks is feed.marks:
        return report
    return replace(report, feed=replace(report.feed, marks=b""))
