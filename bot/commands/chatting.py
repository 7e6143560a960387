"""A line that somebody typed, answered: a command of the table, or a question in plain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.commands.answer import Answer, Hint, refuse
from bot.commands.command import Call, Command, Need
from bot.commands.grammar import company_spellings
from bot.commands.help import tell_command, tell_help, tell_noun
from bot.commands.running import run, run_command, run_plain
from bot.commands.table import TABLE
from bot.commands.typed import (
    Typed,
    TypedCommand,
    TypedHelp,
    TypedPlain,
    find_typed_or_none,
    read_typed,
)
from bot.commands.typedvalues import Known, ReadRef
from bot.errors import InputInvalid
from bot.matching import Watchers
from bot.model import Platform

Check = Callable[[Command, Mapping[str, Any]], Awaitable[Answer | None]]
"""Why the person may not use a command with such values; None where they may."""


async def find_known(call: Call, read_ref: ReadRef | None = None) -> Known:
    """What the reader of typed commands needs to know, as the call's workspace knows it."""
    watchers = Watchers(call.office.catalogue, await call.office.store.find_watches())
    catalogue = watchers.catalogue_of(call.place.platform, call.place.workspace)
    return Known(call.now, company_spellings(catalogue), read_ref)


async def answer_text(
    call: Call,
    text: str,
    *,
    read_ref: ReadRef | None = None,
    check: Check | None = None,
    given: Mapping[str, Any] | None = None,
    file_hint: str = "",
) -> Answer:
    """The answer to whatever was typed. Never raises.

    Args:
        check: by default, whether what the command needs is among ``call.may``.
        given: values that came beside the text, as files.
        file_hint: how a file is given, where it cannot be attached.
    """

    async def work() -> Answer:
        known = await find_known(call, read_ref)
        known = replace(known, file_hint=file_hint) if file_hint else known
        typed = read_typed(text, known, given=given)
        return await answer_typed(call, typed, check=check)

    return await run("a typed command", call, work)


def find_help_or_none(text: str, platform: Platform, *, now: datetime) -> Answer | None:
    """The answer to ``text`` where it asks only how things are typed: it needs no database."""
    try:
        typed = read_typed(text, Known(now))
    except InputInvalid:
        return None
    match typed:
        case TypedHelp(commands):
            return _tell_help(commands, platform)
        case TypedCommand(command) if (command.noun, command.verb) == ("news", "help"):
            return tell_help(TABLE, platform)
        case _:
            return None


async def answer_typed(call: Call, typed: Typed, *, check: Check | None = None) -> Answer:
    """The answer to what ``read_typed`` gave; see ``answer_text``."""
    match typed:
        case TypedHelp(commands):
            return _tell_help(commands, call.place.platform)
        case TypedPlain(text, meant):
            answer = await run_plain(call, text)
            told = {part.command for part in answer.parts if isinstance(part, Hint)}
            is_new = bool(meant) and meant not in told
            hint = (Hint(meant, "may be what you meant"),) if is_new else ()
            return replace(answer, parts=(*answer.parts, *hint))
        case TypedCommand(command, values):
            called = replace(call, values=values)
            refused = await check(command, values) if check else _check(command, called)
            return refused or await run_command(command, called)


def changes_something(text: str) -> bool:
    """Whether ``text`` begins with the words of a command that not everybody may use."""
    row = find_typed_or_none(text)
    return row is not None and row.need is not Need.NOTHING


def _check(command: Command, call: Call) -> Answer | None:
    if command.need is Need.NOTHING or command.need in call.may:
        return None
    return refuse(f"You may not use /{command.noun} {command.verb} here")


def _tell_help(commands: tuple[Command, ...], platform: Platform) -> Answer:
    if len(commands) == 1:
        return tell_command(commands[0])
    if len({one.noun for one in commands}) == 1:
        return tell_noun(commands, platform)
    return tell_help(TABLE, platform)
