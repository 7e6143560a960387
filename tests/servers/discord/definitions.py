"""What Discord holds against application commands, where its OpenAPI file is silent.

After the Discord documentation, "Application Commands": naming, options, 8000 characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import discord

from tests.servers.discord.refusal import Problem, form_error

# The documentation has \p{sc=Deva} and \p{sc=Thai} as well, whose vowel signs are no \w.
NAME = re.compile(r"^[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}$")
MAX_CHARACTERS = 8000
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
LOCALES = {str(each) for each in discord.Locale} | {"ar", "he"}

Path = tuple[str | int, ...]


def check_all(commands: list[dict[str, Any]]) -> None:
    """Refuse a bulk overwrite that Discord refuses.

    Raises:
        Refusal: 50035 with every problem, under the index of its command.
    """
    problems = [p for i, each in enumerate(commands) for p in _find_in_command((i,), each)]
    counts = Counter((c.get("name"), c.get("type", 1)) for c in commands)
    for index, each in enumerate(commands):
        if counts[each.get("name"), each.get("type", 1)] > 1:
            said = "Application command names must be unique"
            problems.append(Problem((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", said))
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if sum(each.get("type", 1) == kind for each in commands) > most:
            said = f"At most {most} commands of type {kind}."
            problems.append(Problem((), "APPLICATION_COMMANDS_MAX", said))
    if problems:
        raise form_error(problems)


def check_one(command: dict[str, Any]) -> None:
    """Refuse one command that Discord refuses, as :func:`check_all` does."""
    if problems := list(_find_in_command((), command)):
        raise form_error(problems)


def count_characters(item: dict[str, Any]) -> int:
    """Name, description and values of a command and all in it, longest locale of each.

    Source: "Application Commands", slash commands: "a maximum of 8000 characters for combined
    name, description, and value properties for each command and its subcommands and groups".
    """
    total = 0
    for key in ("name", "description"):
        forms = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
        total += max(len(form) for form in forms)
    if isinstance(item.get("value"), str):
        total += len(item["value"])
    for key in ("options", "choices"):
        total += sum(count_characters(inner) for inner in item.get(key) or [])
    return total


def _find_in_command(path: Path, command: dict[str, Any]) -> Iterator[Problem]:
    if command.get("type", 1) != 1:
        return  # user and message commands have a free name and nothing else
    yield from _find_in_names(path, command)
    yield from _find_in_options(path, command.get("options") or [], depth=0)
    if (size := count_characters(command)) > MAX_CHARACTERS:
        said = f"Command exceeds maximum size ({MAX_CHARACTERS}); got {size}"
        yield Problem(path, "APPLICATION_COMMAND_TOO_LARGE", said)


def _find_in_names(path: Path, item: dict[str, Any]) -> Iterator[Problem]:
    names = {"name": item.get("name", "")}
    localised = item.get("name_localizations") or {}
    for key, name in [*names.items(), *localised.items()]:
        if not NAME.match(name) or name != name.lower():
            where = (*path, "name") if key == "name" else (*path, "name_localizations", key)
            said = "Command name is invalid"
            yield Problem(where, "APPLICATION_COMMAND_INVALID_NAME", said)
    described = {"description": item.get("description") or ""}
    described |= item.get("description_localizations") or {}
    for key, text in described.items():
        if not 1 <= len(text) <= 100:
            said = f"{key}: must be between 1 and 100 in length."
            yield Problem((*path, "description"), "BASE_TYPE_BAD_LENGTH", said)
    for key in ("name_localizations", "description_localizations"):
        for locale in (item.get(key) or {}).keys() - LOCALES:
            said = f"{locale!r} is no locale of Discord"
            yield Problem((*path, key, locale), "DICT_TYPE_INVALID_KEY", said)


def _find_in_options(path: Path, options: list[dict[str, Any]], *, depth: int) -> Iterator[Problem]:
    if len(options) > 25:
        said = "Must be 25 or fewer in length."
        yield Problem((*path, "options"), "BASE_TYPE_MAX_LENGTH", said)
    kinds = {option.get("type") in {SUBCOMMAND, GROUP} for option in options}
    if len(kinds) > 1:
        said = "Subcommands and options cannot stand side by side"
        yield Problem((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
    is_optional_seen = False
    counts = Counter(option.get("name") for option in options)
    for index, option in enumerate(options):
        here = (*path, "options", index)
        yield from _find_in_names(here, option)
        if counts[option.get("name")] > 1:
            said = "Option names must be unique"
            yield Problem((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", said)
        kind = option.get("type")
        if kind in {SUBCOMMAND, GROUP}:
            if depth >= (1 if kind == GROUP else 2):
                said = "Groups hold subcommands, and subcommands hold no subcommands"
                yield Problem((*here, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
            inner = option.get("options") or []
            yield from _find_in_options(here, inner, depth=2 if kind == SUBCOMMAND else 1)
            continue
        if option.get("required") and is_optional_seen:
            said = "Required options must be placed before non-required options"
            yield Problem(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", said)
        is_optional_seen |= not option.get("required")
        yield from _find_in_choices(here, option)


def _find_in_choices(path: Path, option: dict[str, Any]) -> Iterator[Problem]:
    choices = option.get("choices") or []
    if not choices and not option.get("autocomplete"):
        return
    if option.get("type") not in {STRING, INTEGER, NUMBER}:
        said = "Only text and numbers have choices and autocomplete"
        yield Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
    if choices and option.get("autocomplete"):
        said = "autocomplete may not be true where there are choices"
        yield Problem(path, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", said)
    yield from find_in_choices((*path, "choices"), choices)


def find_in_choices(path: Path, choices: list[dict[str, Any]]) -> Iterator[Problem]:
    """Everything wrong with the choices of an option, or of an autocomplete answer."""
    if len(choices) > 25:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    counts = Counter(choice.get("name") for choice in choices)
    for index, choice in enumerate(choices):
        name, value = choice.get("name") or "", choice.get("value")
        if not 1 <= len(name) <= 100 or (isinstance(value, str) and not 1 <= len(value) <= 100):
            said = "Must be between 1 and 100 in length."
            yield Problem((*path, index), "BASE_TYPE_BAD_LENGTH", said)
        if counts[choice.get("name")] > 1:
            said = "Option choice names must be unique"
            yield Problem((*path, index), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE", said)
