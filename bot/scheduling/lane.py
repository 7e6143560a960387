"""Worker processes with one queue: who reads here waits for those who read here, and nobody else.

Workers are forked, not from the bot, which has threads and open connections, but from a
server that only knows how to read: one is ready in 25 ms, where a fresh interpreter takes a
third of a second and more on a busy machine, while whatever is to be read waits. They share
its memory, so that server and worker together take less than a worker of its own would.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import forkserver, resource_tracker
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.errors import FeedUnreadable
from bot.scheduling.worker import limit_worker, work

TASKS_PER_WORKER = 1_000
"""Turns after which a worker is replaced, as its allocator never gives everything back."""

ALARM_AFTER_S = 2.0
"""After the time limit the kernel ends a worker that nobody killed: its parent is gone."""

START_S = 30.0
"""For a worker to start on a busy machine, before its document is given up."""

CLOSE_S = 5.0
"""For the workers to end; the alarm and the closed pipe end those that do not."""

HOW = "forkserver" if sys.version_info >= (3, 11, 1) else "spawn"
"""Before that Python's fork server took orders from every user of the machine (CVE-2022-42919)."""

log = logging.getLogger(__name__)

_Read = TypeVar("_Read")


class OutOfTime(Exception):
    """What was read takes longer than it may here."""


class WorkerDied(Exception):
    """The worker ended before it was done.

    Attributes:
        code: of its exit, None where that is not known.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__(f"a worker ended with exit code {code}")
        self.code = code


class Lane:
    """Workers that start with the first document or before; one that dies is replaced.

    Attributes:
        places: one for each worker. Whoever calls ``run`` holds one.
        late, died: how many workers were ended so far for the time they took, and for other
            reasons.

    Args:
        limit_s: wall time for one call of ``run``.
        cpu_s: CPU seconds of the worker for one call, None for as many as fit.
        max_memory_bytes, is_for_pages: see ``ParserPool``.
        niceness: of the workers, see nice(2).
        idle_s: after so long with nothing to do the workers are ended until there is; None
            for never.
    """

    def __init__(
        self,
        *,
        workers: int,
        limit_s: float,
        cpu_s: float | None = None,
        max_memory_bytes: int,
        is_for_pages: bool = False,
        niceness: int = 0,
        idle_s: float | None = None,
    ) -> None:
        self.places = asyncio.Semaphore(workers)
        self.late = 0
        self.died = 0
        self._workers = workers
        self._limit_s = limit_s
        self._cpu_s = cpu_s
        self._initial = (max_memory_bytes, is_for_pages, niceness)
        self._idle_s = idle_s
        self._resting: asyncio.TimerHandle | None = None
        self._running: set[Future[Any]] = set()
        self._endings: list[threading.Thread] = []
        self._pool: ProcessPool | None = None
        self._starting: asyncio.Task[ProcessPool] | None = None
        self._is_open = False

    @property
    def busy(self) -> int:
        """Workers that read something just now."""
        return len(self._running)

    def open(self) -> None:
        """Have it take documents."""
        self._is_open = True

    async def close(self) -> None:
        """Give up what is read, and end the workers."""
        self._is_open = False
        self._stay_awake()
        for future in tuple(self._running):
            future.cancel()
        if self._starting is not None:
            await asyncio.wait([self._starting])
        self._drop_pool()
        for ending in self._endings:
            await asyncio.to_thread(ending.join, CLOSE_S)

    def _is_closing(self) -> bool:
        return not self._is_open

    async def run(self, url: str, read: Callable[[], _Read]) -> _Read:
        """What ``read`` returns or raises in a worker; ``url`` is for the message.

        Raises:
            OutOfTime: it takes longer than it may here.
            WorkerDied: for whatever reason.
            OSError: there is none, and none can be started.
            FeedUnreadable: the lane is closed.
        """
        self._stay_awake()
        deadline = asyncio.timeout(self._limit_s + ALARM_AFTER_S + START_S)
        future: Future[_Read] | None = None
        try:
            async with deadline:
                future = self._schedule(await self._started(url), read)
                self._running.add(future)
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if deadline.expired():  # a worker killed by others can take a lock of the pool along
                self._drop_pool()
            self.late += 1
            raise OutOfTime from error
        except ProcessExpired as death:
            if death.exitcode == -signal.SIGPROF:
                self.late += 1
                raise OutOfTime from death
            self.died += 1
            raise WorkerDied(death.exitcode) from death
        except BrokenProcessPool as death:
            self.died += 1
            raise WorkerDied(None) from death
        except asyncio.CancelledError:
            if not self._is_closing() or _is_cancelled():
                raise
            raise _not_read(url) from None
        finally:
            if future is not None:
                self._running.discard(future)
            self._rest_soon()

    def start_soon(self) -> None:
        """Have the workers started, in a thread, so that the first document need not wait.

        If they do not start, that is told to whoever wants something read.
        """
        if self._starting is None:
            self._drop_pool()
            self._starting = asyncio.create_task(asyncio.to_thread(self._start_pool))
            self._starting.add_done_callback(self._take_pool)

    async def _started(self, url: str) -> ProcessPool:
        """The workers; if there are none, they are started.

        Raises:
            OSError: the machine lets no process be started; no document is to blame.
            WorkerDied: they ended at once.
            FeedUnreadable: the lane is closed.
        """
        while not self._is_closing():
            if self._pool is not None and self._pool.active:
                return self._pool
            self.start_soon()
            assert self._starting is not None
            try:
                await asyncio.shield(self._starting)  # others wait for it, too
            except BrokenProcessPool as error:
                raise WorkerDied(None) from error
        raise _not_read(url)

    def _take_pool(self, starting: asyncio.Task[ProcessPool]) -> None:
        self._starting = None
        if starting.cancelled():
            return
        if error := starting.exception():
            log.error("worker processes do not start: %s", error)
        else:
            self._pool = starting.result()

    def _schedule(self, pool: ProcessPool, read: Callable[[], _Read]) -> Future[_Read]:
        alarm_s = self._limit_s + ALARM_AFTER_S
        try:
            return pool.schedule(
                work, args=(read, alarm_s, self._cpu_s or 0.0), timeout=self._limit_s
            )
        except (RuntimeError, BrokenProcessPool) as error:  # it broke this very moment
            raise WorkerDied(None) from error

    def _start_pool(self) -> ProcessPool:
        # It unblocks SIGINT for the thread that starts it, so it is started before that is blocked.
        resource_tracker.ensure_running()
        with _sigint_blocked():
            pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=TASKS_PER_WORKER,
                initializer=limit_worker,
                initargs=self._initial,
                context=multiprocessing.get_context(_choose_how()),
            )
            if not pool.active:  # asking starts it, under this thread's signal mask
                raise BrokenProcessPool("the worker processes did not start")
        return pool

    def _drop_pool(self) -> None:
        """Part with the pool, which a thread stops."""
        pool, self._pool = self._pool, None
        self._endings = [ending for ending in self._endings if ending.is_alive()]
        if pool is not None:
            ending = threading.Thread(target=_stop, args=(pool,), daemon=True)
            ending.start()
            self._endings.append(ending)

    def _rest_soon(self) -> None:
        if self._idle_s is not None and self._is_open and not self._running:
            self._stay_awake()
            self._resting = asyncio.get_running_loop().call_later(self._idle_s, self._drop_pool)

    def _stay_awake(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None


def _choose_how() -> str:
    """How workers start: from the fork server, which is started now, or else each by itself."""
    if HOW == "forkserver":
        try:
            forkserver.set_forkserver_preload(["bot.scheduling.preload"])
            forkserver.ensure_running()
        except OSError as error:
            _tell_of_no_server(error.strerror or str(error))
            return "spawn"
    return HOW


@cache  # once for each reason: three lanes start their workers, and start them again
def _tell_of_no_server(why: str) -> None:
    log.warning(
        "workers start slowly and take more memory, as the server they are forked from does not "
        "start: %s; it needs a temporary directory that can be written and has a path of less "
        "than 70 characters (TMPDIR)",
        why,
    )


def _not_read(url: str) -> FeedUnreadable:
    return FeedUnreadable(f"{url}: not read, the program is stopping")


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it so
    pool.join()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextlib.contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Processes and threads started here never see the Ctrl-C that is meant for the bot."""
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)
