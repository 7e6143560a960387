"""Finds thousands of phrases in a text in one pass.

An Aho-Corasick automaton reads the folded text once, however many phrases there
are, so no phrase that somebody adds can slow the bot down. Two rules make a
phrase in the text a finding:

- Boundaries: a letter or digit right beside the phrase makes it another word
  ("opportunity" holds no "oppo"), but Han, kana, hangul and Thai do not
  ("为AT&T定制"). An English plural ("Huaweis") still counts.
- Overlaps: the leftmost, then the longest finding wins ("Honor of Kings" over "Honor").

The boundaries are part of what the automaton looks for: words stand between marks, in
the text and in the phrases. So all that it reports is a finding, and phrases that
are everywhere inside words ("a", "aa", "aaa") cost nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from bot.matching.folding import MARK, Folded, fold_phrase, is_letter, mark
from bot.matching.glance import Glance

OPEN_END = "*"
"""At the end of a phrase: any ending will do ("smartfon*")."""


class Found(NamedTuple):
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
        folded = {scanned(phrase) for phrase in phrases}
        if any(not phrase.strip(OPEN_END) for phrase in folded):
            raise ValueError("an empty phrase would be found everywhere")
        # The longest first: their order is that of findings with the same start.
        ordered = sorted(folded)
        ordered.sort(key=_length, reverse=True)
        # By the number of the pattern. Three tuples, and patterns that pass by one at a time:
        # of the catalogue's 60,000, objects of their own would take 15 MB.
        self._phrases = tuple([phrase for phrase in ordered for _ in _plurals_of(phrase)])
        self._plurals = tuple(
            [is_plural for phrase in ordered for is_plural in _plurals_of(phrase)]
        )
        self._lengths = tuple(map(_length, self._phrases))
        self._automaton = AhoCorasick(form for phrase in ordered for form in _make_forms(phrase))

    def find_all(self, text: Folded, *, at_most: int | None = None) -> tuple[Found, ...]:
        """Every finding, also those inside others; by start, the longest first.

        ``at_most``: of more findings than this those that end first. Names one inside the
        other ("a", "a a", "a a a") are found over and over in a text made for it.
        """
        marked = text.marked
        hits = self._automaton.find_matches_as_indexes(marked, overlapping=True)
        if not hits:
            return ()
        if at_most is not None:
            del hits[at_most:]
        hits.sort(key=itemgetter(1, 0))
        found = []
        lengths, phrases, plurals = self._lengths, self._phrases, self._plurals
        marks = counted = 0
        for index, place, _ in hits:
            marks += marked.count(MARK, counted, place)
            counted = place
            start = place - marks
            found.append(Found(phrases[index], start, start + lengths[index], plurals[index]))
        return tuple(found)

    def find_places(self, text: Folded, most: int) -> dict[str, list[tuple[int, int]]]:
        """Where each phrase stands, in reading order; after ``most`` findings the text is left."""
        marked = text.marked
        lengths, phrases = self._lengths, self._phrases
        places: dict[str, list[tuple[int, int]]] = {}
        hits = self._automaton.find_matches_as_indexes(marked, overlapping=True)
        for index, place, _ in hits[:most]:
            phrase = phrases[index]
            start = place - marked.count(MARK, 0, place)
            span = (start, start + lengths[index])
            if phrase in places:
                places[phrase].append(span)
            else:
                places[phrase] = [span]
        return places

    def find(self, text: Folded) -> tuple[Found, ...]:
        """The findings that do not overlap: leftmost first, then longest."""
        return longest_only(self.find_all(text))


def make_glance(phrases: Iterable[str]) -> Glance:
    """What tells at once that a scanner for ``phrases`` would find nothing in a text."""
    folded = {scanned(phrase) for phrase in phrases}
    return Glance(form for phrase in folded for form in _make_forms(phrase))


@lru_cache(maxsize=2**15)  # the lists of the catalogue name the same words over and over
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


def _length(phrase: str) -> int:
    """Of its findings."""
    return len(phrase.rstrip(OPEN_END))


def _plurals_of(phrase: str) -> tuple[bool, ...]:
    """For each form of ``phrase`` whether it is the plural."""
    has_plural = not phrase.endswith(OPEN_END) and is_letter(phrase[-1])
    return (False, True) if has_plural else (False,)


def _make_forms(phrase: str) -> Iterator[str]:
    """``phrase`` and its plural, with the marks that stand around them in a text."""
    plain = phrase.rstrip(OPEN_END)
    marked = f"{MARK}{mark(plain).strip(MARK)}"
    if phrase != plain:
        yield marked
        return
    for is_plural in _plurals_of(phrase):
        yield f"{marked}s{MARK}" if is_plural else f"{marked}{MARK}"
