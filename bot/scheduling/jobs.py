"""When things happen: polls that start at their due times, a drain that follows every commit.

APScheduler keeps the ticks; the feeds themselves wait in the store, ordered by due
time. A tick reads those of the next moments into a queue, and one timer starts each of
them when its time has come: a hundred thousand feeds cost one indexed query a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.delivery.drain import Drain
from bot.model import Feed
from bot.pipeline.poll import Poller, PollReport, PollResult
from bot.ports import Clock, Store
from bot.scheduling.clock import finish, wait
from bot.scheduling.queue import DueQueue
from bot.stories import WINDOW

TICK_S = 1.0
"""How often the store is asked which feeds fall due. A feed that was made due meanwhile is
polled at most this late, unless somebody wakes us."""

AHEAD = timedelta(seconds=1.5)
"""So far ahead feeds are read: until the next tick, and for as long as that may be held up."""

LOOK_FOR = 256
"""Feeds to be read at a look, at least. If more are due, the next look comes when few are left."""

BEAT_S = 15
"""How often the scheduler notes that it is alive."""

LOOK_EVERY_S = 1.0
"""How often it is asked whether retries or digests fell due; fresh posts do not wait for it."""

GRACE_S = 7.0
"""What a stop leaves for polls under way. With the last drain and the closing of everything
a stop takes less than the ten seconds that supervisors allow."""

LAST_DRAIN_S = 1.0
"""What a stop leaves for posts whose polls were just finished."""

LAST_PLACES = 20
"""Places that a last drain has: what does not end in time must be looked for at the next start."""

AFTER_BREAK_S = 10.0
"""A job that broke, for want of its database say, is not repeated sooner."""

ALL_FEEDS = 1_000_000
"""A limit that no installation reaches."""

QUIET_AFTER_DEFECT = timedelta(seconds=60)
"""A poll that broke on a defect of ours is not repeated sooner, as its due time stands."""

LEND_AFTER_S = 1.0
"""A poll under way for so long waits for a slow server or reader: another has its place."""

MOST_LENT = 64
"""Places lent at a time: with those of their own these stay below the connections there may be."""

BROKE = "internal error; see the log"

WHENEVER = datetime.max.replace(tzinfo=UTC)
"""By then every feed is due."""

Chore = tuple[Callable[[], Awaitable[None]], float]
"""Something to be done now and then: what, and every how many seconds."""

log = logging.getLogger(__name__)


class Rounds:
    """Polls what is due and drains what is owed, at most ``concurrency`` polls at a time.

    Polls of one host get a quarter of these places, since they mostly wait for their turns
    at it: fifty search feeds of one site must not keep every other feed waiting.

    Args:
        forget_after: entries that no feed listed for so long are dropped.
        close_after: stories that were quiet for so long are looked up no more.
        chores: what else is done now and then while ``run`` is running, first when that begins.
            One that breaks is logged, rests and is repeated; the others go on.

    Attributes:
        worst_lateness_s: the longest that a due feed had to wait for its poll while ``run``
            was running, in seconds.
    """

    def __init__(
        self,
        *,
        store: Store,
        poller: Poller,
        drain: Drain,
        clock: Clock,
        concurrency: int,
        forget_after: timedelta,
        close_after: timedelta = WINDOW,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._store = store
        self._poller = poller
        self._drain = drain
        self._clock = clock
        self._concurrency = concurrency
        self._forget_after = forget_after
        self._close_after = close_after
        self._chores = tuple(chores)
        self._queue = self._make_queue()
        self._is_cut = False  # the last look left feeds in the store that are due as well
        self._timer: asyncio.TimerHandle | None = None  # for the first of the queue
        self._looking: Job | None = None  # while the scheduler runs
        self._polls: set[asyncio.Task[None]] = set()
        self._jobs: set[asyncio.Task[None]] = set()
        self._quiet_until: dict[int, datetime] = {}
        self._owed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running_since = clock()
        self.worst_lateness_s = 0.0

    async def run(self, stop: asyncio.Event, *, grace_s: float = GRACE_S) -> None:
        """Poll and deliver until ``stop``; then finish the work in hand within ``grace_s``.

        A poll that does not finish in time is dropped: nothing of it is written, and
        it is due again at the next start.
        """
        self._stopping.clear()
        self._queue = self._make_queue()
        self._running_since = self._clock()
        scheduler = self._make_scheduler()
        draining = asyncio.create_task(self._drain_until_stopping(), name="drain")
        scheduler.start()
        try:
            await stop.wait()
        finally:
            self._stopping.set()
            self._owed.set()
            self._drain.rest()  # a backlog goes on at the next start, with nothing unclear
            self._looking = None
            scheduler.remove_all_jobs()
            self._set_timer()
            await asyncio.sleep(0)  # a job that was started this very moment counts itself
            work = {*self._polls, *self._jobs, draining}
            await finish(work, grace_s=grace_s)
            scheduler.shutdown(wait=False)
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
        queue = self._make_queue()
        queue.refill(
            await self._store.find_due_feeds(self._clock(), limit=ALL_FEEDS, everything=everything)
        )
        in_all = len(queue)
        reports: list[PollReport] = []

        async def poll_one_by_one() -> None:
            # What one leaves to others has its host's places taken: these go on with it.
            while not stop.is_set() and (feed := queue.take_or_none(WHENEVER)):
                report = await self._poll_or_none(feed)
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

    def _make_queue(self) -> DueQueue:
        places = self._concurrency
        return DueQueue(places=places, places_per_host=max(1, places // 4), lent=MOST_LENT)

    def _make_scheduler(self) -> AsyncIOScheduler:
        # It warns whenever a tick outlasts its second; the next one makes up for it.
        quiet = log.getChild("scheduler")
        quiet.setLevel(logging.ERROR)
        scheduler = AsyncIOScheduler(timezone=UTC, logger=quiet)
        ours: tuple[Chore, ...] = ((self._beat, BEAT_S), (self._forget, 86_400.0))
        self._looking, *_ = (
            scheduler.add_job(
                self._run_job,
                "interval",
                args=(job,),
                seconds=every_s,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
            for job, every_s in ((self._look, TICK_S), *ours, *self._chores)
        )
        return scheduler

    async def _run_job(self, job: Callable[[], Awaitable[None]]) -> None:
        """Run it where a stop can wait for it; what it raises is logged, and it rests then."""
        task = asyncio.current_task()
        assert task is not None
        self._jobs.add(task)
        try:
            await job()
        except Exception:
            log.exception("a job broke; repeated in %g s at the earliest", AFTER_BREAK_S)
            await wait(self._stopping, AFTER_BREAK_S)
        finally:
            self._jobs.discard(task)

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

    async def _look(self) -> None:
        """Read what is due by the next look, and start what is due now."""
        now = self._clock()
        self._quiet_until = {i: until for i, until in self._quiet_until.items() if now < until}
        by = now + AHEAD
        known = self._queue.under_way + len(self._quiet_until)
        limit = known + max(LOOK_FOR, 2 * self._concurrency)
        self._is_cut = False  # should the store fail
        self._queue.note_look()
        feeds = await self._store.find_due_feeds(by, limit=limit)
        is_cut = len(feeds) == limit
        if is_cut and (crowded := self._queue.find_crowded(feeds)):
            others = await self._store.find_due_feeds(by, limit=limit, but_not_at=crowded)
            is_cut = len(others) == limit
            feeds = tuple({feed.id: feed for feed in (*feeds, *others)}.values())
        kept = (feed for feed in feeds if feed.id not in self._quiet_until)
        # One that is due later was put off by a clock that ran ahead.
        self._queue.refill(f if f.next_due_at <= by else replace(f, next_due_at=now) for f in kept)
        self._is_cut = is_cut
        self._start_due()

    def _look_soon(self) -> None:
        """Look now and not at the next tick; nothing while one is under way, or rests."""
        if self._looking is not None:
            self._looking.modify(next_run_time=datetime.now(UTC))

    def _start_due(self) -> None:
        """Start the polls whose time has come, as far as there are places for them."""
        if self._stopping.is_set():
            return
        now = self._clock()
        while feed := self._queue.take_or_none(now):
            due_at = max(feed.next_due_at, self._running_since)
            self.worst_lateness_s = max(self.worst_lateness_s, (now - due_at).total_seconds())
            self._polls.add(asyncio.create_task(self._poll(feed), name="poll"))
        if self._is_cut and self._queue.free and len(self._queue) < self._concurrency:
            self._is_cut = False  # once is enough
            self._look_soon()
        self._set_timer(now)

    def _set_timer(self, now: datetime | None = None) -> None:
        """Come back when the next feed falls due; None for never again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_at = self._queue.next_due_at_or_none()
        if now is not None and due_at is not None:
            wait_s = (due_at - now).total_seconds()
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._start_due)

    def _lend_place(self, feed: Feed) -> None:
        self._queue.lend(feed)
        self._start_due()

    async def _poll(self, feed: Feed) -> None:
        lending = asyncio.get_running_loop().call_later(LEND_AFTER_S, self._lend_place, feed)
        try:
            report = await self._poll_or_none(feed)
        finally:
            lending.cancel()
            self._queue.give_back(feed)
            task = asyncio.current_task()
            assert task is not None
            self._polls.discard(task)
        if report is not None and (report.flagged or report.edited):
            self._post_soon()
        self._start_due()

    def _post_soon(self) -> None:
        self._owed.set()
        self._drain.wake()

    async def _poll_or_none(self, feed: Feed) -> PollReport | None:
        """Poll; a defect of ours is logged, and must not stop the other feeds."""
        try:
            return await self._poller.poll(feed)
        except Exception:
            log.exception("polling %s broke; tried again in a minute", feed.name)
            self._quiet_until[feed.id] = self._clock() + QUIET_AFTER_DEFECT
            return None

    async def _drain_until_stopping(self) -> None:
        is_due = True
        while not self._stopping.is_set():
            self._owed.clear()
            try:
                is_due = is_due or await self._is_anything_due()
                if is_due and not self._stopping.is_set():
                    await self._drain.drain()
            except Exception:
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

    async def _forget(self) -> None:
        dropped = await self._store.forget_entries(self._clock() - self._forget_after)
        if dropped:
            log.info("dropped %d entries that no feed lists any more", dropped)
        await self._store.close_stories(self._clock() - self._close_after)


def _without_marks(report: PollReport, feed: Feed) -> PollReport:
    """``report`` without what nobody reads in it, as a round may keep ten thousand of them.

    The marks that ``feed`` had before are as old as the round, and a copy takes its time.
    """
    if not report.feed.marks or report.feed.marks is feed.marks:
        return report
    return replace(report, feed=replace(report.feed, marks=b""))
