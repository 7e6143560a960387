"""The matcher on labelled headlines: what it must reach, on all of them and on unseen ones.

The development sets have 577 and 353 items. The fifth whose id has a CRC-32 divisible by
five was held back while the rules were written: nobody read it, it was only scored. Its
figures, not those of the whole, are what to expect of tomorrow's news.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from bot.matching import Matcher, flag_line, watched_company
from bot.model import Catalogue
from tests.scorers import load_scorer

ALL, HELD_BACK = 1, 5

# How good it must be, by what is asked; F1, but for the whole item and the events' accuracy.
FLAGGING = {
    ALL: {
        "makers": 0.99,
        "carriers": 0.99,
        "ambiguous": 0.985,
        "extra": 0.9,
        "pair": 0.99,
        "relevant": 0.98,
    },
    HELD_BACK: {
        "makers": 0.98,
        "carriers": 0.98,
        "ambiguous": 0.96,
        "pair": 0.97,
        "relevant": 0.94,
    },
}
WHOLE_ITEM = {ALL: 0.98, HELD_BACK: 0.95}
CHINESE_AND_JAPANESE = {ALL: 0.95, HELD_BACK: 0.9}  # the held-back fifth has ten names of these
EVENTS = {ALL: (0.92, 0.90), HELD_BACK: (0.80, 0.78)}  # accuracy, macro-F1

NOT_SHOWN = "the held-back items are not for reading: mend the same family on the others"

both = pytest.mark.parametrize("share", [ALL, HELD_BACK], ids=["all", "held back"])


def load_lines(path: Path, share: int = ALL) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [line for line in lines if zlib.crc32(line["id"].encode()) % share == 0]


@pytest.fixture(scope="module")
def flagged(shared: Path, catalogue: Catalogue) -> list[dict[str, Any]]:
    matcher = Matcher(catalogue, watched=[watched_company("Nothing")])
    items = load_lines(shared / "data" / "flagging-dev.jsonl")
    return [flag_line(matcher, item) for item in items]


@both
def test_companies_and_relevance_are_right(
    shared: Path, flagged: list[dict[str, Any]], share: int
) -> None:
    gold = load_lines(shared / "data" / "flagging-dev.jsonl", share)

    figures, errors = load_scorer(shared, "score_flagging").score(gold, flagged)

    shown = errors if share == ALL else NOT_SHOWN
    floors = FLAGGING[share]
    below = {k: figures[k]["f1"] for k, floor in floors.items() if figures[k]["f1"] < floor}
    assert not below, shown
    assert figures["exact_item"] >= WHOLE_ITEM[share], shown
    by_lang = [figures["lang"][lang] for lang in ("zh", "ja") if lang in figures["lang"]]
    right = 2 * sum(one["tp"] for one in by_lang)
    wrong = sum(one["fp"] + one["fn"] for one in by_lang)
    assert right / (right + wrong) >= CHINESE_AND_JAPANESE[share], shown


@both
def test_events_are_right(shared: Path, flagged: list[dict[str, Any]], share: int) -> None:
    gold = load_lines(shared / "data" / "events-dev.jsonl", share)

    figures, errors = load_scorer(shared, "score_events").score(gold, flagged)

    shown = errors if share == ALL else NOT_SHOWN
    accuracy, macro_f1 = EVENTS[share]
    assert figures["accuracy"] >= accuracy, shown
    assert figures["macro_f1"] >= macro_f1, shown
