"""Worker processes with one queue: who reads here waits for those who read here, and nobody else.

Workers are spawned, not forked: the bot has threads and open connections. A fork server
would start them sooner (25 ms against 160), but a worker lives for thousands of documents and
the server is one more process to keep in memory and to bury.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.errors import FeedUnreadable
from bot.parsing import read_article

TASKS_PER_WORKER = 1_000
"""Turns after which a worker is replaced, as its allocator never gives everything back."""

ALARM_AFTER_S = 2.0
"""After the time limit the kernel ends a worker that nobody killed: its parent is gone."""

START_S = 30.0
"""For a worker to start on a busy machine, before its document is given up."""

CLOSE_S = 5.0
"""For the workers to end; the alarm and the closed pipe end those that do not."""

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
    """Workers that start with the first document; one that dies is replaced.

    Attributes:
        places: one for each worker. Whoever calls ``run`` holds one.
        turns: for those who read one document alone, before they wait for a place: so many
            that wait stand in nobody's way who reads several together.

    Args:
        limit_s: wall time for one call of ``run``.
        cpu_s: CPU seconds of the worker for one call, None for as many as fit.
        max_memory_bytes, is_for_pages: see ``ParserPool``.
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
        idle_s: float | None = None,
    ) -> None:
        self.places = asyncio.Semaphore(workers)
        self.turns = asyncio.Semaphore(workers)
        self._workers = workers
        self._limit_s = limit_s
        self._cpu_s = cpu_s
        self._initial = (max_memory_bytes, is_for_pages)
        self._idle_s = idle_s
        self._resting: asyncio.TimerHandle | None = None
        self._running: set[Future[Any]] = set()
        self._endings: list[threading.Thread] = []
        self._pool: ProcessPool | None = None
        self._is_open = False

    def open(self) -> None:
        """Have it take documents."""
        self._is_open = True

    async def close(self) -> None:
        """Give up what is read, and end the workers."""
        self._is_open = False
        self._stay_awake()
        for future in tuple(self._running):
            future.cancel()
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
            FeedUnreadable: the lane is closed.
        """
        if self._is_closing():
            raise FeedUnreadable(f"{url}: not read, the program is stopping")
        self._stay_awake()
        deadline = asyncio.timeout(self._limit_s + ALARM_AFTER_S + START_S)
        future = self._schedule(read)
        self._running.add(future)
        try:
            async with deadline:
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if deadline.expired():  # a worker killed by others can take a lock of the pool along
                self._drop_pool()
            raise OutOfTime from error
        except ProcessExpired as death:
            if death.exitcode == -signal.SIGPROF:
                raise OutOfTime from death
            raise WorkerDied(death.exitcode) from death
        except BrokenProcessPool as death:
            raise WorkerDied(None) from death
        except asyncio.CancelledError:
            if not self._is_closing() or _is_cancelled():
                raise
            raise FeedUnreadable(f"{url}: not read, the program is stopping") from None
        finally:
            self._running.discard(future)
            self._rest_soon()

    def _schedule(self, read: Callable[[], _Read]) -> Future[_Read]:
        alarm_s = self._limit_s + ALARM_AFTER_S
        try:
            if self._pool is None or not self._pool.active:
                self._drop_pool()
                self._pool = self._start_pool()
            return self._pool.schedule(
                _work, args=(read, alarm_s, self._cpu_s or 0.0), timeout=self._limit_s
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
                context=multiprocessing.get_context("spawn"),
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


def limit_worker(max_memory_bytes: int, is_for_pages: bool) -> None:
    """Make this process one that can be killed and cannot grow; runs in each new worker."""
    # Python's handlers wait for the interpreter, which a hung parser never gives back.
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    if is_for_pages:
        read_article(b"<p>Loads what reading takes.</p>", url="", content_type="text/html")
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + max_memory_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _work(read: Callable[[], _Read], alarm_s: float, cpu_s: float) -> _Read:
    """Runs in a worker. Alarms end it even in the middle of C code, and without a parent.

    ``cpu_s`` are seconds of its own work, 0 for any number: a busy machine costs a good
    document nothing of these.
    """
    signal.setitimer(signal.ITIMER_REAL, alarm_s)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    try:
        return read()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
