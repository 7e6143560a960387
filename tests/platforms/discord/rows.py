"""Rows of a command table that a test makes up."""

from __future__ import annotations

from typing import Any

from bot.commands.answer import Answer, Choice, Choices
from bot.commands.command import Call, Command, Handler, Need, Option, OptionKind, Words


def option(name: str, kind: OptionKind, **given: Any) -> Option:
    return Option(name, name, kind, Words("What it is", "是什么"), **given)


def row(
    verb: str,
    run: Handler,
    *options: Option,
    noun: str = "try",
    need: Need = Need.NOTHING,
    is_for_servers: bool = False,
) -> Command:
    words = Words("Tries something", "试一试")
    return Command(
        noun, verb, noun, verb, words, run, options, need=need, is_for_servers=is_for_servers
    )


async def say_hello(_: Call) -> Answer:
    return Answer("Hello")


async def say_values(call: Call) -> Answer:
    """What the handler was given, sorted by name."""
    return Answer(" ".join(f"{name}={value!r}" for name, value in sorted(call.values.items())))


async def offer_button(_: Call) -> Answer:
    return Answer("Press", (Choices((Choice("greet", "d1", "Greet"),)),))


async def break_down(_: Call) -> Answer:
    raise RuntimeError("a defect that a test made")
