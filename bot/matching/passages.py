"""A title, a summary or a body, folded, with the words of our subject already found in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from bot.matching.folding import Folded, is_letter
from bot.matching.scanner import OPEN_END, Found, scanned
from bot.model import Prominence

TITLE, SUMMARY, BODY = "title", "summary", "body"

REACH = 280
"""Characters either side of a name in which a word still speaks for it.

Most headlines and summaries are shorter, and so are one neighbourhood.
"""

LEAD = 280
"""Characters of a summary or a body in which a company is what the news is about."""

# A letter or digit of a script that puts spaces between words.
_LETTER = r"[^\W_\u0e00-\u0eff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff]"
_WORD = rf"{_LETTER}(?:{_LETTER}|')*"
_LAST = re.compile(rf"{_WORD}$")
_AFTER = re.compile(rf"(({_WORD})(?: {_WORD})?)")
_FAR = 60  # characters either side of a name that are looked at for its neighbours
_TO_NAME = " '\"“”("  # may stand between a name and its neighbour
_TO_NEIGHBOUR = re.compile(rf"(?:'s)?[{_TO_NAME}]*")

# "90", "x100", "13t", "9+", but no year, no ordinal, no "5g", nothing counted or measured.
_MODEL = re.compile(
    r"(?:'s)?[ (]*((?!(?:19|20)\d\d(?![a-z0-9])|\d+(?:st|nd|rd|th)\b|[2-6]g\b)"
    r"[a-z]{0,4}\d{1,4}[a-z]{0,3}\+?)(?![a-z0-9%.,]*\d|[a-z%]"
    r"| ?(?:cm|mm|km|kg|m|mln|mld|million|billion|percent|people|years?|months?|weeks?|days?"
    r"|hours?|minutes?|times|students?|heroes|veterans|women|men)\b)"
)
_LATIN = re.compile(r" ?([a-z][a-z0-9]+)")

_CLAUSE_ENDS = ":;|.!?\u2014\u300c\u300e\u3010"
_JOINT = re.compile(
    r"(?:'s)? ?(?:[,/;&+\u3001]|,? ?(?:and|or|nor|versus|vs\.?|v\.|with|und|oder|y|o|et"
    r"|ou|e|i|lub|czy|\u0438|\u0438\u043b\u0438|\u548c|\u4e0e|\u8207|\u53ca|\u6216|\u3068)) ?"
)
_LONGEST_JOINT = 12


@dataclass(frozen=True, slots=True)
class Beside:
    """Words looked for right beside a name.

    Attributes:
        whole: words, and phrases of two words.
        openings: what a neighbour may begin (or, before the name, end) with: words with an
            open end, and those of scripts that put no space between words.
    """

    whole: frozenset[str]
    openings: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.whole or self.openings)


def make_beside(words: Iterable[str]) -> Beside:
    """``words`` made ready; "*" at the end of one stands for any ending."""
    folded = {scanned(word) for word in words}
    openings = {w for w in folded if w.endswith(OPEN_END) or not is_letter(w[0])}
    return Beside(frozenset(folded - openings), tuple(sorted(w.rstrip(OPEN_END) for w in openings)))


class Neighbours:
    """What stands right before and right after a name; looked up when asked for."""

    __slots__ = ("_after", "_before", "_hit", "_text")

    def __init__(self, text: str, hit: Found) -> None:
        self._text = text
        self._hit = hit
        self._before: tuple[str, ...] | None = None
        self._after: tuple[str, ...] | None = None

    def find_before(self, words: Beside) -> str:
        """The one of ``words`` that stands right before the name, or ""."""
        if words.openings and self._text.endswith(words.openings, 0, self._hit.start):
            start = self._hit.start
            return next(o for o in words.openings if self._text.endswith(o, 0, start))
        if not words.whole:
            return ""
        if self._before is None:
            self._before = _last_words(self._text[max(0, self._hit.start - _FAR) : self._hit.start])
        return next((word for word in self._before if word in words.whole), "")

    def find_after(self, words: Beside) -> str:
        """The one of ``words`` that stands right after the name, past a possessive, or ""."""
        if not words:
            return ""
        if self._after is None:
            end = self._hit.end
            self._after = _next_words(self._text[end : end + _FAR])
        rest, *after = self._after
        if words.openings and rest.startswith(words.openings):
            return next(o for o in words.openings if rest.startswith(o))
        return next((word for word in after if word in words.whole), "")


def _last_words(text: str) -> tuple[str, ...]:
    """The two last words of ``text``, then the last; () where it ends in no word."""
    chunks = text.rstrip(_TO_NAME).rsplit(" ", 2)
    last = _LAST.search(chunks[-1])
    if not last:
        return ()
    before = _LAST.search(chunks[-2]) if len(chunks) > 1 and last.start() == 0 else None
    return (f"{before[0]} {last[0]}", last[0]) if before else (last[0],)


def _next_words(text: str) -> tuple[str, ...]:
    """``text`` from its first word on, then its two first words, then the first."""
    gap = _TO_NEIGHBOUR.match(text)
    rest = text[gap.end() :] if gap else text
    found = _AFTER.match(rest)
    return (rest, *(words.removesuffix("'s") for words in found.groups())) if found else (rest,)


@dataclass(frozen=True, slots=True)
class Passage:
    """One field of an entry.

    Attributes:
        where: title, summary or body.
        text: as published; ``folded`` is its folded copy.
        words: every word of the catalogue's lists in it, by the word as scanned.
    """

    where: str
    text: str
    folded: Folded
    words: Mapping[str, list[Found]] = field(default_factory=dict)

    def written(self, hit: Found) -> str:
        """``hit`` as it stands in the original."""
        start, end = self.folded.span(hit.start, hit.end)
        return self.text[start:end]

    def prominence_at(self, place: int) -> Prominence:
        """What a company named at ``place`` of the original is to the news."""
        if self.where == TITLE:
            return Prominence.HEADLINE
        return Prominence.LEAD if place < LEAD else Prominence.PASSING

    def word_before(self, hit: Found) -> str:
        """The word right before, folded, or ""."""
        words = _last_words(self.folded.text[max(0, hit.start - _FAR) : hit.start])
        return words[-1] if words else ""

    def word_after(self, hit: Found) -> str:
        """The word right after, folded, past a possessive; or ""."""
        _, *words = _next_words(self.folded.text[hit.end : hit.end + _FAR])
        return words[-1] if words else ""

    def is_possessive(self, hit: Found) -> bool:
        """Whether "'s" stands right after."""
        return self.folded.text.startswith("'s", hit.end)

    def model_after(self, hit: Found) -> str:
        """The model number right after ("90", "x100"), folded; or ""."""
        found = _MODEL.match(self.folded.text, hit.end)
        return found[1] if found else ""

    def product_after(self, hit: Found) -> str:
        """The word in Latin letters right after a name in another script, folded; or ""."""
        if self.folded.text[hit.end - 1].isascii():
            return ""
        found = _LATIN.match(self.folded.text, hit.end)
        return found[1] if found else ""

    def is_at_start(self, hit: Found) -> bool:
        """Whether the name opens the field, or a sentence or clause of it."""
        before = self.folded.text[max(0, hit.start - _FAR) : hit.start].rstrip(_TO_NAME)
        return not before or before[-1] in _CLAUSE_ENDS

    def joins(self, one: Found, other: Found) -> bool:
        """Whether ``other`` follows ``one`` as in "Mint or Visible", "Boost, Cricket"."""
        between = self.folded.text[one.end : other.start]
        return len(between) <= _LONGEST_JOINT and _JOINT.fullmatch(between) is not None


def group_words(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Findings by their phrase, each list in reading order."""
    grouped: dict[str, list[Found]] = {}
    for hit in found:
        grouped.setdefault(hit.phrase, []).append(hit)
    return grouped


class Neighbourhood:
    """Finds, of many words, the one nearest to a name; built for one entry.

    Near a name is ``REACH`` in its own field; besides, for one in the title the opening of
    the summary, and for any other the title. Each list of words is put in reading order
    once, so that a name costs one search in it, however long the text.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = {passage.where: passage for passage in passages}
        self._ordered: dict[tuple[str, frozenset[str]], Sequence[Found]] = {}

    def find_word(self, words: frozenset[str], hit: Found, where: str) -> str:
        """The nearest of ``words`` to ``hit`` in field ``where``, as written, or "".

        Never one that is part of the name itself.
        """
        if not words:
            return ""
        for place in _fields_near(where):
            if (passage := self._passages.get(place)) is not None:
                found = find_nearest(self._order(words, passage), hit if place == where else None)
                if found:
                    return passage.written(found)
        return ""

    def find_name(self, names: Mapping[str, Sequence[Found]], hit: Found, where: str) -> str:
        """The same of ``names``, given by field in reading order."""
        for place in _fields_near(where):
            if standing := names.get(place):
                found = find_nearest(standing, hit if place == where else None)
                if found:
                    return self._passages[place].written(found)
        return ""

    def _order(self, words: frozenset[str], passage: Passage) -> Sequence[Found]:
        key = passage.where, words
        if (known := self._ordered.get(key)) is not None:
            return known
        lists = [standing for word, standing in passage.words.items() if word in words]
        ordered = lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists), key=_start)
        self._ordered[key] = ordered
        return ordered


def _fields_near(where: str) -> tuple[str, ...]:
    return (TITLE, SUMMARY) if where == TITLE else (where, TITLE)


def find_nearest(ordered: Sequence[Found], hit: Found | None) -> Found | None:
    """Of findings in reading order the one nearest to ``hit``, in reach and apart from it.

    None for ``hit``: it stands in another field, whose opening is read.
    """
    if not ordered:
        return None
    if hit is None:
        return ordered[0] if ordered[0].start < REACH else None
    at = bisect_left(ordered, hit.start, key=_start)
    after = at
    while after < len(ordered) and ordered[after].start < hit.end:
        after += 1
    before = at - 1
    while before >= 0 and ordered[before].end > hit.start:
        before -= 1
    gaps = []
    if before >= 0:
        gaps.append((hit.start - ordered[before].end, ordered[before]))
    if after < len(ordered):
        gaps.append((ordered[after].start - hit.end, ordered[after]))
    gap, nearest = min(gaps, key=_first, default=(REACH + 1, None))
    return nearest if gap <= REACH else None


def find_near(
    words: frozenset[str], hit: Found, inside: Passage, passages: Iterable[Passage]
) -> Iterator[str]:
    """Which of ``words`` stand near ``hit``, as written; never the name itself."""
    for passage in passages:
        if passage is inside or passage.where in _fields_near(inside.where):
            for phrase in words & passage.words.keys():
                standing = passage.words[phrase]
                if found := find_nearest(standing, hit if passage is inside else None):
                    yield passage.written(found)


def _start(found: Found) -> int:
    return found.start


def _first(pair: tuple[int, Found]) -> int:
    return pair[0]
