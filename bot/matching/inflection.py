"""English verbs as a headline has them: "launch" becomes "launches" and "launched"."""

from __future__ import annotations

import re

from bot.matching.frames import IRREGULAR

_VOWELS = "aeiou"
_DOUBLING = re.compile(r"[^aeiou][aeiou][bdgklmnprt]$")


def inflect(verb: str) -> tuple[str, str]:
    """The third person and the past of a verb; the first of several words changes.

    "roll out" gives "rolls out" and "rolled out".
    """
    first, space, rest = verb.partition(" ")
    return f"{_third(first)}{space}{rest}", f"{_past(first)}{space}{rest}"


def progressive(verb: str) -> str:
    """As it stands after "is": "launching", "rolling out"."""
    first, space, rest = verb.partition(" ")
    stem = first[:-1] if first.endswith("e") and not first.endswith("ee") else first
    if _doubles(first):
        stem = f"{first}{first[-1]}"
    return f"{stem}ing{space}{rest}"


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if _ends_in_consonant_y(verb) else f"{verb}s"


def _past(verb: str) -> str:
    if verb in IRREGULAR:
        past, *_ = [*IRREGULAR[verb].split(), verb]
        return past
    if verb.endswith("e"):
        return f"{verb}d"
    if _ends_in_consonant_y(verb):
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if _doubles(verb) else f"{verb}ed"


def _ends_in_consonant_y(verb: str) -> bool:
    return verb.endswith("y") and len(verb) > 1 and verb[-2] not in _VOWELS


def _doubles(verb: str) -> bool:
    """One short syllable: "ship" gives "shipped", "open" gives "opened"."""
    syllables = len(re.findall(r"[aeiouy]+", verb))
    return syllables == 1 and bool(_DOUBLING.search(verb))
