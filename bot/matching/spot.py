"""One place in a text where a name stands: what is before and after, and how it is written."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile

from bot.matching.folding import is_unspaced
from bot.matching.passages import Passage
from bot.matching.scanner import Found

AROUND = 160
"""Characters either side of a name in which its sentence is judged."""

WORD = re.compile(r"[^\W\d_][\w'’]*")
_ENDS = re.compile(r"[.!?:;|–—\n•“\"‘«(\[]\s*$|(?:^|\s)[-'’]\s*$")
_OPENING = re.compile(r"[ '\"“”‘’(（「《]*")
_CLOSES = re.compile(r"\s*(?:$|[,.:;!?)|–—\]…]|-\s)")


@dataclass(frozen=True)
class Spot:
    """A name found in a passage; ``lang`` is BCP 47, or "" where unknown."""

    hit: Found
    passage: Passage
    lang: str

    @property
    def _closes(self) -> bool:
        return bool(_CLOSES.match(self._window[1]))

    @cached_property
    def _neighbours(self) -> tuple[str, str]:
        return self.passage.word_before(self.hit), self.passage.word_after(self.hit)

    @cached_property
    def _window(self) -> tuple[str, str]:
        """The original text before and after, ``AROUND`` characters of each."""
        start, end = self.passage.folded.span(self.hit.start, self.hit.end)
        text = self.passage.text
        return text[max(0, start - AROUND) : start], text[end : end + AROUND]

    @property
    def _written(self) -> str:
        return self.passage.written(self.hit)

    @cached_property
    def _starts_sentence(self) -> bool:
        head = self._window[0]
        return not head.strip(" '\"“”‘’«»([") or bool(_ENDS.search(head))

    @cached_property
    def _capitals_are_common(self) -> bool:
        """Whether most words around begin with a capital, or every noun does (German)."""
        if self.lang.lower().startswith("de"):
            return True
        words = [w for part in self._window for w in WORD.findall(part)]
        cased = [
            w for w in words if len(w) >= 4 and w[0].isalpha() and w[0].lower() != w[0].upper()
        ]
        small = sum(1 for w in cased if w[0].islower())
        if not cased:
            return not self._among_other_script
        return small * 2 < len(cased)

    @cached_property
    def _is_shouted(self) -> bool:
        """Whether the text around is all in capitals."""
        letters = [c for part in self._window for c in part if c.lower() != c.upper()]
        return bool(letters) and sum(1 for c in letters if c.isupper()) * 10 > len(letters) * 8

    @cached_property
    def _among_other_script(self) -> bool:
        """A Latin name in a Chinese or Japanese sentence, where no other word is Latin."""
        letters = [c for part in self._window for c in part if c.isalpha()]
        return len(letters) > 3 and sum(map(is_unspaced, letters)) * 3 > len(letters)

    @property
    def _text(self) -> str:
        return self.passage.folded.text

    @cached_property
    def _next_start(self) -> int:
        """Where the next word begins, past a genitive."""
        end = self.hit.end + (2 if self.passage.is_possessive(self.hit) else 0)
        return self._skip(end)

    def _skip(self, start: int) -> int:
        opened = _OPENING.match(self._text, start)
        return opened.end() if opened else start

    @cached_property
    def _end_before(self) -> int:
        head = self._text[max(0, self.hit.start - AROUND) : self.hit.start]
        return self.hit.start - len(head) + len(head.rstrip(" '\"“”‘’(-"))

    def _word_at(self, start: int) -> str:
        found = WORD.match(self._text, start)
        return found[0] if found else ""

    def _found_at(self, start: int, words: frozenset[str]) -> Found | None:
        """The longest of ``words`` that begins at ``start``."""
        return max(self._between(start, start + 1, words), key=lambda f: f.end, default=None)

    def _at(self, start: int, words: frozenset[str]) -> str:
        found = self._found_at(start, words)
        return self.passage.written(found) if found else ""

    def _ending_at(self, end: int, words: frozenset[str]) -> str:
        near = self._between(end - AROUND, end, words)
        found = next((f for f in near if f.end + f.is_plural == end), None)
        return self.passage.written(found) if found else ""

    def _between(self, start: int, end: int, words: frozenset[str]) -> Iterator[Found]:
        """Those of ``words`` that begin in ``start:end``; each list is in reading order."""
        for word in self.passage.words.keys() & words:
            found = self.passage.words[word]
            first = bisect_left(found, start, key=_start_of)
            yield from takewhile(lambda f: f.start < end, islice(found, first, None))


def _start_of(found: Found) -> int:
    return found.start
