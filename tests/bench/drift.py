"""How late polls start, and what waiting for due times costs, with very many feeds.

    python -m tests.bench.drift [--feeds 100000] [--interval-s 900] [--seconds 20]

The feeds stand in a real SQLite file, as wide as after a poll, and fall due evenly. Rounds
find them and start them; the poll itself is a stand-in, which answers after ``--take-ms``
and commits a new due time to the store. So the figures are those of looking, waiting,
starting and committing; fetching and parsing would add their own CPU, and may hold the
event loop up besides. Drift is from a feed's due time to the call of its poll, on one clock.

The baseline, in the same run, is a tick of 0.25 s that asks the store and starts what is due.
"idle" is the same store while nothing falls due. CPU is that of this whole process, in
percent of one core; the machine's other work shows in the worst drift.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from sqlalchemy import text

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.model import Feed, FeedSpec, Platform
from bot.pipeline.poll import Poller
from bot.pipeline.report import PollReport, PollResult
from bot.ports import PollOutcome
from bot.scheduling.clock import utc_now
from bot.scheduling.jobs import Rounds
from bot.store import SqlStore, open_store
from tests.crash.publishing import render
from tests.delivery.senders import KeepingSender

CONCURRENCY = 64
OLD_TICK_S = 0.25
MARKS = 1_000  # bytes
PREPARE = timedelta(seconds=12)
HOUR = timedelta(hours=1)

Run = Callable[[asyncio.Event], Coroutine[None, None, None]]


@dataclass
class StandIn:
    """Notes when it is called, takes its time, and commits that nothing changed."""

    store: SqlStore
    interval: timedelta
    take_s: float
    drift_s: list[float] = field(default_factory=list)

    async def poll(self, feed: Feed) -> PollReport:
        now = utc_now()
        self.drift_s.append((now - feed.next_due_at).total_seconds())
        await asyncio.sleep(self.take_s)
        polled = replace(feed, polled_at=now, next_due_at=feed.next_due_at + self.interval)
        await self.store.commit_poll(PollOutcome(polled, at=now))
        return PollReport(polled, PollResult.UNCHANGED)


@dataclass(frozen=True)
class Figures:
    """What one run gave; CPU in percent of a core."""

    drift_s: list[float]
    cpu: float


async def tick(store: SqlStore, poller: StandIn, stop: asyncio.Event) -> None:
    """Rounds as they were: every quarter of a second those that are due."""
    under_way: dict[int, asyncio.Task[PollReport]] = {}
    while not stop.is_set():
        began = time.monotonic()
        busy = frozenset(under_way)
        for feed in await store.find_due_feeds(utc_now(), limit=CONCURRENCY):
            if feed.id in busy or len(under_way) >= CONCURRENCY:
                continue
            under_way[feed.id] = asyncio.create_task(poller.poll(feed))
            under_way[feed.id].add_done_callback(partial(_forget, under_way, feed.id))
        await asyncio.sleep(max(0.0, OLD_TICK_S - (time.monotonic() - began)))
    await asyncio.gather(*under_way.values())


def _forget(
    under_way: dict[int, asyncio.Task[PollReport]], id_: int, _: asyncio.Task[PollReport]
) -> None:
    del under_way[id_]


def make_rounds(store: SqlStore, poller: StandIn) -> Rounds:
    """The bot's rounds over ``poller``, with nothing to deliver."""
    senders = [KeepingSender(Platform.CONSOLE)]
    return Rounds(
        store=store,
        poller=cast("Poller", poller),
        drain=Drain(PostOffice(store=store, senders=senders, render=render, clock=utc_now)),
        clock=utc_now,
        concurrency=CONCURRENCY,
    )


async def spread(store: SqlStore, *, over: timedelta, first_in: timedelta, count: int) -> datetime:
    """Let all feeds fall due evenly ``over`` so long, as if they had been polled before.

    ``first_in`` leaves time for writing them; returned is when the first falls due.
    """
    first_at = utc_now() + first_in
    async with store.database.writing() as connection:
        await connection.execute(
            text(
                "update feeds set next_due_at = :first + (id - 1) * :step, first_poll_done = 1,"
                " marks = zeroblob(:marks), etag = :etag, body_hash = :hash"
            ),
            {
                "first": int(first_at.timestamp() * 1e6),
                "step": int(over.total_seconds() * 1e6 / count),
                "marks": MARKS,
                "etag": '"0123456789abcdef"',
                "hash": "0" * 64,
            },
        )
    return first_at


async def measure(
    make: Callable[[StandIn], Run], poller: StandIn, *, begin: datetime, seconds: float
) -> Figures:
    """Let it run from ``begin`` on for so long, and two seconds before, which do not count."""
    await asyncio.sleep((begin - utc_now()).total_seconds() - 2)
    stop = asyncio.Event()
    running = asyncio.create_task(make(poller)(stop))
    await asyncio.sleep((begin - utc_now()).total_seconds())
    poller.drift_s.clear()
    cpu_s, began = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu = (time.process_time() - cpu_s) / (time.monotonic() - began) * 100
    drift_s = list(poller.drift_s)
    stop.set()
    await running
    return Figures(drift_s, cpu)


def show(name: str, busy: Figures, idle: Figures) -> None:
    """One line."""
    drift_ms = sorted(1000 * late_s for late_s in busy.drift_s)
    cuts = statistics.quantiles(drift_ms, n=100)
    print(
        f"{name:20} {len(drift_ms):6} {cuts[49]:8.1f} {cuts[98]:8.1f} {drift_ms[-1]:8.1f}"
        f" {busy.cpu:9.1f} {idle.cpu:9.2f}",
        flush=True,
    )


async def compare(args: argparse.Namespace, folder: Path) -> None:
    """Both ways over one store, one after the other."""
    interval = timedelta(seconds=args.interval_s)
    async with await open_store(f"sqlite:///{folder}/drift.sqlite3") as store:
        specs = [FeedSpec(f"https://outlet-{n}.example/rss") for n in range(args.feeds)]
        await store.sync_feeds(specs, now=utc_now(), spread=interval)
        poller = StandIn(store, interval, args.take_ms / 1000)
        ways: dict[str, Callable[[StandIn], Run]] = {
            f"tick of {OLD_TICK_S} s": lambda poller: partial(tick, store, poller),
            "rounds": lambda poller: make_rounds(store, poller).run,
        }
        print(f"{args.feeds} feeds, {args.feeds / args.interval_s:.0f} due a second")
        print("                      polls   p50 ms   p99 ms worst ms  CPU busy  CPU idle")
        for name, make in ways.items():
            begin = await spread(store, over=interval, first_in=PREPARE, count=args.feeds)
            busy = await measure(make, poller, begin=begin, seconds=args.seconds)
            await spread(store, over=interval, first_in=HOUR, count=args.feeds)
            begin = utc_now() + timedelta(seconds=2)
            idle = await measure(make, poller, begin=begin, seconds=args.seconds / 2)
            show(name, busy, idle)


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=100_000)
    parser.add_argument("--interval-s", type=float, default=900)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--take-ms", type=float, default=50, help="that one poll takes")
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        asyncio.run(compare(args, Path(folder)))


if __name__ == "__main__":
    main()
