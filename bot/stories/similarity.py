"""How alike a report and a story are, and what forbids them to be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from bot.stories.facts import (
    BIAS,
    WEIGHTS,
    contradict,
    find_facts,
    is_same_turn,
    name_facts,
)
from bot.stories.rarity import Rarity
from bot.stories.sketch import Sketch

__all__ = ["NOT_ALIKE", "WINDOW", "Likeness", "Sketch", "compare", "make_rarity"]

WINDOW = timedelta(days=5)  # a story that has been quiet for longer is over
AGE_PENALTY = 0.04  # a day, where no company is named
MIN_TELLING = 0.5  # two words that are neither common nor a name, where no other fact is shared
COPY_WORDS = 4  # a title of fewer words ("Telecoms this week") is no sign of a copy
NEAR = timedelta(hours=36)  # within it, companies and event may stand in for words
TRANSLATION_SCORE = 0.5  # of reports in two scripts whose facts agree

_NO_FACTS = frozenset({"4g", "5g", "6g"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1.

    Attributes:
        shared: the words of both, the most telling first.
        facts: what else speaks for it, in plain words.
    """

    score: float
    shared: tuple[str, ...]
    facts: tuple[str, ...] = ()


NOT_ALIKE = Likeness(0.0, ())


def make_rarity(report: Sketch, stories: Collection[Sketch]) -> Rarity:
    """How much the words of ``report`` tell among ``stories``."""
    return Rarity(report.weights, report.companies, [story.weights for story in stories])


def compare(report: Sketch, story: Sketch, rarity: Rarity) -> Likeness:
    """How alike ``report`` is to ``story``; ``NOT_ALIKE`` where something forbids it.

    Forbidden are: more than ``WINDOW`` apart; no company in common, or companies on one
    side alone; and where companies are named, titles with different models or different
    sums, or nothing in common but names and common words. A copied title, or the
    address of the same article, overrides all but time. Where no company is named, words
    and time alone decide.
    """
    age = abs(report.at - story.at)
    if age > WINDOW:
        return NOT_ALIKE
    if copied := _compare_copies(report, story):
        return copied
    if not (report.companies or story.companies):
        score, shared = rarity.compare(story.weights, story.square)
        return Likeness(max(0.0, score - AGE_PENALTY * (age / timedelta(days=1))), tuple(shared))
    if report.companies.isdisjoint(story.companies) or contradict(report, story):
        return NOT_ALIKE
    if report.scripts.isdisjoint(story.scripts):
        return _compare_translation(report, story, age)
    return _compare_facts(report, story, rarity, age)


def _compare_copies(report: Sketch, story: Sketch) -> Likeness | None:
    """Certainty for the same article or a copied title, else None."""
    if not report.links.isdisjoint(story.links):
        return Likeness(1.0, (), ("the same address",))
    for title in report.titles:
        if len(title) >= COPY_WORDS and title in story.titles:
            return Likeness(1.0, title)
    return None


def _compare_facts(report: Sketch, story: Sketch, rarity: Rarity, age: timedelta) -> Likeness:
    facts, said = find_facts(report, story, rarity, age)
    if not _has_grounds(facts, age):
        return NOT_ALIKE
    score = BIAS + sum(WEIGHTS[fact] * value for fact, value in facts.items())
    return Likeness(1 / (1 + exp(-score)), tuple(said), name_facts(report, story, facts))


def _has_grounds(facts: Mapping[str, float], age: timedelta) -> bool:
    """Whether more is shared than names and what any headline on our beat may say."""
    return (
        facts["telling"] >= MIN_TELLING
        or any(facts.get(fact) for fact in ("product", "kind", "figure"))
        or (age <= NEAR and bool(facts["rare event"] or facts["pair"]))
    )


def _compare_translation(report: Sketch, story: Sketch, age: timedelta) -> Likeness:
    """Chinese and English share no words: companies, facts and time must agree instead.

    All companies must be the same, and either a figure or model, or the kind of
    event where a maker and a carrier are both named. Anything less stays apart.
    """
    if age > NEAR or report.companies != story.companies:
        return NOT_ALIKE
    facts = tuple(word for word in report.weights if word in story.weights and _is_fact(word))
    if facts:
        return Likeness(TRANSLATION_SCORE, facts)
    if is_same_turn(report, story):
        return Likeness(TRANSLATION_SCORE, (), (report.event.label,))
    return NOT_ALIKE


def _is_fact(word: str) -> bool:
    """Whether ``word`` is a figure or a model, written alike in two languages."""
    digits = sum(char.isdigit() for char in word)
    return 0 < digits < len(word) and word not in _NO_FACTS
