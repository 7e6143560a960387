"""Whether a watcher of handset makers and carriers wants to hear of it.

A carrier is also a stadium, and a handset maker builds cars and television sets. The
headline says what the news is about; the summary is asked where the headline is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.matching.passages import BODY, TITLE, Passage
from bot.matching.scanner import Found, longest_only, scanned
from bot.model import Catalogue, Company, Role


@dataclass(frozen=True, slots=True)
class _Said:
    """What one field speaks of.

    Attributes:
        ours, other: the first word of our business and of another, as written, or "".
        affair: the first word of a company's law, money or safety, or "".
        is_ours: whether our business outweighs the other.
    """

    ours: str
    other: str
    affair: str
    is_ours: bool


class Topic:
    """Knows the words of our business and those of others, as the catalogue lists them.

    Among overlapping words the longest speaks: a "car phone" is no car, and what the press
    calls a company ("phone maker") says nothing about the news.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._business = _scanned(catalogue.business_words)
        self._off_topic = _scanned(catalogue.off_topic_words)
        self._affairs = _scanned(catalogue.affairs_words)
        descriptors = _scanned(catalogue.descriptors)
        self.words = self._business | self._off_topic | self._affairs | descriptors
        """Every word it wants looked for in the text."""

    def judge(
        self, companies: Sequence[Company], passages: Sequence[Passage], *, is_in_title: bool = True
    ) -> tuple[bool, str]:
        """The verdict and its reason, for a text that names ``companies`` outside its body.

        ``is_in_title``: the title names one of them, and so tells of its law and money.
        """
        ours = [c for c in companies if c.role is not Role.OTHER]
        if not ours:
            return False, "not relevant: no maker or carrier in the title or summary"
        is_side_line = all(company.side_line for company in ours)
        for passage in passages:
            if passage.where == BODY:
                continue
            said = self._read(passage, is_side_line=is_side_line)
            is_affair = passage.where == TITLE and is_in_title and bool(said.affair)
            if is_affair and not (is_side_line and said.other):
                return True, f'relevant: "{said.affair}" in the {passage.where}'
            if said.is_ours:
                return True, f'relevant: "{said.ours}" in the {passage.where}'
            if said.other:
                return False, f'not relevant: "{said.other}" in the {passage.where}'
        if is_side_line:
            names = " and ".join(company.name for company in ours)
            return False, f"not relevant: phones are a side line of {names}, and none is named"
        return True, "relevant: nothing says that it is about another business"

    def _read(self, passage: Passage, *, is_side_line: bool) -> _Said:
        """What ``passage`` speaks of.

        What is named more often is what it is about, each word counted once; of equals what
        is named first. In a headline to be first is enough, but not where phones are a side
        line of the companies.
        """
        known = self.words
        found = (hit for word, hits in passage.words.items() if word in known for hit in hits)
        hits = longest_only(sorted(found, key=lambda hit: (hit.start, -hit.end)))
        ours = _distinct(hits, self._business)
        other = _distinct(hits, self._off_topic)
        affair = next((hit for hit in hits if hit.phrase in self._affairs), None)
        is_first = bool(ours) and (not other or ours[0].start < other[0].start)
        is_enough = passage.where == TITLE and not is_side_line
        return _Said(
            ours=passage.written(ours[0]) if ours else "",
            other=passage.written(other[0]) if other else "",
            affair=passage.written(affair) if affair else "",
            is_ours=(is_first and (is_enough or len(ours) == len(other))) or len(ours) > len(other),
        )


def _scanned(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(scanned, words))


def _distinct(hits: Iterable[Found], words: frozenset[str]) -> list[Found]:
    """The first finding of each of ``words``."""
    found: dict[str, Found] = {}
    for hit in hits:
        if hit.phrase in words:
            found.setdefault(hit.phrase, hit)
    return list(found.values())
