"""The tables of jobs: Procrastinate's, in our database, brought up to date by the files it ships.

Procrastinate keeps no note of how far its tables are; that is for whoever applies its files.
Ours stands as the comment on its largest table, where a dump takes it along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection, sql

from bot.errors import DatabaseAway, DatabaseUnusable
from bot.scheduling.cluster.board import is_away

TABLE = "procrastinate_jobs"
MARK = "newsbot:"
"""What the comment begins with; the last file that was applied follows."""

UPGRADE_LOCK = int.from_bytes(b"newsjobs", "big")
"""The key of the advisory lock under which one process upgrades and others wait."""

CONNECT_S = 10


@dataclass(frozen=True, slots=True)
class JobTables:
    """How far the tables of jobs are.

    Attributes:
        at: the last file that was applied; "" where there are no tables.
        wanted: the last file there is.
        missing: files to be applied; () where there are no tables at all.
        is_foreign: somebody else made these tables.
    """

    at: str
    wanted: str
    missing: tuple[str, ...] = ()
    is_foreign: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether jobs can be kept."""
        return self.at == self.wanted and not self.is_foreign


async def load_job_tables(conninfo: str) -> JobTables:
    """How far the tables of jobs are in the database at ``conninfo``.

    Raises:
        DatabaseAway: it does not answer.
        DatabaseUnusable: it cannot be asked.
    """
    try:
        async with await _connect(conninfo) as connection:
            return await _look(connection)
    except psycopg.Error as error:
        raise _explain(error) from None


async def upgrade_job_tables(conninfo: str) -> JobTables:
    """Make the tables of jobs, or bring them up to date; gives how they were before.

    Of several that start at once one does it and the others wait.

    Raises:
        DatabaseAway: it does not answer.
        DatabaseUnusable: it cannot be done, or the tables there are not ours.
    """
    try:
        async with await _connect(conninfo) as connection:
            before = await _look(connection)
            if before.is_ready:
                return before
            await connection.execute("SELECT pg_advisory_lock(%s)", [UPGRADE_LOCK])
            await _upgrade(connection, await _look(connection))
            return before  # the lock ends with the connection
    except psycopg.Error as error:
        raise _explain(error) from None


async def _connect(conninfo: str) -> AsyncConnection:
    return await AsyncConnection.connect(conninfo, autocommit=True, connect_timeout=CONNECT_S)


async def _look(connection: AsyncConnection) -> JobTables:
    files = [path.stem for path in _files()]
    asked = "SELECT to_regclass(%s), obj_description(to_regclass(%s), 'pg_class')"
    cursor = await connection.execute(asked, [TABLE, TABLE])
    found = await cursor.fetchone()
    assert found is not None
    table, comment = found
    if table is None:
        return JobTables("", files[-1])
    at = (comment or "").removeprefix(MARK)
    if not (comment or "").startswith(MARK):
        return JobTables("", files[-1], is_foreign=True)
    return JobTables(at, max(at, files[-1]), tuple(name for name in files if name > at))


async def _upgrade(connection: AsyncConnection, tables: JobTables) -> None:
    if tables.is_foreign:
        raise DatabaseUnusable(
            f"database.url: a table {TABLE} is there that newsbot did not make, so another "
            "program keeps its jobs here; give newsbot a database, or a schema, of its own"
        )
    if not tables.at:
        await _apply(connection, SchemaManager.get_schema(), tables.wanted)
    for path in _files():
        if path.stem in tables.missing:
            # One by one: a value added to an enum cannot be used in the same transaction.
            await _apply(connection, path.read_text(encoding="utf-8"), path.stem)


async def _apply(connection: AsyncConnection, statements: str, mark: str) -> None:
    comment = sql.SQL("COMMENT ON TABLE {} IS {}").format(
        sql.Identifier(TABLE), sql.Literal(f"{MARK}{mark}")
    )
    async with connection.transaction():
        await connection.execute(statements.encode())
        await connection.execute(comment)


def _files() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _explain(error: psycopg.Error) -> DatabaseUnusable:
    said = " ".join(str(error).split()) or type(error).__name__
    told = f"database.url: the tables of jobs cannot be made or read: {said}"
    if is_away(error):
        return DatabaseAway(told)
    return DatabaseUnusable(
        f"{told}; let newsbot's user own the database, as it makes tables there"
    )
