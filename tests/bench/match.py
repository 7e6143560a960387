"""Speed of the scanner with 50,000 names, of hostile texts, and of the whole matcher.

    python -m tests.bench.match [--names 50000] [--headlines 20000] [--rounds 5]

Names and headlines are coined, from a seed; where the folder of real feeds and labelled
headlines lies beside the checkout (or ``NEWSBOT_SHARED`` names it), they are measured too.
Times are CPU seconds of this process, one core; contenders take turns within each round,
and the medians of the rounds are shown. The slow baselines try all names on fewer headlines.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from bot.catalogue import load_catalogue
from bot.errors import FeedUnreadable
from bot.matching import Matcher, flag_line
from bot.matching.folding import fold, fold_phrase
from bot.matching.scanner import Scanner
from bot.parsing import parse_feed
from tests.bench._corpus import make_headlines, make_names

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
HOSTILE = 20_000
"""Characters of a hostile text: as many as the matcher reads of a field."""

Seek = Callable[[str], int]
"""Looks for all names in a text; how many it found."""


def main() -> None:
    """Measure and print tables."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--names", type=int, default=50_000)
    options.add_argument("--headlines", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    names = make_names(chosen.names)
    _measure_build(chosen.names)
    _measure_scanner(names, make_headlines(chosen.headlines, names), rounds=chosen.rounds)
    _measure_hostile(names, rounds=chosen.rounds)
    _measure_matcher(make_headlines(5_000, ["Huawei", "AT&T", "Sprint"]), rounds=chosen.rounds)


def _measure_build(count: int) -> None:
    """In a process of its own, whose memory nothing else has touched."""
    here, there = get_context("spawn").Pipe()
    child = get_context("spawn").Process(target=_build, args=(there, count))
    child.start()
    seconds, kept, peak = here.recv()
    child.join()
    print(
        f"built with {count} names in {seconds:.2f} s CPU; "
        f"{kept / 1e6:.0f} MB kept, {peak / 1e6:.0f} MB at the peak"
    )


def _build(pipe: Connection, count: int) -> None:
    names = make_names(count)
    before = psutil.Process().memory_info().rss
    started = time.process_time()
    scanner = Scanner(names)
    seconds = time.process_time() - started
    memory = psutil.Process().memory_info().rss
    pipe.send((seconds, memory - before, _peak() - before))
    del scanner


def _peak() -> int:
    """The most memory this process has held, in bytes; what it holds now where none tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return int(psutil.Process().memory_info().rss)
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0


def _measure_scanner(names: Sequence[str], headlines: Sequence[str], *, rounds: int) -> None:
    """Every contender gets the plain text: folding is part of the work."""
    scanner = Scanner(names)
    phrases = [fold_phrase(name) for name in names]
    patterns = [re.compile(rf"\b{re.escape(phrase)}\b") for phrase in phrases]
    either = re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b")

    def scan(text: str) -> int:
        return len(scanner.find_all(fold(text)))

    def search_each(text: str) -> int:
        folded = fold(text).text
        return sum(pattern.search(folded) is not None for pattern in patterns)

    def search_either(text: str) -> int:
        return len(either.findall(fold(text).text))

    def look_inside(text: str) -> int:
        folded = fold(text).text
        return sum(phrase in folded for phrase in phrases)

    contenders: dict[str, tuple[Seek, Sequence[str]]] = {
        r"a \b...\b regex per name": (search_each, headlines[:20]),
        "str in, per name": (look_inside, headlines[:100]),
        "one regex of all names": (search_either, headlines[:100]),
        "Scanner": (scan, headlines),
    }
    if titles := _read_titles():
        contenders["Scanner, real titles"] = (scan, titles)
    cpu_s = _take_turns(contenders, rounds=rounds)
    base = next(iter(cpu_s.values()))
    length = _mean(map(len, headlines))
    print(f"\nfold and find {len(names)} names in headlines of {length:.0f} characters")
    for name, seconds in cpu_s.items():
        seek, texts = contenders[name]
        found = [seek(text) for text in texts[:2_000]]
        print(
            f"  {name:26}{seconds * 1e6:10.1f} us each{1 / seconds:9.0f}/s"
            f"{base / seconds:9.1f} x the first; {_mean(map(bool, found)):4.0%} name one, "
            f"{_mean(found):.2f} findings each (of {len(texts)})"
        )


def _take_turns(
    contenders: dict[str, tuple[Seek, Sequence[str]]], *, rounds: int
) -> dict[str, float]:
    """The median over the rounds of each contender's CPU seconds per text."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (seek, texts) in contenders.items():
            started = time.process_time()
            for text in texts:
                seek(text)
            taken[name].append((time.process_time() - started) / len(texts))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _measure_hostile(names: Sequence[str], *, rounds: int) -> None:
    """Texts and names made to be slow: only what is found may cost."""
    nested = [form * length for form in ("a", "a ", "中") for length in range(1, 11)]
    many = [*nested, *names]
    scanners = {len(few): Scanner(few) for few in (nested, many)}
    texts = {
        "headlines": " ".join(make_headlines(400, names)),
        "aaaa, one word": "a",
        "a name but for its end": f"{max(names, key=len)[:-1]}qq ",
        "spaces": " ",
        "& &amp; & &amp;": "& &amp; ",
        "e and its accent": "e\u0301",
        "no character twice": "".join(map(chr, range(0x20, HOSTILE + 0x20))),
        "a a a a": "a ",
        "中中中中": "中",
    }
    print(f"\nhostile texts, a tenth of {HOSTILE} characters and all: us per 1,000 characters")
    for label, text in texts.items():
        whole = (text * (HOSTILE // len(text) + 1))[:HOSTILE]
        short = whole[: HOSTILE // 10]
        line = f"  {label:28}"
        for count, scanner in scanners.items():
            costs = [_scan_cost(scanner, one, rounds=rounds) for one in (short, whole)]
            found = len(scanner.find_all(fold(whole))) / HOSTILE
            line += f"{count:6} names{costs[0]:7.0f}{costs[1]:7.0f} ({found:.2f} found a character)"
        print(line)


def _scan_cost(scanner: Scanner, text: str, *, rounds: int) -> float:
    """CPU microseconds per 1,000 characters."""

    def scan(text: str) -> int:
        return len(scanner.find_all(fold(text)))

    (seconds,) = _take_turns({"": (scan, [text])}, rounds=rounds).values()
    return seconds * 1e9 / len(text)


def _measure_matcher(headlines: Sequence[str], *, rounds: int) -> None:
    """The whole verdict: names, context, pair, relevance, event, reasons."""
    matcher = Matcher(load_catalogue(ROOT / "config"))
    sets: dict[str, Sequence[dict[str, str]]] = {
        "coined headlines": [{"title": headline} for headline in headlines],
    }
    labelled = SHARED / "data" / "flagging-dev.jsonl"
    if labelled.exists():
        lines = labelled.read_text(encoding="utf-8").splitlines()
        sets["labelled headlines"] = [json.loads(line) for line in lines]
    if titles := _read_titles():
        sets["titles of real feeds"] = [{"title": title} for title in titles]
    print("\nthe whole matcher, with the catalogue as it ships")
    for label, items in sets.items():
        taken, flagged = [], 0
        for _ in range(rounds + 1):  # the first warms up
            started = time.process_time()
            said = [flag_line(matcher, item) for item in items]
            taken.append((time.process_time() - started) / len(items))
            flagged = sum(bool(one["makers"] or one["carriers"]) for one in said)
        seconds = statistics.median(taken[1:])
        print(
            f"  {label:26}{seconds * 1e6:10.1f} us each{1 / seconds:9.0f}/s; "
            f"{flagged} of {len(items)} flagged"
        )


def _read_titles() -> list[str]:
    """The titles of the real feeds, or none where they are absent."""
    titles: dict[str, None] = {}
    for document in sorted((SHARED / "feeds").glob("d*")):
        try:
            parsed = parse_feed(document.read_bytes(), url="https://feeds.example/rss")
        except FeedUnreadable:
            continue
        titles.update(dict.fromkeys(entry.title for entry in parsed.entries))
    return list(titles)


def _mean(values: Iterable[float]) -> float:
    return statistics.mean(values)


if __name__ == "__main__":
    main()
