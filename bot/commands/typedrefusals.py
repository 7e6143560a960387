"""What people are told of a typed command's options that were not understood. Pure.

Each refusal names what it is about, what may have been meant, and a line that can be typed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence

from bot.commands.canonical import write_value
from bot.commands.command import Command, Option, OptionKind
from bot.commands.examples import find_example
from bot.commands.settings import known_zones
from bot.commands.typedvalues import Known, list_said, may_be_more
from bot.commands.typedwords import Word, fold, list_options, names_of
from bot.commands.wishes import find_near_time_zones, is_nothing
from bot.errors import InputInvalid

LOOKED_AT = 5
"""Words of those left over that are looked at for what may have been meant."""

_EITHER = frozenset({"or", "oder", "或", "或者"})
_NEAR = 0.75
_CLOCK = re.compile(r"\d{1,4}(?:[:.h点时]\d{0,3}分?)?(?:[ap]\.?m\.?)?", re.IGNORECASE)
_LETTERS = 4  # of a time zone that was misspelled, at least; shorter words are like many


def refuse(command: Command, said: str, known: Known, option: Option | None = None) -> InputInvalid:
    """What is wrong, what ``option`` or every one is, and how the command is typed."""
    name = f"/{command.noun} {command.verb}"
    option = option or _file_of(command)
    knows = list_options(command)
    options = f"Its options are {knows}." if knows else f"{name} takes no options."
    told = f"{option.help.en.rstrip('.')}." if option else options
    return InputInvalid(" ".join(filter(None, (said, told, tell_how(command, known)))))


def tell_how(command: Command, known: Known) -> str:
    """How ``command`` is typed; a file is no words."""
    if _file_of(command):
        return f"{known.file_hint[:1].upper()}{known.file_hint[1:]}."
    return f"Example: {find_example(command)}"


def _file_of(command: Command) -> Option | None:
    return next((one for one in command.options if one.kind is OptionKind.FILE), None)


def refuse_left(
    command: Command, words: Sequence[Word], said: Collection[str], known: Known
) -> InputInvalid:
    """The refusal of ``words``, which found no place.

    Args:
        said: names of the options that have their values.
    """
    if twice := _find_twice(command, words, said, known):
        return refuse(command, f"{twice} is said twice.", known)
    text = " ".join(word.text for word in words)
    shown = f"{text[:60]}…" if len(text) > 60 else text
    hint = _hint(command, words, known)
    return refuse(command, f"I don't understand “{shown}”.{hint and f' {hint}'}", known)


def refuse_either(command: Command, calling: Option, text: str, known: Known) -> InputInvalid:
    """The refusal of ``text`` behind a group, which may be ``calling`` or what is posted."""
    said = write_value(text)
    others = (one for one in command.options if one.name in {"scope", "events"})
    fits = (one for one in others if known.fits(one, text))
    other = next((f"{one.name}:{write_value(known.read(one, text))}" for one in fits), "")
    return InputInvalid(
        f"“{text[:60]}” right behind a group may mean two things. Write {calling.name}:{said} to "
        f"have the group called for those stories alone, or {other or 'scope: or events:'} to "
        "have no other stories posted."
    )


def _find_twice(
    command: Command, words: Sequence[Word], said: Collection[str], known: Known
) -> str:
    """The option of which each of ``words`` would be a second value; "" for none."""
    told = [one for one in command.options if one.name in said and not may_be_more(one)]
    again = [word.text.rstrip(",，、;；") for word in words if fold(word.text) not in _EITHER]
    for option in told:
        if again and all(known.fits(option, text) for text in again):
            return option.name
    return ""


def _hint(command: Command, words: Sequence[Word], known: Known) -> str:
    """What to write in place of ``words``; "" where nobody can tell."""
    names = {option.name for option in command.options}
    if any(fold(word.text) in _EITHER for word in words):
        return "Where one of several will do, put commas between them."
    if is_nothing(words[0].text) and "quiet_hours" in names:
        return "Say what shall be none, as in quiet_hours:none."
    if no_clock := _find_no_clock(command, words, known):
        return f"{no_clock} is no time of day; write 9:00 or 9am."
    if meant := _find_near(command, words, known) or _find_zones(command, words):
        return f"Did you mean {meant}?"
    if any(option.kind is OptionKind.CHANNEL for option in command.options):
        return "A channel is written with #, as in #news."
    return ""


def _find_near(command: Command, words: Sequence[Word], known: Known) -> str:
    """What the first of ``words`` that is nearly something known may have meant."""
    sayable = {name: option.name for name, option in names_of(command).options.items()}
    for option in command.options:
        sayable |= {said: said for said in list_said(option)}
        if option.kind in {OptionKind.COMPANY, OptionKind.COMPANIES}:
            sayable |= {name: f"{option.name}:{name}" for name in known.companies}
    for word in words[:LOOKED_AT]:
        said = fold(word.text)[:60]
        near = difflib.get_close_matches(said, sayable, n=1, cutoff=_NEAR)
        if near and near[0] != said:
            return sayable[near[0]]
    return ""


def _find_no_clock(command: Command, words: Sequence[Word], known: Known) -> str:
    """The first of ``words`` that is written as a clock and is none, as "25:00"; or ""."""
    at = next((one for one in command.options if one.name == "at"), None)
    for word in words[:LOOKED_AT]:
        said = word.text.rstrip(",，、;；.")
        if at and not said.isdecimal() and _CLOCK.fullmatch(said):
            return "" if known.fits(at, said, is_named=True) else said
    return ""


def _find_zones(command: Command, words: Sequence[Word]) -> str:
    """The time zones that one of ``words``, or two side by side, may have meant; or ""."""
    if not any(option.kind is OptionKind.TIME_ZONE for option in command.options):
        return ""
    for at, word in enumerate(words[:LOOKED_AT]):
        both = " ".join(one.text for one in words[at : at + 2])
        for said in (both, word.text):
            near = find_near_time_zones(said, known_zones()) if len(said) >= _LETTERS else ()
            if near:
                return " or ".join(near)
    return ""
