"""Worker processes that read documents, so that no document can hold up or bring down the bot.

A document may hang the parser, eat gigabytes or crash the interpreter. Its worker is killed
and replaced; the bot says so about that feed and goes on with the others.

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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from multiprocessing import resource_tracker
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.errors import FeedUnreadable, Trouble
from bot.model import FeedLink, Fetched, ParsedFeed
from bot.parsing import find_feed_links, parse_feed, read_article
from bot.scheduling.packing import Packed, pack, unpack

TASKS_PER_WORKER = 1_000
"""Turns after which a worker is replaced, as its allocator never gives everything back."""

ALARM_AFTER_S = 2.0
"""After the time limit the kernel ends a worker that nobody killed: its parent is gone."""

START_S = 30.0
"""For a worker to start on a busy machine, before its document is given up."""

TOGETHER = 16
"""Documents that a worker is given at once where as many wait: handing over one costs half a
millisecond of CPU on this side and the other, a quarter of what reading it takes."""

TOGETHER_BYTES = 64 * 2**10
"""A larger document is read alone."""

TOGETHER_S = 2.0
"""For documents that were handed over together; if it is not enough, each is read alone."""

CLOSE_S = 5.0
"""For the workers to end; the alarm and the closed pipe end those that do not."""

_Read = TypeVar("_Read")


class ParserPool:
    """The Parser, Extractor and FeedLinkReader ports; open it with ``async with``.

    Workers start with the first document. One that dies is replaced, also when something
    other than its document killed it.

    Attributes:
        workers: documents read at the same time; others wait.
        timeout_s: for reading one document.
        max_memory_bytes: what one worker may take beyond what it needs to start. Linux
            enforces it; elsewhere the time limit stands alone.

    Args:
        timeout_setting: what governs ``timeout_s``, for messages.
        is_for_pages: workers load the page reader when they start, so that a short time
            limit is not spent on that.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        timeout_s: float = 20.0,
        timeout_setting: str = "parse.timeout_s",
        max_memory_bytes: int = 512 * 2**20,
        is_for_pages: bool = False,
    ) -> None:
        self.workers = workers
        self.timeout_s = timeout_s
        self.max_memory_bytes = max_memory_bytes
        self._timeout_setting = timeout_setting
        self._is_for_pages = is_for_pages
        self._places = asyncio.Semaphore(workers)
        self._running: set[Future[Any]] = set()
        self._waiting: dict[_Wanted, None] = {}
        self._together: set[asyncio.Task[None]] = set()
        self._pool: ProcessPool | None = None
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        for future in tuple(self._running):
            future.cancel()
        stopping = self._drop_pool()
        if stopping is not None:
            await asyncio.to_thread(stopping.join, CLOSE_S)

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        """Read the body of ``fetched`` in a worker, together with others that wait.

        Args:
            seen: see ``bot.parsing.parse_feed``.

        A worker that died may have been killed by others: the document gets a second one.

        Raises:
            FeedUnreadable: no feed in it, refused as dangerous, or over a limit, whose
                setting is named; or the pool was closed meanwhile.
        """
        read = _about(partial(_parse, seen=seen), fetched)
        if len(fetched.body or b"") > TOGETHER_BYTES:
            return unpack(await self._read(fetched.url, read))
        self._require_open()
        wanted = _Wanted(read, asyncio.get_running_loop().create_future())
        wanted.outcome.add_done_callback(_retrieve)
        self._waiting[wanted] = None
        try:
            async with self._places:
                if wanted in self._waiting:
                    await self._read_waiting(fetched.url, wanted)
            outcome = await wanted.outcome
        finally:
            self._waiting.pop(wanted, None)
        if outcome is None:
            outcome = await self._read_alone(fetched.url, read)
        return unpack(outcome)

    async def _read_waiting(self, url: str, first: _Wanted) -> None:
        """Read ``first`` and what else waits by now; the caller holds a place."""
        others = [wanted for wanted in self._waiting if wanted is not first]
        share = -(-len(others) // self.workers)
        batch = [first, *others[: min(share, TOGETHER - 1)]]
        for wanted in batch:
            del self._waiting[wanted]
        if len(batch) == 1:
            first.outcome.set_result(await self._read_placed(url, first.read))
            return
        # A task of its own: whoever waits for the first may give up, the others do not.
        task = asyncio.create_task(self._read_together(batch))
        self._together.add(task)
        task.add_done_callback(self._together.discard)
        await asyncio.shield(task)

    async def _read_together(self, batch: Sequence[_Wanted]) -> None:
        """Settle each of ``batch``: read, refused, or None for what must be tried alone."""
        outcomes: list[Packed | FeedUnreadable | None] = []
        read = partial(_parse_all, [wanted.read for wanted in batch])
        try:
            outcomes = await self._run("", read, limit_s=min(TOGETHER_S, self.timeout_s))
        except (ProcessExpired, BrokenProcessPool, FeedUnreadable):
            pass  # for each of them it is tried again, or said why not
        finally:
            for wanted, outcome in zip_longest(batch, outcomes):
                if wanted.outcome.done():
                    continue
                if isinstance(outcome, FeedUnreadable):
                    wanted.outcome.set_exception(outcome)
                else:
                    wanted.outcome.set_result(outcome)

    async def extract(self, page: Fetched) -> str:
        """Read the article in ``page`` in a worker, like a feed; see ``read_article``.

        Raises:
            FeedUnreadable: as for a feed.
        """
        return await self._read(page.url, _about(read_article, page))

    async def find_feed_links(self, page: Fetched) -> tuple[FeedLink, ...]:
        """Read which feeds ``page`` names in a worker; see ``bot.parsing.find_feed_links``.

        Raises:
            FeedUnreadable: as for a feed.
        """
        return await self._read(page.url, _about(find_feed_links, page))

    def _is_closing(self) -> bool:
        return not self._is_open

    def _require_open(self) -> None:
        if not self._is_open:
            raise RuntimeError("ParserPool is used outside its `async with`")

    async def _read(self, url: str, read: Callable[[], _Read]) -> _Read:
        self._require_open()
        return await self._read_alone(url, read)

    async def _read_alone(self, url: str, read: Callable[[], _Read]) -> _Read:
        async with self._places:
            return await self._read_placed(url, read)

    async def _read_placed(self, url: str, read: Callable[[], _Read]) -> _Read:
        try:
            return await self._run(url, read, limit_s=self.timeout_s)
        except (ProcessExpired, BrokenProcessPool):
            pass
        try:
            return await self._run(url, read, limit_s=self.timeout_s)
        except (ProcessExpired, BrokenProcessPool) as death:
            code = getattr(death, "exitcode", None)
            raise FeedUnreadable(
                f"{url}: the document ended two workers that read it "
                f"(exit code {code}); it may need more than parse.max_memory_mb = "
                f"{self.max_memory_bytes // 2**20}",
                trouble=Trouble.HEAVY,
            ) from death

    async def _run(self, url: str, read: Callable[[], _Read], *, limit_s: float) -> _Read:
        """Read it once, in ``limit_s`` (seconds) at most.

        Raises:
            ProcessExpired: the worker died.
            BrokenProcessPool: all workers died.
        """
        if self._is_closing():
            raise FeedUnreadable(f"{url}: not read, the program is stopping")
        deadline = asyncio.timeout(limit_s + ALARM_AFTER_S + START_S)
        future = self._schedule(read, limit_s)
        self._running.add(future)
        try:
            async with deadline:
                return await asyncio.wrap_future(future)
        except MemoryError as error:
            raise FeedUnreadable(
                f"{url}: reading the document takes more than "
                f"{self.max_memory_bytes // 2**20} MiB (parse.max_memory_mb)",
                trouble=Trouble.HEAVY,
            ) from error
        except TimeoutError as error:
            if deadline.expired():  # a worker killed by others can take a lock of the pool along
                self._drop_pool()
            raise FeedUnreadable(
                f"{url}: reading the document takes longer than "
                f"{self.timeout_s:g} s ({self._timeout_setting})",
                trouble=Trouble.HEAVY,
            ) from error
        except asyncio.CancelledError:
            if not self._is_closing() or _is_cancelled():
                raise
            raise FeedUnreadable(f"{url}: not read, the program is stopping") from None
        finally:
            self._running.discard(future)

    def _schedule(self, read: Callable[[], _Read], limit_s: float) -> Future[_Read]:
        if self._pool is None or not self._pool.active:
            self._drop_pool()
            self._pool = self._start_pool()
        alarm_s = limit_s + ALARM_AFTER_S
        try:
            return self._pool.schedule(_work, args=(read, alarm_s), timeout=limit_s)
        except RuntimeError as error:  # it broke this very moment
            raise BrokenProcessPool(str(error)) from error

    def _start_pool(self) -> ProcessPool:
        # It unblocks SIGINT for the thread that starts it, so it is started before that is blocked.
        resource_tracker.ensure_running()
        with _sigint_blocked():
            pool = ProcessPool(
                max_workers=self.workers,
                max_tasks=TASKS_PER_WORKER,
                initializer=_limit_worker,
                initargs=(self.max_memory_bytes, self._is_for_pages),
                context=multiprocessing.get_context("spawn"),
            )
            if not pool.active:  # asking starts it, under this thread's signal mask
                raise BrokenProcessPool("the worker processes did not start")
        return pool

    def _drop_pool(self) -> threading.Thread | None:
        """Part with the pool; the thread that stops it, or None if there was no pool."""
        pool, self._pool = self._pool, None
        if pool is None:
            return None
        thread = threading.Thread(target=_stop, args=(pool,), daemon=True)
        thread.start()
        return thread


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A document that waits to be read, and what became of it; None for "try it alone"."""

    read: Callable[[], Packed]
    outcome: asyncio.Future[Packed | None]


def _retrieve(outcome: asyncio.Future[Packed | None]) -> None:
    """Look at how it ended, so that nobody complains where whoever waited gave up."""
    if not outcome.cancelled():
        outcome.exception()


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


def _limit_worker(max_memory_bytes: int, is_for_pages: bool) -> None:
    """Make this process one that can be killed and cannot grow; runs in each new worker."""
    # Python's handlers wait for the interpreter, which a hung parser never gives back.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if is_for_pages:
        read_article(b"<p>Loads what reading takes.</p>", url="", content_type="text/html")
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + max_memory_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _about(read: Callable[..., _Read], fetched: Fetched) -> Callable[[], _Read]:
    """``read`` with everything it needs to know of ``fetched``, to be sent to a worker."""
    if fetched.body is None:
        raise ValueError(f"{fetched.url}: 304 Not Modified has no body to read")
    return partial(read, fetched.body, url=fetched.url, content_type=fetched.content_type)


def _parse(body: bytes, *, url: str, content_type: str, seen: bytes) -> Packed:
    """Runs in a worker."""
    return pack(parse_feed(body, url=url, content_type=content_type, seen=seen))


def _parse_all(reads: Sequence[Callable[[], Packed]]) -> list[Packed | FeedUnreadable | None]:
    """Runs in a worker. None is for what one document among others may not be blamed for."""
    outcomes: list[Packed | FeedUnreadable | None] = []
    for read in reads:
        try:
            outcomes.append(read())
        except FeedUnreadable as refusal:
            outcomes.append(refusal)
        except Exception:  # noqa: BLE001 - memory, or a defect: alone it is raised
            outcomes.append(None)
    return outcomes


def _work(read: Callable[[], _Read], alarm_s: float) -> _Read:
    """Runs in a worker. The alarm ends it even in the middle of C code, and without a parent."""
    signal.setitimer(signal.ITIMER_REAL, alarm_s)
    try:
        return read()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
