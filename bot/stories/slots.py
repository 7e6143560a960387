"""What stands in the same place of two headlines that are otherwise one: another town or number.

"Outage hits Verizon customers in Dallas" and "... in Portland" share all their words but
the one that tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

MIN_SAME = 4  # words that both have in the same order, for them to be of one frame
SAME_SHARE = 0.6  # of the words of the longer one
FORM = 3  # first letters that two forms of one name share
TITLE_CASE = 0.6  # share of capital letters from which they say nothing of names

_WORD = re.compile(r"[^\s,;:!?\"“”‘’()\[\]—–]+")
_NUMBER = re.compile(r"\d[\d,.]*")
_BEFORE_NAMES = frozenset(
    {"in", "at", "by", "from", "for", "to", "of", "with", "near", "over", "vs", "versus"}
)
_SAME_NAMES = (
    frozenset({"us", "usa", "u.s", "america", "states", "american"}),
    frozenset({"uk", "u.k", "britain", "british"}),
)
_DATES = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?"
    r"|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)


def is_told_apart(title: str, others: Iterable[str]) -> bool:
    """Whether ``title`` differs from those of ``others`` it resembles in a name or a number.

    One that it resembles without such a difference is enough for it not to be.
    """
    words = _split(title)
    verdicts = [verdict for other in others if (verdict := _compare(words, _split(other)))]
    return bool(verdicts) and all(verdict == "apart" for verdict in verdicts)


def _compare(one: list[str], two: list[str]) -> str:
    """Say "apart" or "same" of titles of one frame, and "" of others."""
    matcher = SequenceMatcher(None, _fold(one), _fold(two), autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < MIN_SAME or same < SAME_SHARE * max(len(one), len(two)):
        return ""
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "replace" or max(end - start, other_end - other_start) > 2:
            continue
        is_name = _is_name_place(one, start) and _is_name_place(two, other_start)
        if _differ(one[start:end], two[other_start:other_end], is_name=is_name):
            return "apart"
    return "same"


def _differ(one: list[str], two: list[str], *, is_name: bool) -> bool:
    first, second = one[-1], two[-1]
    numbers = _NUMBER.fullmatch(first), _NUMBER.fullmatch(second)
    if all(numbers):
        return True
    if any(numbers) or not is_name or not (first[:1].isupper() and second[:1].isupper()):
        return False
    names = {first.lower().removesuffix("'s"), second.lower().removesuffix("'s")}
    is_one = len({name[:FORM] for name in names}) == 1  # Doe's, Doe-led
    if is_one or any(_DATES.fullmatch(name) for name in names):
        return False
    return not any(names <= same for same in _SAME_NAMES)


def _is_name_place(words: list[str], at: int) -> bool:
    """Whether a capital letter shows a name there: behind "in" and the like, or in plain case."""
    if at and words[at - 1].lower() in _BEFORE_NAMES:
        return True
    capital = sum(word[:1].isupper() for word in words)
    return at > 0 and capital < TITLE_CASE * len(words)


def _split(title: str) -> list[str]:
    return [word.strip(".'") for word in _WORD.findall(title)]


def _fold(words: list[str]) -> list[str]:
    return [word.lower() for word in words]
