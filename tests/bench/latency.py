"""From a new entry in a feed to its delivery committed, and to its post, while the bot is busy.

    python -m tests.bench.latency [--feeds 1000] [--polls-per-s 100] [--news-per-s 2]

The bot is the real one, as ``newsbot run`` opens it, in this process: rounds, fetcher,
parser workers, store, drain, and a console that is a file here. A farm of feeds in another
process answers it. Every second some feeds show a new entry; ``--news-per-s`` of these are
headlines about a maker and a carrier, which the bot must post, and ``--other-per-s`` are not.

A clock starts when the farm first answers with a headline, and is read when the call that
commits its delivery returns, and when the console is given its text. Between stand: the
answer's way, parsing, deciding, the transaction with its fsync, and for the post another
one. Waiting for the feed's next poll is not counted; that is the operator's interval. Shown
too is when each stage was left behind. The farm and all other work of the machine run on
the same cores: "slowness" is the wall time that a second of CPU takes to get, before and after.
Where it is not near 1, milliseconds tell of the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import re
import statistics
import time
from collections import Counter
from datetime import timedelta
from functools import wraps
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from rich.console import Console

from bot.app import Bot, open_bot
from bot.cli.memory import give_back
from bot.model import Feed, FeedSpec, Fetched
from bot.ports import PollOutcome
from bot.settings import load_settings
from bot.telemetry.health import LoopMonitor
from tests.bench._corpus import make_headlines
from tests.bench._program import run_program
from tests.servers.farm import FarmHandle, open_farm

MAKERS = ("Huawei", "Xiaomi", "OnePlus", "Motorola", "Oppo", "Honor", "Realme", "ZTE")
CARRIERS = ("AT&T", "Verizon", "T-Mobile", "Vodafone", "Orange", "Telefonica", "Telstra")
CONFIG = Path(__file__).parents[2] / "config"
MARK = re.compile(r"X(\d+)Q")
STAGES = ("fetched", "parsed", "committing", "committed", "posted")


class Times:
    """When each headline passed each stage, on the monotonic clock."""

    def __init__(self) -> None:
        self.at: dict[str, dict[str, float]] = {stage: {} for stage in STAGES}
        self._by_feed: dict[str, dict[str, float]] = {"fetched": {}, "parsed": {}}

    def note_feed(self, stage: str, url: str) -> None:
        self._by_feed[stage][url] = time.monotonic()

    def note_entry(self, stage: str, title: str) -> None:
        self.at[stage].setdefault(title, time.monotonic())

    def note_outcome(self, outcome: PollOutcome) -> list[str]:
        """The titles of what ``outcome`` owes somebody; their polls are at the commit now."""
        if not outcome.deliveries:
            return []
        titles = [new.entry.title for new in outcome.new if new.story_id]
        for title in titles:
            self.note_entry("committing", title)
            for stage, times in self._by_feed.items():
                self.at[stage].setdefault(title, times[outcome.feed.url])
        return titles


class NotingFile(io.StringIO):
    """A console's file that notes which headlines it was given."""

    def __init__(self, times: Times, titles: dict[str, str]) -> None:
        super().__init__()
        self._times = times
        self._titles = titles

    def write(self, said: str) -> int:
        for mark in MARK.findall(said):
            self._times.note_entry("posted", self._titles[mark])
        return len(said)


def note_stages(bot: Bot, times: Times) -> None:
    """Let the parts of ``bot`` tell when a headline passes."""
    poller: Any = bot.rounds._polls._poller
    fetch, parse, commit = poller._fetcher.fetch, poller._parser.parse, bot.store.commit_poll

    @wraps(fetch)
    async def noting_fetch(feed: Feed, **options: Any) -> Fetched:
        fetched: Fetched = await fetch(feed, **options)
        times.note_feed("fetched", feed.url)
        return fetched

    @wraps(parse)
    async def noting_parse(fetched: Fetched, **options: Any) -> Any:
        parsed = await parse(fetched, **options)
        times.note_feed("parsed", fetched.url)
        return parsed

    @wraps(commit)
    async def noting_commit(outcome: PollOutcome) -> None:
        titles = times.note_outcome(outcome)
        await commit(outcome)
        for title in titles:
            times.note_entry("committed", title)

    poller._fetcher.fetch, poller._parser.parse = noting_fetch, noting_parse
    poller._store.commit_poll = noting_commit


class Newsroom:
    """Publishes headlines, none of which the story rules should take for another."""

    def __init__(self, farm: FarmHandle, feeds: int) -> None:
        self._farm = farm
        self._feeds = feeds
        self._random = Random(7)
        self._coined = iter(make_headlines(20_000, ("Quenda",), seed=11))
        self.titles: dict[str, str] = {}  # by mark

    async def publish(self, *, news: int, others: int) -> None:
        """So many, each in a feed of its own."""
        feeds = self._random.sample(range(self._feeds), news + others)
        titles = [self._make_news() for _ in range(news)]
        titles += [next(self._coined) for _ in range(others)]
        await self._farm.ask("publish", *zip(feeds, titles, strict=True))

    def _make_news(self) -> str:
        maker, carrier = self._random.choice(MAKERS), self._random.choice(CARRIERS)
        mark = str(len(self.titles))
        title = f"{maker} to sell its X{mark}Q phone through {carrier}: {next(self._coined)}"
        self.titles[mark] = title
        return title


async def warm_up(bot: Bot, farm: FarmHandle, feeds: int, patience_s: float) -> None:
    """Until every feed was polled and most answers are 304."""
    began = time.monotonic()
    while (await farm.ask("asked")) < feeds:
        await asyncio.sleep(1)
        if time.monotonic() - began > patience_s:
            raise TimeoutError("the first polls take too long; ask for fewer a second")
    before: Counter[int] = await farm.ask("answers")
    while True:
        await asyncio.sleep(2)
        answers: Counter[int] = await farm.ask("answers")
        if answers[200] == before[200] and answers[304] > before[304]:
            return
        before = answers


async def measure(args: argparse.Namespace, folder: Path, farm: FarmHandle) -> None:
    """Run the bot, publish, and print when headlines passed which stage."""
    interval_s = args.feeds / args.polls_per_s
    interval = {f"NEWSBOT_POLL_{which}_INTERVAL_S": str(interval_s) for which in ("MIN", "MAX")}
    settings = load_settings(
        environ={
            "NEWSBOT_DATABASE_URL": f"sqlite:///{folder}/latency.sqlite3",
            "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
            "NEWSBOT_CONFIG_DIR": str(CONFIG),
            **interval,
        }
    )
    newsroom, times = Newsroom(farm, args.feeds), Times()
    console = Console(file=NotingFile(times, newsroom.titles), width=500)
    async with open_bot(settings, console=console) as bot:
        note_stages(bot, times)
        give_back()
        specs = [FeedSpec(url) for url in farm.urls]
        spread = timedelta(seconds=args.feeds / 25)
        await bot.store.sync_feeds(specs, now=bot.clock(), spread=spread)
        slowness = [find_slowness()]
        stop = asyncio.Event()
        running = asyncio.create_task(bot.run(stop))
        await warm_up(bot, farm, args.feeds, patience_s=10 * spread.total_seconds())
        answered: Counter[int] = await farm.ask("answers")
        cpu_s, began = cpu_of_all(farm), time.monotonic()
        async with LoopMonitor(tick_s=0.005) as monitor:
            for _ in range(args.seconds):
                await newsroom.publish(news=args.news_per_s, others=args.other_per_s)
                await asyncio.sleep(1)
            await asyncio.sleep(interval_s + 2)
        took_s = time.monotonic() - began
        cpu_s = cpu_of_all(farm) - cpu_s
        first: dict[str, float] = await farm.ask("first_answers")
        answers: Counter[int] = (await farm.ask("answers")) - answered
        stop.set()
        await running
    slowness.append(find_slowness())
    print(f"slowness {slowness[0]:.1f} before, {slowness[1]:.1f} after")
    print(
        f"{answers.total() / took_s:.0f} polls a second ({answers[200]} x 200, {answers[304]} x"
        f" 304), CPU {cpu_s / took_s * 100:.0f} % of a core, {cpu_s / answers.total() * 1e3:.2f} ms"
        f" a poll; event loop at worst {monitor.worst_ms:.0f} ms late"
    )
    show(times, {title: first[title] for title in newsroom.titles.values() if title in first})


def find_slowness() -> float:
    """Seconds of wall time for a second of CPU, here and now."""
    began, cpu_s = time.monotonic(), time.process_time()
    while time.process_time() - cpu_s < 0.2:
        sum(range(10_000))
    return (time.monotonic() - began) / (time.process_time() - cpu_s)


def cpu_of_all(farm: FarmHandle) -> float:
    """CPU seconds of this process and the bot's workers; not of the farm."""
    us = psutil.Process()
    workers = [one for one in us.children() if one.pid != farm.pid]
    return sum(sum(one.cpu_times()[:2]) for one in (us, *workers))


def show(times: Times, first: dict[str, float]) -> None:
    """One line a stage: milliseconds since the farm answered."""
    print(f"{len(first)} headlines were answered with; milliseconds since then:")
    for stage in STAGES:
        passed = times.at[stage]
        ms = sorted(1000 * (passed[title] - at) for title, at in first.items() if title in passed)
        if len(ms) < 2:
            print(f"  {stage:10}  {len(ms)} only")
            continue
        cuts = statistics.quantiles(ms, n=100, method="inclusive")
        print(
            f"  {stage:10} {len(ms):5}  p50 {cuts[49]:6.1f}  p90 {cuts[89]:6.1f}"
            f"  p99 {cuts[98]:6.1f}  worst {ms[-1]:6.1f}"
        )


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--polls-per-s", type=float, default=100)
    parser.add_argument("--news-per-s", type=int, default=2)
    parser.add_argument("--other-per-s", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=30)
    args = parser.parse_args()
    logging.disable(logging.INFO)
    with open_farm(args.feeds) as farm, TemporaryDirectory() as folder:
        asyncio.run(measure(args, Path(folder), farm))


if __name__ == "__main__":
    run_program(main)
