"""A poller in a process of its own, with a database of its own; it measures itself.

    python -m bot.bench.poller NAME FOLDER

Before anything is measured it polls one feed more, which it then gives up: what a process
loads at its first document is the cost of a start, not of a poll.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from bot.bench.helper import answer_requests
from bot.bench.usage import CpuWatch


class Poller(Protocol):
    """What each of them can do."""

    async def follow(self, urls: Sequence[str]) -> None:
        """Poll these feeds from now on, and no others."""
        ...

    async def poll(self) -> None:
        """Poll each feed once, due or not, and store what it brings."""
        ...

    async def count_entries(self) -> int:
        """The entries stored."""
        ...


Opening = Callable[[Path], AbstractAsyncContextManager[Poller]]
"""Opens a poller that keeps its files in a folder."""


async def _serve(opening: Opening, folder: Path) -> None:
    async with opening(folder) as poller:
        counted_before = 0

        async def prepare(warm_up: str, urls: list[str]) -> None:
            nonlocal counted_before
            await poller.follow([warm_up])
            await poller.poll()
            counted_before = await poller.count_entries()
            await poller.follow(urls)

        async def poll() -> dict[str, float]:
            cpu, started = CpuWatch(), time.perf_counter()
            await poller.poll()
            wall_s = time.perf_counter() - started
            return {
                "cpu_s": cpu.spent_s(),
                "wall_s": wall_s,
                "entries": await poller.count_entries() - counted_before,
            }

        await answer_requests({"prepare": prepare, "poll": poll})


def _find_opening(name: str) -> Opening:
    """One of the three; the libraries of the others are not loaded."""
    if name == "newsbot":
        from bot.bench.ours import open_ours  # noqa: PLC0415

        return open_ours
    if name == "plain":
        from bot.bench.plain import open_plain  # noqa: PLC0415

        return open_plain
    from bot.bench.readers import open_reader  # noqa: PLC0415

    return open_reader


if __name__ == "__main__":
    asyncio.run(_serve(_find_opening(sys.argv[1]), Path(sys.argv[2])))
