"""What a store asks SQLite, and which way SQLite takes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bot.store import SqlStore


async def find_plan(store: SqlStore, statement: object, values: Any = None) -> str:
    """How SQLite goes about ``statement``, a step a line."""
    async with store.database.reading() as connection:
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(row[-1] for row in found)


@contextmanager
def asked_of(store: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    """The statements of a store in memory meanwhile, each with its parameters."""
    engine, asked = store.database.engine.sync_engine, list[tuple[str, Any]]()

    def note(_c: object, _k: object, text: str, values: Any, _x: object, _m: object) -> None:
        asked.append((text, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
