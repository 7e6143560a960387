"""Commands as people type them: "/alerts subscribe pair daily 09:00 Europe/Berlin". Pure.

For platforms that hand over what was typed as a text, and for people who name the bot in a
message. Nouns, verbs and options go by the names of the table, in any of its languages; what
comes close to one is named in a question, never taken for it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands.command import Command, Need
from bot.commands.examples import find_example
from bot.commands.table import TABLE
from bot.commands.typedoptions import read_options
from bot.commands.typedrefusals import tell_how
from bot.commands.typedvalues import Known
from bot.errors import InputInvalid

MAX_TYPED = 4000
"""Characters that are read of a command."""

_FIRST = re.compile(r"[\s,:;]*(?P<slash>[/／]?)(?P<noun>[^\s/／:：]+)\s*(?P<rest>.*)", re.DOTALL)
_HELP = frozenset({"help", "?", "？", "-h", "--help", "帮助", "hilfe", "ayuda"})
_MEANT: Mapping[str, str] = {
    "delete": "remove", "del": "remove", "rm": "remove", "drop": "remove", "stop": "unsubscribe",
    "start": "subscribe", "sub": "subscribe", "unsub": "unsubscribe", "follow": "subscribe",
    "unfollow": "unsubscribe", "set": "settings", "config": "settings", "change": "edit",
    "show": "list", "ls": "list", "new": "add", "create": "add", "silence": "mute",
    "unpause": "resume", "continue": "resume", "hold": "pause", "find": "search",
    "latest": "recent", "try": "test", "off": "unsubscribe", "on": "subscribe",
}  # fmt: skip
"""Words that people try for a verb; they are told of the one that there is."""

_FREE = "news"
"""The noun behind which a plain question may stand."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command of the table and the values of its options.

    Attributes:
        is_bare: nothing was typed behind the verb, so that a form may be shown.
    """

    command: Command
    values: Mapping[str, Any] = field(default_factory=dict)
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class TypedPlain:
    """A question in plain words.

    Attributes:
        meant: a command that may have been meant, as it would be typed, or "".
    """

    text: str
    meant: str = ""


@dataclass(frozen=True, slots=True)
class TypedHelp:
    """Somebody asks what a noun can do, or how a command is typed."""

    commands: tuple[Command, ...]


Typed = TypedCommand | TypedPlain | TypedHelp


def read_typed(
    text: str,
    known: Known,
    *,
    table: Sequence[Command] = TABLE,
    has_forms: bool = False,
    given: Mapping[str, Any] | None = None,
) -> Typed:
    """What ``text`` asks for.

    With a slash before it, it is a command; without one only if it begins with the words of
    one, and else a question.

    Args:
        has_forms: a command that has a form may lack what it needs where nothing is typed.
        given: values that came beside the text, as files.

    Raises:
        InputInvalid: it is a command that does not exist or lacks something, or something in
            it cannot be read; the message says what, and how it is typed.
    """
    if len(text) > MAX_TYPED:
        raise InputInvalid(f"That is too long to read: write at most {MAX_TYPED} signs.")
    found = _FIRST.fullmatch(text)
    if found is None:
        return TypedPlain(text.strip().lstrip("/／").strip())
    if found["slash"] and found["noun"].casefold() in _HELP:
        return TypedHelp(tuple(table))
    rows = _find_rows(found["noun"], table)
    if not rows:
        if found["slash"]:
            raise _refuse_noun(found["noun"], table)
        return TypedPlain(text.strip(), _find_meant(text, known, table))
    verb, rest = _split_verb(found["noun"], found["rest"], rows)
    if not verb:
        return TypedHelp(rows) if found["slash"] or rows[0].noun != _FREE else TypedPlain(text)
    if row := _find_row_or_none(verb, rows):
        return _read_row(row, rest, known, has_forms=has_forms, given=given or {})
    other = _read_other(text, found, verb, rest, rows)
    if isinstance(other, TypedPlain) and not other.meant:
        other = replace(other, meant=_find_meant(other.text, known, table))
    return other


def find_typed_or_none(text: str, *, table: Sequence[Command] = TABLE) -> Command | None:
    """The command whose words ``text`` begins with, be the rest of it understood or not."""
    found = _FIRST.fullmatch(text[:MAX_TYPED])
    rows = _find_rows(found["noun"], table) if found else ()
    if not (found and rows):
        return None
    return _find_row_or_none(_split_verb(found["noun"], found["rest"], rows)[0], rows)


def _find_row_or_none(verb: str, rows: Sequence[Command]) -> Command | None:
    return next((one for one in rows if verb.casefold() in (one.verb, one.zh_verb)), None)


def _find_meant(text: str, known: Known, table: Sequence[Command]) -> str:
    """The command that ``text`` is but for its noun ("subscribe pair daily"); "" for none.

    Only what changes something, for the rest is answered as a question, and only where all of
    the line is understood: "import ban lifted" is news.
    """
    verb, _, rest = text.strip().partition(" ")
    rows = [row for row in table if verb.casefold() in (row.verb, row.zh_verb)]
    if len(rows) != 1 or rows[0].need is Need.NOTHING:
        return ""
    try:
        values = _read_row(rows[0], rest, known, has_forms=True, given={}).values
    except InputInvalid:
        return ""
    spans = (one for one in rows[0].options if one.name == "for" and "for" in values)
    if not all(known.fits(one, values["for"], is_named=True) for one in spans):
        return ""
    return f"/{rows[0].noun} {rows[0].verb} {rest.strip()}".rstrip()


def _read_row(
    row: Command, rest: str, known: Known, *, has_forms: bool, given: Mapping[str, Any]
) -> TypedCommand:
    if not row.options and rest.strip(" .!?,"):
        raise InputInvalid(
            f"/{row.noun} {row.verb} takes nothing more; I don't understand “{rest.strip()[:60]}”."
        )
    values = {**read_options(row, rest, known), **given}
    is_bare = not rest.strip() and not given
    if not (is_bare and has_forms and row.has_form):
        _check_required(row, values, known)
    return TypedCommand(row, values, is_bare)


def _check_required(row: Command, values: Mapping[str, Any], known: Known) -> None:
    for option in row.options:
        if option.is_required and values.get(option.name) in (None, ""):
            raise InputInvalid(
                f"/{row.noun} {row.verb} needs one thing more, {option.name}: "
                f"{option.help.en.rstrip('.')}. {tell_how(row, known)}"
            )


def _find_rows(noun: str, table: Sequence[Command]) -> tuple[Command, ...]:
    """The commands of a noun; one in Chinese may have its verb glued to it."""
    said = noun.casefold()
    exact = tuple(row for row in table if said in (row.noun, row.zh_noun))
    return exact or tuple(
        row for row in table if said.startswith(row.zh_noun) and said != row.zh_noun
    )


def _split_verb(noun: str, rest: str, rows: Sequence[Command]) -> tuple[str, str]:
    """The word behind the noun, and what follows that."""
    said = noun.casefold()
    if said not in (rows[0].noun, rows[0].zh_noun):  # "新闻最近"
        rest = f"{noun[len(rows[0].zh_noun) :]} {rest}"
    verb, _, behind = rest.strip().partition(" ")
    head, sign, tail = verb.partition("\n")
    if sign:
        return head, f"{tail} {behind}"
    glued = sorted((row.zh_verb for row in rows), key=len, reverse=True)
    for one in glued:
        if verb.startswith(one) and verb != one:
            return one, f"{verb[len(one) :]} {behind}"
    return verb, behind


def _read_other(
    text: str, found: re.Match[str], verb: str, rest: str, rows: Sequence[Command]
) -> Typed:
    """What is meant by a word that is no verb of the noun.

    Raises:
        InputInvalid: nothing is, and no question can stand there.
    """
    noun = rows[0].noun
    if verb.casefold() in _HELP:
        of = rest.strip().casefold()
        named = tuple(row for row in rows if of in (row.verb, row.zh_verb))
        return TypedHelp(named or tuple(rows))
    meant = _find_verb(verb, rows)
    line = f"/{noun} {meant} {rest.strip()}".rstrip() if meant else ""
    if noun == _FREE:
        if not found["slash"]:
            return TypedPlain(text.strip(), line)
        return TypedPlain(found["rest"].strip(), line)
    if not found["slash"] and not line:
        return TypedPlain(text.strip())
    hint = f"Did you mean {line}? " if line else ""
    verbs = ", ".join(row.verb for row in rows)
    example = "" if line else f" Example: {find_example(rows[0])}"
    raise InputInvalid(
        f"/{noun} knows no “{verb[:60]}”. {hint}It knows {verbs}; /{noun} help tells more.{example}"
    )


def _find_verb(said: str, rows: Sequence[Command]) -> str:
    """The verb that ``said`` is nearly, or means; "" for none."""
    verbs = {row.verb: row.verb for row in rows} | {row.zh_verb: row.verb for row in rows}
    if (meant := _MEANT.get(said.casefold())) in verbs:
        return str(meant)
    near = difflib.get_close_matches(said.casefold()[:60], verbs, n=1, cutoff=0.75)
    return verbs[near[0]] if near else ""


def _refuse_noun(said: str, table: Sequence[Command]) -> InputInvalid:
    nouns = list(dict.fromkeys(row.noun for row in table))
    spelled = {name: row.noun for row in table for name in (row.noun, row.zh_noun)}
    near = difflib.get_close_matches(said.casefold()[:60], spelled, n=1, cutoff=0.6)
    hint = f"Did you mean /{spelled[near[0]]}? " if near else ""
    known = ", ".join(f"/{noun}" for noun in nouns)
    return InputInvalid(f"I know no /{said[:60]}. {hint}I know {known}; /news help tells more.")
