"""What is typed for an option: whether it can be its value, and the value. Pure.

What an option's handler reads itself (clocks, spans, names) is passed on as it was typed, so
that there is one reader and one wording of what is wrong with it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.commands.command import Option, OptionKind, Pick
from bot.commands.grammar import parse_since
from bot.commands.settings import known_zones
from bot.commands.typedwords import fold
from bot.commands.wishes import (
    are_events,
    find_time_zone_or_none,
    is_nothing,
    parse_calling,
    parse_clock,
    parse_minute,
    parse_names,
    parse_quiet,
    parse_span,
)
from bot.errors import InputInvalid

MAX_TEXT = 1500
"""Characters of a value; nothing that people type needs more."""

WINDOWS = {
    OptionKind.PICK: 3,
    OptionKind.WHOLE: 2,
    OptionKind.CHANNEL: 2,
    OptionKind.COMPANY: 5,
    OptionKind.COMPANIES: 8,
    OptionKind.EVENTS: 5,
    OptionKind.TIME_ZONE: 3,
    OptionKind.TEXT: 5,
}
"""Words that a value of a kind has at most; of every other kind, one."""

ReadRef = Callable[[OptionKind, str], Any]
"""Reads what is the platform's own: a channel, group or file as it is typed there. Gives what a
handler takes (see ``OptionKind``), None where it is no such thing, and raises InputInvalid where
it is one that cannot be taken."""

_YES = frozenset(
    {"yes", "y", "true", "on", "1", "ok", "sure", "ja", "sí", "是", "对", "好", "开", "要"}
)
_NO = frozenset({"no", "n", "false", "off", "0", "none", "nein", "否", "不", "不要", "关", "无"})
_HERE = frozenset({"here", "this channel", "这里", "此处", "本频道", "当前频道"})
_SYNONYMS: Mapping[str, str] = {
    "every day": "daily", "each day": "daily", "a day": "daily", "once a day": "daily",
    "day": "daily", "every hour": "hourly", "each hour": "hourly", "an hour": "hourly",
    "once an hour": "hourly", "hour": "hourly", "at once": "live", "immediately": "live",
    "instant": "live", "instantly": "live", "pairs": "pair", "everything": "any", "all": "any",
    "all stories": "any", "any story": "any", "any stories": "any", "every story": "any",
    "company": "other", "operator": "carrier", "vendor": "maker", "manufacturer": "maker",
    "厂商": "maker", "制造商": "maker",
}  # fmt: skip
_WHOLE = re.compile(r"#?([0-9]{1,9})(?:\s?(?:outlets?|stories|家(?:媒体)?|条))?")
_CLOCK = re.compile(
    r"(?:at |um )?\d{1,2}(?:\s?[ap]\.?m\.?|\s?[:.h点时]\s?(?:\d\d)?分?)(?:\s?[ap]m)?", re.IGNORECASE
)
_REF_AS = {
    OptionKind.CHANNEL: "a channel; write it as in #news",
    OptionKind.ROLE: "a group; write it as in @desk",
    OptionKind.FILE: "a file",
}
"""Kinds whose values are the platform's own."""

_COMPANIES = frozenset({OptionKind.COMPANY, OptionKind.COMPANIES})
_LEAST_IS_NONE = frozenset({"min_outlets"})
"""Numbers of which the least asks for nothing, so that "none" is the same."""

_LISTS = frozenset({OptionKind.COMPANIES, OptionKind.EVENTS})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known to the one who reads.

    Attributes:
        companies: ids by names as people write them, case-folded; see ``company_spellings``.
        read_ref: None where channels, groups and files cannot be typed.
        file_hint: how a file is given.
    """

    now: datetime
    companies: Mapping[str, str] = field(default_factory=dict)
    read_ref: ReadRef | None = None
    file_hint: str = (
        "attach it to a message that has my name and this command in it, or type the command "
        "alone for a form that takes it"
    )

    def fits(self, option: Option, text: str, *, is_named: bool = False) -> bool:
        """Whether ``text`` can be the value of ``option``.

        Args:
            is_named: the option was named before it, so that "9" may be a clock and "none" a
                wish; else only what cannot well be anything else fits.
        """
        if is_named and option.kind in _NONE_OF and is_nothing(text):
            return True
        if option.name in _TEXTS:
            return _TEXTS[option.name](text, self.now, is_named)
        if option.kind in _REF_AS:
            is_here = option.kind is OptionKind.CHANNEL and fold(text) in _HERE
            return is_here or self._find_ref(option, text) is not None
        if option.kind is OptionKind.YES:
            return is_named and fold(text) in _YES | _NO
        if option.kind in _COMPANIES:
            names = parse_names(text)
            return bool(names) and all(one.casefold() in self.companies for one in names)
        return option.kind in _FITS and _FITS[option.kind](option, text)

    def read(self, option: Option, text: str) -> Any:
        """The value that ``text`` is, as a handler takes it; None is as if nothing was said.

        Raises:
            InputInvalid: it is none.
        """
        text = " ".join(text.split())
        if len(text) > MAX_TEXT:
            raise InputInvalid(f"{option.name}: that is too long; write at most {MAX_TEXT} signs.")
        match option.kind:
            case OptionKind.PICK:
                return _read_pick(option, text)
            case OptionKind.WHOLE:
                return _read_whole(option, text)
            case OptionKind.YES:
                return _read_yes(option, text)
            case OptionKind.CHANNEL if fold(text) in _HERE:
                return None
            case kind if kind in _REF_AS:
                return self._read_ref(option, text)
            case _:
                return text

    def _find_ref(self, option: Option, text: str) -> Any:
        return self.read_ref(option.kind, text) if self.read_ref else None

    def _read_ref(self, option: Option, text: str) -> Any:
        found = self._find_ref(option, text)
        if found is not None:
            return found
        raise InputInvalid(f'{option.name}: I can\'t read "{text[:60]}" as {_REF_AS[option.kind]}.')


def find_pick_or_none(option: Option, text: str) -> Pick | None:
    """The pick of ``option`` that ``text`` names, in any language and number."""
    said = fold(text)
    said = _SYNONYMS.get(said, said)
    for pick in option.picks:
        if said in _names_of(pick):
            return pick
    return None


def list_said(option: Option) -> tuple[str, ...]:
    """Words that stand for values of ``option`` alone, for suggestions."""
    return tuple(str(pick.value) for pick in option.picks)


def may_be_more(option: Option) -> bool:
    """Whether further values may be added to one that is there."""
    return option.kind in _LISTS


def _names_of(pick: Pick) -> frozenset[str]:
    names = {str(pick.value).casefold()}
    for label in (pick.label.en, pick.label.zh):
        names |= {fold(label), fold(re.split("[:：]", label)[0])}
    plurals = {f"{name}s" for name in names if name.isascii()}
    singulars = {name[:-1] for name in names if name.isascii() and name.endswith("s")}
    return frozenset(names | plurals | singulars)


def _read_pick(option: Option, text: str) -> str:
    if found := find_pick_or_none(option, text):
        return str(found.value)
    values = [str(pick.value) for pick in option.picks]
    near = difflib.get_close_matches(fold(text)[:60], values, n=2, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise InputInvalid(
        f'{option.name}: I can\'t read "{text[:60]}". {hint}Choose one of {", ".join(values)}.'
    )


def _read_whole(option: Option, text: str) -> int:
    least, most = option.least or 0, option.most if option.most is not None else 10**9
    if option.name in _LEAST_IS_NONE and is_nothing(text):
        return least
    found = _WHOLE.fullmatch(text)
    if found is None or not least <= int(found[1]) <= most:
        raise InputInvalid(f"{option.name}: write a whole number from {least} to {most}.")
    return int(found[1])


def _read_yes(option: Option, text: str) -> bool:
    said = fold(text)
    if said in _YES | _NO:
        return said in _YES
    raise InputInvalid(f'{option.name}: I can\'t read "{text[:60]}". Write yes or no.')


# What options whose text the handlers read themselves can be.


def _is_clock(text: str, _: datetime, is_named: bool) -> bool:
    """With hours and minutes, or am and pm; a bare number, be it a minute, only if named."""
    is_plain = _CLOCK.fullmatch(text) or fold(text) in {"noon", "midnight", "midday"}
    return _reads(parse_minute, text) if is_named else bool(is_plain) and _reads(parse_clock, text)


def _is_quiet(text: str, _: datetime, is_named: bool) -> bool:
    return (is_named or " " not in text) and not is_nothing(text) and _reads(parse_quiet, text)


def _is_since(text: str, now: datetime, is_named: bool) -> bool:
    if not is_named and text.isdecimal():
        return False
    return _reads(lambda said: parse_since(said, now=now), text)


def _is_span(text: str, _: datetime, __: bool) -> bool:
    return fold(text) in {"off", "good", "ever"} or _reads(parse_span, text)


def _is_calling(text: str, _: datetime, is_named: bool) -> bool:
    return is_named and _reads(parse_calling, text)


def _reads(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except InputInvalid:
        return False
    return True


_TEXTS: Mapping[str, Callable[[str, datetime, bool], bool]] = {
    "at": _is_clock,
    "quiet_hours": _is_quiet,
    "since": _is_since,
    "for": _is_span,
    "mention_for": _is_calling,
}
_FITS: Mapping[OptionKind, Callable[[Option, str], bool]] = {
    OptionKind.PICK: lambda option, text: find_pick_or_none(option, text) is not None,
    OptionKind.WHOLE: lambda _, text: bool(_WHOLE.fullmatch(text)),
    OptionKind.EVENTS: lambda _, text: are_events(text),
    OptionKind.TIME_ZONE: lambda _, text: (
        len(text) > 1 and find_time_zone_or_none(text, known_zones()) is not None
    ),
}
_NONE_OF = frozenset(
    {
        OptionKind.COMPANIES,
        OptionKind.EVENTS,
        OptionKind.TIME_ZONE,
        OptionKind.TEXT,
        OptionKind.ROLE,
    }
)
