"""What is done now and then: APScheduler's ticks, each of which waits for the one before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.scheduling.absence import Absence
from bot.scheduling.clock import wait

AFTER_BREAK_S = 10.0
"""A job that broke, for want of its database say, is not repeated sooner."""

AFTER_ABSENCE_S = 1.0
"""While the database is away it is asked so often whether it is back."""

Work = Callable[[], Awaitable[None]]

Chore = tuple[Work, float]
"""Something to be done now and then: what, and every how many seconds."""

log = logging.getLogger(__name__)


class Ticks:
    """Does chores at their intervals, each first when it is started, until it is stopped.

    One that breaks is logged, rests and is repeated; the others go on.

    Args:
        absence: where it is the database that is away, it is repeated soon and told of once.
    """

    def __init__(self, absence: Absence | None = None) -> None:
        self._absence = absence or Absence()
        self._scheduler: AsyncIOScheduler | None = None
        self._jobs: dict[Work, Job] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def start(self, chores: Iterable[Chore]) -> None:
        """Begin; may be called again after ``stop``."""
        self._stopping.clear()
        # It warns whenever a tick outlasts its second; the next one makes up for it.
        quiet = log.getChild("scheduler")
        quiet.setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(timezone=UTC, logger=quiet)
        self._jobs = {
            work: self._scheduler.add_job(
                self._run,
                "interval",
                args=(work,),
                seconds=every_s,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
            for work, every_s in chores
        }
        self._scheduler.start()

    def hurry(self, work: Work) -> None:
        """Do it now and not at its next tick; nothing while it is under way, or rests."""
        if job := self._jobs.get(work):
            job.modify(next_run_time=datetime.now(UTC))

    async def stop(self) -> set[asyncio.Task[None]]:
        """Begin nothing more; what is under way, for whoever waits for it."""
        self._stopping.set()
        self._jobs = {}
        if self._scheduler is not None:
            self._scheduler.remove_all_jobs()
            await asyncio.sleep(0)  # a job that was started this very moment counts itself
        return set(self._under_way)

    def close(self) -> None:
        """Break off what is still under way; after ``stop``."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def _run(self, work: Work) -> None:
        """Run it where a stop can wait for it; what it raises is logged, and it rests then."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            await work()
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
            # APScheduler would tell of it at length; it was broken off for want of time.
        except Exception as error:
            if self._absence.note(error):
                await wait(self._stopping, AFTER_ABSENCE_S)
                return
            log.exception("a job broke; repeated in %g s at the earliest", AFTER_BREAK_S)
            await wait(self._stopping, AFTER_BREAK_S)
        finally:
            self._under_way.discard(task)
