"""A day of two thousand feeds with every fault they have, on a clock that skips what is idle.

The same as ``tests/pipeline/test_day.py``, larger: real HTTP, parser, store, poller and drain;
three restarts in the middle of polls. Printed is what was polled, published, lost and told
twice, and the CPU it took, that of the outlets' server in the same process included.

    python -m tests.bench.day --feeds 2000 --hosts 500
"""

from __future__ import annotations

import argparse
import logging
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.scheduling.workers import ParserPool
from tests.bench._program import run_program
from tests.pipeline.day import Day, lines_of, live_a_day, run


def show(share: float, day: Day) -> None:
    """One line on how far the day is."""
    polls = sum(day.polls.values())
    print(f"{24 * share:4.1f} h, {polls} polls", file=sys.stderr, flush=True)


async def live(folder: Path, args: argparse.Namespace) -> Day:
    """The day."""
    async with ParserPool(timeout_s=60.0) as parser:
        return await live_a_day(folder, parser, feeds=args.feeds, hosts=args.hosts, told=show)


def main() -> None:
    """Live it and print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=int, default=2_000)
    options.add_argument("--hosts", type=int, default=500)
    args = options.parse_args()
    logging.disable(logging.ERROR)  # a warning for each fault
    with TemporaryDirectory() as folder:
        day = run(partial(live, Path(folder), args))
    for line in lines_of(day, args.feeds):
        print(line)
    for what in (day.lost, day.twice, day.untold, day.told_twice):
        for name in what[:20]:
            print("  ", name)


if __name__ == "__main__":
    run_program(main)
