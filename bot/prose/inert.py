"""Text of strangers made harmless to show: what is on the screen is all there is.

A headline may carry escape sequences that repaint a terminal, bidirectional overrides that
turn a line round (CVE-2021-42574 shows the trick), line breaks that forge a second post,
letters that nobody sees, or stacks of accents that spill over the lines above. What a
platform's own markup would make of it is that platform's business.
"""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 3
"""Combining marks kept on one letter; Vietnamese and Thai need two, vocalised Hebrew three."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})  # controls, format, surrogates, private use
_MARKS = frozenset({"Mn", "Me"})
_ZWJ = "\u200d"  # a format character that matters: it joins the parts of an emoji,
_JOINABLE = frozenset({"So", "Sk", "Mn"})  # which end in these categories
_JOINED = frozenset({"So", "Sm"})  # and go on in these
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\uffa0"
    "\ufe00-\ufe0d\U000e0100-\U000e01ef]"
)
"""Letters, signs and marks that show nothing: fillers, the empty Braille cell, selectors of a
glyph. Of those, the two that choose between a sign and its emoji stay.

Source: Unicode Standard, DerivedCoreProperties, Default_Ignorable_Code_Point.
"""
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, movements
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # control strings: titles, links
    r"|\x1b[ -/]*[0-~]"  # the short ones, and those left open
)
"""Whole sequences, so that no "[31m" is left behind; their one-character forms (C1) are
dropped alone, since in a mis-decoded feed the same characters stand for quotes.

Source: ECMA-48 §5.4 (control sequences), §5.6 (control strings).
"""


def clean_text(text: str) -> str:
    """``text`` on one line, without anything a screen would obey, hide or pile up."""
    if text.isascii() and text.isprintable():  # most text is, and this is a hundred times faster
        return " ".join(text.split())
    kept: list[str] = []
    marks = 0
    plain = _ESCAPE_SEQUENCE.sub("", _BLANK.sub("", text))
    for char in unicodedata.normalize("NFC", plain):
        category = unicodedata.category(char)
        if char == _ZWJ:
            is_wanted = bool(kept) and unicodedata.category(kept[-1]) in _JOINABLE
        else:
            marks = marks + 1 if category in _MARKS else 0
            is_wanted = char.isspace() or (category not in _UNSEEN and marks <= MAX_MARKS)
        if kept and kept[-1] == _ZWJ and category not in _JOINED:
            kept.pop()
        if is_wanted:
            kept.append(char)
    return " ".join("".join(kept).removesuffix(_ZWJ).split())
