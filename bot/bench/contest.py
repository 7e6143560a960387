"""The contest: a server, and in each round every poller anew, one after the other.

A round gives every poller a fresh process, an empty database and its three phases; pollers
take turns within a round, so that a machine that slows down slows them all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import __version__
from bot.bench.documents import ENTRIES
from bot.bench.figures import OURS, Figures, Measured, Phase
from bot.bench.helper import Helper
from bot.bench.readers import reader_version_or_none
from bot.bench.usage import MemoryWatch


@dataclass(frozen=True, slots=True)
class Contest:
    """What is measured.

    Attributes:
        feeds: how many, each with a host of its own.
        rounds: how often; figures are the medians.
        pollers: who takes part, in the order of the table.
    """

    feeds: int
    rounds: int
    pollers: Sequence[str]

    @property
    def steps(self) -> int:
        """How many measurements that makes."""
        return self.rounds * len(self.pollers) * len(Phase)


def find_pollers() -> dict[str, str]:
    """Those that are installed here, ours first, with their versions; "" for the plain loop."""
    reader = reader_version_or_none()
    return {OURS: __version__, "plain": ""} | ({"reader": reader} if reader else {})


async def run_contest(
    contest: Contest, *, stop: asyncio.Event, told: Callable[[int, str], None]
) -> Figures | None:
    """Measure; None if ``stop`` was set before all was measured. Nothing is left behind.

    Args:
        told: called before each measurement with its number, from 0, and its name.

    Raises:
        OperatorError: a poller or the server could not be run here.
    """
    with TemporaryDirectory(prefix="newsbot-bench-") as folder:
        measuring = asyncio.create_task(_measure(contest, Path(folder), told))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({measuring, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return measuring.result() if measuring.done() else None
        finally:
            stopping.cancel()
            measuring.cancel()
            await asyncio.wait({measuring})  # what it started ends with it


async def _measure(contest: Contest, folder: Path, told: Callable[[int, str], None]) -> Figures:
    steps = count()
    rounds: dict[str, dict[Phase, list[Measured]]] = {
        poller: {phase: [] for phase in Phase} for poller in contest.pollers
    }
    # One feed more than is measured, to warm up with.
    arguments = (str(contest.feeds + 1), str(int(time.time())))
    async with Helper("bot.bench.farm", *arguments, errors=folder / "farm.txt") as farm:
        served = await farm.ask("where")
        for _ in range(contest.rounds):
            for poller in contest.pollers:
                with TemporaryDirectory(dir=folder) as own:
                    helper = Helper("bot.bench.poller", poller, own, errors=Path(own) / "errors")
                    async with helper:
                        await farm.ask("show", new=0)
                        *urls, warm_up = served["urls"]
                        await helper.ask("prepare", warm_up=warm_up, urls=urls)
                        for phase in Phase:
                            told(next(steps), f"{poller}, {phase}")
                            rounds[poller][phase].append(await _poll(phase, farm, helper))
    versions = find_pollers()
    return Figures(
        feeds=contest.feeds,
        entries=ENTRIES,
        rounds=rounds,
        versions={poller: versions[poller] for poller in contest.pollers},
        is_by_port=served["is_by_port"],
    )


async def _poll(phase: Phase, farm: Helper, helper: Helper) -> Measured:
    """Let ``helper`` poll every feed once."""
    await farm.ask("show", new=int(phase is Phase.ONE_NEW))
    memory = MemoryWatch(helper.pid)
    watching = asyncio.create_task(memory.watch())
    try:
        done = await helper.ask("poll")
    finally:
        watching.cancel()
    answers = await farm.ask("answers")
    return Measured(
        cpu_s=done["cpu_s"],
        wall_s=done["wall_s"],
        peak_bytes=memory.peak_bytes,
        entries=done["entries"],
        answers={int(status): number for status, number in answers.items()},
    )
