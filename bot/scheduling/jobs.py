"""When things happen: one tick that starts due polls, a drain that follows every commit.

APScheduler keeps the ticks; the feeds themselves wait in the store, ordered by due
time, so that ten thousand of them cost one indexed query a tick.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.delivery.drain import Drain
from bot.model import Feed
from bot.pipeline.poll import Poller, PollReport, PollResult
from bot.ports import Clock, Store

TICK_S = 0.25
"""How often due feeds are looked for: a feed starts at most this late."""

BEAT_S = 15
"""How often the scheduler notes that it is alive."""

DRAIN_EVERY_S = 1.0
"""How often retries that fell due are looked for; fresh posts do not wait for it."""

LAST_DRAIN_S = 1.0
"""What a stop leaves for posts whose polls were just finished."""

ALL_FEEDS = 1_000_000
"""A limit that no installation reaches."""

QUIET_AFTER_DEFECT = timedelta(seconds=60)
"""A poll that broke on a defect of ours is not repeated sooner, as its due time stands."""

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


class Rounds:
    """Polls what is due and drains what is owed, at most ``concurrency`` polls at a time.

    Args:
        forget_after: entries that no feed listed for so long are dropped.
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
    ) -> None:
        self._store = store
        self._poller = poller
        self._drain = drain
        self._clock = clock
        self._concurrency = concurrency
        self._forget_after = forget_after
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._quiet_until: dict[int, datetime] = {}
        self._owed = asyncio.Event()
        self.worst_lateness_s = 0.0

    async def run(self, stop: asyncio.Event, *, grace_s: float = 8.0) -> None:
        """Poll and deliver until ``stop``; then finish the work in hand within ``grace_s``.

        A poll that does not finish in time is dropped: nothing of it is written, and
        it is due again at the next start.
        """
        scheduler = AsyncIOScheduler(timezone=UTC)
        jobs: tuple[tuple[Callable[[], Awaitable[None]], float], ...] = (
            (self._tick, TICK_S),
            (self._beat, BEAT_S),
            (self._forget, 86_400.0),
        )
        for job, every_s in jobs:
            scheduler.add_job(
                job,
                "interval",
                seconds=every_s,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        draining = asyncio.create_task(self._drain_until(stop), name="drain")
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            self._owed.set()
            await self._finish({*self._under_way.values(), draining}, grace_s=grace_s)
            await asyncio.wait_for(self._drain.drain(), timeout=LAST_DRAIN_S)

    async def run_once(
        self,
        *,
        everything: bool = False,
        stop: asyncio.Event,
        grace_s: float = 8.0,
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
        await self._drain.drain()
        return tuple(reports)

    async def _finish_unless_stopped(
        self, tasks: set[asyncio.Task[None]], *, stop: asyncio.Event, grace_s: float
    ) -> None:
        """Wait for ``tasks``; once ``stop`` is set, for ``grace_s`` at most."""
        everything = asyncio.gather(*tasks, return_exceptions=True)
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait(
            [everything, stopping],  # type: ignore[type-var]  # futures of two types
            return_when=asyncio.FIRST_COMPLETED,
        )
        stopping.cancel()
        if not everything.done():
            await self._finish(tasks, grace_s=grace_s)
        for result in await everything:
            if isinstance(result, Exception):
                raise result

    async def _tick(self) -> None:
        now = self._clock()
        busy = len(self._under_way)
        if busy >= self._concurrency:
            return
        resting = len(self._quiet_until)
        due = await self._store.find_due_feeds(now, limit=self._concurrency + resting)
        for feed in due:
            if len(self._under_way) >= self._concurrency:
                return
            if feed.id in self._under_way or self._rests(feed, now):
                continue
            lateness_s = (now - feed.next_due_at).total_seconds()
            self.worst_lateness_s = max(self.worst_lateness_s, lateness_s)
            task = asyncio.create_task(self._poll_and_wake(feed), name=f"poll {feed.id}")
            self._under_way[feed.id] = task

    async def _poll_and_wake(self, feed: Feed) -> None:
        try:
            report = await self._poll_or_none(feed)
            if report is not None and (report.flagged or report.edited):
                self._owed.set()
        finally:
            self._under_way.pop(feed.id, None)

    async def _poll_or_none(self, feed: Feed) -> PollReport | None:
        """Poll; a defect of ours is logged, and must not stop the other feeds."""
        try:
            report = await self._poller.poll(feed)
        except Exception:
            log.exception("polling %s broke; tried again in a minute", feed.name)
            self._quiet_until[feed.id] = self._clock() + QUIET_AFTER_DEFECT
            return None
        self._quiet_until.pop(feed.id, None)
        return report

    def _rests(self, feed: Feed, now: datetime) -> bool:
        quiet_until = self._quiet_until.get(feed.id)
        return quiet_until is not None and now < quiet_until

    async def _drain_until(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._owed.clear()
            try:
                await self._drain.drain()
            except Exception:
                log.exception("the drain broke; tried again in a minute")
                await _wait(stop, QUIET_AFTER_DEFECT.total_seconds())
            await _wait(self._owed, DRAIN_EVERY_S)

    async def _beat(self) -> None:
        await self._store.record_beat(self._clock())

    async def _forget(self) -> None:
        dropped = await self._store.forget_entries(self._clock() - self._forget_after)
        if dropped:
            log.info("dropped %d entries that no feed lists any more", dropped)

    async def _finish(self, tasks: set[asyncio.Task[None]], *, grace_s: float) -> None:
        """Give ``tasks`` (one or more) ``grace_s`` to end, then drop them."""
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        if not late:
            return
        for task in late:
            task.cancel()
        log.warning("%d tasks did not finish in %g s and were dropped", len(late), grace_s)
        await asyncio.wait(late)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Until ``event`` or ``seconds`` from now, whichever is first."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
