"""Worker processes that read documents, so that no document can hold up or bring down the bot.

A document may hang the parser, eat gigabytes or crash the interpreter. Its worker is killed
and replaced; the bot says so about that feed and goes on with the others.

There are two lanes. All documents are read in the ordinary one, where each has a moment's
work; one that takes longer begins again in the patient one, where it has all the time that is
configured and only its like wait behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from types import TracebackType
from typing import Self, TypeVar

from bot.errors import FeedUnreadable, Trouble
from bot.model import FeedLink, Fetched, ParsedFeed
from bot.parsing import find_feed_links, parse_feed, read_article
from bot.scheduling.lane import Lane, OutOfTime, WorkerDied
from bot.scheduling.packing import Packed, pack, unpack

QUICK_S = 0.5
"""CPU seconds for a document in the ordinary lane, or for several handed over together: ten
times what a feed of 100 KB takes, also on a slow machine."""

QUICK_PAGE_S = 2.0
"""The same for pages for people, which are larger; loading their reader again is slow, too."""

PATIENT = 8
"""Documents in the patient lane, waiting or being read. Each keeps the place of its poll, of
which there are 32 unless configured: many that hang may not take them all."""

IDLE_S = 60.0
"""After so long without a document the patient worker is ended."""

TOGETHER = 16
"""Documents that a worker is given at once where as many wait: handing over one costs half a
millisecond of CPU on this side and the other, a quarter of what reading it takes."""

TOGETHER_BYTES = 64 * 2**10
"""A larger document is read alone."""

_Read = TypeVar("_Read")


class ParserPool:
    """The Parser, Extractor and FeedLinkReader ports; open it with ``async with``.

    Workers start with the first document. One that dies is replaced, also when something
    other than its document killed it. Besides ``workers`` there is one more while documents
    need patience.

    Attributes:
        workers: documents read at the same time; others wait.
        timeout_s: for reading one document, once in each lane.
        max_memory_bytes: what one worker may take beyond what it needs to start. Linux
            enforces it; elsewhere the time limit stands alone.

    Args:
        timeout_setting: what governs ``timeout_s``, for messages.
        is_for_pages: workers load the page reader when they start, so that a short time
            limit is not spent on that.
        quick_s: CPU seconds for a document in the ordinary lane.
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
        self._ordinary = make_lane(workers=workers, cpu_s=quick_s)
        self._patient = make_lane(workers=1, idle_s=IDLE_S)
        self._in_patience = 0
        self._waiting: dict[_Wanted, None] = {}
        self._together: set[asyncio.Task[None]] = set()
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        self._ordinary.open()
        self._patient.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        await asyncio.gather(self._ordinary.close(), self._patient.close())

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        """Read the body of ``fetched`` in a worker, together with others that wait.

        Args:
            seen: see ``bot.parsing.parse_feed``.

        A worker that died may have been killed by others: the document gets a second one.

        Raises:
            FeedUnreadable: no feed in it, refused as dangerous, or over a limit, whose
                setting is named; or the pool was closed meanwhile, or too many documents
                need patience just now.
        """
        read = _about(partial(_parse, seen=seen), fetched)
        if len(fetched.body or b"") > TOGETHER_BYTES:
            return unpack(await self._read(fetched.url, read))
        self._require_open()
        quickly = self._read_with_others(fetched.url, read)
        return unpack(await self._else_patiently(fetched.url, read, quickly))

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

    async def _read(self, url: str, read: Callable[[], _Read]) -> _Read:
        self._require_open()
        quickly = self._read_alone(self._ordinary, url, read)
        return await self._else_patiently(url, read, quickly)

    async def _else_patiently(
        self, url: str, read: Callable[[], _Read], quickly: Awaitable[_Read]
    ) -> _Read:
        """What ``quickly`` gives, else ``read`` from the start in the patient lane."""
        try:
            return await quickly
        except OutOfTime:
            pass  # its place in the ordinary lane is free by now
        if self._in_patience >= PATIENT:
            raise FeedUnreadable(
                f"{url}: reading the document takes long, and {PATIENT} others that do came "
                "before it; tried again at the next poll",
                trouble=Trouble.HEAVY,
            )
        self._in_patience += 1
        try:
            return await self._read_alone(self._patient, url, read)
        except OutOfTime as error:
            raise FeedUnreadable(
                f"{url}: reading the document takes longer than "
                f"{self.timeout_s:g} s ({self._timeout_setting})",
                trouble=Trouble.HEAVY,
            ) from error
        finally:
            self._in_patience -= 1

    async def _read_with_others(self, url: str, read: Callable[[], Packed]) -> Packed:
        """Read it in the ordinary lane as one of those that wait, or else alone."""
        wanted = _Wanted(read, asyncio.get_running_loop().create_future())
        wanted.outcome.add_done_callback(_retrieve)
        self._waiting[wanted] = None
        try:
            async with self._ordinary.places:
                if wanted in self._waiting:
                    others = self._take_others(wanted)
                    if not others:
                        return await self._read_placed(self._ordinary, url, read)
                    # A task of its own: whoever waits for the first may give up, others do not.
                    task = asyncio.create_task(self._read_together([wanted, *others]))
                    self._together.add(task)
                    task.add_done_callback(self._together.discard)
                    await asyncio.shield(task)
            outcome = await wanted.outcome
        finally:
            self._waiting.pop(wanted, None)
        if outcome is None:  # small, and maybe only unlucky: it need not wait its turn again
            async with self._ordinary.places:
                outcome = await self._read_placed(self._ordinary, url, read)
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
        read = partial(_parse_all, [wanted.read for wanted in batch])
        try:
            outcomes = await self._ordinary.run("", read)
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

    async def _read_alone(self, lane: Lane, url: str, read: Callable[[], _Read]) -> _Read:
        async with lane.turns, lane.places:
            return await self._read_placed(lane, url, read)

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
