"""What comes of every attack, what it costs in time, and by how much it makes the bot grow.

Each case of ``tests/servers/hostile`` is polled as often as it wants by a bot of its own with
the limits that nobody configured. ``own`` is the growth of the bot's process at its largest,
``with workers`` the same with the processes that read documents, ``left`` what remains of that.
The canary is an internal address; it must never be touched.

    python -m tests.bench.hostile            # all of them
    python -m tests.bench.hostile redirect   # those with this pattern in their name
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.scheduling.workers import ParserPool
from tests.bench._program import run_program
from tests.hostile.judging import find_harm
from tests.hostile.lab import Outcome, Siege, besieged, meet
from tests.servers.hostile import CASES

HEAD = ("case", "what it does", "outcome", "seconds", "own MB", "with workers", "left")


async def measure(siege: Siege, folder: Path, word: str) -> list[Outcome]:
    """Meet each case in whose name ``word``, a pattern, is found; print a line of each."""
    outcomes = []
    async with ParserPool() as parser:
        for case in CASES:
            if re.search(word, case.name):
                outcome = await meet(case, siege, parser, folder)
                outcomes.append(outcome)
                sys.stdout.write(_line(outcome))
                sys.stdout.flush()
    return outcomes


def _line(outcome: Outcome) -> str:
    figures = (outcome.own_mb, outcome.all_mb, max(outcome.left_mb, 0.0))
    cells = [
        outcome.case.name,
        outcome.case.does.replace("|", "\\|"),
        str(outcome),
        f"{outcome.seconds:.2f}",
        *(f"{figure:.0f}" for figure in figures),
    ]
    harm = find_harm(outcome)
    return f"| {' | '.join(cells)} |{f' HARM: {harm}' if harm else ''}\n"


def main() -> None:
    """Print the table, and how often the canary was touched."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hostile")
    parser.add_argument("word", nargs="?", default="", help="cases with this pattern in their name")
    word = parser.parse_args().word
    logging.disable(logging.CRITICAL)
    sys.stdout.write(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}\n")
    with besieged() as siege, TemporaryDirectory() as folder:
        outcomes = asyncio.run(measure(siege, Path(folder), word))
        harmed = sum(1 for outcome in outcomes if find_harm(outcome))
        sys.stdout.write(
            f"\n{len(outcomes)} cases, {harmed} with harm, "
            f"{len(siege.touched())} touches of the canary, "
            f"{sum(one.seconds for one in outcomes):.0f} s, at most "
            f"{max((one.own_mb for one in outcomes), default=0):.0f} MB of the bot's own\n"
        )


if __name__ == "__main__":
    run_program(main)
