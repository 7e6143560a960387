"""Connections to the database that an address names, and transactions in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.errors import DatabaseAway, DatabaseUnusable
from bot.model import Destination
from bot.store.address import SETTING, describe_url, sqlite_path_or_none, with_limits
from bot.store.advice import advise, is_away, is_wrong, shorten

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

BUSY_TIMEOUT_S = 30  # how long SQLite waits for another process's transaction
READERS = 2  # threads of ``Database.read``; in each of them Python runs only while no other does

STATEMENTS = 32
"""Statements that a connection to SQLite keeps prepared. Those of bulk.py differ by the number of
their rows and are large: of 128, as is usual, three connections held 11 MB."""

_SQLITE: dict[str, Any] = {
    "max_overflow": 0,
    "connect_args": {"timeout": BUSY_TIMEOUT_S, "cached_statements": STATEMENTS},
    "hide_parameters": True,
    "pool_use_lifo": True,  # a connection reads pages again once another wrote: the last is warm
}
_POSTGRES: dict[str, Any] = {"pool_pre_ping": True, "max_overflow": 0, "hide_parameters": True}


class GuestTransaction:
    """A transaction that writes, for a library that speaks to PostgreSQL's driver itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(
        self,
        in_thread: Callable[[Any], None],
        in_loop: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Have one of the two write in it, and with its fate.

        Args:
            in_thread: is given the driver's connection where that is one of a thread.
            in_loop: the same of asyncio.
        """
        raw = self._connection.connection.dbapi_connection
        assert raw is not None
        if (run_async := getattr(raw, "run_async", None)) is not None:
            run_async(in_loop)
        else:
            in_thread(raw)


OwedHook = Callable[[GuestTransaction, Mapping[Destination, datetime]], None]
"""Told, within the transaction that owes it, where something is owed and from when on.

What it writes in that transaction is committed or rolled back with what is owed.
"""

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Database:
    """Connections to one database and the two kinds of transaction the store needs.

    What a statement was given stands in no error: tokens of workspaces are among it.

    Args:
        on_owed: None where nobody needs to be told.
    """

    def __init__(self, url: URL, *, on_owed: OwedHook | None = None) -> None:
        self.url = url
        self.on_owed = on_owed
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _make_sqlite_engine(url) if self.is_sqlite else _make_postgres_engine(url)
        self._threads = _Threads(url) if _may_have_threads(url) else None
        # SQLite has one writer at a time. Ours queue here, fairly and without polling; the
        # busy timeout is left for other processes. PostgreSQL sorts out its own.
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._writers = {
            durable: self.engine.execution_options(**_write_options(durable=durable))
            for durable in (True, False)
        }

    @property
    def guest_engine(self) -> AsyncEngine:
        """The engine, for a library that keeps tables of its own in this database.

        Its ``begin`` is ``writing``: what a guest reads and then writes waits for its turn
        among our own, instead of meeting them as "database is locked". What it does must not
        be broken off, see ``uninterrupted``; and it is closed with this.
        """
        return _GuestEngine(self)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes nothing."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, *, durable: bool = True) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end and rolled back when anything is raised.

        A ``durable`` one is on the disk before this returns. The others survive the death
        of the process, but a power cut may take the last of them from an SQLite file (never
        half of one, and never one that a durable commit followed); PostgreSQL keeps all, as
        its own ``synchronous_commit`` says.

        Source: https://sqlite.org/pragma.html#pragma_synchronous
        """
        async with self._turn, self._writers[durable].begin() as connection:
            yield connection

    async def read(self, work: Callable[[Connection], _R]) -> _R:
        """What ``work`` gives, run in a thread within a transaction that writes nothing.

        For what is asked often: with ``reading`` each statement is several hand-overs between
        threads, or waits of the event loop, which cost far more than the statement.
        """
        if self._threads is None:
            async with self.reading() as connection:
                return await connection.run_sync(work)
        return await self._threads.read(work)

    async def write(self, work: Callable[[Connection], _R], *, durable: bool = True) -> _R:
        """What ``work`` gives, run in a thread within a transaction as ``writing`` makes them.

        One at a time. For what is written often, see ``read``.
        """
        if self._threads is None:
            async with self.writing(durable=durable) as connection:
                return await connection.run_sync(work)
        async with self._turn:
            return await self._threads.write(work, durable=durable)

    def tell_owed(self, connection: Connection, due: Mapping[Destination, datetime]) -> None:
        """Tell whoever wants to know what the transaction of ``connection`` owes."""
        if self.on_owed is not None:
            self.on_owed(GuestTransaction(connection), due)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """See ``make_insert``."""
        return make_insert(table, is_sqlite=self.is_sqlite)

    def explained(self, *, is_opening: bool = True) -> AbstractContextManager[None]:
        """See ``explain``."""
        return explain(self.url, is_opening=is_opening)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._threads is not None:
            await self._threads.aclose()
        await self.engine.dispose()


@contextmanager
def explain(url: URL, *, is_opening: bool = True) -> Iterator[None]:
    """Turn what a driver says into words for the operator.

    Args:
        url: whose driver it is.
        is_opening: files and sockets are the database's own then; later an OSError may be
            anybody's.

    Raises:
        DatabaseAway: the server is not there, or not yet.
        DatabaseUnusable: it refuses us, or the file is none of ours.
    """
    try:
        yield
    except (DBAPIError, OSError) as error:
        if not (is_opening or isinstance(error, DBAPIError)):
            raise
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        reason = " ".join(said.split()) or type(error).__name__
        is_passing = url.get_backend_name() != "sqlite" and is_away(error) and not is_wrong(reason)
        raise (DatabaseAway if is_passing else DatabaseUnusable)(
            f"{SETTING} {describe_url(url)}: {shorten(reason, url)}; {advise(reason)}"
        ) from error


def make_insert(table: Table, *, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy spells once per engine."""
    if is_sqlite:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 2 MB that few need

    return postgresql.insert(table)


def make_plain_engine(url: URL, *, pool_size: int = 1) -> Engine:
    """Connections for whoever may wait for them: threads, and commands of upkeep."""
    if url.get_backend_name() != "sqlite":
        return create_engine(with_limits(url), pool_size=pool_size, **_POSTGRES)
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), pool_size=pool_size, **_SQLITE)
    _begin_ourselves(engine)
    return engine


class _Threads:
    """Threads that run whole transactions, one that writes and some that read."""

    def __init__(self, url: URL) -> None:
        self._engine = make_plain_engine(url, pool_size=READERS + 1)
        self._writers = {
            durable: self._engine.execution_options(**_write_options(durable=durable))
            for durable in (True, False)
        }
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-write")

    async def read(self, work: Callable[[Connection], _R]) -> _R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, partial(_run, self._engine.connect, work))

    async def write(self, work: Callable[[Connection], _R], *, durable: bool) -> _R:
        begin = self._writers[durable].begin
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, partial(_run, begin, work))

    async def aclose(self) -> None:
        for threads in (self._writing, self._reading):
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()


def _run(
    open_connection: Callable[[], AbstractContextManager[Connection]],
    work: Callable[[Connection], _R],
) -> _R:
    with open_connection() as connection:
        return work(connection)


def _may_have_threads(url: URL) -> bool:
    """Whether there may be other connections: not to a database in memory."""
    return url.get_backend_name() != "sqlite" or sqlite_path_or_none(url) is not None


def _write_options(*, durable: bool) -> dict[str, str]:
    """What tells ``_begin_ourselves`` how a transaction begins that writes."""
    return {
        "sqlite_begin": "BEGIN IMMEDIATE",
        "sqlite_synchronous": "FULL" if durable else "NORMAL",
    }


class _GuestEngine(AsyncEngine):
    """What ``Database.guest_engine`` hands out."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine.sync_engine)
        self._database = database

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write, committed at the end."""
        async with self._database.writing() as connection:
            yield connection


def uninterrupted(
    method: Callable[_P, Coroutine[Any, Any, _R]],
) -> Callable[_P, Coroutine[Any, Any, _R]]:
    """Let ``method`` end before a cancellation of its caller is obeyed.

    Transactions are short; breaking one off is not. A connection whose call is cancelled
    must be thrown away: in memory that is the database, and closing it can wait for ever
    for a thread of aiosqlite that has already ended (0.22.1 stops such a thread twice).
    """

    @wraps(method)
    async def to_its_end(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        work = asyncio.create_task(method(*args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # seen; the cancellation is what the caller asked about
            raise

    return to_its_end


class DatabasePart:
    """A share of the store: some of its methods, over the one database."""

    def __init__(self, database: Database) -> None:
        self.database = database


def _make_sqlite_engine(url: URL) -> AsyncEngine:
    """Connections to an SQLite file, or the only one to a database in memory."""
    engine = create_async_engine(
        url,
        # Each connection is a thread. In memory a second one would be another database.
        poolclass=AsyncAdaptedQueuePool,
        pool_size=4 if sqlite_path_or_none(url) else 1,
        **_SQLITE,
    )
    _begin_ourselves(engine.sync_engine)
    return engine


def _begin_ourselves(engine: Engine) -> None:
    """Set up connections to SQLite, and send BEGIN ourselves.

    Python's own would come late (before the first write, not before the first read) and could
    not be IMMEDIATE.

    Source: SQLAlchemy 2.1, SQLite dialect, "Enabling Non-Legacy SQLite Transactional Modes".
    """

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _: object) -> None:  # DBAPI connections have no type
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        level = options.get("sqlite_synchronous")
        if level and connection.info.get("synchronous") != level:  # not while in a transaction
            connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
            connection.info["synchronous"] = level
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))


def _make_postgres_engine(url: URL) -> AsyncEngine:
    """Connections to a PostgreSQL server, each tried before it is used again."""
    return create_async_engine(with_limits(url), pool_size=8, **_POSTGRES)
