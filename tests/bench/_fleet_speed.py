"""Polls a second of one process and of several, and how late they begin; see fleet.py."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from bot.bench.usage import MemoryWatch
from tests.fleet.lab import Lab, open_lab, wait_until
from tests.fleet.members import Fleet
from tests.servers.farm import ENTRIES

HOUR_S = 3_600.0
READY_S = 60.0
PATIENCE_S = 600.0
AHEAD_S = 6.0
"""Before the first feed falls due: who polls has looked for shares and parts by then."""

DUE = "SELECT count(*) FROM feeds WHERE next_due_at <= %s"
POLLERS = "SELECT count(*) FROM processes WHERE roles LIKE '%%poll%%'"

ENTRY_BYTES = """
    SELECT (pg_total_relation_size('entries') + pg_total_relation_size('entry_keys'))
        / greatest(1, (SELECT count(*) FROM entries))
"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@dataclass
class Spent:
    """CPU seconds, by process; "farm" and "postgres" among them."""

    by_name: dict[str, float] = field(default_factory=dict)

    def since(self, before: Spent) -> dict[str, float]:
        """What was spent meanwhile."""
        return {name: now - before.by_name.get(name, 0.0) for name, now in self.by_name.items()}


async def measure(args: argparse.Namespace) -> int:
    """Each number of workers after the other; 0."""
    print(f"{args.feeds} feeds; 2 schedulers; CPU in ms a poll, of each process")
    for workers in args.workers:
        async with open_lab(feeds=args.feeds, discord=0, slack=0, interval_s=HOUR_S) as lab:
            await lab.change("UPDATE feeds SET next_due_at = %s", _moment(time.time() + HOUR_S))
            fleet = lab.make_fleet({"schedule": 2, "poll": workers})
            fleet.start()
            try:
                await _measure_workers(lab, fleet, workers, args)
            finally:
                codes = await fleet.stop()
            if any(codes.values()):
                print(f"exit codes: {codes}")
    return 0


async def _measure_workers(lab: Lab, fleet: Fleet, workers: int, args: argparse.Namespace) -> None:
    ready_s = await wait_until(lambda: _are_ready(lab, workers), patience_s=READY_S)
    if ready_s is None:
        raise TimeoutError("the processes did not start; see their logs")
    await asyncio.sleep(AHEAD_S)
    print(f"{workers} poll worker{'s' * (workers > 1)}", flush=True)
    every = range(args.feeds)
    await _measure_burst(lab, fleet, "first polls", entries=ENTRIES)
    rate = await _measure_burst(lab, fleet, "unchanged", entries=0)
    for start in range(0, args.feeds, 1_000):
        new = [(feed, f"Outlet {feed} adds one") for feed in every[start : start + 1_000]]
        await lab.farm.ask("publish", *new)
    await _measure_burst(lab, fleet, "one new entry", entries=1)
    await _measure_even(lab, fleet, rate=args.load * rate, seconds=args.seconds)
    await _tell_sizes(lab, fleet)


async def _are_ready(lab: Lab, workers: int) -> bool:
    return bool((await lab.ask(POLLERS) or 0) >= workers)


async def _measure_burst(lab: Lab, fleet: Fleet, name: str, *, entries: int) -> float:
    """All feeds at once; gives polls a second."""
    feeds = len(lab.farm.urls)
    await lab.farm.ask("forget")
    before, began = spent(lab, fleet), time.time()
    await lab.change("UPDATE feeds SET next_due_at = %s", _moment(began))

    async def is_done() -> bool:
        return bool(await lab.ask(DUE, _moment(began)) == 0)

    took_s = await wait_until(is_done, patience_s=PATIENCE_S)
    if took_s is None:
        raise TimeoutError(f"{name}: {await lab.ask(DUE, _moment(began))} feeds are due still")
    wall_s = time.time() - began
    asked_at: dict[int, float] = await lab.farm.ask("asked_at")
    rate = feeds / wall_s
    print(
        f"  {name:14} {wall_s:6.1f} s {rate:7.1f} polls/s {rate * entries:8.1f} entries/s;"
        f" begun {_cuts([at - began for at in asked_at.values()])};"
        f" ms {_per_poll(spent(lab, fleet).since(before), feeds)}",
        flush=True,
    )
    return rate


async def _measure_even(lab: Lab, fleet: Fleet, *, rate: float, seconds: float) -> None:
    """Feeds that fall due one after the other."""
    feeds = min(len(lab.farm.urls), int(rate * seconds))
    await lab.farm.ask("forget")
    first_at = time.time() + AHEAD_S
    urls = lab.farm.urls[:feeds]
    due_at = {number: first_at + number / rate for number in range(feeds)}
    await lab.change(
        "UPDATE feeds SET next_due_at = due.at"
        " FROM unnest(%s::text[], %s::bigint[]) AS due (url, at) WHERE feeds.url = due.url",
        urls,
        [_moment(at) for at in due_at.values()],
    )
    await asyncio.sleep(first_at - time.time())
    before = spent(lab, fleet)
    await asyncio.sleep(feeds / rate + 3)
    asked_at: dict[int, float] = await lab.farm.ask("asked_at")
    late = [asked_at[number] - at for number, at in due_at.items() if number in asked_at]
    print(
        f"  even           {feeds} at {rate:.0f}/s: {len(late)} begun {_cuts(late)} after they"
        f" were due; ms {_per_poll(spent(lab, fleet).since(before), feeds)}",
        flush=True,
    )


async def _tell_sizes(lab: Lab, fleet: Fleet) -> None:
    """Memory of each process with its workers, connections, and what an entry takes on disk."""
    watches = {name: MemoryWatch(life.process.pid) for name, life in fleet.now.items()}
    for watch in watches.values():
        watch.look()
    held = ", ".join(f"{name} {w.peak_bytes / 1e6:.0f}" for name, w in sorted(watches.items()))
    bytes_an_entry = await lab.ask(ENTRY_BYTES)
    connections = await lab.ask(CONNECTIONS)
    print(
        f"  sizes          MB {held}; {connections} connections;"
        f" {bytes_an_entry} bytes an entry on disk",
        flush=True,
    )


def spent(lab: Lab, fleet: Fleet) -> Spent:
    """CPU so far."""
    family = {"farm": [lab.farm.pid], "postgres": [lab.postgres.pid]}
    found = Spent(fleet.measure())
    for name, pids in family.items():
        found.by_name[name] = sum(_cpu_s(pid) for pid in pids)
    return found


def _cpu_s(pid: int) -> float:
    """Of a process, its children, and those of them that ended."""
    total = 0.0
    one = psutil.Process(pid)
    for process in (one, *one.children(recursive=True)):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def _per_poll(spent_s: dict[str, float], polls: int) -> str:
    return ", ".join(f"{name} {1000 * s / polls:.2f}" for name, s in sorted(spent_s.items()))


def _cuts(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "too few"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s"


def _moment(at: float) -> int:
    """Microseconds, as the store keeps times."""
    return int(at * 1_000_000)
