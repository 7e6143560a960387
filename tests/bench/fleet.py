"""Several processes on one PostgreSQL: how fast, and whether anything is lost when they die.

    python -m tests.bench.fleet throughput [--feeds 5000] [--workers 1 2 3]
    python -m tests.bench.fleet chaos [--kill-every 7] [--minutes 5] [--restarts 2]

The processes are real ones, ``newsbot run --role ...``, on a PostgreSQL of their own, with a
farm of loopback feeds, a loopback Discord and a loopback Slack in further processes. All of it
shares the cores of this machine; so CPU seconds say more than what is done in a second.

"throughput" lets all feeds fall due at once, first with twenty entries each, then unchanged,
then with one new entry each; then it spreads due times evenly, at a part of the rate that
was seen, and measures how late polls begin.
"chaos" publishes, kills any process about every so many seconds, restarts the database, and at
the end holds every entry and every post against what was published: it says LOST or TWICE, and
exits 1 then. Posts of several processes are measured by deliver_together.py.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from tests.bench import _fleet_speed
from tests.bench._program import run_program
from tests.fleet.chaos import Plan, run_chaos
from tests.fleet.lab import open_lab

ROLES = {"schedule": 2, "poll": 3, "deliver": 2}


def main() -> None:
    """Read the arguments, measure and print."""
    chosen = _make_parser().parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("tests").setLevel(logging.INFO)
    sys.exit(asyncio.run(chosen.measure(chosen)))


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    modes = parser.add_subparsers(required=True)
    speed = modes.add_parser("throughput")
    speed.add_argument("--feeds", type=int, default=5_000)
    speed.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    speed.add_argument("--load", type=float, default=0.5, help="part of the rate, for lateness")
    speed.add_argument("--seconds", type=float, default=40, help="of the even load")
    speed.set_defaults(measure=_fleet_speed.measure)
    chaos = modes.add_parser("chaos")
    chaos.add_argument("--feeds", type=int, default=5_000)
    chaos.add_argument("--interval-s", type=float, default=60)
    chaos.add_argument("--kill-every", type=float, default=7, help="seconds, about; 0: never")
    chaos.add_argument("--frozen", type=float, default=0.0, help="part of these, for a while only")
    chaos.add_argument("--minutes", type=float, default=5)
    chaos.add_argument("--restarts", type=int, default=2, help="of the database")
    chaos.add_argument("--news-per-s", type=float, default=0.5)
    chaos.add_argument("--others-per-s", type=float, default=10)
    chaos.add_argument("--discord", type=int, default=6, help="channels")
    chaos.add_argument("--slack", type=int, default=3, help="channels")
    chaos.add_argument("--seed", type=int, default=7)
    chaos.add_argument("--logs", type=Path, help="a folder to keep the logs in")
    for role, number in ROLES.items():
        chaos.add_argument(f"--{role}", type=int, default=number, help="processes")
    chaos.set_defaults(measure=_measure_chaos)
    return parser


async def _measure_chaos(args: argparse.Namespace) -> int:
    plan = Plan(
        roles={role: getattr(args, role) for role in ROLES},
        seconds=60 * args.minutes,
        kill_every_s=args.kill_every,
        frozen=args.frozen,
        restarts=args.restarts,
        news_per_s=args.news_per_s,
        others_per_s=args.others_per_s,
        seed=args.seed,
    )
    async with open_lab(
        feeds=args.feeds,
        discord=args.discord,
        slack=args.slack,
        interval_s=args.interval_s,
        env={"NEWSBOT_DELIVER_GATHER_S": "5", "NEWSBOT_DELIVER_LEASE_S": "20"},
        logs=args.logs,
    ) as lab:
        outcome = await run_chaos(lab, plan)
    print(outcome.tell())
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    run_program(main)
