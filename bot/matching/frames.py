"""A frame: words that say something together, with room for others between them.

``fail~ to (get|win) … <carrier>`` reads: a form of "fail", "to", "get" or "win", then, a
little later in the same sentence, the name of a carrier. The notation is that of
``config/events*.toml`` and explained in docs/matching.md; this file reads it. Every part
becomes a plain set of words, which the scanner finds in its one pass over the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from bot.matching.inflection import find_forms
from bot.matching.scanner import OPEN_END, scanned

BESIDE = 3
"""Characters that may stand between parts written side by side: " ", "'s ", " a "."""

_PAST_ENDING = 10  # the same, after a word whose ending is left open

LATER = 60
"""Characters that "…" stands for, at most; never past the end of the sentence."""

SLOTS = frozenset(
    {"<maker>", "<carrier>", "<company>", "<model>", "<money>", "<sum>", "<percent>", "<number>"}
)
"""What a part may ask for besides words: a settled name, or a figure of this kind."""

ANY_FORM = "~"
MAX_FORMS = 2000  # ways to write one part; more is a slip of the pen

_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*")
_PIECE = re.compile(r"\s*(\([^()]*\)|<[^<>]*>|[^\s()<>]+)")
_NOTATION = re.compile(r"[…<>()|~^$*&]|\.\.\.")


class FrameInvalid(ValueError):
    """A frame is written wrongly; the message goes on from its words: "… has an empty part"."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a frame.

    Attributes:
        words: the forms that may stand there, as scanned, and ``SLOTS``.
        reach: characters that may stand between the part before and this one.
    """

    words: frozenset[str]
    reach: int = BESIDE


@dataclass(frozen=True, slots=True)
class Frame:
    """Parts in order.

    Attributes:
        at_start: the first stands at the start of the title, or right after a colon in it.
        at_end: the last stands at the end of the title, or right before a colon in it.
    """

    parts: tuple[Part, ...]
    at_start: bool = False
    at_end: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but one part anywhere."""
        return len(self.parts) == 1 and not (self.at_start or self.at_end)


@cache
def parse_frame(written: str) -> Frame:
    """The frame that ``written`` describes.

    Raises:
        FrameInvalid: an empty part, an unknown slot, a bracket that does not close, or
            more than ``MAX_FORMS`` ways to write one part.
    """
    text = written.strip()
    if not _NOTATION.search(text) and (plain := scanned(text)):  # as most are: only words
        return Frame((Part(frozenset({plain})),))
    at_start, at_end = text.startswith("^"), text.endswith("$")
    text = text.removeprefix("^").removesuffix("$").strip()
    parts: list[Part] = []
    for number, stretch in enumerate(_ELLIPSIS.split(text)):
        beside = list(_read_stretch(stretch))
        if not beside:
            raise FrameInvalid("has an empty part")
        reach = LATER if number else BESIDE
        for words in beside:
            parts.append(Part(words, reach))
            reach = _PAST_ENDING if _is_open(words) else BESIDE
    return Frame(tuple(parts), at_start, at_end)


def forget_frames() -> None:
    """Free what reading a catalogue remembers: only another one, read right after, profits."""
    for remembering in (parse_frame, _read_choice, _write_out, find_forms, scanned):
        remembering.cache_clear()


def _read_stretch(stretch: str) -> Iterator[frozenset[str]]:
    """Words side by side become one part; slots and open endings end a part."""
    choices: list[tuple[str, ...]] = []
    place = 0
    while match := _PIECE.match(stretch, place):
        is_apart = match.start(1) > place
        place = match.end()
        forms = _read_choice(match[1])
        if choices and (_has_slot(forms) or _has_slot(choices[-1]) or _is_open(choices[-1])):
            yield _write_out(tuple(choices))
            choices = []
        elif choices and is_apart:
            forms = tuple(form and f" {form}" for form in forms)
        choices.append(forms)
    if stretch[place:].strip():
        raise FrameInvalid(f'has a stray bracket at "{stretch[place:].strip()}"')
    if choices:
        yield _write_out(tuple(choices))


def _has_slot(forms: Iterable[str]) -> bool:
    return any(form.strip() in SLOTS for form in forms)


def _is_open(forms: Iterable[str]) -> bool:
    return any(form.endswith(OPEN_END) for form in forms)


@cache
def _read_choice(piece: str) -> tuple[str, ...]:
    """The forms of one piece, as scanned: "walk~", "plan|plans", "(will not|won't)"."""
    inside = piece[1:-1] if piece.startswith("(") else piece
    forms = tuple(form for choice in inside.split("|") for form in _all_forms(choice.strip()))
    for form in forms:
        if "<" in form and form not in SLOTS:
            raise FrameInvalid(f"has the slot {form}; there is {', '.join(sorted(SLOTS))}")
    return tuple(map(scanned, forms))


def _all_forms(choice: str) -> Iterator[str]:
    """``choice`` with each word marked "~" in all its forms; "" stays, as "or nothing"."""
    words = (
        find_forms(word.removesuffix(ANY_FORM)) if word.endswith(ANY_FORM) else (word,)
        for word in choice.split()
    )
    return (" ".join(forms) for forms in product(*words))


@cache  # so that frames with the same part share it
def _write_out(choices: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    total = 1
    for forms in choices:
        total *= len(forms)
    if total > MAX_FORMS:
        raise FrameInvalid(
            f"has a part that can be written in {total} ways; {MAX_FORMS} is the most"
        )
    spelled = frozenset(map(_join, product(*choices)))
    if not all(form.rstrip(OPEN_END) for form in spelled):
        raise FrameInvalid("has an empty part")
    return spelled


def _join(forms: Iterable[str]) -> str:
    """The pieces in one, as scanned: "or nothing" leaves no space, an ampersand none."""
    joined = " ".join("".join(forms).split())
    return scanned(joined) if "&" in joined else joined
