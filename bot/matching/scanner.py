"""Finds thousands of phrases in a text in one pass.

An Aho-Corasick automaton reads the folded text once, however many phrases there
are, so no phrase that somebody adds can slow the bot down. Two rules make a raw
hit a finding:

- Boundaries: a letter or digit right beside the phrase makes it another word
  ("opportunity" holds no "oppo"), but Han, kana, hangul and Thai do not
  ("为AT&T定制"). An English plural ("Huaweis") still counts.
- Overlaps: the leftmost, then the longest finding wins ("Honor of Kings" over "Honor").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from bot.matching.folding import Folded, fold_phrase, is_letter

OPEN_END = "*"
"""At the end of a phrase: any ending will do ("smartfon*")."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase at ``start:end`` of the folded text; a plural's "s" is not in the span."""

    phrase: str
    start: int
    end: int
    is_plural: bool = False


class Scanner:
    """Looks for phrases; compare ``Found.phrase`` with ``scanned(phrase)``.

    Raises:
        ValueError: a phrase has nothing in it once folded.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = sorted({scanned(phrase) for phrase in phrases})
        if "" in self._phrases or OPEN_END in self._phrases:
            raise ValueError("an empty phrase would be found everywhere")
        self._automaton = AhoCorasick([phrase.rstrip(OPEN_END) for phrase in self._phrases])

    def find_all(self, text: Folded) -> tuple[Found, ...]:
        """Every finding, also those inside others; by start, the longest first."""
        hits = self._automaton.find_matches_as_indexes(text.text, overlapping=True)
        if not hits:
            return ()
        found = (_check(self._phrases[index], text.text, s, e) for index, s, e in hits)
        return tuple(sorted(filter(None, found), key=lambda hit: (hit.start, -hit.end)))

    def find(self, text: Folded) -> tuple[Found, ...]:
        """The findings that do not overlap: leftmost first, then longest."""
        return longest_only(self.find_all(text))


def scanned(phrase: str) -> str:
    """``phrase`` in the form findings carry."""
    return fold_phrase(phrase)


def longest_only(found: Iterable[Found]) -> tuple[Found, ...]:
    """Of findings ordered as ``find_all`` gives them, those that no earlier one overlaps."""
    kept: list[Found] = []
    end = 0
    for hit in found:
        if hit.start >= end:
            kept.append(hit)
            end = hit.end
    return tuple(kept)


def _check(phrase: str, text: str, start: int, end: int) -> Found | None:
    """The finding, or None where a neighbour makes it part of another word."""
    if start and is_letter(text[start]) and is_letter(text[start - 1]):
        return None
    if phrase.endswith(OPEN_END) or not is_letter(text[end - 1]) or not _letter_at(text, end):
        return Found(phrase, start, end)
    if text[end] == "s" and not _letter_at(text, end + 1):
        return Found(phrase, start, end, is_plural=True)
    return None


def _letter_at(text: str, place: int) -> bool:
    return place < len(text) and is_letter(text[place])
