"""Text cut to fit, and its length as the strictest platform counts it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

ELLIPSIS = "…"
_NEAR = 24  # a cut looks so many characters back for a space
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")


def units(text: str) -> int:
    """The length of ``text`` in UTF-16 units.

    Platforms say "characters" and not of which kind; of all kinds this is the longest.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, room: int, drawn: Callable[[str], str] = str) -> str:
    """``text`` drawn, or as much of it as fits ``room`` units with an ellipsis behind.

    Cut behind a word where one ends near, else between letters, never inside an emoji.

    Args:
        drawn: what is sent for a text; longer texts must not become shorter by it.
    """
    if len(text) <= room and units(whole := drawn(text)) <= room:
        return whole
    low, high = 0, min(len(text), max(room, 0))
    while low < high:
        middle = (low + high + 1) // 2
        if units(drawn(text[:middle])) + 1 <= room:
            low = middle
        else:
            high = middle - 1
    kept = drawn(_back_to_word(text, low))
    return kept + ELLIPSIS if units(kept) < room else ""


def _back_to_word(text: str, end: int) -> str:
    """``text`` up to ``end`` or a little before, where a word or at least a letter ends."""
    space = text.rfind(" ", max(0, end - _NEAR), end + 1)
    if space > 0:
        return text[:space].rstrip(" ,;:-–—")
    while 0 < end < len(text) and _joins(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip(" ,;:-–—")


def _joins(before: str, after: str) -> bool:
    """Whether the two are parts of one sign: accents, emoji, flags."""
    if before == "\u200d" or after in _JOINERS or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    is_flag = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    return is_flag or unicodedata.category(after) in {"Mn", "Me", "Mc"}
