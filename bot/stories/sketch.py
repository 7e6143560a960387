"""What comparing needs to know of a report, or of a story with all its reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model import Event
from bot.stories.links import make_link_key
from bot.stories.products import Product, find_kinds, find_products
from bot.stories.rarity import measure
from bot.stories.titles import Title, read_title

SUMMARY_WEIGHT = 0.5  # of a word no title has, against 1 for each title that has it
_LEAD = 240  # characters of a summary that tell of the same thing as its title


@dataclass(frozen=True, slots=True)
class Sketch:
    """What comparing needs to know of a report, or of a story with all its reports.

    Attributes:
        weights: telling words, each with the number of titles that have it.
        square: of the length of ``weights`` (stories/rarity.py).
        titles: the words of each title, none twice, in order.
        figures: what the titles count.
        leads: the first product of each title that names one; ``products``: all of them,
            or those of the summary where no title names any.
        kinds: the kinds of product of the titles, else those of the summary.
        scripts: whether titles have Han characters; both answers for a mixed story.
        beside, answers: the shares of titles that review or list, and that answer the
            news (stories/angles.py).
        links: addresses of its articles (stories/links.py).
        outlets: who reported it; ``at``: when it was last reported.
    """

    weights: Mapping[str, float]
    square: float
    titles: tuple[tuple[str, ...], ...]
    makers: frozenset[str]
    carriers: frozenset[str]
    companies: frozenset[str]
    figures: frozenset[str]
    leads: tuple[Product, ...]
    products: tuple[Product, ...]
    kinds: frozenset[str]
    event: Event
    scripts: frozenset[bool]
    beside: float
    answers: float
    links: frozenset[str]
    outlets: frozenset[str]
    at: datetime


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
    summary: str = "",
    links: Collection[str | None] = (),
    outlets: Collection[str] = (),
) -> Sketch:
    """Sketch a report (one title) or a story (those of all reports); ``words``: of both texts."""
    told = [read_title(title, lang) for title in titles]
    lead = summary[:_LEAD]
    companies = frozenset((*makers, *carriers, *others)) or frozenset(
        brand for each in told for brand in each.brands
    )
    weights = dict.fromkeys(words, SUMMARY_WEIGHT)
    weights.update(Counter(word for each in told for word in each.words))
    products = dict.fromkeys(product for each in told for product in each.products)
    kinds = frozenset(kind for each in told for kind in each.kinds)
    return Sketch(
        weights=weights,
        square=measure(weights, companies),
        titles=tuple(dict.fromkeys(each.words for each in told)),
        makers=frozenset(makers),
        carriers=frozenset(carriers),
        companies=companies,
        figures=frozenset(figure for each in told for figure in each.figures),
        leads=tuple(dict.fromkeys(each.products[0] for each in told if each.products)),
        products=tuple(products) or find_products(lead),
        kinds=kinds or find_kinds(lead),
        event=event,
        scripts=frozenset(each.is_han for each in told),
        beside=_share(told, lambda each: each.is_beside),
        answers=_share(told, lambda each: each.is_answer),
        links=frozenset(filter(None, map(make_link_key, links))),
        outlets=frozenset(outlets),
        at=at,
    )


def _share(told: Collection[Title], test: Callable[[Title], bool]) -> float:
    return sum(map(test, told)) / max(1, len(told))
