"""How well good feeds keep their time, alone and beside every attack at once.

Fifty good feeds, each at an address of its own, asked every three seconds by a bot with one
worker and 32 places; then the same with all of ``tests/servers/hostile`` and with documents
that hang their reader. How late a poll is, is told by the server: the time between two polls
of a feed, less the interval. ``cpu`` is that of the bot's process; on a machine with other
work compare it with the seconds of wall time before believing a lateness.

    python -m tests.bench.schedule [SECONDS]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench._program import run_program
from tests.hostile.lab import Siege, besieged
from tests.hostile.test_schedule import (
    FEEDS,
    HANGS,
    HOSTS,
    INTERVAL_S,
    GoodFeeds,
    open_bureau,
)
from tests.scheduling.lab import Running
from tests.servers.feeds import FeedServer
from tests.servers.hostile import CASES, host_of


async def measure(folder: Path, seconds: float, siege: Siege | None) -> str:
    """One line on ``seconds`` of polling, attacked by ``siege``."""
    async with open_bureau(folder) as bureau, FeedServer(hosts=HOSTS) as server:
        good = GoodFeeds(server)
        for feed, host in enumerate(HOSTS[:FEEDS]):
            await bureau.add(server.url(f"/{feed}", host=host))
        async with Running(bureau.rounds):
            await good.wait_for_polls(1)
            if siege:
                for feed, host in enumerate(HOSTS[FEEDS:], FEEDS):
                    server.put(f"/{feed}", HANGS)
                    await bureau.add(server.url(f"/{feed}", host=host))
                for index, case in enumerate(CASES):
                    await bureau.add(case.address(host_of(index), siege.port))
            began, cpu = time.monotonic(), time.process_time()
            while (spent := time.monotonic() - began) < seconds:
                good.publish()
                await asyncio.sleep(min(INTERVAL_S, seconds - spent))
            spent, cpu = time.monotonic() - began, time.process_time() - cpu
        asked: dict[str, list[float]] = {f"/{feed}": [] for feed in range(FEEDS)}
        for one in server.asked:
            if one.path in asked and one.at <= began + spent:
                asked[one.path].append(one.at)
    late = sorted(
        max(later - sooner - INTERVAL_S, 0.0)
        for times in asked.values()
        for sooner, later in pairwise([*sorted(times), began + spent])
    )
    made = sum(at >= began for times in asked.values() for at in times)
    return (
        f"{'beside all attacks' if siege else 'alone':20} polls made {made} of "
        f"{FEEDS * spent / INTERVAL_S:.0f} due, late by {late[len(late) // 2]:.2f} s (median), "
        f"{late[int(len(late) * 0.99)]:.2f} s (p99), {late[-1]:.2f} s (worst); "
        f"{spent:.0f} s, cpu {cpu:.1f} s\n"
    )


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.schedule")
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    logging.disable(logging.CRITICAL)
    with besieged() as siege:
        for attacker in (None, siege):
            with TemporaryDirectory() as folder:
                line = asyncio.run(measure(Path(folder), seconds, attacker))
            sys.stdout.write(line)
            sys.stdout.flush()


if __name__ == "__main__":
    run_program(main)
