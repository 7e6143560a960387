"""What the tables of ``config/*.toml`` may hold, and what is said when they hold more."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from bot.errors import CatalogueInvalid
from bot.model import Event

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_alias(value: object) -> object:
    return {"text": [value]} if isinstance(value, str) else value


Words = Annotated[tuple[Word, ...], BeforeValidator(_as_list)]
"""One word or a list of them; "@name" stands for the list of that name in words.toml."""


class Row(BaseModel):
    """A table of which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AliasRow(Row):
    """An alias, written as a plain string or as a table."""

    text: Words
    exact_case: bool = False
    brand: str = ""
    endings: Words = ()
    needs: Words = ()
    products: Words = ()
    preceded_by: Words = ()
    followed_by: Words = ()
    at_start: Words = ()
    unless: Words = ()
    not_after: Words = ()
    not_before: Words = ()
    abroad: Words = ()
    abroad_needs: Words = ()


class CompanyRow(Row):
    """A ``[[company]]`` of makers.toml or carriers.toml."""

    id: Id
    name: Word
    side_line: bool = False
    aliases: tuple[Annotated[AliasRow, BeforeValidator(_as_alias)], ...] = ()
    decoys: Words = ()


class OutletRow(Row):
    """An ``[[outlet]]`` of outlets.toml."""

    id: Id
    name: Word
    domains: Words = ()
    variants: Words = ()
    lang: str = ""
    country: str = ""
    is_aggregator: bool = False


class EventRow(Row):
    """A ``[[rule]]`` of events.toml, or of the file of another language."""

    event: Event
    words: Words
    weight: float = 1.0
    title_only: bool = False
    home_only: bool = False
    needs: Words = ()
    unless: Words = ()


R = TypeVar("R", bound=Row)


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of ``path``.

    Raises:
        CatalogueInvalid: the file is missing, unreadable or no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueInvalid(f"{path}: is no TOML: {error}") from error


def load_rows(path: Path, table: str, kind: type[R]) -> tuple[R, ...]:
    """The ``[[table]]`` tables of ``path``, checked; the file holds nothing else.

    Raises:
        CatalogueInvalid: naming the file, the row, the key and the nearest valid one.
    """
    return read_rows(path, load_toml(path), table, kind)


def read_rows(
    path: Path, found: Mapping[str, Any], table: str, kind: type[R], *, beside: Iterable[str] = ()
) -> tuple[R, ...]:
    """The same of what ``path`` was found to hold: such tables, and keys of ``beside``."""
    check_keys(found, [table, *beside], subject=f"{path}", what="table")
    rows = found.get(table, [])
    if not isinstance(rows, list):
        raise CatalogueInvalid(f"{path}: {table} is written [[{table}]], with two brackets")
    return tuple(_read_row(path, table, number, row, kind) for number, row in enumerate(rows, 1))


def _read_row(path: Path, table: str, number: int, row: Any, kind: type[R]) -> R:
    named = row.get("id") or row.get("event") if isinstance(row, dict) else None
    subject = f'{path}: {table} "{named}"' if named else f"{path}: {table} {number}"
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        raise CatalogueInvalid(f"{subject}, {_explain(error, row, kind)}") from error


def _explain(error: ValidationError, row: Any, kind: type[Row]) -> str:
    """The first thing wrong, as the person who wrote the file knows it."""
    first = error.errors()[0]
    place = list(first["loc"])
    key = str(place[-1])
    within = ""
    if place[0] == "aliases" and len(place) > 1:
        kind = AliasRow
        alias = row["aliases"][place[1]]
        text = alias.get("text", f"number {int(place[1]) + 1}") if isinstance(alias, dict) else ""
        within = f'alias "{text or alias}": '
    if first["type"] == "extra_forbidden":
        return f'{within}key "{key}" is unknown{nearest(key, kind.model_fields)}'
    if first["type"] == "missing":
        return f'{within}key "{key}" is missing'
    if first["type"] == "enum":
        return f'{within}"{first["input"]}" is no event type{nearest(first["input"], Event)}'
    where = ".".join(str(part) for part in place if isinstance(part, str))
    return f"{within}{where} is {first['input']!r}: {first['msg']}"


def check_keys(found: Iterable[str], valid: Iterable[str], *, subject: str, what: str) -> None:
    """Refuse what is not among ``valid``.

    Raises:
        CatalogueInvalid: naming the first wrong one and the nearest valid one.
    """
    valid = list(valid)
    for name in found:
        if name not in valid:
            raise CatalogueInvalid(f'{subject}: {what} "{name}" is unknown{nearest(name, valid)}')


def nearest(wrong: object, valid: Iterable[str]) -> str:
    """``; did you mean "x"?``, or what there is to choose from."""
    valid = [str(name) for name in valid]
    close = get_close_matches(str(wrong), valid, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; there is {', '.join(valid)}"
