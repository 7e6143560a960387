"""Calls of commands as a platform makes them, and answers as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.catalogue import load_catalogue
from bot.commands.answer import (
    Answer,
    ChannelRef,
    Chart,
    Choices,
    Facts,
    Heading,
    Hint,
    Line,
    Lines,
    Link,
    RoleRef,
    Span,
    Stories,
    UserRef,
)
from bot.commands.command import Call, Need, Office
from bot.matching import Matcher
from bot.model import Destination, Platform
from bot.ports import Store
from tests.builders import NOW
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT / "config")
MATCHER = Matcher(CATALOGUE)
HERE = Destination(Platform.DISCORD, "g1", "c1")
MANAGER = frozenset({Need.NOTHING, Need.CHANNELS})


def make_call(
    store: Store,
    *,
    place: Destination = HERE,
    user: str = "u1",
    now: datetime = NOW,
    may: frozenset[Need] = MANAGER,
    office: dict[str, Any] | None = None,
    is_direct: bool = False,
    **values: Any,
) -> Call:
    """A call by a manager of channel c1 in server g1; an option "for" is given as "for_"."""
    return Call(
        place=place,
        user=user,
        now=now,
        office=Office(store, CATALOGUE, MATCHER, **(office or {})),
        values={name.rstrip("_"): value for name, value in values.items()},
        may=may,
        is_direct=is_direct,
    )


def say(answer: Answer) -> str:
    """The whole answer as text, a line each."""
    return "\n".join((answer.title, *_lines(answer)))


def _lines(answer: Answer) -> Iterator[str]:
    for part in answer.parts:
        match part:
            case Lines(lines):
                yield from map(say_line, lines)
            case Facts(rows):
                yield from (f"{name}: {_value(value)}" for name, value in rows)
            case Heading(text):
                yield f"# {text}"
            case Hint(command, text):
                yield f"> {command} {text}"
            case Choices(choices):
                yield from (f"[{one.label}] {one.action}:{one.subject}" for one in choices)
            case Chart(rows, unit):
                yield f"chart of {len(rows)}: {sum(count for _, count in rows):g} {unit}"
            case Stories(messages, more):
                yield from (f"- {one.headline}" for one in messages)
                yield f"+{more}"
            case _:
                yield repr(part)


def say_line(line: Line) -> str:
    """A line as text: <#channel>, <@role>, <@person id>, [text](address), and times in ISO 8601."""
    return line if isinstance(line, str) else "".join(map(_span, line))


def _value(value: Line | datetime) -> str:
    return _span(value) if isinstance(value, datetime) else say_line(value)


def _span(span: Span) -> str:
    match span:
        case str():
            return span
        case ChannelRef(id):
            return f"<#{id}>"
        case RoleRef(id):
            return f"<@{id}>"
        case UserRef(id):
            return f"<@person {id}>"
        case Link(text, url):
            return f"[{text}]({url})"
        case _:
            return f"{span:%Y-%m-%d %H:%M}"
