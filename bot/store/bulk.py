"""Bulk: many rows added, or changed, by one statement.

What SQLAlchemy does with each value of each row costs several times what the databases do with
it, so here it makes the statement and the converters of a table's columns once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Dialect,
    Insert,
    LargeBinary,
    Table,
    Update,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from bot.store.columns import ForeignText, Moment, Words
from bot.store.engines import Database
from bot.store.rows import Values
from bot.store.slices import slices

ROWS_AT_ONCE = 100
"""Rows a statement that gives something back. Each number of rows is a statement of its own, and
SQLite takes 1.6 KB a row to keep it prepared; it takes 32,766 parameters at most."""


def add_rows(
    database: Database,
    connection: Connection,
    table: Table,
    rows: Sequence[Values],
    *,
    returning: tuple[str, ...] = (),
) -> list[tuple[Any, ...]]:
    """Add ``rows``, which have the same columns; those that are there already are left out.

    Args:
        returning: names of columns that are numbers or bytes.

    Returns:
        Of each row that was added what ``returning`` names, in no order.
    """
    names = tuple(rows[0])
    if database.is_sqlite:
        return _add_to_sqlite(connection, table, names, rows, returning)
    # Each column goes as one array: a list of rows is a long text to PostgreSQL, and to its
    # driver one that it takes apart anew for each number of rows.
    columns = {name: [row[name] for row in rows] for name in names}
    added = connection.execute(_make_postgres_insert(table, names, returning), columns)
    return [tuple(row) for row in added] if returning else []


def change_rows(connection: Connection, change: Update, rows: Sequence[Values]) -> int:
    """Run ``change`` with each of ``rows``, which have the same columns; how many rows it changed.

    ``change`` is made once and kept for ever.
    """
    if connection.dialect.name != "sqlite":
        return connection.execute(change, rows).rowcount
    statement, converters = _make_sqlite_update(connection.dialect, change, tuple(rows[0]))
    values = [
        tuple(
            [row[name] if convert is None else convert(row[name]) for name, convert in converters]
        )
        for row in rows
    ]
    changed = connection.exec_driver_sql(
        statement, values, execution_options={"preserve_rowcount": True}
    )
    return changed.rowcount


@cache
def _make_sqlite_update(
    dialect: Dialect, change: Update, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]]:
    """``change`` as text, and of each of its places by what name to fill it, and how."""
    made = change.compile(dialect=sqlite.dialect(), column_keys=list(names))
    assert made.positiontup is not None, "SQLite's are places, not names"
    converters = (
        made.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        for name in made.positiontup
    )
    return str(made), tuple(zip(made.positiontup, converters, strict=True))


@cache
def _make_postgres_insert(
    table: Table, names: tuple[str, ...], returning: tuple[str, ...]
) -> Insert:
    added = (
        func.unnest(
            *(bindparam(name, type_=ARRAY(table.c[name].type, dimensions=1)) for name in names)
        )
        .table_valued(*(column(name, table.c[name].type) for name in names))
        .render_derived(name="added")
    )
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # see engines.make_insert

    add = postgresql.insert(table).from_select(list(names), select(added))
    return add.on_conflict_do_nothing().returning(*(table.c[name] for name in returning))


def _add_to_sqlite(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[Values],
    returning: tuple[str, ...],
) -> list[tuple[Any, ...]]:
    # Column by column: a look at a whole one tells more often than not that all of it may stay.
    converters = _make_converters(connection.dialect, table, names)
    columns = zip(*[row.values() for row in rows], strict=True)
    stored = (
        column if convert is None else convert(column)
        for convert, column in zip(converters, columns, strict=True)
    )
    values = list(zip(*stored, strict=True))
    if not returning:
        connection.exec_driver_sql(_make_sqlite_insert(table, names, 1, ()), values)
        return []
    added: list[tuple[Any, ...]] = []
    for some in slices(values, ROWS_AT_ONCE):
        statement = _make_sqlite_insert(table, names, len(some), returning)
        found = connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))
        added.extend(map(tuple, found))
    return added


@cache
def _make_converters(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[Callable[[Sequence[Any]], Sequence[Any]] | None, ...]:
    """What makes of a whole column what SQLite keeps; None where that is the same."""
    return tuple(_make_converter_or_none(dialect, table.c[name].type) for name in names)


def _make_converter_or_none(
    dialect: Dialect, kind: TypeEngine[Any]
) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    if isinstance(kind, (Moment, Words, ForeignText)):
        return kind.store_all
    if isinstance(kind, LargeBinary):
        return None  # Python's driver takes bytes as they are
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lambda values: [convert(value) for value in values]


def _make_sqlite_insert(
    table: Table, names: tuple[str, ...], count: int, returning: tuple[str, ...]
) -> str:
    head, row = _make_sqlite_parts(table, names)
    listed = ", ".join([row] * count)
    given_back = f" RETURNING {', '.join(returning)}" if returning else ""
    return f"{head} {listed} ON CONFLICT DO NOTHING{given_back}"


@cache
def _make_sqlite_parts(table: Table, names: tuple[str, ...]) -> tuple[str, str]:
    """What stands before the rows, and one row."""
    made = sqlite.insert(table).compile(dialect=sqlite.dialect(), column_keys=list(names))
    head, values, row = str(made).rpartition("VALUES")
    return head + values, row.strip()
