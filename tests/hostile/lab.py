"""What the hostile tests share: the server in a process of its own, and a bot's whole way.

Everything is real: fetcher, workers, store, drain and the drawing for both platforms. Only
the clock is moved by hand, and names lead where a case wants them to.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import psutil
from aiohttp.abc import AbstractResolver, ResolveResult
from sqlalchemy import select

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.fetching import HttpFetcher, parse_allowed
from bot.matching import Matcher
from bot.model import (
    CONSOLE,
    Delivery,
    Destination,
    Digest,
    Feed,
    FeedOrigin,
    FeedSpec,
    Fetched,
    Message,
    Platform,
    Subscription,
)
from bot.pipeline.decide import Desk
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.pipeline.report import PollReport
from bot.ports import Parser
from bot.store import SqlStore, open_store
from bot.store.schema import entries
from bot.stories import OutletNames
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.pipeline.lab import CATALOGUE, MovableClock
from tests.servers.hostile import CASES, CONTROL, Case, host_of
from tests.servers.hostile.case import CALM, rss

ROOT = Path(__file__).parents[2]
PLACES = {
    Platform.CONSOLE: CONSOLE,
    Platform.DISCORD: Destination(Platform.DISCORD, "1", "2"),
    Platform.SLACK: Destination(Platform.SLACK, "T1", "C1"),
}
SAMPLED_EVERY_S = 0.02
LOOKED_EVERY_S = 0.5  # for workers that were started anew
MB = 1_000_000


def trusting() -> ssl.SSLContext:
    """A client that trusts the authority of the tests, and nobody else."""
    return ssl.create_default_context(cafile=str(ROOT / "tests/servers/hostile/authority.pem"))


class Siege:
    """The hostile server, in a process of its own.

    Attributes:
        port: of all its addresses.
        pid: of its process, which is no part of the bot.
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self.pid = process.pid

    def touched(self) -> list[str]:
        """The internal addresses to which somebody was led."""
        return [str(address) for address in self._tell("/canary")]

    def asked(self) -> dict[str, int]:
        """Requests by the name of the case."""
        return dict(self._tell("/asked"))

    def _tell(self, path: str) -> Any:
        address = f"http://{CONTROL}:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def besieged() -> Iterator[Siege]:
    """A running hostile server."""
    command = [sys.executable, "-m", "tests.servers.hostile", "--quiet"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Siege(process, int(process.stdout.readline()))
        finally:
            process.kill()


class CaseResolver(AbstractResolver):
    """Each name of a case leads where its script says, look-up by look-up."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(script) for name, script in answers.items()}
        self._answers["localhost"] = [["127.0.0.1", "::1"]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        script = self._answers.get(host)
        if not script:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = script.pop(0) if len(script) > 1 else script[0]
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=families[":" in one], proto=0, flags=0
            )
            for one in found
        ]

    async def close(self) -> None:
        pass


class Scales:
    """The memory of the bot and its workers while this is entered, in bytes.

    Attributes:
        own_peak: by how much this process had grown at its largest.
        all_peak: the same of it and the processes that it has started.
        left: what remains of that in the end; below 0 where one was ended.
    """

    def __init__(self, *, without: int) -> None:
        self._without = without  # a process that is no worker
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._children: list[psutil.Process] = []
        self.own_peak = self.all_peak = self.left = 0

    def __enter__(self) -> Self:
        self._look_around()
        self._own_before, self._before = self._weigh()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._look_around()
        self.left = self._weigh()[1] - self._before

    def _watch(self) -> None:
        looked_at = time.monotonic()
        while not self._stop.wait(SAMPLED_EVERY_S):
            if time.monotonic() - looked_at > LOOKED_EVERY_S:
                self._look_around()
                looked_at = time.monotonic()
            own, everything = self._weigh()
            self.own_peak = max(self.own_peak, own - self._own_before)
            self.all_peak = max(self.all_peak, everything - self._before)

    def _look_around(self) -> None:
        found = self._process.children(recursive=True)  # it reads of every process there is
        self._children = [child for child in found if child.pid != self._without]

    def _weigh(self) -> tuple[int, int]:
        """What this process takes, and what it takes with its workers."""
        own = everything = self._process.memory_info().rss
        for child in self._children:
            with suppress(psutil.NoSuchProcess):  # of shared memory each counts its part
                memory = child.memory_full_info()
                everything += getattr(memory, "pss", memory.rss)
        return own, everything


@dataclass
class Outcome:
    """What came of a case.

    Attributes:
        address: at which it was added.
        feed: as the store has it after the last poll.
        titles: of its entries, in the order they were filed.
        posts: entries that came after the first poll and were told.
        twice: stories that were posted more than once.
        edits: posts that were edited.
        due_in_s: from the last poll to the next, seconds.
        seconds: of wall time.
        own_mb, all_mb, left_mb: by how much this process, and it with its workers, had grown
            at their largest; and what was left of it in the end.
        given: everything that was handed to the platforms.
    """

    case: Case
    address: str
    feed: Feed
    reports: list[PollReport]
    titles: list[str]
    posts: int
    twice: list[str]
    edits: int
    due_in_s: float
    seconds: float
    own_mb: float
    all_mb: float
    left_mb: float
    touched: list[str]
    given: dict[Platform, list[tuple[Delivery, Message | Digest]]] = field(default_factory=dict)

    def __str__(self) -> str:
        told = [f"refused: {self.feed.trouble}" if self.feed.trouble else "read"]
        told += [f"{len(self.titles)} entries"] if self.titles else []
        told += [f"{self.posts} posted"] if self.posts else []
        return ", ".join(told)


@dataclass
class Newsroom:
    """One bot before one case."""

    store: SqlStore
    poller: Poller
    drain: Drain
    clock: MovableClock
    senders: dict[Platform, KeepingSender]

    async def told(self, feed: Feed) -> tuple[list[str], list[str]]:
        """The titles of its entries as they were filed, and the stories of those."""
        async with self.store.database.reading() as connection:
            columns = (entries.c.title, entries.c.story_id)
            mine = select(*columns).where(entries.c.feed_id == feed.id).order_by(entries.c.id)
            rows = list(await connection.execute(mine))
        return [row.title for row in rows], [row.story_id for row in rows if row.story_id]

    def posted(self, platform: Platform = Platform.CONSOLE) -> list[str]:
        """The stories of all first posts there, those of digests too."""
        return [
            one.story_id
            for delivery, shown in self.senders[platform].given
            if not delivery.sent_revision
            for one in (shown.messages if isinstance(shown, Digest) else (shown,))
        ]


@cache
def shared_desk() -> Desk:
    """The shipped catalogue's; making one takes longer than most attacks."""
    return Desk(Matcher(CATALOGUE), OutletNames(CATALOGUE.outlets))


@cache
def _empty_database() -> bytes:
    """One that was made once: migrations take longer than most attacks, too."""

    async def make(path: Path) -> None:
        async with await open_store(f"sqlite:///{path}"):
            pass

    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "empty.sqlite3"
        thread.submit(asyncio.run, make(path)).result()
        return path.read_bytes()


@asynccontextmanager
async def open_newsroom(
    folder: Path, parser: Parser, case: Case, answers: Mapping[str, Sequence[Sequence[str]]]
) -> AsyncIterator[Newsroom]:
    """A bot with a store of its own, subscribed to everything on all platforms."""
    clock = MovableClock()
    bounds = limits(allow=(parse_allowed("127.10.0.0/16"),), deadline_s=case.deadline_s)
    resolver = CaseResolver(answers)
    database = folder / f"{case.name}.sqlite3"
    database.write_bytes(_empty_database())
    async with (
        await open_store(f"sqlite:///{database}") as store,
        HttpFetcher(bounds, clock=clock, resolver=resolver, tls=trusting()) as fetcher,
    ):
        for place in PLACES.values():
            await store.subscribe(Subscription(place), now=NOW)
        senders = {platform: KeepingSender(platform) for platform in PLACES}
        drain = Drain(
            PostOffice(
                store=store,
                senders=list(senders.values()),
                render=partial(make_message, catalogue=CATALOGUE),
                clock=clock,
            )
        )
        poller = Poller(
            store=store,
            fetcher=fetcher,
            parser=parser,
            desk=shared_desk(),
            rules=PollRules(),
            clock=clock,
        )
        yield Newsroom(store, poller, drain, clock, senders)


async def meet(case: Case, siege: Siege, parser: Parser, folder: Path) -> Outcome:
    """Poll ``case`` as often as it wants, post what comes of it, and tell how it went."""
    # A worker that the case before this one ended starts anew, which is no growth of this one's.
    await parser.parse(Fetched("https://hostile.example/feed", rss(CALM).encode()))
    host = host_of(CASES.index(case))
    before = len(siege.touched())
    async with open_newsroom(folder, parser, case, case.answers(host)) as room:
        spec = FeedSpec(case.address(host, siege.port), title="Hostile Wire")
        feed, _ = await room.store.add_feed(spec, origin=FeedOrigin.CONFIGURED, now=room.clock())
        reports = []
        began = time.monotonic()
        with Scales(without=siege.pid) as scales:
            for number in range(case.polls):
                if number:
                    room.clock.move(seconds=case.apart.total_seconds())
                reports.append(await room.poller.poll(feed))
                (feed,) = await room.store.find_due_feeds(room.clock(), limit=1, everything=True)
                await room.drain.drain()
        seconds = time.monotonic() - began
        titles, stories = await room.told(feed)
        posted = room.posted()
        given = {platform: sender.given for platform, sender in room.senders.items()}
        edits = sum(1 for delivery, _ in given[Platform.CONSOLE] if delivery.sent_revision)
        return Outcome(
            case=case,
            address=spec.url,
            feed=feed,
            reports=reports,
            titles=titles,
            posts=sum(1 for story in stories if story in posted),
            twice=[story for story in set(posted) if posted.count(story) > 1],
            edits=edits,
            due_in_s=(feed.next_due_at - room.clock()).total_seconds(),
            seconds=seconds,
            own_mb=scales.own_peak / MB,
            all_mb=scales.all_peak / MB,
            left_mb=scales.left / MB,
            touched=siege.touched()[before:],
            given=given,
        )
