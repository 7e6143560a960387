"""How fast several processes post together, what a post costs them, and how soon it comes.

    python -m tests.bench.deliver_together --workers 2 --deliveries 2000 --rate 45

Real processes: ``newsbot run --role deliver`` so many times and one ``--role schedule``, on a
PostgreSQL of their own, in front of the loopback Discord. This process commits what is owed, as a
poll does. ``--rate 100000`` with ``--free`` takes Discord's limits away; ``--kill`` ends one worker
by SIGKILL in the middle, as often as it says, and starts another: each story must be there once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from sqlalchemy import text

from bot.model import Destination, Platform
from bot.scheduling.absence import Absence
from bot.scheduling.clock import utc_now
from bot.scheduling.cluster.board import Board
from bot.scheduling.cluster.posts import Owing
from bot.scheduling.cluster.schema import upgrade_job_tables
from bot.store import SqlStore, conninfo_of, is_away, open_store
from tests.bench._delivering import (
    Figures,
    Served,
    commit_backlog,
    commit_fresh,
    run,
    serve_discord,
    tell,
)
from tests.servers.postgres import running_postgres

FRESH_CHANNELS = 20
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--deliveries", type=int, default=2_000, help="of the backlog")
    options.add_argument("--channels", type=int, default=500)
    options.add_argument("--fresh", type=int, default=20, help="stories, one a second")
    options.add_argument("--rate", type=int, default=45, help="discord.max_requests_per_s")
    options.add_argument("--free", action="store_true", help="Discord limits nothing")
    options.add_argument("--kill", type=int, default=0, help="so many workers are killed")
    options.add_argument("--lease", type=float, default=60.0, help="deliver.lease_s")
    chosen = options.parse_args()
    run(serve_discord, _measure, chosen, chosen.channels + FRESH_CHANNELS, chosen.free)


class Fleet:
    """Processes of ``newsbot run``; what they cost stands in ``cpu_s`` when they have ended."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._env = env
        self.running: dict[str, list[asyncio.subprocess.Process]] = {}

    async def start(self, role: str) -> None:
        """One more process of this role; its log is a file of the folder."""
        of_role = self.running.setdefault(role, [])
        with (self._folder / f"{role}-{len(of_role)}.log").open("ab") as log:
            of_role.append(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot", "run", "--role", role),
                    cwd=self._folder,
                    env=self._env,
                    stdout=log,
                    stderr=log,
                )
            )

    def cpu_s(self, role: str) -> float:
        """Seconds so far, of all of this role that live."""
        alive = [one for one in self.running.get(role, []) if one.returncode is None]
        return sum(sum(psutil.Process(one.pid).cpu_times()[:2]) for one in alive)

    async def kill_one(self, role: str) -> None:
        """End the one that has lived longest, as a power cut would, and start another."""
        first = next(one for one in self.running[role] if one.returncode is None)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await self.start(role)

    def tell_troubles(self) -> None:
        """Print what stands in the logs that is more than a note."""
        for log in sorted(self._folder.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines():
                if any(word in line for word in ("error", "warning", "Traceback", "Error")):
                    print(f"{log.stem}: {line[:160]}")

    async def stop(self) -> None:
        """End all that live."""
        alive = [p for some in self.running.values() for p in some if p.returncode is None]
        for process in alive:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in alive))


async def _measure(pipe: Connection, folder: Path, chosen: argparse.Namespace) -> None:
    at: Served = pipe.recv()
    places = [Destination(Platform.DISCORD, *ids) for ids in at.places]
    with running_postgres() as postgres, postgres.fresh_database() as url:
        env = os.environ | {
            "PYTHONPATH": str(ROOT),
            "NEWSBOT_DATABASE_URL": url,
            "NEWSBOT_DISCORD_TOKEN": dict(at.tokens)[""],
            "NEWSBOT_DISCORD_API_BASE": at.api_base,
            "NEWSBOT_DISCORD_MAX_REQUESTS_PER_S": str(chosen.rate),
            "NEWSBOT_DELIVER_LEASE_S": str(chosen.lease),
        }
        (folder / "feeds.opml").write_text('<opml version="2.0"><body/></opml>', encoding="utf-8")
        fleet = Fleet(folder, env | {"NEWSBOT_FEEDS_PATH": str(folder / "feeds.opml")})
        async with await open_store(url) as store:  # no jobs: it waited for long
            await commit_backlog(store, places[FRESH_CHANNELS:], chosen.deliveries)
        async with _opened(url) as store:
            try:
                figures = await _post_all(store, fleet, places[:FRESH_CHANNELS], chosen)
            finally:
                await fleet.stop()
                fleet.tell_troubles()
    pipe.send("tell")
    told: Served = pipe.recv()
    tell(told, figures, rate=chosen.rate)
    times = Counter(key for key, _ in told.posts)
    again = sum(count - 1 for count in times.values())
    owed = chosen.deliveries + chosen.fresh
    print(f"stories          {len(times)} of {owed}, {again} asked twice")


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[SqlStore]:
    """The store, as a process that polls has it."""
    await upgrade_job_tables(conninfo_of(url))
    async with AsyncExitStack() as stack:
        board = await stack.enter_async_context(Board(conninfo_of(url), Absence(is_away)))
        owing = Owing(board, utc_now)
        yield await stack.enter_async_context(await open_store(url, on_owed=owing))


async def _post_all(
    store: SqlStore, fleet: Fleet, fresh: list[Destination], chosen: argparse.Namespace
) -> Figures:
    await fleet.start("schedule")
    for _ in range(chosen.workers):
        await fleet.start("deliver")
    async with asyncio.timeout(180):  # a busy machine starts processes slowly
        while True:
            if await _has_begun(store):
                break
            await asyncio.sleep(0.02)
    cpu_s, began = fleet.cpu_s("deliver"), time.monotonic()
    committing = asyncio.create_task(commit_fresh(store, fresh, chosen.fresh))
    for _ in range(chosen.kill):
        await asyncio.sleep(5)
        await fleet.kill_one("deliver")
    committed = await committing
    while True:
        if await store.next_attempt_at() is None:
            break
        await asyncio.sleep(0.05)
    took_s = time.monotonic() - began
    return Figures(committed, fleet.cpu_s("deliver") - cpu_s, took_s)


async def _has_begun(store: SqlStore) -> bool:
    async with store.database.reading() as connection:
        begun = text("SELECT count(*) FROM deliveries WHERE state <> 'owed'")
        return bool(await connection.scalar(begun))


if __name__ == "__main__":
    main()
