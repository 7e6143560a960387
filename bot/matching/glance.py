"""One quick look at a text: whether any of some phrases may stand in it at all.

Nearly every entry of nearly every feed names none of our companies. To see that, a text need
not be folded and marked as it must be to say where a name stands: here only its words are
compared, apart from what is between them. So a phrase that ``Scanner`` would find is never
missed; one that is not there may be taken for one ("at T" for "AT&T"), and is looked for
properly then.
"""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick

from bot.matching.folding import FEW, find_beyond_ascii, fold_char, is_letter, is_unspaced

_WORDS = bytes(
    ord(char.lower()) if char.isalnum() and char.isascii() else ord(" ")
    for char in map(chr, range(128))
) + bytes(range(128, 256))
"""ASCII in lower case with spaces for all signs, for UTF-8: its other bytes stay."""

_DOUBTFUL = (b" amp", b" 38", b" 038")
"""What is left of the ways to write an ampersand; folding drops them behind one."""


class Glance:
    """Looks for phrases, given as the scanner's automaton knows them, with their marks."""

    def __init__(self, marked: Iterable[str]) -> None:
        forms = {_spaced(form) for form in marked if not any(map(is_unspaced, form))}
        self._is_blind = "" in forms  # nothing but signs: it may be anywhere
        self._automaton = BytesAhoCorasick([form.encode() for form in forms if form])

    def may_hold(self, text: str) -> bool:
        """Whether any of the phrases may stand in ``text``, which is not folded yet.

        True at once for texts of scripts without spaces, and of many letters beyond ASCII.
        """
        if self._is_blind:
            return True
        words = _find_words_or_none(text)
        return words is None or bool(self._automaton.find_matches_as_indexes(words))


class _Looks(dict[str, str | None]):
    """Each character beyond ASCII as it counts for words; None where that cannot be said."""

    def __missing__(self, char: str) -> str | None:
        folded = fold_char(char)
        if "&" in folded or any(map(is_unspaced, folded)):
            looks = None
        else:
            looks = "".join(part if is_letter(part) else " " for part in folded)
        if len(self) < 2**12:  # a hostile text has others in it
            self[char] = looks
        return looks


_LOOKS = _Looks()


def _find_words_or_none(text: str) -> bytes | None:
    """The words of ``text`` between single spaces, in UTF-8; None where we cannot be sure."""
    plain = text
    if not text.isascii():
        signs = set(find_beyond_ascii(text))
        if len(signs) > FEW:
            return None
        for sign in signs:
            looks = _LOOKS[sign]
            if looks is None:
                return None
            if looks != sign:
                plain = plain.replace(sign, looks)
    words = b" %b " % b" ".join(plain.encode().translate(_WORDS).split())
    if "&" in text and any(form in words for form in _DOUBTFUL):
        return None
    return words


def _spaced(marked: str) -> str:
    """The words of a marked phrase; a space at its ends where no letter may stand there."""
    spaced = "".join(char if is_letter(char) else " " for char in marked)
    inner = " ".join(spaced.split())
    start, end = spaced.startswith(" "), spaced.endswith(" ")
    return f"{' ' * start}{inner}{' ' * end}" if inner else ""
