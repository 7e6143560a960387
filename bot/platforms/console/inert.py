"""Feed text made harmless for a terminal: what is printed is what is seen.

A headline may carry escape sequences that repaint the screen, bidirectional overrides
that turn a line round (CVE-2021-42574 shows the trick), line breaks that forge a second
post, or stacks of accents that spill over the lines above.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_MARKS = 3
"""Combining marks kept on one letter; Vietnamese and Thai need two, vocalised Hebrew three."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})  # controls, format, surrogates, private use
_MARKS = frozenset({"Mn", "Me"})
_ZWJ = "\u200d"  # a format character that matters: it joins the parts of an emoji,
_JOINABLE = frozenset({"So", "Sk", "Mn"})  # which are of these categories
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, movements
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # control strings: titles, links
    r"|\x1b[ -/]*[0-~]"  # the short ones, and those left open
)
"""Whole sequences, so that no "[31m" is left behind; their one-character forms (C1) are
dropped alone, since in a mis-decoded feed the same characters stand for quotes.

Source: ECMA-48 §5.4 (control sequences), §5.6 (control strings).
"""
_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def clean_text(text: str) -> str:
    """``text`` on one line, without anything a terminal would obey, hide or pile up."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", _ESCAPE_SEQUENCE.sub("", text)):
        category = unicodedata.category(char)
        if char == _ZWJ:
            is_wanted = bool(kept) and unicodedata.category(kept[-1]) in _JOINABLE
        else:
            marks = marks + 1 if category in _MARKS else 0
            is_wanted = char.isspace() or (category not in _UNSEEN and marks <= MAX_MARKS)
        if is_wanted:
            kept.append(char)
    return " ".join("".join(kept).split())


def clean_url(url: str) -> str:
    """``url`` in visible ASCII; everything else is percent-encoded.

    Terminals take the target of a link in bytes 32 to 126 alone.
    Source: the OSC 8 specification, "Hyperlinks in terminal emulators".
    """
    return quote(url, safe=_PRINTABLE_ASCII, errors="replace")


def encodable(text: str, encoding: str) -> str:
    """``text`` with "?" for each character that ``encoding`` lacks (a Latin-1 pipe)."""
    return text.encode(encoding, "replace").decode(encoding)
