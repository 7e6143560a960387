"""How much words tell: little where many candidates have them, or all headlines on our beat.

Words are weighed against the other candidates alone, never against an archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import chain
from math import log, sqrt

from bot.stories.fingerprint import make_words

NAME_WEIGHT = 0.3  # of the words of company names: the other candidates have them too
COMMON_WEIGHT = 0.7  # of the words half of all headlines on our beat are made of
PRIOR_STORIES = 50  # imagined beside the candidates, so that three of them weigh words calmly

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


class Rarity:
    """How much each word of a report tells among the stories that it may belong to.

    Args:
        words: of the report, each with the number of its titles that have it.
        companies: of the report; their names tell little in any case.
        stories: the words of each candidate.
    """

    def __init__(
        self,
        words: Mapping[str, float],
        companies: frozenset[str],
        stories: Collection[Mapping[str, float]],
    ) -> None:
        total = len(stories) + PRIOR_STORIES + 1
        top = log(total) + 0.05
        self._words = words
        self._usual = {word: weigh_alone(word, companies) for word in words}
        told = Counter(chain.from_iterable(words.keys() & story.keys() for story in stories))
        self._weights = {
            word: usual * (log(total / (1 + told[word])) + 0.05) / top
            for word, usual in self._usual.items()
        }
        self._square = sum((words[word] * weight) ** 2 for word, weight in self._weights.items())

    def weight(self, word: str) -> float:
        """From 0 to 1; 1 for a rare word that no candidate has."""
        return self._weights.get(word, 1.0)

    def is_telling(self, word: str) -> bool:
        """Whether ``word`` is neither common on our beat nor a company's name."""
        return self._usual.get(word, 1.0) == 1.0

    def compare(self, story: Mapping[str, float], square: float) -> tuple[float, list[str]]:
        """The cosine of the report's words and a story's, and the words of both.

        ``square`` is ``measure`` of the story. The words come in the order of their share.
        """
        products, changed = {}, square
        for word, times in self._words.items():
            if told := story.get(word):
                weight = self._weights[word]
                products[word] = times * told * weight * weight
                changed += told * told * (weight * weight - self._usual[word] ** 2)
        if not products:
            return 0.0, []
        score = sum(products.values()) / sqrt(self._square * max(changed, 1e-9))
        return min(score, 1.0), sorted(products, key=lambda word: -products[word])


def measure(words: Mapping[str, float], companies: frozenset[str]) -> float:
    """The square of the length of a story's words, before candidates are known."""
    return sum((times * weigh_alone(word, companies)) ** 2 for word, times in words.items())


@lru_cache(maxsize=65_536)  # the same words come with the same companies
def weigh_alone(word: str, companies: frozenset[str]) -> float:
    """What ``word`` weighs if no other story has it: 1, or less for common ones and names."""
    if _is_name(word, companies):
        return NAME_WEIGHT
    return COMMON_WEIGHT if word in _COMMON else 1.0


def is_dull(word: str, companies: Iterable[str]) -> bool:
    """Whether ``word`` is common on our beat, or part of the name of one of ``companies``."""
    return weigh_alone(word, frozenset(companies)) < 1.0


def _is_name(word: str, companies: Iterable[str]) -> bool:
    """Whether ``word`` is part of a company's id, as "mobil" and "at&t" of "tmobile" and "att"."""
    letters = word.replace("&", "")
    return len(letters) > 2 and any(letters in company for company in companies)
