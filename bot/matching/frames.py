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
_VOWELS = "aeiou"

# Forms that no rule gives; "~" writes them out.
IRREGULAR = {
    "acquit": "acquitted acquitting",
    "admit": "admitted admitting",
    "be": "is are was were been being",
    "beat": "beaten",
    "become": "became",
    "begin": "began begun beginning",
    "bend": "bent",
    "blow": "blew blown",
    "break": "broke broken",
    "bring": "brought",
    "build": "built",
    "burst": "",
    "buy": "bought",
    "catch": "caught",
    "choose": "chose chosen",
    "come": "came",
    "commit": "committed committing",
    "cost": "",
    "cut": "",
    "deal": "dealt",
    "defer": "deferred deferring",
    "do": "did done",
    "draw": "drew drawn",
    "drive": "drove driven",
    "equip": "equipped equipping",
    "expel": "expelled expelling",
    "fall": "fell fallen",
    "feed": "fed",
    "feel": "felt",
    "fight": "fought",
    "find": "found",
    "fly": "flew flown",
    "forget": "forgot forgotten forgetting",
    "freeze": "froze frozen",
    "get": "got gotten",
    "give": "gave given",
    "go": "went gone",
    "grow": "grew grown",
    "have": "had has",
    "hear": "heard",
    "hit": "",
    "hold": "held",
    "hurt": "",
    "keep": "kept",
    "know": "knew known",
    "lay": "laid",
    "lead": "led",
    "leave": "left",
    "let": "",
    "light": "lit lighted",
    "lose": "lost",
    "make": "made",
    "mean": "meant",
    "meet": "met",
    "outbid": "outbidding",
    "outsell": "outsold",
    "overtake": "overtook overtaken",
    "pay": "paid",
    "permit": "permitted permitting",
    "put": "",
    "quit": "quitting",
    "rebuild": "rebuilt",
    "refer": "referred referring",
    "ride": "rode ridden",
    "rise": "rose risen",
    "run": "ran",
    "say": "said",
    "see": "saw seen",
    "seek": "sought",
    "sell": "sold",
    "send": "sent",
    "set": "",
    "shake": "shook shaken",
    "show": "showed shown",
    "shrink": "shrank shrunk",
    "shut": "",
    "sink": "sank sunk",
    "slide": "slid",
    "speak": "spoke spoken",
    "speed": "sped",
    "spend": "spent",
    "spill": "spilled spilt",
    "split": "",
    "spread": "",
    "steal": "stole stolen",
    "stick": "stuck",
    "strike": "struck",
    "submit": "submitted submitting",
    "sweep": "swept",
    "swell": "swelled swollen",
    "swing": "swung",
    "take": "took taken",
    "teach": "taught",
    "tear": "tore torn",
    "tell": "told",
    "think": "thought",
    "throw": "threw thrown",
    "transmit": "transmitted transmitting",
    "undercut": "undercutting",
    "undergo": "underwent",
    "understand": "understood",
    "unplug": "unplugged unplugging",
    "unwrap": "unwrapped unwrapping",
    "upset": "upsetting",
    "wake": "woke woken",
    "wear": "wore worn",
    "win": "won",
    "wind": "wound",
    "withdraw": "withdrew withdrawn",
    "withhold": "withheld",
    "write": "wrote written",
}


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


def _read_stretch(stretch: str) -> Iterator[frozenset[str]]:
    """Words side by side become one part; slots and open endings end a part."""
    choices: list[tuple[str, ...]] = []
    place = 0
    while match := _PIECE.match(stretch, place):
        is_apart = match.start(1) > place
        place = match.end()
        forms = _read_choice(match[1])
        if choices and (_has_slot(forms) or _has_slot(choices[-1]) or _is_open(choices[-1])):
            yield _write_out(choices)
            choices = []
        elif choices and is_apart:
            forms = tuple(form and f" {form}" for form in forms)
        choices.append(forms)
    if stretch[place:].strip():
        raise FrameInvalid(f'has a stray bracket at "{stretch[place:].strip()}"')
    if choices:
        yield _write_out(choices)


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


def _write_out(choices: list[tuple[str, ...]]) -> frozenset[str]:
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


@cache
def find_forms(verb: str) -> tuple[str, ...]:
    """All forms of an English verb or noun: "drop", "drops", "dropped", "dropping".

    Spellings that nobody uses may be among them; they are never found.
    """
    past = tuple(IRREGULAR.get(verb, "").split())
    is_regular = verb not in IRREGULAR
    stem = verb
    if verb.endswith("e") and not verb.endswith("ee") and verb != "be":
        stem = verb[:-1]
    elif _doubles(verb):
        stem = verb + verb[-1]
    third = f"{verb[:-1]}ies" if _ends_in_y(verb) else f"{verb}{_plural_ending(verb)}"
    if is_regular:
        past = (
            (f"{verb[:-1]}ied",)
            if _ends_in_y(verb)
            else (f"{stem}ed" if not verb.endswith("ee") else f"{verb}d",)
        )
    forms = [verb, third, *past, f"{stem}ing"]
    if verb.endswith("el"):  # cancelled, canceled
        forms += [f"{verb}ed", f"{verb}ing", f"{verb}led", f"{verb}ling"]
    if verb.endswith("ie"):  # tying, dying
        forms.append(f"{verb[:-2]}ying")
    return tuple(dict.fromkeys(forms))


def _ends_in_y(verb: str) -> bool:
    return verb.endswith("y") and verb[-2:-1] not in tuple(_VOWELS)


def _plural_ending(verb: str) -> str:
    return "es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s"


def _doubles(verb: str) -> bool:
    """Whether the last letter is doubled: a short verb in consonant, vowel, consonant."""
    vowels = sum(letter in _VOWELS for letter in verb)
    return (
        len(verb) > 2
        and vowels == 1
        and verb[-2] in _VOWELS
        and verb[-1] not in f"{_VOWELS}wxy"
        and verb[-3] not in _VOWELS
    )
