"""What comparing needs to know of a report, or of a story with all its reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

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
        companies: all of the catalogue, else the brands of the titles: what nobody watches
            is told apart as well.
        named: those of them that a title names, in so many letters (stories/titles.py).
        figures: what the titles count.
        leads: the first product of each title that names one; ``products``: all of them,
            or those of the summary where no title names any.
        kinds: the kinds of product of the titles, else those of the summary.
        stages: of a product's life that the titles speak of (stories/stages.py).
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
    named: frozenset[str]
    figures: frozenset[str]
    leads: tuple[Product, ...]
    products: tuple[Product, ...]
    kinds: frozenset[str]
    stages: frozenset[str]
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
    companies = frozenset((*makers, *carriers, *others)) or frozenset[str]().union(
        *(each.brands for each in told)
    )
    weights = _weigh(told, words)
    products = dict.fromkeys(product for each in told for product in each.products)
    kinds = frozenset[str]().union(*(each.kinds for each in told))
    return Sketch(
        weights=weights,
        square=measure(weights, companies),
        titles=tuple(dict.fromkeys(each.words for each in told)),
        makers=frozenset(makers),
        carriers=frozenset(carriers),
        companies=companies,
        named=companies & frozenset[str]().union(*(each.spellings for each in told)),
        figures=frozenset[str]().union(*(each.figures for each in told)),
        leads=tuple(dict.fromkeys(each.products[0] for each in told if each.products)),
        products=tuple(products) or find_products(lead),
        kinds=kinds or find_kinds(lead),
        stages=frozenset[str]().union(*(each.stages for each in told)),
        event=event,
        scripts=frozenset(each.is_han for each in told),
        beside=sum(each.is_beside for each in told) / max(1, len(told)),
        answers=sum(each.is_answer for each in told) / max(1, len(told)),
        links=frozenset(filter(None, map(make_link_key, links))),
        outlets=frozenset(outlets),
        at=at,
    )


def weigh_words(
    titles: Collection[str], words: Iterable[str], *, lang: str = ""
) -> Mapping[str, float]:
    """``Sketch.weights`` alone."""
    return _weigh([read_title(title, lang) for title in titles], words)


def _weigh(told: Collection[Title], words: Iterable[str]) -> dict[str, float]:
    weights: dict[str, float] = dict.fromkeys(words, SUMMARY_WEIGHT)
    weights.update(Counter(chain.from_iterable(each.words for each in told)))
    return weights
