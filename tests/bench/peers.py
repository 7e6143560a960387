"""CPU and memory of polling: our bot beside `reader` and a plain loop, and our targets.

    python -m tests.bench.peers [--feeds 1000] [--rounds 5] [--json]

Feeds of 20 entries, each on a loopback address of its own; docs/benchmarks.md tells the
method. It takes minutes; `newsbot bench` is the same, smaller.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys

from bot.bench import (
    TARGETS,
    Contest,
    Figures,
    find_pollers,
    render_figures,
    render_json,
    run_contest,
)


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--feeds", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--pollers", help="some of them, with commas between; else all")
    options.add_argument("--json", action="store_true", help="one JSON object")
    chosen = options.parse_args()
    pollers = chosen.pollers.split(",") if chosen.pollers else tuple(find_pollers())
    figures = asyncio.run(_measure(Contest(chosen.feeds, chosen.rounds, pollers)))
    if chosen.json:
        print(render_json(figures))
        return
    print(
        f"{chosen.feeds} feeds, {chosen.rounds} rounds; Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(render_figures(figures))
    if {"newsbot", "reader"} <= figures.rounds.keys():
        _print_targets(figures)


async def _measure(contest: Contest) -> Figures:
    def tell(step: int, what: str) -> None:
        print(f"{step + 1} of {contest.steps}: {what}", file=sys.stderr, flush=True)

    figures = await run_contest(contest, stop=asyncio.Event(), told=tell)
    assert figures is not None, "nobody stops it"
    return figures


def _print_targets(figures: Figures) -> None:
    for phase, target in TARGETS.items():
        times = figures.times_ours("reader", phase)
        verdict = "reached" if times >= target else "missed"
        print(f"{phase:10} reader takes {times:4.1f} times our CPU, {target} wanted: {verdict}")


if __name__ == "__main__":
    main()
