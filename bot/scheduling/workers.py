"""Worker processes that read documents, so that no document can hold up or bring down the bot.

A document may hang the parser, eat gigabytes or crash the interpreter. Its worker is killed
and replaced; the bot says so about that feed and goes on with the others.

There are three lanes, none of which waits for another: for small documents, which are most;
for large ones; and a patient one. In the first two each has a moment's work. One that takes
longer begins again in the patient lane, where it has all the time that is configured and only
its like wait behind it. There it goes at once the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from time import monotonic, process_time
from types import TracebackType
from typing import Self, TypeVar

from bot.errors import FeedUnreadable, Trouble
from bot.model import FeedLink, Fetched, ParsedFeed
from bot.parsing import find_feed_links, parse_feed, read_article
from bot.scheduling.lane import Lane, OutOfTime, WorkerDied
from bot.scheduling.packing import Packed, pack, unpack

QUICK_S = 0.5
"""CPU seconds for a document, or for small ones handed over together, before it needs patience:
ten times what a feed of 100 KB takes, also on a slow machine."""

QUICK_PAGE_S = 2.0
"""The same for pages for people, which are larger; loading their reader again is slow, too."""

PATIENT = 8
"""Documents in the patient lane, waiting or being read. Each keeps the place of its poll, of
which there are 32 unless configured: many that hang may not take them all. Of those that hung
before there is one at a time, so that whoever is only slow comes to its turn."""

KNOWN = 1_000
"""Addresses whose last document took long; more are forgotten, the oldest first. One that is
not known costs a moment of everybody's time again, and a worker."""

PATIENT_NICENESS = 5
"""Where there are fewer cores than workers, a third of the others' share: see nice(2)."""

IDLE_S = 60.0
"""After so long without a document the workers of the large and the patient are ended."""

TOGETHER = 16
"""Documents that a worker is given at once where as many wait: handing over one costs half a
millisecond of CPU on this side and the other, a quarter of what reading it takes."""

TOGETHER_BYTES = 64 * 2**10
"""A larger document is read alone, in a lane of its own kind."""

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Load:
    """What workers do.

    Attributes:
        busy: how many read something just now.
        late, died: how many were ended so far for the time they took, and for other reasons.
    """

    busy: int = 0
    late: int = 0
    died: int = 0


class ParserPool:
    """The Parser, Extractor and FeedLinkReader ports; open it with ``async with``.

    Workers start with the first document, or once ``start_soon`` is called. One that dies is
    replaced, also when something other than its document killed it.

    Attributes:
        workers: small documents, or batches of them, read at the same time, and as many large
            ones; others wait. Of those that need patience one is read at a time.
        timeout_s: for reading one document, once in each lane.
        max_memory_bytes: what one worker may take beyond what it needs to start. Linux
            enforces it; elsewhere the time limit stands alone.

    Args:
        timeout_setting: what governs ``timeout_s``, for messages.
        is_for_pages: workers load the page reader when they start, so that a short time
            limit is not spent on that.
        quick_s: CPU seconds for a document before it needs patience.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        timeout_s: float = 20.0,
        timeout_setting: str = "parse.timeout_s",
        max_memory_bytes: int = 512 * 2**20,
        is_for_pages: bool = False,
        quick_s: float = QUICK_S,
    ) -> None:
        self.workers = workers
        self.timeout_s = timeout_s
        self.max_memory_bytes = max_memory_bytes
        self._timeout_setting = timeout_setting
        make_lane = partial(
            Lane, limit_s=timeout_s, max_memory_bytes=max_memory_bytes, is_for_pages=is_for_pages
        )
        self._small = make_lane(workers=workers, cpu_s=quick_s)
        self._large = make_lane(workers=workers, cpu_s=quick_s, idle_s=IDLE_S)
        self._patient = make_lane(workers=1, idle_s=IDLE_S, niceness=PATIENT_NICENESS)
        self._lanes = (self._small, self._large, self._patient)
        self._quick_s = quick_s
        self._known_slow: dict[str, bool] = {}  # by address: whether it took too long even so
        self._in_patience = 0
        self._is_one_tried_again = False  # of those that took too long
        self._waiting: dict[_Wanted, None] = {}
        self._together: set[asyncio.Task[None]] = set()
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        for lane in self._lanes:
            lane.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        await asyncio.gather(*(lane.close() for lane in self._lanes))

    @property
    def load(self) -> Load:
        """What its workers do, and what became of them."""
        return Load(
            busy=sum(lane.busy for lane in self._lanes),
            late=sum(lane.late for lane in self._lanes),
            died=sum(lane.died for lane in self._lanes),
        )

    def start_soon(self) -> None:
        """Have the workers of small documents started, before there is one."""
        self._require_open()
        self._small.start_soon()

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        """Read the body of ``fetched`` in a worker, together with others that wait.

        Args:
            seen: see ``bot.parsing.parse_feed``.

        A worker that died may have been killed by others: the document gets a second one.

        Raises:
            FeedUnreadable: no feed in it, refused as dangerous, or over a limit, whose
                setting is named; or the pool was closed meanwhile, or too many documents
                need patience just now.
            OSError: no worker can be started.
        """
        self._require_open()
        read = _about(partial(_parse, seen=seen), fetched)
        if len(fetched.body or b"") > TOGETHER_BYTES:
            return unpack(await self._read(fetched.url, read))
        return unpack(await self._read(fetched.url, read, among=self._read_with_others))

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

    def _require_open(self) -> None:
        if not self._is_open:
            raise RuntimeError("ParserPool is used outside its `async with`")

    async def _read(
        self,
        url: str,
        read: Callable[[], _Read],
        *,
        among: Callable[[str, Callable[[], _Read]], Awaitable[_Read]] | None = None,
    ) -> _Read:
        """Read it ``among`` others or with the large ones, or else patiently."""
        self._require_open()
        if url not in self._known_slow:
            try:
                return await (among or self._read_alone)(url, read)
            except OutOfTime:
                self._note_slow(url)
        return await self._read_patiently(url, read)

    def _note_slow(self, url: str, *, is_hopeless: bool = False) -> None:
        self._known_slow.pop(url, None)  # the newest stand last
        self._known_slow[url] = is_hopeless
        if len(self._known_slow) > KNOWN:
            del self._known_slow[next(iter(self._known_slow))]

    async def _read_patiently(self, url: str, read: Callable[[], _Read]) -> _Read:
        if is_hopeless := self._known_slow.get(url, False):
            if self._is_one_tried_again:
                raise FeedUnreadable(
                    f"{url}: reading the document took too long the last time, and another like "
                    "it is being read; tried again at the next poll",
                    trouble=Trouble.HEAVY,
                )
            self._is_one_tried_again = True
        try:
            return await self._read_in_turn(url, read)
        finally:
            if is_hopeless:
                self._is_one_tried_again = False

    async def _read_in_turn(self, url: str, read: Callable[[], _Read]) -> _Read:
        if self._in_patience >= PATIENT:
            raise FeedUnreadable(
                f"{url}: reading the document takes long, and {PATIENT} others that do came "
                "before it; tried again at the next poll",
                trouble=Trouble.HEAVY,
                was_read=False,
            )
        self._in_patience += 1
        try:
            async with self._patient.places:
                began = monotonic()
                outcome = await self._read_placed(self._patient, url, read)
                is_quick = monotonic() - began < self._quick_s
        except OutOfTime as error:
            self._note_slow(url, is_hopeless=True)
            raise FeedUnreadable(
                f"{url}: reading the document takes longer than "
                f"{self.timeout_s:g} s ({self._timeout_setting})",
                trouble=Trouble.HEAVY,
            ) from error
        finally:
            self._in_patience -= 1
        if is_quick:
            self._known_slow.pop(url, None)
        else:
            self._note_slow(url)
        return outcome

    async def _read_with_others(self, url: str, read: Callable[[], Packed]) -> Packed:
        """Read it as one of the small ones that wait, or else alone."""
        wanted = _Wanted(read, asyncio.get_running_loop().create_future())
        wanted.outcome.add_done_callback(_retrieve)
        self._waiting[wanted] = None
        try:
            async with self._small.places:
                if wanted in self._waiting:
                    others = self._take_others(wanted)
                    if not others:
                        return await self._read_placed(self._small, url, read)
                    # A task of its own: whoever waits for the first may give up, others do not.
                    task = asyncio.create_task(self._read_together([wanted, *others]))
                    self._together.add(task)
                    task.add_done_callback(self._together.discard)
                    await asyncio.shield(task)
            outcome = await wanted.outcome
        finally:
            self._waiting.pop(wanted, None)
        if outcome is None:  # small, and maybe only unlucky: it need not wait its turn again
            async with self._small.places:
                outcome = await self._read_placed(self._small, url, read)
        return outcome

    def _take_others(self, first: _Wanted) -> list[_Wanted]:
        """Those that go along with ``first``; they and it wait no longer."""
        others = [wanted for wanted in self._waiting if wanted is not first]
        share = -(-len(others) // self.workers)
        others = others[: min(share, TOGETHER - 1)]
        for wanted in (first, *others):
            del self._waiting[wanted]
        return others

    async def _read_together(self, batch: Sequence[_Wanted]) -> None:
        """Settle each of ``batch``: read, refused, or None for what must be tried alone."""
        outcomes: list[Packed | FeedUnreadable | None] = []
        read = partial(_parse_all, [one.read for one in batch], within_s=self._quick_s / 2)
        try:
            outcomes = await self._small.run("", read)
        except (OutOfTime, WorkerDied, MemoryError, FeedUnreadable):
            pass  # for each of them it is tried again, or said why not
        finally:
            for wanted, outcome in zip_longest(batch, outcomes):
                if wanted.outcome.done():
                    continue
                if isinstance(outcome, FeedUnreadable):
                    wanted.outcome.set_exception(outcome)
                else:
                    wanted.outcome.set_result(outcome)

    async def _read_alone(self, url: str, read: Callable[[], _Read]) -> _Read:
        async with self._large.places:
            return await self._read_placed(self._large, url, read)

    async def _read_placed(self, lane: Lane, url: str, read: Callable[[], _Read]) -> _Read:
        """Read it in ``lane``, by a second worker if the first dies.

        Raises:
            OutOfTime: it takes longer than it may there.
            FeedUnreadable: as by ``parse``.
        """
        try:
            try:
                return await lane.run(url, read)
            except WorkerDied:
                return await lane.run(url, read)
        except MemoryError as error:
            raise FeedUnreadable(
                f"{url}: reading the document takes more than "
                f"{self.max_memory_bytes // 2**20} MiB (parse.max_memory_mb)",
                trouble=Trouble.HEAVY,
            ) from error
        except WorkerDied as death:
            raise FeedUnreadable(
                f"{url}: the document ended two workers that read it "
                f"(exit code {death.code}); it may need more than parse.max_memory_mb = "
                f"{self.max_memory_bytes // 2**20}",
                trouble=Trouble.HEAVY,
            ) from death


@dataclass(frozen=True, eq=False)
class _Wanted:
    """A document that waits to be read, and what became of it; None for "try it alone"."""

    read: Callable[[], Packed]
    outcome: asyncio.Future[Packed | None]


def _retrieve(outcome: asyncio.Future[Packed | None]) -> None:
    """Look at how it ended, so that nobody complains where whoever waited gave up."""
    if not outcome.cancelled():
        outcome.exception()


def _about(read: Callable[..., _Read], fetched: Fetched) -> Callable[[], _Read]:
    """``read`` with everything it needs to know of ``fetched``, to be sent to a worker."""
    if fetched.body is None:
        raise ValueError(f"{fetched.url}: 304 Not Modified has no body to read")
    return partial(read, fetched.body, url=fetched.url, content_type=fetched.content_type)


def _parse(body: bytes, *, url: str, content_type: str, seen: bytes) -> Packed:
    """Runs in a worker."""
    return pack(parse_feed(body, url=url, content_type=content_type, seen=seen))


def _parse_all(
    reads: Sequence[Callable[[], Packed]], *, within_s: float
) -> list[Packed | FeedUnreadable | None]:
    """Runs in a worker. None is for what one document among others may not be blamed for.

    Args:
        within_s: CPU seconds, after which none is begun: the rest is None, too.
    """
    outcomes: list[Packed | FeedUnreadable | None] = []
    end = process_time() + within_s
    for read in reads:
        if process_time() > end:
            break
        try:
            outcomes.append(read())
        except FeedUnreadable as refusal:
            outcomes.append(refusal)
        except Exception:  # noqa: BLE001 - memory, or a defect: alone it is raised
            outcomes.append(None)
    return outcomes
