"""Whether a watcher of handset makers and carriers wants to hear of it.

A carrier is also a stadium, and a handset maker builds cars and television sets. The
headline says what the news is about; the summary is asked where the headline is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.matching.passages import BODY, TITLE, Passage
from bot.matching.scanner import Found, longest_only
from bot.model import Company, Role


class Topic:
    """Knows the words of our business and those of others.

    Args:
        business, off_topic: words as scanned; among overlapping ones the longest
            speaks ("car phone" is no "car").
    """

    def __init__(self, business: Iterable[str], off_topic: Iterable[str]) -> None:
        self._business = frozenset(business)
        self._off_topic = frozenset(off_topic)

    def judge(self, companies: Sequence[Company], passages: Sequence[Passage]) -> tuple[bool, str]:
        """The verdict and its reason, for a text that names ``companies`` outside its body."""
        ours = [c for c in companies if c.role is not Role.OTHER]
        if not ours:
            return False, "not relevant: no maker or carrier in the title or summary"
        for passage in passages:
            if passage.where == BODY:
                continue
            about, other = self._words(passage)
            if about and (passage.where == TITLE or not other):
                return True, f'relevant: "{about}" in the {passage.where}'
            if other:
                return False, f'not relevant: "{other}" in the {passage.where}'
        if all(company.side_line for company in ours):
            names = " and ".join(company.name for company in ours)
            return False, f"not relevant: phones are a side line of {names}, and none is named"
        return True, "relevant: nothing says that it is about another business"

    def _words(self, passage: Passage) -> tuple[str, str]:
        """The first word of our business and the first of another, as written, or ""."""
        known = self._business | self._off_topic
        found = [hit for word in known & passage.words.keys() for hit in passage.words[word]]
        hits = longest_only(sorted(found, key=lambda hit: (hit.start, -hit.end)))
        return _first(hits, self._business, passage), _first(hits, self._off_topic, passage)


def _first(hits: Iterable[Found], words: frozenset[str], passage: Passage) -> str:
    return next((passage.written(hit) for hit in hits if hit.phrase in words), "")
