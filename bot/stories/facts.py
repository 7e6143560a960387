"""What speaks for and against a report and a story being one, each fact with its weight.

The facts are those that people would name: words in common, the product, its kind, what
happened, figures, time. The weights are those of a logistic regression over pairs of
report and story of four labelled streams, drawn strongly towards what was expected of each
fact beforehand, so that few pairs cannot overturn it. Each stream was also judged by the
weights of the other three; facts that did not help it there were left out, among them the
same stage of two products' lives: a maker shows many things on one day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache

from bot.model import Event
from bot.stories.products import Product
from bot.stories.rarity import Rarity
from bot.stories.sketch import Sketch

ROUNDING = 0.1  # by how much two figures may differ and be one, as a share
HALF_LIFE = timedelta(days=1)  # after which the same kind of event tells half as much

BIAS = -2.12
WEIGHTS = {
    "words": 12.07,
    "title": 0.92,
    "telling": 0.79,
    "product": 0.36,
    "other product": -1.46,
    "product beside": -1.52,
    "kind": 0.61,
    "other kind": -1.57,
    "kind unsaid": -0.33,
    "rare event": 1.55,
    "pair": 2.00,
    "companies": 0.85,
    "clash": -1.01,
    "other event": -0.26,
    "figure": 1.21,
    "days": -1.11,
    "days of talk": -0.56,
    "same outlet": -2.33,
    "other party": -0.30,
    "beside": -1.44,
    "one answers": -1.53,
    "both answer": 1.02,
    "other stage": -0.49,
}

_VALUE = re.compile(r"(?P<unit>\D*)(?P<number>\d+(?:\.\d+)?)(?P<scale>[bm]?)")
_SCALES = {"": 1.0, "m": 1e6, "b": 1e9}
_UNITS = ("$", "")  # other currencies and shares of a hundred are left out: often converted
_CLASHES = frozenset(
    frozenset({Event.DEAL_OFF, other}) for other in (Event.DEAL, Event.LAUNCH, Event.MERGER)
)
_VAGUE_EVENTS = frozenset({Event.OTHER, Event.REVIEW, Event.LEAK, Event.PRICING})
# A company does not live through two of a kind within days; it shows and sells all the time.
_COMMON_EVENTS = _VAGUE_EVENTS | {Event.LAUNCH, Event.DEAL, Event.SOFTWARE, Event.NETWORK}
_TITLES = 8  # of a story, the latest, that a title is held against


def find_facts(
    report: Sketch, story: Sketch, rarity: Rarity, age: timedelta
) -> tuple[dict[str, float], list[str]]:
    """The facts of ``WEIGHTS``, mostly from 0 to 1, and the words of both, telling ones first."""
    score, shared = rarity.compare(story.weights, story.square)
    telling = [word for word in shared if rarity.is_telling(word)]
    near = 0.5 ** (age / HALF_LIFE)
    days = age / timedelta(days=1)
    is_same_event = report.event is story.event
    # Who writes again of the same event reviews it; another piece of news is another event.
    is_outlet_again = not report.outlets.isdisjoint(story.outlets)
    return {
        "words": score,
        "title": _compare_titles(report, story, rarity),
        "telling": min(len(telling), 4) / 4,
        **_compare_products(report, story),
        **_compare_kinds(report.kinds, story.kinds),
        "rare event": near * (is_same_event and report.event not in _COMMON_EVENTS),
        "pair": near * is_same_turn(report, story),
        "companies": float(len(report.companies & story.companies) > 1),
        "clash": float(frozenset({report.event, story.event}) in _CLASHES),
        "other event": float(not is_same_event and Event.OTHER not in (report.event, story.event)),
        "figure": float(_share_figure(report, story)),
        "days": days,
        "days of talk": days * (is_same_event and report.event in _VAGUE_EVENTS),
        "same outlet": (1 - abs(report.beside - story.beside)) * is_outlet_again,
        "other party": float(
            _differ(report.makers, story.makers) or _differ(report.carriers, story.carriers)
        ),
        "beside": abs(report.beside - story.beside),
        "one answers": abs(report.answers - story.answers),
        "both answer": min(report.answers, story.answers),
        "other stage": float(_differ(report.stages, story.stages)),
    }, telling or shared


def name_facts(report: Sketch, story: Sketch, facts: Mapping[str, float]) -> tuple[str, ...]:
    """Of ``facts`` those that speak for one story beside words, as people put it."""
    named = []
    if facts["rare event"] or facts["pair"]:
        named.append(report.event.label)
    if facts.get("product"):
        named.append(report.products[0].name)
    elif facts["kind"]:
        named.extend(sorted(report.kinds & story.kinds))
    if facts["figure"]:
        named.extend(sorted(report.figures & story.figures) or ["about the same figure"])
    return tuple(named)


def is_same_turn(report: Sketch, story: Sketch) -> bool:
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


def contradict(report: Sketch, story: Sketch) -> bool:
    """Whether titles of both are about different products or parties, or give other sums."""
    mine, theirs = _models(report), _models(story)
    if mine and theirs and not any(one.is_same(two) for one in mine for two in theirs):
        return True
    if report.leads and story.leads and _cross(report, story) and _cross(story, report):
        return True
    if _name_others(report, story):
        return True
    if not (report.figures and story.figures):
        return False
    return any(
        ours and theirs and not any(_is_about(one, other) for one in ours for other in theirs)
        for ours, theirs in (
            (_values(report.figures, unit), _values(story.figures, unit)) for unit in _UNITS
        )
    )


def _name_others(report: Sketch, story: Sketch) -> bool:
    """Whether titles of both name makers, or carriers, and none of them is in both.

    "Verizon drops Huawei" and "Verizon drops ZTE" are two deals in nearly the same words,
    though a summary may look back at the other. A product or figure in titles of both
    outweighs this: a maker is called by its owner's name as well.
    """
    if not any(
        _differ(report.named & ours, story.named & theirs)
        for ours, theirs in ((report.makers, story.makers), (report.carriers, story.carriers))
    ):
        return False
    is_product = bool(report.leads and story.leads) and any(
        one.is_same(two) for one in report.products for two in story.products
    )
    return not (is_product or _share_figure(report, story))


def _cross(one: Sketch, other: Sketch) -> bool:
    """Whether what ``one`` is about is nowhere in ``other``, though others may be in both."""
    return not any(lead.is_akin(named) for lead in one.leads for named in other.products)


def _models(sketch: Sketch) -> list[Product]:
    """The products of the titles that have a number."""
    return [product for product in sketch.products if product.number] if sketch.leads else []


def _compare_titles(report: Sketch, story: Sketch, rarity: Rarity) -> float:
    """How much of the shorter of two titles the other has, for the nearest of the story."""

    def weigh(words: Iterable[str]) -> float:
        return sum(map(rarity.weight, words))

    best = 0.0
    for mine in report.titles:
        total = weigh(mine)
        for theirs in story.titles[-_TITLES:]:
            if shared := set(mine).intersection(theirs):
                best = max(best, weigh(shared) / max(1.0, min(total, weigh(theirs))))
    return best


def _compare_products(report: Sketch, story: Sketch) -> dict[str, float]:
    """The product a title opens with is the one it is about; others may stand beside it."""
    if not (report.products and story.products):
        return {}
    leads = story.leads or story.products
    is_led = any(report.products[0].is_akin(lead) for lead in leads)
    leads_it = any(leads[0].is_same(product) for product in report.products)
    is_any = any(one.is_same(two) for one in report.products for two in story.products)
    return {
        "product": float(is_led and leads_it),
        "other product": float(not is_any),
        "product beside": float(not is_led),
    }


def _compare_kinds(report: frozenset[str], story: frozenset[str]) -> dict[str, float]:
    mine, theirs = report - {"phone"}, story - {"phone"}
    both = report | story
    return {
        "kind": _share(mine & theirs, mine | theirs),
        "other kind": _share(report ^ story, both) if report and story else 0.0,
        "kind unsaid": float(bool(mine) != bool(theirs)),
    }


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part) / max(1, len(whole))


def _differ(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Both say something, and nothing of it is the same."""
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _share_figure(report: Sketch, story: Sketch) -> bool:
    return bool(report.figures and story.figures) and any(
        _is_about(one, other)
        for unit in _UNITS
        for one in _values(report.figures, unit)
        for other in _values(story.figures, unit)
    )


@lru_cache(maxsize=4096)
def _values(figures: frozenset[str], unit: str) -> tuple[float, ...]:
    """Those of ``figures`` that have ``unit`` in front, as numbers."""
    found = (_VALUE.fullmatch(figure) for figure in figures)
    return tuple(
        float(match["number"]) * _SCALES[match["scale"]]
        for match in found
        if match and match["unit"] == unit
    )


def _is_about(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING * max(one, other)
