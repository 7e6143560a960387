"""What a headline says, read once: its words, figures, products, and from which side it tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.stories.angles import is_answer, is_beside
from bot.stories.fingerprint import find_figures, has_han, make_words
from bot.stories.products import Product, find_brands, find_kinds, find_products
from bot.stories.stages import find_stages

_WORD = re.compile(r"[a-z0-9][a-z0-9&.\-]*(?:['\u2019]s\b)?")
_SIGN = re.compile(r"['\u2019]s$|[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Title:
    """A headline as comparing needs it.

    Attributes:
        words: its telling words (stories/fingerprint.py), without those of the summary.
        products: those it names, the one it is about first; ``kinds``: of product;
            ``brands``: makers of them, for those that the catalogue does not know.
        spellings: its words as ids of companies are written, to see who is named in it.
        stages: of a product's life that it speaks of (stories/stages.py).
        is_beside, is_answer: whether it reviews or lists, or answers the news.
    """

    words: tuple[str, ...]
    figures: frozenset[str]
    products: tuple[Product, ...]
    kinds: frozenset[str]
    brands: frozenset[str]
    spellings: frozenset[str]
    stages: frozenset[str]
    is_han: bool
    is_beside: bool
    is_answer: bool


@lru_cache(maxsize=16_384)  # the titles of recent stories are read again for each report
def read_title(title: str, lang: str = "") -> Title:
    """Read ``title``; ``lang`` (BCP 47) is that of its feed, or ""."""
    return Title(
        words=make_words(title, lang=lang),
        figures=find_figures(title),
        products=find_products(title),
        kinds=find_kinds(title),
        brands=find_brands(title),
        spellings=_find_spellings(title),
        stages=find_stages(title),
        is_han=has_han(title),
        is_beside=is_beside(title),
        is_answer=is_answer(title),
    )


def _find_spellings(title: str) -> frozenset[str]:
    """The words of ``title`` and each two in a row, as ids are written: "T-Mobile" is ``tmobile``.

    Who is called otherwise than the id ("Redmi", "华为") is not seen: that says nothing.
    """
    words = [_SIGN.sub("", word) for word in _WORD.findall(title.lower())]
    return frozenset((*words, *(first + second for first, second in pairwise(words))))
