"""What the tests of typed commands have in common: a platform's references, and a reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.commands.canonical import write_command
from bot.commands.command import Command, OptionKind
from bot.commands.grammar import company_spellings
from bot.commands.table import TABLE
from bot.commands.typed import TypedCommand, TypedHelp, TypedPlain, read_typed
from bot.commands.typedvalues import Known
from bot.errors import InputInvalid
from tests.builders import NOW
from tests.commands.calls import CATALOGUE

_CHANNEL = re.compile(r"<#(C\w+)(?:\|[^>]*)?>|#(\w+)|(C\d+(?:/[\d.]+)?)")
_ROLE = re.compile(r"<@(S\w+)>|@(\w+)|(S\d+)")


def read_ref(kind: OptionKind, text: str) -> str | None:
    """Channels are <#C1|news>, #news or C1; groups <@S1>, @desk or S1."""
    pattern = {OptionKind.CHANNEL: _CHANNEL, OptionKind.ROLE: _ROLE}.get(kind)
    found = pattern.fullmatch(text) if pattern else None
    return next(filter(None, found.groups())) if found else None


KNOWN = Known(NOW, company_spellings(CATALOGUE), read_ref)


def read(text: str, *, known: Known = KNOWN, table: Sequence[Command] = TABLE, **given: Any) -> str:
    """What ``text`` asks for as one line: the command as it would be typed, or what else it is."""
    try:
        typed = read_typed(text, known, table=table, **given)
    except InputInvalid as error:
        return f"! {error}"
    match typed:
        case TypedCommand(command, values):
            return write_command(command, values)
        case TypedPlain(said, meant):
            return f"? {said}" + (f" ({meant})" if meant else "")
        case TypedHelp(commands):
            return f"help {' '.join(one.verb for one in commands)}"
