"""When things happen: one tick that starts due polls, a drain that follows every commit.

APScheduler keeps the ticks; the feeds themselves wait in the store, ordered by due
time, so that ten thousand of them cost one indexed query a tick.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.delivery.drain import Drain
from bot.model import Feed
from bot.pipeline.poll import Poller, PollReport, PollResult
from bot.ports import Clock, Store
from bot.stories import WINDOW

TICK_S = 0.25
"""How often due feeds are looked for: a feed starts at most this late."""

BEAT_S = 15
"""How often the scheduler notes that it is alive."""

LOOK_EVERY_S = 1.0
"""How often it is asked whether retries or digests fell due; fresh posts do not wait for it."""

LOOK_PAST = 500
"""Due feeds of busy hosts that are looked past, to find those of others; 15 ms of reading."""

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

log = logging.getLogger(__name__)


class Rounds:
    """Polls what is due and drains what is owed, at most ``concurrency`` polls at a time.

    Polls of one host get a quarter of these places, since they mostly wait for their turns
    at it: fifty search feeds of one site must not keep every other feed waiting.

    Args:
        forget_after: entries that no feed listed for so long are dropped.
        close_after: stories that were quiet for so long are looked up no more.

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
    ) -> None:
        self._store = store
        self._poller = poller
        self._drain = drain
        self._clock = clock
        self._concurrency = concurrency
        self._forget_after = forget_after
        self._close_after = close_after
        self._places_per_host = max(1, concurrency // 4)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._hosts: Counter[str] = Counter()  # of the polls under way
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
            scheduler.remove_all_jobs()
            await asyncio.sleep(0)  # a job that was started this very moment counts itself
            work = {*self._under_way.values(), *self._jobs, draining}
            await self._finish(work, grace_s=grace_s)
            scheduler.shutdown(wait=False)
            await self._drain_last()

    def wake(self) -> None:
        """Post at once what somebody just made due; without this it takes a second."""
        self._owed.set()
        self._drain.wake()

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
        feeds = await self._store.find_due_feeds(
            self._clock(), limit=ALL_FEEDS, everything=everything
        )
        places = asyncio.Semaphore(self._concurrency)
        reports: list[PollReport] = []

        async def poll_in_turn(feed: Feed) -> None:
            async with places:
                if stop.is_set():
                    return
                report = await self._poll_or_none(feed)
            if report is None:
                report = PollReport(feed, PollResult.FAILED, error="internal error; see the log")
            reports.append(report)
            if told:
                told(report, len(feeds))

        polls = {asyncio.create_task(poll_in_turn(feed)) for feed in feeds}
        await self._finish_unless_stopped(polls, stop=stop, grace_s=grace_s)
        draining = {asyncio.create_task(self._drain.drain(), name="drain")}
        await self._finish_unless_stopped(draining, stop=stop, grace_s=LAST_DRAIN_S)
        return tuple(reports)

    def _make_scheduler(self) -> AsyncIOScheduler:
        # It warns whenever a tick outlasts its quarter of a second; the next one makes up for it.
        quiet = log.getChild("scheduler")
        quiet.setLevel(logging.ERROR)
        scheduler = AsyncIOScheduler(timezone=UTC, logger=quiet)
        jobs: tuple[tuple[Callable[[], Awaitable[None]], float], ...] = (
            (self._tick, TICK_S),
            (self._beat, BEAT_S),
            (self._forget, 86_400.0),
        )
        for job, every_s in jobs:
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
            await _wait(self._stopping, AFTER_BREAK_S)
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
            await self._finish(tasks, grace_s=grace_s)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _tick(self) -> None:
        now = self._clock()
        resting = {feed_id for feed_id, until in self._quiet_until.items() if now < until}
        self._quiet_until = {feed_id: self._quiet_until[feed_id] for feed_id in resting}
        # Asked before the store is: what ends meanwhile may be read as it was before its poll.
        busy = frozenset(self._under_way)
        if len(busy) >= self._concurrency:
            return
        is_crowded = max(self._hosts.values(), default=0) >= self._places_per_host
        limit = self._concurrency + len(resting) + (LOOK_PAST if is_crowded else 0)
        due = await self._store.find_due_feeds(now, limit=limit)
        for feed in due:
            if self._stopping.is_set() or len(self._under_way) >= self._concurrency:
                return
            is_passed_over = self._hosts[_host_of(feed)] >= self._places_per_host
            if feed.id in busy or feed.id in resting or is_passed_over:
                continue
            due_at = max(feed.next_due_at, self._running_since)
            lateness_s = (now - due_at).total_seconds()
            self.worst_lateness_s = max(self.worst_lateness_s, lateness_s)
            task = asyncio.create_task(self._poll_and_wake(feed), name=f"poll {feed.id}")
            task.add_done_callback(partial(self._give_place_back, feed))
            self._under_way[feed.id] = task
            self._hosts[_host_of(feed)] += 1

    def _give_place_back(self, feed: Feed, _: asyncio.Task[None]) -> None:
        del self._under_way[feed.id]
        self._hosts[_host_of(feed)] -= 1
        self._hosts = +self._hosts  # hosts without a poll are forgotten

    async def _poll_and_wake(self, feed: Feed) -> None:
        report = await self._poll_or_none(feed)
        if report is not None and (report.flagged or report.edited):
            self.wake()

    async def _poll_or_none(self, feed: Feed) -> PollReport | None:
        """Poll; a defect of ours is logged, and must not stop the other feeds."""
        try:
            report = await self._poller.poll(feed)
        except Exception:
            log.exception("polling %s broke; tried again in a minute", feed.name)
            self._quiet_until[feed.id] = self._clock() + QUIET_AFTER_DEFECT
            return None
        return report

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
                await _wait(self._stopping, AFTER_BREAK_S)
            if not self._stopping.is_set():
                is_due = await _wait(self._owed, LOOK_EVERY_S)

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

    async def _finish(self, tasks: Collection[asyncio.Task[Any]], *, grace_s: float) -> None:
        """Give ``tasks`` (one or more) ``grace_s`` to end, then drop them.

        None is left behind, also when this is cancelled itself: the store is closed next.
        """
        try:
            await asyncio.wait(tasks, timeout=grace_s)
        finally:
            late = [task for task in tasks if not task.done()]
            for task in late:
                task.cancel()
            if late:
                log.warning("%d tasks did not finish in time and were dropped", len(late))
                await asyncio.wait(late)


def _host_of(feed: Feed) -> str:
    return urlsplit(feed.url).netloc


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Until ``event`` or ``seconds`` from now, whichever is first; whether it was the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
