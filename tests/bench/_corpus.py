"""Company names and headlines that nobody wrote: seeded, so that every run has the same."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_FIRST = (*"bcdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gr", "pl", "qu", "sh", "sk", "st", "tr")
_MIDDLE = (*"aeiou", "ai", "ea", "ie", "io", "oo", "ou")
_LAST = ("", "", "", *"lnrstx", "nd", "rk", "st")
_SMALL = (
    "a",
    "after",
    "and",
    "as",
    "at",
    "by",
    "for",
    "in",
    "new",
    "of",
    "on",
    "says",
    "the",
    "to",
)
_TRADES = ("Air", "Bank", "Cloud", "Foods", "Group", "Labs", "Media", "Mobile", "Motors", "Pay")
_HAN = "中华大天海信通联科电移星光云金山东方新力智安创维汇丰盛达美嘉"
_HAN_BESIDES = "的了一是在不有和人这年月日上下发布"
_KANA = "アイウエオカキクケコサシスセソタチツテトナニノハヒフマミムメモラリルレロン"


def make_names(count: int, seed: int = 1) -> list[str]:
    """``count`` different company names of one to three words, one in fifteen in Han or kana."""
    random = Random(seed)
    everyday = _make_words(random, 200)
    names: dict[str, None] = {}
    while len(names) < count:
        kind = random.random()
        if kind < 0.004:
            name = random.choice(everyday).title()
        elif kind < 0.05:  # initials, which stand inside many a word
            name = "".join(
                random.choices("AABCDEEFGHIIKLMNOPRSTUV", k=random.choice((2, 3, 3, 3, 4)))
            )
        elif kind < 0.30:
            name = _make_word(random, 2, 4).title()
        elif kind < 0.65:
            name = f"{_make_word(random, 1, 3)} {random.choice(_TRADES)}".title()
        elif kind < 0.83:
            name = f"{_make_word(random)} {_make_word(random)} {random.choice(_TRADES)}".title()
        elif kind < 0.90:
            name = f"{_make_word(random)}-{_make_word(random)}".title()
        elif kind < 0.93:
            name = f"{_make_word(random, 1, 1)} & {_make_word(random)}".title()
        else:
            name = _make_unspaced(random, random.choice((_HAN, _HAN, _KANA)), 3, 5)
        names[name] = None
    return list(names)


def make_headlines(count: int, names: Sequence[str], seed: int = 2) -> list[str]:
    """``count`` headlines of some 75 characters, a tenth of them in Han, of some 30.

    About every third names one of ``names``.
    """
    random = Random(seed)
    words = _make_words(Random(1), 200) + _make_words(random, 4_000) + [*_SMALL] * 200
    headlines = []
    for number in range(count):
        name = random.choice(names) if random.random() < 0.3 else ""
        if number % 10:
            headlines.append(_make_headline(random, words, name))
        else:
            before, after = (
                _make_unspaced(random, _HAN + _HAN_BESIDES * 3, 10, 17) for _ in range(2)
            )
            headlines.append(f"{before}{name}{after}")
    return headlines


def _make_headline(random: Random, words: Sequence[str], name: str) -> str:
    length = random.randint(55, 90)
    said = [name] if name else []
    while len(" ".join(said)) < length:
        said.insert(random.randint(0, len(said)), random.choice(words))
    text = " ".join(said)
    if random.random() < 0.2:
        text = text.replace(" ", random.choice((": ", ", ", "’s ", " - ")), 1)
    return text[0].upper() + text[1:]


def _make_words(random: Random, count: int) -> list[str]:
    return [_make_word(random) for _ in range(count)]


def _make_word(random: Random, least: int = 1, most: int = 3) -> str:
    return "".join(
        random.choice(_FIRST) + random.choice(_MIDDLE) + random.choice(_LAST)
        for _ in range(random.randint(least, most))
    )


def _make_unspaced(random: Random, characters: str, least: int, most: int) -> str:
    return "".join(random.choices(characters, k=random.randint(least, most)))
