"""A command as it would be typed: "/alerts subscribe channel:C1 scope:pair". Pure.

What is written here is read again by bot/commands/typed.py and gives the same values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.commands.command import Command, Upload

_PLAIN = re.compile(r"(?!--|—|[^\W\d][\w-]*[:=：＝](?!//))[^\s\"'“”„‘’«»「」『』<，、；]+(?<![,;])")
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"))
_ADDRESS = re.compile(r"https?://[^\s\"“”]+")
_LOGIN = re.compile(r"(https?://)[^/@\s\"“”]*@")


def write_command(command: Command, values: Mapping[str, Any]) -> str:
    """``command`` with ``values`` as a line, its options in the order of the table."""
    given = {option.name: values.get(option.name) for option in command.options}
    return write_line(command.noun, command.verb, given)


def write_line(noun: str, verb: str, values: Mapping[str, Any]) -> str:
    """The command of these words with ``values`` in their order, without those that are None."""
    given = (f"{name}:{write_value(one)}" for name, one in values.items() if one is not None)
    return " ".join((f"/{noun} {verb}", *given))


def write_value(value: object) -> str:
    """``value`` of an option as it is typed, in quotes where it holds more than one word."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Upload():
            return write_value(value.name)
        case _:
            text = " ".join(str(value).split())
            if _PLAIN.fullmatch(text):
                return text
            for start, end in _QUOTES:
                if end not in text:
                    return f"{start}{text}{end}"
            return '"' + text.replace('"', "”") + '"'


def hide_secrets(said: str) -> str:
    """``said`` with what may be secret in its addresses left out: logins and queries."""
    return _ADDRESS.sub(_hide, said)


def _hide(found: re.Match[str]) -> str:
    address, mark, _ = _LOGIN.sub(r"\1…@", found[0]).partition("?")
    return f"{address}?…" if mark else address
