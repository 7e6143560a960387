"""Speed of summaries, with the names looked for and without.

    python -m tests.bench.summarise [--rounds 5]

One document is one article, or one description of a feed, with its title, as ``newsbot
summarise`` reads it; reading JSON and printing it are left out. Articles are of our own;
where the folder of labelled texts lies beside the checkout (or ``NEWSBOT_SHARED`` names
it), those are measured too. Times are CPU seconds of this process, one core; the medians
of the rounds are shown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import Match
from bot.summaries import summary_line

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
GOLD = ROOT / "tests" / "summaries" / "gold"

Items = Sequence[Mapping[str, Any]]


def main() -> None:
    """Measure and print a line for each set."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    matcher = Matcher(load_catalogue(ROOT / "config"))
    print(f"{'':28}{'characters':>11}{'us each':>9}{'a second':>9}{'of it names':>12}")
    for label, items in _read_sets().items():
        whole = _measure(items, matcher.name, rounds=rounds)
        rest = _measure(items, lambda _title, _text: Match(), rounds=rounds)
        length = statistics.mean(len(_text_of(item)) for item in items)
        print(
            f"{label:28}{length:11.0f}{whole * 1e6:9.0f}{1 / whole:9.0f}"
            f"{max(0.0, 1 - rest / whole):12.0%}"
        )


def _read_sets() -> dict[str, Items]:
    own = [item for path in sorted(GOLD.glob("*.jsonl")) for item in _read(path)]
    sets: dict[str, Items] = {
        "own articles": [{**item, "article": item["text"]} for item in own],
        "their first 200 characters": [{**item, "desc": item["text"][:200]} for item in own],
    }
    if (path := SHARED / "data" / "summaries-dev.jsonl").exists():
        sets["labelled articles"] = _read(path)
    if (path := SHARED / "data" / "flagging-dev.jsonl").exists():
        sets["labelled headlines"] = _read(path)
    return sets


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _text_of(item: Mapping[str, Any]) -> str:
    return str(item.get("article") or item.get("desc") or "")


def _measure(items: Items, match: Callable[[str, str], Match], *, rounds: int) -> float:
    """The median over the rounds of CPU seconds per document."""
    taken = []
    for _ in range(rounds + 1):  # the first warms up
        started = time.process_time()
        for item in items:
            summary_line(item, match)
        taken.append((time.process_time() - started) / len(items))
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
