"""A copy of the text in which the same name is always written the same way.

Case, full-width forms, the many hyphens and apostrophes, ``&amp;`` and the spaces
around an ampersand ("At & t") are evened out. Every character of the copy knows
where it came from, so that what is found in the copy can be shown in the original.
Folding a copy again changes nothing. All of it takes time in proportion to the text.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

# Hyphens become spaces: "T-Mobile", "T‑Mobile" and "T Mobile" are one name.
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u0060\u00b4\uff07"
# Soft hyphen, zero-width characters, trade marks, how an emoji is to be drawn.
_DROPPED = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u2122\u2120\u00ae\ufe0e\ufe0f"
_NO_CHARACTER = "\ufffd"

_AMPERSAND = re.compile(r" *&(?:amp;|#0?38;| )*")
_SPACES = re.compile(r"   *")  # two or more; written so, the search leaps from pair to pair
_TO_SQUEEZE = re.compile(f"{_AMPERSAND.pattern}|{_SPACES.pattern}")

_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
FEW = 20  # different signs beyond ASCII: more are marked faster in one slow pass

# Scripts written without spaces: a neighbour in them does not lengthen a name.
# Thai and Lao, Myanmar and Hangul letters, Khmer, then all of East Asia.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)


MARK = "\x1f"
"""Stands in no folded text: it counts as white space and becomes a space."""

_REMEMBERED = 50_000
"""Characters whose folding is kept: more than any one script has, less than hurts."""


@dataclass(frozen=True)
class Folded:
    """A text folded, and as it was."""

    text: str
    original: str

    @cached_property
    def origin(self) -> Sequence[int]:
        """``origin[i]`` is the place in the original of character ``i`` of the folded text.

        Worked out when first asked for: most texts have no name in them to be shown.
        """
        return _find_origin(self.original)

    @cached_property
    def marked(self) -> str:
        """``mark(text)``, made once for all who scan it."""
        return mark(self.text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``start:end`` of the folded text stands in the original; end > start."""
        return self.origin[start], self.origin[end - 1] + 1

    def front(self, length: int) -> Folded:
        """The first ``length`` characters of it, all of it if it is shorter; length > 0."""
        if length >= len(self.text):
            return self
        return Folded(self.text[:length], self.original[: self.origin[length - 1] + 1])


class _Becomes(dict[int, str], ABC):
    """What each character (a code point) becomes; worked out when first met.

    A hostile text of a million different characters costs time while it is read, and
    neither memory nor the time of others: everything is forgotten then, and learnt anew.
    """

    def __missing__(self, code: int) -> str:
        becomes = self._work_out(chr(code))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[code] = becomes
        return becomes

    @abstractmethod
    def _work_out(self, char: str) -> str:
        """What ``char`` becomes."""


class _FoldedChars(_Becomes):
    """The folding of each character; ``odd`` are those met that do not become exactly one."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__()
        self._known = known
        self.odd = {char for char, folded in known.items() if len(folded) != 1}

    def _work_out(self, char: str) -> str:
        if char in self._known:
            return self._known[char]
        if char.isspace():
            return " "
        if unicodedata.category(char) == "Cs":  # half of a pair: UTF-8 has no form for it
            return _NO_CHARACTER
        folded = unicodedata.normalize("NFKC", char).casefold()
        if folded != char:  # "︲" is a dash by now, and dashes become spaces
            folded = "".join(self[ord(part)] for part in folded)
        if len(folded) != 1:
            self.odd.add(char)
        return folded


class _MarkedChars(_Becomes):
    """Each character with what ``mark`` puts around it."""

    def _work_out(self, char: str) -> str:
        return char if is_letter(char) else f"{MARK}{char}{MARK}"


_CHARS = _FoldedChars(
    dict.fromkeys(_HYPHENS, " ") | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DROPPED, "")
)
_MARKED = _MarkedChars()
_ASCII_SIGNS = tuple(char for char in map(chr, range(128)) if not char.isalnum() and char != MARK)


def fold(text: str) -> Folded:
    """Fold ``text``; any string will do."""
    return Folded(_squeeze(text.translate(_CHARS)), text)


def fold_char(char: str) -> str:
    """What ``char`` becomes in a folded text, where no run is squeezed: none or more characters."""
    return _CHARS[ord(char)]


def find_beyond_ascii(text: str) -> list[str]:
    """The characters of ``text`` that are not ASCII."""
    return _BEYOND_ASCII.findall(text)


def fold_phrase(phrase: str) -> str:
    """A name or word as it is looked for in folded texts."""
    return fold(phrase).text.strip()


def mark(text: str) -> str:
    """``text`` with ``MARK`` at its ends and on both sides of all that is no letter.

    So every word stands between marks ("for AT&T" has "|at|&|t|" in it), and whoever
    looks for "|at|" finds words only, and no "at" inside one.
    """
    signs = set(() if text.isascii() else _BEYOND_ASCII.findall(text))
    if len(signs) > FEW:
        return f"{MARK}{text.translate(_MARKED)}{MARK}"
    for sign in chain(_ASCII_SIGNS, signs):
        if sign in text:
            text = text.replace(sign, _MARKED[ord(sign)])
    return f"{MARK}{text}{MARK}"


def is_same_case(written: str, name: str) -> bool:
    """Whether two forms that fold alike are also alike in upper and lower case."""
    return _letters(written) == _letters(name)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def _squeeze(folded: str) -> str:
    """Make runs of spaces one, and ampersands bare."""
    if "&" in folded:
        return _TO_SQUEEZE.sub(_squeeze_run, folded)
    return _SPACES.sub(" ", folded) if "  " in folded else folded


def _squeeze_run(run: re.Match[str]) -> str:
    return "&" if "&" in run[0] else " "


def _find_origin(original: str) -> Sequence[int]:
    """Where in ``original`` each character of its folded form stands; a range if all do."""
    folded = original.translate(_CHARS)
    origin: Sequence[int] = range(len(original))
    if not _CHARS.odd.isdisjoint(_BEYOND_ASCII.findall(original)):
        origin = [place for place, char in enumerate(original) for _ in _CHARS[ord(char)]]
    runs = [run for run in _TO_SQUEEZE.finditer(folded) if len(run[0]) > 1]
    if not runs:
        return origin
    places: list[int] = []
    done = 0
    for run in runs:
        places += origin[done : run.start()]
        places.append(origin[run.start() + max(0, run[0].find("&"))])
        done = run.end()
    places += origin[done:]
    return places


def is_letter(char: str) -> bool:
    """Whether ``char`` beside a name makes it part of a longer word.

    Letters, digits and accents do; those of scripts written without spaces do not.
    """
    return unicodedata.category(char)[0] in "LMN" and not is_unspaced(char)


def is_unspaced(char: str) -> bool:
    """Whether ``char`` is of a script written without spaces, such as Han, kana or hangul."""
    return _UNSPACED.match(char) is not None
