"""Snapshots: a database as one SQLite file, and such a file made a database.

A snapshot is what SQLite and PostgreSQL share: backups are snapshots with a note in them, see
backups.py. It is a SQLite file of this program's schema, without a log beside it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, inspect, select, text

from bot.errors import DatabaseUnusable
from bot.store.address import describe_url, make_private, parse_url, sqlite_path_or_none
from bot.store.copying import Told, copy_rows, empty_tables, find_filled, snapshot
from bot.store.engines import explain, make_plain_engine
from bot.store.shared_tables import processes
from bot.store.tables import make_plain_tables

PAGES_AT_ONCE = 1_024
"""Pages of 4 KiB that are copied between two moments in which other threads get their turn."""

BUSY_TIMEOUT_S = 30
"""How long a place that somebody else is writing to is waited for."""


@contextmanager
def plain_engine(url: URL) -> Iterator[Engine]:
    """Connections that are closed at the end; what a driver says is put in the operator's words.

    Raises:
        DatabaseUnusable: the database is not there, refuses us, or is none.
    """
    engine = make_plain_engine(url)
    errors = (sqlite3.Error,) if engine.dialect.name == "sqlite" else (_postgres_error(engine),)
    try:
        with explain(url):
            try:
                yield engine
            except errors as error:  # of a driver's own call, not one of SQLAlchemy's
                raise OSError(str(error)) from error
    finally:
        engine.dispose()


def take_snapshot(url: str, path: Path, *, told: Told | None = None) -> None:
    """Write what is in the database at ``url`` now into ``path``.

    The bot may be at work: nobody waits, and what it writes meanwhile is not in it.

    Args:
        url: of an SQLite file, or of a PostgreSQL database at this program's revision.
        path: where that is PostgreSQL, an SQLite file at this program's revision and empty.

    Raises:
        DatabaseUnusable: it cannot be read, or what was written is not whole.
    """
    parsed = parse_url(url)
    source = sqlite_path_or_none(parsed)
    if source is not None:
        with plain_engine(parsed):
            _copy_file(source, path)
    else:
        with (
            plain_engine(parsed) as engine,
            plain_engine(parse_url(str(path))) as target,
            snapshot(engine) as reading,
            target.begin() as writing,
        ):
            copy_rows(reading, writing, told=told)
    make_single_file(path)


def refuse_filled(url: str) -> None:
    """Make sure that nothing is lost where the database at ``url`` is replaced.

    Raises:
        DatabaseUnusable: there are rows in it, or it cannot be opened.
    """
    parsed = parse_url(url)
    path = sqlite_path_or_none(parsed)
    if path is not None and not path.exists():
        return
    with plain_engine(parsed) as engine, engine.connect() as connection:
        _refuse_filled(connection, parsed)


def find_beating(url: str, *, since: datetime) -> tuple[str, ...]:
    """The processes that gave a sign of life in the database at ``url`` since then.

    Raises:
        DatabaseUnusable: it cannot be opened.
    """
    with plain_engine(parse_url(url)) as engine, engine.connect() as connection:
        if not inspect(connection).has_table(processes.name):
            return ()
        return _find_beating(connection, since)


def put_in_place(
    path: Path, url: str, *, replace: bool, alive_since: datetime | None = None
) -> None:
    """Make the snapshot at ``path`` the database at ``url``, as a whole or not at all.

    Args:
        url: an SQLite file, there or not; or a PostgreSQL database at this program's revision.
        replace: what is there may be lost; of SQLite it is, see ``refuse_filled``.
        alive_since: see ``copy_database``.

    Raises:
        DatabaseUnusable: it cannot be written, or in PostgreSQL there are rows, or a bot.
    """
    parsed = parse_url(url)
    target = sqlite_path_or_none(parsed)
    if target is None:
        copy_database(str(path), url, replace=replace, alive_since=alive_since)
        return
    with plain_engine(parsed):
        try:
            _put_file(path, target)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) or not replace:
                raise
            _move_aside(target)
            _put_file(path, target)


def copy_database(
    source: str,
    target: str,
    *,
    replace: bool,
    told: Told | None = None,
    alive_since: datetime | None = None,
) -> int:
    """Copy every row to a PostgreSQL database in one transaction; how many rows.

    Args:
        source, target: databases at this program's revision.
        replace: rows that are in ``target`` may be lost.
        alive_since: a bot that gave a sign of life in ``target`` since then is at work there. It
            is looked for once more, where none can give one any more before all is copied.

    Raises:
        DatabaseUnusable: one of them cannot be used, or both are the same, or ``target`` is not
            empty, or a bot is at work there.
    """
    with (
        plain_engine(parse_url(source)) as from_engine,
        snapshot(from_engine) as reading,
        plain_engine(parse_url(target)) as to_engine,
        to_engine.begin() as writing,
    ):
        _refuse_same(reading, writing, parse_url(source), parse_url(target))
        if alive_since is not None:
            _refuse_beating(writing, parse_url(target), since=alive_since)
        if not replace:
            _refuse_filled(writing, parse_url(target))
        empty_tables(writing)  # of notes about work too
        return copy_rows(reading, writing, told=told)


def give_back_space(url: str) -> None:
    """Write the database at ``url`` anew without what no row needs.

    SQLite needs as much room again while it does so, and nobody writes meanwhile; PostgreSQL
    makes the room free for new rows, and refreshes what it plans by.

    Raises:
        DatabaseUnusable: it cannot be written, or there is no room.
    """
    parsed = parse_url(url)
    with plain_engine(parsed) as engine:
        path = sqlite_path_or_none(parsed)
        if path is None:
            with engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in make_plain_tables():
                    connection.execute(text(f'VACUUM (ANALYZE) "{table.name}"'))
            return
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as direct:
            direct.execute("VACUUM")
            direct.execute("PRAGMA optimize")
            direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def make_single_file(path: Path) -> None:
    """Leave no log beside the SQLite file at ``path``, and make sure that it is sound.

    Raises:
        DatabaseUnusable: it is damaged.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        told = "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check(3)"))
    if told != "ok":
        raise DatabaseUnusable(f"{path}: the file is damaged: {' '.join(told.split())}")


def _refuse_same(reading: Connection, writing: Connection, source: URL, target: URL) -> None:
    """Two addresses may name one database, whose tables ``writing`` would keep from ``reading``.

    A server shows by an advisory lock whether both are in one database of its own, whatever their
    rights, and tells a copy of its disk from itself.
    """
    if "sqlite" in {reading.dialect.name, writing.dialect.name}:
        return
    ask_schema = select(func.current_schema())
    if reading.scalar(ask_schema) != writing.scalar(ask_schema):
        return
    key = secrets.randbits(63)
    lock = select(func.pg_try_advisory_xact_lock(key))
    if writing.scalar(lock) and not reading.scalar(lock):
        raise DatabaseUnusable(
            f"{describe_url(source)} and {describe_url(target)} are the same database; name "
            "another target"
        )


def _refuse_filled(connection: Connection, url: URL) -> None:
    if name := find_filled(connection):
        raise DatabaseUnusable(
            f"{describe_url(url)} is not empty: there are rows in its table {name}; name an empty "
            "one, or give --replace if they may be lost"
        )


def _find_beating(connection: Connection, since: datetime) -> tuple[str, ...]:
    at_work = select(processes.c.name).where(processes.c.beat_at >= since)
    return tuple(connection.scalars(at_work.order_by(processes.c.name)))


def _refuse_beating(connection: Connection, url: URL, *, since: datetime) -> None:
    connection.execute(text("LOCK TABLE processes IN ACCESS EXCLUSIVE MODE"))
    if _find_beating(connection, since):
        raise DatabaseUnusable(
            f"{describe_url(url)}: a newsbot was started on this database meanwhile, and nothing "
            "in it was replaced; stop it first"
        )


def _copy_file(source: Path, path: Path) -> None:
    """Through SQLite's backup, within one transaction that reads.

    Without that transaction it would begin anew after each commit of another process, and on a
    busy database never end. With it, the writer goes on, and its log grows until this is done.

    Source: https://sqlite.org/backup.html, "Concurrent Usage of Database Connections".
    """
    address = f"{source.absolute().as_uri()}?mode=rw"  # "rw": what is not there is not made
    with (
        closing(sqlite3.connect(address, uri=True, isolation_level=None)) as reading,
        closing(sqlite3.connect(path, isolation_level=None)) as writing,
    ):
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES_AT_ONCE, sleep=0)


def _put_file(path: Path, target: Path) -> None:
    """Write over what is in ``target`` in one transaction of SQLite's own.

    Whoever reads it meanwhile reads what was there before, and a kill leaves that as it was.
    """
    make_private(target)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as reading,
        closing(sqlite3.connect(target, isolation_level=None, timeout=BUSY_TIMEOUT_S)) as writing,
    ):
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("PRAGMA synchronous = FULL")
        reading.backup(writing)


def _move_aside(target: Path) -> None:
    """Keep what is no database any more, with its log, under a name that nothing has."""

    def parts(name: str) -> list[Path]:
        return [target.with_name(name + suffix) for suffix in ("", "-wal", "-shm")]

    names = chain([".damaged"], (f".damaged-{number}" for number in count(2)))
    aside = (parts(target.name + name) for name in names)
    free = next(those for those in aside if not any(part.exists() for part in those))
    for part, kept in zip(parts(target.name), free, strict=True):
        if part.exists():
            part.rename(kept)


def _postgres_error(engine: Engine) -> type[Exception]:
    error: type[Exception] = engine.dialect.loaded_dbapi.Error
    return error
