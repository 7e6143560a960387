"""Memory of the bot with very many feeds, over many rounds.

    python -m tests.bench.memory [--feeds 10000] [--rounds 100] [--interval-s 60]

The bot is ``newsbot run --now`` as people start it, with a process of its own; a farm of
feeds in another process answers it. The first round reads every document whole, those after
it get 304, but a share of the feeds shows a new entry in each. Where the machine cannot poll
all feeds within the interval, rounds simply follow each other.

The database is made before, by ``newsbot db upgrade``: a bot that makes it itself keeps 11 MB
of Alembic until its next start. Where click is installed, as the tools of a developer do, httpx
loads its own command line, 4 MB that a bot elsewhere does not have.

Shown are megabytes (10^6 bytes) that are resident, by round. "rss" counts pages that processes
share in each of them, "pss" in each its share, so that other Pythons on the machine make it
smaller. "whole" is what the bot and its helpers (the workers, the server that forks them,
multiprocessing's tracker) take together, each page once, as if nothing else ran here. The slope
is that of a straight line through the wholes after ``--settle``, in MB for a hundred rounds.
Linux only.

Source: proc_pid_smaps(5).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psutil

from tests.servers.farm import FarmHandle, open_farm

LOOK_S = 1.0
CONFIG = Path(__file__).parents[2] / "config"


@dataclass(frozen=True)
class Look:
    """One look at the processes; megabytes, and CPU seconds so far."""

    bot_rss: float
    bot_pss: float
    helpers_pss: float
    whole: float
    cpu_s: float


def look(bot: psutil.Process) -> Look:
    """What the bot and its helpers have now."""
    taken = _weigh(bot)
    helpers = []
    for one in bot.children(recursive=True):
        try:
            helpers.append((_weigh(one), one.cpu_times()))
        except (psutil.Error, OSError):  # it has just ended
            continue
    # A page of a file is in memory once; of one that several map, most is what one of them uses.
    files: Counter[str] = taken.files
    for helper, _ in helpers:
        files |= helper.files
    anonymous = taken.anonymous + sum(helper.anonymous for helper, _ in helpers)
    return Look(
        bot_rss=taken.rss / 1e6,
        bot_pss=taken.pss / 1e6,
        helpers_pss=sum(helper.pss for helper, _ in helpers) / 1e6,
        whole=(anonymous + files.total()) / 1e6,
        # Of helpers that were replaced, their parent is told when they have ended.
        cpu_s=sum(bot.cpu_times()[:4]) + sum(sum(times[:4]) for _, times in helpers),
    )


@dataclass(frozen=True)
class _Weight:
    """Of one process, in bytes: ``anonymous`` is its share of what no file holds."""

    rss: int
    pss: int
    anonymous: int
    files: Counter[str]


def _weigh(process: psutil.Process) -> _Weight:
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    kilobytes = {
        words[0]: int(words[1]) for line in rollup.splitlines()[1:] if (words := line.split())
    }
    files = Counter({one.path: one.rss - one.anonymous for one in process.memory_maps()})
    return _Weight(
        rss=kilobytes["Rss:"] * 1024,
        pss=kilobytes["Pss:"] * 1024,
        anonymous=kilobytes["Pss_Anon:"] * 1024,
        files=files,
    )


async def watch(bot: psutil.Process, farm: FarmHandle, args: argparse.Namespace) -> list[Look]:
    """A look at the end of each round; in each the highest of what was seen meanwhile."""
    random = Random(3)
    rounds: list[Look] = []
    peak = look(bot)
    print("round  bot rss    pss  helpers pss  all pss  whole  CPU s     200     304", flush=True)
    while len(rounds) < args.rounds:
        await asyncio.sleep(LOOK_S)
        now = look(bot)
        peak = max(peak, now, key=lambda one: one.whole)
        answers: Counter[int] = await farm.ask("answers")
        if answers.total() < args.feeds * (len(rounds) + 1):
            continue
        rounds.append(peak)
        print(
            f"{len(rounds):5} {peak.bot_rss:8.1f} {peak.bot_pss:6.1f} {peak.helpers_pss:12.1f}"
            f" {peak.bot_pss + peak.helpers_pss:8.1f} {peak.whole:6.1f}"
            f" {now.cpu_s:6.1f} {answers[200]:7} {answers[304]:7}",
            flush=True,
        )
        peak = now
        changing = random.sample(range(args.feeds), int(args.feeds * args.changing))
        titles = [f"Outlet {n} reports on round {len(rounds)}" for n in changing]
        await farm.ask("publish", *zip(changing, titles, strict=True))
    return rounds


async def measure(args: argparse.Namespace, folder: Path, farm: FarmHandle) -> None:
    """Run the bot for so many rounds, and print what it takes."""
    (folder / "feeds.txt").write_text("\n".join(farm.urls))
    interval = {
        f"NEWSBOT_POLL_{which}_INTERVAL_S": str(args.interval_s) for which in ("MIN", "MAX")
    }
    env = os.environ | {
        "NEWSBOT_DATABASE_URL": f"sqlite:///{folder}/memory.sqlite3",
        "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
        "NEWSBOT_CONFIG_DIR": str(CONFIG),
        "NEWSBOT_LOG_LEVEL": "warning",
        **interval,
    }
    said = (folder / "said.txt").open("wb")
    newsbot = [sys.executable, "-m", "bot"]
    subprocess.run([*newsbot, "db", "upgrade"], env=env, check=True)  # noqa: ASYNC221
    command = [*newsbot, "run", "--now", "--feeds", str(folder / "feeds.txt")]
    process = subprocess.Popen(  # noqa: ASYNC220  # it runs beside us on purpose
        command, env=env, stdout=said, stderr=said
    )
    began = time.monotonic()
    try:
        rounds = await watch(psutil.Process(process.pid), farm, args)
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 30)
        said.close()
        print((folder / "said.txt").read_text()[-600:], flush=True)
    print(f"{len(rounds)} rounds in {time.monotonic() - began:.0f} s")
    show(rounds, settle=args.settle)


def show(rounds: list[Look], *, settle: int) -> None:
    """Peak and slope."""
    print(
        f"peak: whole {max(one.whole for one in rounds):.1f} MB,"
        f" pss {max(one.bot_pss + one.helpers_pss for one in rounds):.1f} MB,"
        f" rss of the bot {max(one.bot_rss for one in rounds):.1f} MB"
    )
    late = rounds[settle:]
    if len(late) > 1:
        slope, _ = statistics.linear_regression(range(len(late)), [one.whole for one in late])
        print(f"slope {slope * 100:+.2f} MB for a hundred rounds, from round {settle + 1} on")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=4, help="a hundred tell whether it is flat")
    parser.add_argument("--interval-s", type=float, default=60)
    parser.add_argument("--changing", type=float, default=0.02, help="share with a new entry")
    parser.add_argument("--settle", type=int, default=3, help="rounds before the slope is taken")
    args = parser.parse_args()
    with open_farm(args.feeds) as farm, TemporaryDirectory() as folder:
        asyncio.run(measure(args, Path(folder), farm))


if __name__ == "__main__":
    main()
