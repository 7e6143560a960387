"""Speed of clustering: documents a second, and what a story costs as they pile up.

    python -m tests.bench.cluster [--small 1000] [--large 100000] [--rounds 5]

The labelled streams are read through the shipped catalogue, from JSON to the story's id, with
nothing remembered from the round before. Stories for the index are coined, from a seed: some
forty companies, a few of them in most headlines. Times are CPU seconds of this process, one
core, the median of the rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import Entry, Event, Match
from bot.stories import ClusterLines, OutletNames, Report, StoryIndex, make_words, open_story
from bot.stories.fingerprint import find_tokens
from bot.stories.products import find_brands, find_kinds, find_products
from bot.stories.rarity import weigh_alone
from bot.stories.similarity import WINDOW
from bot.stories.stages import find_stages
from bot.stories.titles import read_title
from tests.bench._corpus import make_headlines, make_names

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
START = datetime(2018, 1, 9, tzinfo=UTC)
BATCH = 300
"""Stories inserted, and reports looked up, in one round."""

_CACHES = (
    find_brands, find_kinds, find_products, find_stages, find_tokens, read_title, weigh_alone
)  # fmt: skip


def main() -> None:
    """Measure and print tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--small", type=int, default=1_000)
    options.add_argument("--large", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    _measure_streams(rounds=chosen.rounds)
    _measure_index(chosen.small, chosen.large, rounds=chosen.rounds)


def _measure_streams(*, rounds: int) -> None:
    catalogue = load_catalogue(ROOT / "config")
    matcher, outlets = Matcher(catalogue), OutletNames(catalogue.outlets)
    print("from JSON lines to stories, one core")
    for path in sorted((SHARED / "data").glob("clusters-dev-*.jsonl")):
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        taken, stories = [], set()
        for _ in range(rounds + 1):  # the first warms the matcher up
            _forget()
            lines = ClusterLines(partial(matcher.match, explained=False), outlets)
            started = time.process_time()
            stories = {lines.add(item)["cluster"] for item in items}
            taken.append((time.process_time() - started) / len(items))
        seconds = statistics.median(taken[1:])
        print(
            f"  {path.stem:26}{seconds * 1e6:10.1f} us each{1 / seconds:9.0f}/s; "
            f"{len(items)} reports in {len(stories)} stories"
        )


def _measure_index(small: int, large: int, *, rounds: int) -> None:
    print("\nthe index in memory: us each")
    costs = {}
    for kept in (small, large):
        reports = _make_reports(kept + 2 * BATCH * rounds, over=WINDOW * 0.9)
        index = StoryIndex()
        for report in islice(reports, kept):
            index.put(open_story(report, summary="", is_history=False))
        gc.collect()
        gc.freeze()  # passes of the collector over the heap are a cost of the process, not of this
        inserts, look_ups = [], []
        for _ in range(rounds):
            stories = [
                open_story(report, summary="", is_history=False)
                for report in islice(reports, BATCH)
            ]
            inserts.append(_time(index.put, stories))
            look_ups.append(_time(index.find, list(islice(reports, BATCH))))
        costs[kept] = (statistics.median(inserts), statistics.median(look_ups))
        print(
            f"  {kept:9} stories: insert{costs[kept][0] * 1e6:9.1f}, "
            f"look-up and decision{costs[kept][1] * 1e6:9.1f}; {len(index)} kept at the end"
        )
    ratios = [many / few for few, many in zip(costs[small], costs[large], strict=True)]
    print(f"  {large} against {small}: insert x{ratios[0]:.2f}, look-up x{ratios[1]:.2f}")


def _make_reports(count: int, *, over: timedelta) -> Iterator[Report]:
    """``count`` reports, evenly over the time ``over``, of companies as unequal as real ones."""
    random = Random(7)
    names = make_names(40)
    shares = [1 / (rank + 1) for rank in range(len(names))]
    events = list(Event)
    for number, headline in enumerate(make_headlines(count, names)):
        company = random.choices(names, shares)[0]
        title = f"{company} {headline}"
        at = START + over * (number / count)
        entry = Entry(keys=(f"{number}",), title=title, link=f"https://wire.example/{number:06}")
        yield Report(
            entry=entry,
            match=Match(makers=(company.lower(),), event=random.choice(events)),
            outlet=f"Outlet {number % 50}",
            feed_id=number % 50,
            seen_at=at,
            published_at=at,
            words=make_words(title),
        )


def _time(act: Callable[[Any], object], items: Sequence[Any]) -> float:
    """CPU seconds for each of ``items``, with nothing remembered of their texts."""
    _forget()
    started = time.process_time()
    for item in items:
        act(item)
    return (time.process_time() - started) / len(items)


def _forget() -> None:
    for cached in _CACHES:
        cached.cache_clear()


if __name__ == "__main__":
    main()
