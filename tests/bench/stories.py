"""What looking up and writing stories costs in a database with few and with many of them.

    python -m tests.bench.stories [--few 1000] [--many 100000] [--lookups 300]

All stories are open and about the same few dozen companies, in coined headlines from a
seed: more than any newsroom has, and the worst case for finding them by company. Times
are wall-clock medians on SQLite on this machine's disk, without polls beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.model import Entry, Event, FeedOrigin, FeedSpec, Match, Story
from bot.ports import PollOutcome
from bot.store import SqlStore, open_store
from bot.stories import (
    CANDIDATES_PER_TERM,
    WINDOW,
    Report,
    choose_for_all,
    make_words,
    open_story,
    terms_of_report,
)
from tests.bench._corpus import make_headlines
from tests.builders import NOW

MAKERS = tuple(f"maker{number}" for number in range(15))
CARRIERS = tuple(f"carrier{number}" for number in range(15))
WRITTEN_AT_ONCE = 500


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--few", type=int, default=1_000)
    options.add_argument("--many", type=int, default=100_000)
    options.add_argument("--lookups", type=int, default=300)
    chosen = options.parse_args()
    print(f"{'stories':>8}  {'look-up ms':>10}  {'candidates':>10}  {'insert ms':>9}")
    figures = [
        asyncio.run(_measure(number, lookups=chosen.lookups))
        for number in (chosen.few, chosen.many)
    ]
    ratios = [after / before for before, after in zip(*figures, strict=True)]
    print(f"{'ratio':>8}  {ratios[0]:>10.2f}  {'':>10}  {ratios[1]:>9.2f}")


async def _measure(number: int, *, lookups: int) -> tuple[float, float]:
    """Median milliseconds of a look-up with all its reading, and of writing one more story."""
    with TemporaryDirectory() as folder:
        async with await open_store(f"sqlite:///{Path(folder) / 'stories.sqlite3'}") as store:
            reports = list(_make_reports(number + 2 * lookups))
            await _fill(store, reports[:number])
            found: list[int] = []

            async def look_up(report: Report) -> None:
                terms = terms_of_report(report)
                candidates = await store.find_candidates(
                    terms,
                    since=NOW - WINDOW,
                    per_term=CANDIDATES_PER_TERM,
                    choose=partial(choose_for_all, [terms]),
                )
                found.append(len(candidates))

            async def insert(report: Report) -> None:
                await _commit(store, [_open(report)])

            fresh = reports[number:]
            looking_ms = await _time(look_up, fresh[:lookups])
            writing_ms = await _time(insert, fresh[lookups:])
    print(
        f"{number:>8}  {looking_ms:>10.2f}  {statistics.median(found):>10.0f}  {writing_ms:>9.2f}"
    )
    return looking_ms, writing_ms


async def _time(work: Callable[[Report], Awaitable[None]], reports: Sequence[Report]) -> float:
    took_ms = []
    for report in reports:
        started = time.perf_counter()
        await work(report)
        took_ms.append((time.perf_counter() - started) * 1_000)
    return statistics.median(took_ms)


async def _fill(store: SqlStore, reports: Sequence[Report]) -> None:
    for start in range(0, len(reports), WRITTEN_AT_ONCE):
        await _commit(store, [_open(each) for each in reports[start : start + WRITTEN_AT_ONCE]])


async def _commit(store: SqlStore, stories: Sequence[Story]) -> None:
    spec = FeedSpec("https://wire.example/rss")
    feed, _ = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW)
    await store.commit_poll(PollOutcome(feed=feed, at=NOW, stories=tuple(stories)))


def _make_reports(number: int) -> Iterator[Report]:
    """Reports over the last four days, in order of time; two companies in each."""
    pick = Random(2018)
    events = tuple(Event)
    for count, headline in enumerate(make_headlines(number, ["Huawei", "AT&T", "Mate 10"])):
        at = NOW - timedelta(days=4) * (1 - count / number)
        yield Report(
            entry=Entry(keys=(f"guid:{count}",), title=headline, link=None),
            match=Match(
                makers=(pick.choice(MAKERS),),
                carriers=(pick.choice(CARRIERS),),
                event=pick.choice(events),
            ),
            outlet="Example Wire",
            feed_id=1,
            seen_at=at,
            published_at=at,
            words=make_words(headline),
        )


def _open(report: Report) -> Story:
    return open_story(report, summary="", is_history=False)


if __name__ == "__main__":
    main()
