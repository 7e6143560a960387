"""A title, a summary or a body, folded, with the words of our subject already found in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.matching.folding import Folded
from bot.matching.scanner import Found

TITLE, SUMMARY, BODY = "title", "summary", "body"

REACH = 280
"""Characters either side of a name in a body in which a word still speaks for it.

A title and its summary are short enough to be one neighbourhood.
"""

_BEFORE = re.compile(r"([^\W_][\w']*)[ '\"“”(]*$")
_AFTER = re.compile(r"(?:'s)?[ '\"“”(]*([^\W_][\w']*)")
_LONGEST_WORD = 40

# "90", "x100", "13t", "9+", but no year, no ordinal, no "5g", nothing counted or measured.
_MODEL = re.compile(
    r"(?:'s)?[ (]*((?!(?:19|20)\d\d(?![a-z0-9])|\d+(?:st|nd|rd|th)\b|[2-6]g\b)"
    r"[a-z]{0,4}\d{1,4}[a-z]{0,3}\+?)(?![a-z0-9%.,]*\d|[a-z%]"
    r"| ?(?:cm|mm|km|kg|m|mln|mld|million|billion|percent|people|years?|months?|weeks?|days?"
    r"|hours?|minutes?|times|students?|heroes|veterans|women|men)\b)"
)


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

    def word_before(self, hit: Found) -> str:
        """The word right before, folded, or ""."""
        start = max(0, hit.start - _LONGEST_WORD)
        found = _BEFORE.search(self.folded.text[start : hit.start])
        return found[1] if found else ""

    def word_after(self, hit: Found) -> str:
        """The word right after, folded, past a possessive; or ""."""
        found = _AFTER.match(self.folded.text, hit.end, hit.end + _LONGEST_WORD)
        return found[1] if found else ""

    def is_possessive(self, hit: Found) -> bool:
        """Whether "'s" stands right after."""
        return self.folded.text.startswith("'s", hit.end)

    def model_after(self, hit: Found) -> str:
        """The model number right after ("90", "x100"), folded; or ""."""
        found = _MODEL.match(self.folded.text, hit.end)
        return found[1] if found else ""


def group_words(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Findings by their phrase, each list in reading order."""
    grouped: dict[str, list[Found]] = {}
    for hit in found:
        grouped.setdefault(hit.phrase, []).append(hit)
    return grouped


def find_near(
    words: frozenset[str], hit: Found, inside: Passage, passages: Iterable[Passage]
) -> Iterator[str]:
    """Which of ``words`` stand near ``hit``, as written; never the name itself.

    Near a name in the title or the summary is all of both; near one in the body is
    ``REACH`` characters of it, and the title.
    """
    for passage in passages:
        if passage is not inside and passage.where == BODY:
            continue
        if inside.where == BODY and passage.where == SUMMARY:
            continue
        for phrase in words & passage.words.keys():
            standing = passage.words[phrase]
            if passage is inside and inside.where == BODY:
                standing = _within_reach(standing, hit)
            # A word inside the name itself says nothing.
            apart = (w for w in standing if passage is not inside or not _overlap(w, hit))
            if word := next(apart, None):
                yield passage.written(word)


def _within_reach(words: list[Found], hit: Found) -> list[Found]:
    first = bisect_left(words, hit.start - REACH, key=lambda word: word.start)
    last = bisect_right(words, hit.end + REACH, key=lambda word: word.start)
    return words[first:last]


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end
