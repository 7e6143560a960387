"""How alike two reports are, and what forbids them to be one story.

Words are weighed against the other candidates alone, never against an archive:
the store hands over only the recent stories that share a company. The numbers
below were set on two development sets, where each has a broad flat top.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from math import hypot, log

from bot.model import Event
from bot.stories.fingerprint import find_figures, find_models, has_han, make_words

WINDOW = timedelta(days=5)  # a story that has been quiet for longer is over
SUMMARY_WEIGHT = 0.5  # of a word no title has, against 1 for each title that has it
NAME_WEIGHT = 0.3  # of the words of company names: the other candidates have them too
COMMON_WEIGHT = 0.7  # of the words half of all headlines on our beat are made of
PRIOR_STORIES = 50  # imagined beside the candidates, so that three of them weigh words calmly
MIN_SHARED = 2  # words that are neither common nor a name
AGE_PENALTY = 0.04  # a day between the report and the latest one of the story
PARTY_PENALTY = 0.05  # another maker, or another carrier, beside the shared company
CLASH_PENALTY = 0.1  # a deal and its end
PAIR_BONUS = 0.15  # the same thing happened to the same maker and carrier, near in time
ROUNDING = 0.1  # by how much two figures may differ and be one, as a share
COPY_WORDS = 4  # a title of fewer words ("Business Highlights") is no sign of a copy
NEAR = timedelta(hours=36)  # within it, companies and event may stand in for words
TRANSLATION_SCORE = 0.5  # of reports in two scripts whose facts agree


# What any headline on our beat may say, whatever happened.
_COMMON = frozenset(
    chain(
        make_words(
            "launch unveil debut introduce arrive offer start sell sale buy price plan deal"
        ),
        make_words("phone smartphone mobile device handset android 5g 4g carrier wireless network"),
        make_words("company maker customer user market tech technology top best big good free"),
        make_words("china chinese us u.s india global"),
    )
)
_VALUE = re.compile(r"(?P<unit>\D*)(?P<number>\d+(?:\.\d+)?)(?P<scale>[bm]?)")
_SCALES = {"": 1.0, "m": 1e6, "b": 1e9}
_CLASHES = frozenset(
    frozenset({Event.DEAL_OFF, other}) for other in (Event.DEAL, Event.LAUNCH, Event.MERGER)
)
_VAGUE_EVENTS = frozenset({Event.OTHER, Event.REVIEW, Event.LEAK, Event.PRICING})


@dataclass(frozen=True, slots=True)
class Sketch:
    """What comparing needs to know of a report, or of a story with all its reports.

    Attributes:
        weights: telling words, each with the number of titles that have it.
        titles: the words of each title, to know a copy by.
        figures, models: what the titles count, and which products they name.
        scripts: whether titles have Han characters; both answers for a mixed story.
        at: when it was last reported.
    """

    weights: Mapping[str, float]
    titles: frozenset[tuple[str, ...]]
    makers: frozenset[str]
    carriers: frozenset[str]
    companies: frozenset[str]
    figures: frozenset[str]
    models: frozenset[str]
    event: Event
    scripts: frozenset[bool]
    at: datetime


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1, and what both say, the most telling first."""

    score: float
    shared: tuple[str, ...]


NOT_ALIKE = Likeness(0.0, ())


def make_sketch(
    titles: Collection[str],
    *,
    words: Collection[str],
    makers: Collection[str],
    carriers: Collection[str],
    others: Collection[str],
    event: Event,
    at: datetime,
    lang: str = "",
) -> Sketch:
    """Sketch a report (one title) or a story (those of all reports); ``words``: of both texts."""
    told = [_read(title, lang) for title in titles]
    weights = dict.fromkeys(words, SUMMARY_WEIGHT)
    weights.update(Counter(word for each in told for word in each.words))
    return Sketch(
        weights=weights,
        titles=frozenset(each.words for each in told),
        makers=frozenset(makers),
        carriers=frozenset(carriers),
        companies=frozenset((*makers, *carriers, *others)),
        figures=frozenset(figure for each in told for figure in each.figures),
        models=frozenset(model for each in told for model in each.models),
        event=event,
        scripts=frozenset(each.is_han for each in told),
        at=at,
    )


class Rarity:
    """How much a word of ``report`` tells among the stories that it may belong to.

    Little if many of them have it; names of the report's companies tell little in any case.
    """

    def __init__(self, report: Sketch, stories: Collection[Sketch]) -> None:
        having = Counter(chain.from_iterable(story.weights for story in stories))
        total = len(stories) + PRIOR_STORIES + 1
        levels = [log(total / (number + 1)) + 0.05 for number in range(len(stories) + 1)]
        self._unseen = levels[0]
        self._weights = {word: levels[number] for word, number in having.items()}
        names = {word for word in report.weights if _is_name(word, report.companies)}
        for words, factor in ((_COMMON, COMMON_WEIGHT), (names, NAME_WEIGHT)):
            for word in words:
                self._weights[word] = levels[having[word]] * factor
        self._dull = _COMMON | names

    def weigh(self, times: Mapping[str, float]) -> dict[str, float]:
        """Each word's number of ``times``, multiplied by how much it tells."""
        known, unseen = self._weights, self._unseen
        return {word: count * known.get(word, unseen) for word, count in times.items()}

    def find_telling(self, words: Iterable[str]) -> list[str]:
        """The ``words`` that are neither common on our beat nor a company's name."""
        return [word for word in words if word not in self._dull]


def compare(report: Sketch, story: Sketch, rarity: Rarity) -> Likeness:
    """How alike ``report`` is to ``story``; ``NOT_ALIKE`` where something forbids it.

    Forbidden are: more than ``WINDOW`` apart; no company in common, or companies on one
    side alone; and where companies are named, titles with different models or different
    sums. A copied title overrides all but time.
    """
    age = abs(report.at - story.at)
    if age > WINDOW:
        return NOT_ALIKE
    copied = report.titles & story.titles
    for title in copied:
        if len(title) >= COPY_WORDS:
            return Likeness(1.0, title)
    if report.companies or story.companies:
        if report.companies.isdisjoint(story.companies):
            return NOT_ALIKE
        if _contradict(report.models, story.models) or _contradict_in_figures(report, story):
            return NOT_ALIKE
        if report.scripts.isdisjoint(story.scripts):
            return _compare_translation(report, story, age)
    return _compare_words(report, story, rarity, age)


def _compare_words(report: Sketch, story: Sketch, rarity: Rarity, age: timedelta) -> Likeness:
    score, shared = _cosine(report.weights, story.weights, rarity)
    telling = rarity.find_telling(shared)
    is_same_turn = age <= NEAR and _is_same_turn(report, story)
    if report.companies and len(telling) < MIN_SHARED and not is_same_turn:
        return NOT_ALIKE
    score -= AGE_PENALTY * (age / timedelta(days=1))
    if _contradict(report.makers, story.makers) or _contradict(report.carriers, story.carriers):
        score -= PARTY_PENALTY
    if frozenset({report.event, story.event}) in _CLASHES:
        score -= CLASH_PENALTY
    if is_same_turn:
        score += PAIR_BONUS
    return Likeness(max(0.0, score), tuple(telling or shared))


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
    if _is_same_turn(report, story):
        return Likeness(TRANSLATION_SCORE, (report.event.value,))
    return NOT_ALIKE


def _is_same_turn(report: Sketch, story: Sketch) -> bool:
    """Whether a maker and a carrier are the same, and what happened to them is.

    They seldom do the same kind of thing twice in two days, and outlets find many
    words for it: "fails to get", "walks away", "backs out", "drops".
    """
    return (
        report.event is story.event
        and report.event not in _VAGUE_EVENTS
        and not report.makers.isdisjoint(story.makers)
        and not report.carriers.isdisjoint(story.carriers)
    )


def _cosine(
    report: Mapping[str, float], story: Mapping[str, float], rarity: Rarity
) -> tuple[float, list[str]]:
    if report.keys().isdisjoint(story):
        return 0.0, []
    mine, theirs = rarity.weigh(report), rarity.weigh(story)
    products = {word: mine[word] * theirs[word] for word in mine if word in theirs}
    score = sum(products.values()) / (_length(mine) * _length(theirs))
    return score, sorted(products, key=lambda word: -products[word])


def _is_name(word: str, companies: Iterable[str]) -> bool:
    """Whether ``word`` is part of a company's id, as "mobil" and "at&t" of "tmobile" and "att"."""
    letters = word.replace("&", "")
    return len(letters) > 2 and any(letters in company for company in companies)


def _length(weights: Mapping[str, float]) -> float:
    return hypot(*weights.values())


def _contradict(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both say something, and nothing of it is the same."""
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _contradict_in_figures(report: Sketch, story: Sketch) -> bool:
    """Whether both titles give dollars, or both counts, and no two are about the same.

    Shares of a hundred are left out, and other currencies: the same sum is often converted.
    """
    return any(
        ours and theirs and not any(_is_about(one, other) for one in ours for other in theirs)
        for ours, theirs in (
            (_values(report, "$"), _values(story, "$")),
            (_values(report, ""), _values(story, "")),
        )
    )


def _values(sketch: Sketch, unit: str) -> list[float]:
    """The figures of a sketch that have ``unit`` in front, as numbers."""
    found = (_VALUE.fullmatch(figure) for figure in sketch.figures)
    return [
        float(match["number"]) * _SCALES[match["scale"]]
        for match in found
        if match and match["unit"] == unit
    ]


def _is_about(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING * max(one, other)


def _is_fact(word: str) -> bool:
    """Whether ``word`` is a figure or a model, written alike in two languages."""
    digits = sum(char.isdigit() for char in word)
    return 0 < digits < len(word) and word not in _COMMON


@dataclass(frozen=True, slots=True)
class _Told:
    words: tuple[str, ...]
    figures: frozenset[str]
    models: frozenset[str]
    is_han: bool


@lru_cache(maxsize=8192)  # the titles of recent stories are read again for each report
def _read(title: str, lang: str) -> _Told:
    return _Told(
        words=make_words(title, lang=lang),
        figures=find_figures(title),
        models=find_models(title),
        is_han=has_han(title),
    )
