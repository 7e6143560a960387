"""Summaries of labelled articles: floors a hair under what was measured.

Measured with the shipped catalogue: good 3 of 3; ROUGE-1/2/L 31.1/11.2/20.2 on 39 articles.
"""

from __future__ import annotations

import json
from pathlib import Path

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.summaries import summary_line
from tests.conftest import ROOT
from tests.scorers import load_scorer


def test_summaries_reach_what_was_measured(shared: Path) -> None:
    path = shared / "data" / "summaries-dev.jsonl"
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    match = Matcher(load_catalogue(ROOT / "config")).match

    figures = load_scorer(shared, "score_summaries").score(
        gold, [summary_line(item, match) for item in gold]
    )

    assert figures["good"] == 1.0, figures
    assert figures["rouge1"] >= 30.7, figures
