"""What a list of suggestions costs, which is made on every key that somebody presses.

    python -m tests.bench.suggest [--stories 10000] [--feeds 300] [--calls 40]

Stories are coined headlines from a seed about the companies of the catalogue, ten an hour up
to now. Times are wall-clock medians and the slowest of 20 on SQLite on this machine's disk.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.commands.command import OptionKind
from bot.commands.plain import answer_plain
from bot.commands.suggest import suggest
from bot.model import FeedOrigin, FeedSpec, Role, Story
from bot.store import SqlStore, open_store
from tests.bench._corpus import make_headlines
from tests.builders import NOW, coverage, story
from tests.commands.calls import CATALOGUE, make_call
from tests.contract.polls import commit_stories

ASKED = (
    (OptionKind.COMPANY, ("", "h", "hua", "zzz", "mobile")),
    (OptionKind.COMPANIES, ("Huawei, AT&T, ", "Huawei, veri")),
    (OptionKind.EVENTS, ("", "deal, ba")),
    (OptionKind.STORY, ("", "#abc", "phone", "huawei phone", "penguins")),
    (OptionKind.SUBJECT, ("", "wire", "huawei")),
    (OptionKind.FEED, ("", "wire.example/17", "penguins")),
    (OptionKind.TIME_ZONE, ("", "berl", "penguins")),
)
QUESTIONS = ("anything on Huawei and AT&T this week?", "foldables", "最近小米的禁令", "latest?")
WRITTEN_AT_ONCE = 500
NAMES = [company.name for company in CATALOGUE.companies.values()]


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--stories", type=int, default=10_000)
    options.add_argument("--feeds", type=int, default=300)
    options.add_argument("--calls", type=int, default=40)
    asyncio.run(_measure(options.parse_args()))


async def _measure(chosen: argparse.Namespace) -> None:
    with TemporaryDirectory() as folder:
        async with await open_store(f"sqlite:///{Path(folder)}/newsbot.sqlite3") as store:
            await _fill(store, chosen.stories, chosen.feeds)
            call = make_call(store)
            print(f"{'kind':<12} {'typed':<40} {'median ms':>9} {'p95 ms':>8}")
            for kind, typed in ((kind, typed) for kind, all_ in ASKED for typed in all_):
                times = []
                for _ in range(chosen.calls):
                    started = time.perf_counter()
                    await suggest(call, kind, typed)
                    times.append((time.perf_counter() - started) * 1_000)
                _tell(kind.value, typed, times)
            for question in QUESTIONS:
                times = []
                for _ in range(chosen.calls):
                    started = time.perf_counter()
                    await answer_plain(call, question)
                    times.append((time.perf_counter() - started) * 1_000)
                _tell("plain", question, times)


def _tell(kind: str, typed: str, times: list[float]) -> None:
    slow = statistics.quantiles(times, n=20)[-1]
    print(f"{kind:<12} {typed:<40} {statistics.median(times):>9.1f} {slow:>8.1f}")


async def _fill(store: SqlStore, number: int, feeds: int) -> None:
    made = [_make_story(at, text) for at, text in enumerate(make_headlines(number, NAMES, seed=7))]
    for start in range(0, number, WRITTEN_AT_ONCE):
        await commit_stories(store, *made[start : start + WRITTEN_AT_ONCE])
    for at in range(feeds):
        spec = FeedSpec(f"https://wire.example/{at}/rss", f"Wire {at}")
        await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW)


def _make_story(at: int, headline: str) -> Story:
    random = Random(at)  # a benchmark keeps no secrets
    companies = CATALOGUE.companies.values()
    maker = random.choice([one.id for one in companies if one.role is Role.MAKER])
    carrier = random.choice([one.id for one in companies if one.role is Role.CARRIER])
    told = NOW - timedelta(minutes=6 * at)
    letters = "".join(random.choices("abcdefghijklmnopqrstuvwxyz234567", k=5))
    reports = tuple(coverage(f"Wire {random.randrange(80)}", title=headline) for _ in range(3))
    made = story(f"{at:05}{letters}".translate(_DIGITS), headline=headline, coverage=reports)
    return replace(
        made, makers=(maker,), carriers=(carrier,), published_at=told, outlet=reports[0].outlet
    )


_DIGITS = str.maketrans("0189", "abcd")


if __name__ == "__main__":
    main()
