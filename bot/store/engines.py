"""Which database an address names, and transactions in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.errors import DatabaseUnusable

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

SETTING = "database.url (NEWSBOT_DATABASE_URL)"
EXAMPLES = "sqlite:///newsbot.sqlite3 or postgresql://user:password@host/database"
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",  # as hosting providers write it
    "sqlite+aiosqlite": "sqlite+aiosqlite",  # as those who know SQLAlchemy write them
    "postgresql+psycopg": "postgresql+psycopg",
}
BUSY_TIMEOUT_S = 30  # how long SQLite waits for another process's transaction
CONNECT_TIMEOUT_S = 10
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

_P = ParamSpec("_P")
_R = TypeVar("_R")


def parse_url(text: str) -> URL:
    """Read ``database.url`` as people write it; the driver is ours to choose.

    ``sqlite:///relative.sqlite3``, ``sqlite:////absolute.sqlite3``, ``sqlite://`` (in
    memory), a bare path, or ``postgresql://user:password@host/database`` with the options
    of libpq behind a question mark.

    Raises:
        DatabaseUnusable: none of these; the message repeats nothing of ``text`` that may
            be a password.
    """
    if text and "://" not in text:
        return URL.create(DRIVERS["sqlite"], database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = URL.create("")
    if not url.drivername or "@" in (url.host or ""):
        # Raised from nothing: what make_url says may quote a piece of the password.
        raise DatabaseUnusable(
            f"{SETTING} is no database address; write {EXAMPLES}, "
            "with special characters of a password percent-encoded (@ is %40)"
        ) from None
    if url.drivername not in DRIVERS:
        raise DatabaseUnusable(f"{SETTING}: {url.drivername}:// is not supported; write {EXAMPLES}")
    if url.get_backend_name() == "sqlite":
        if url.host:
            raise DatabaseUnusable(
                f"{SETTING}: a path follows three slashes; write sqlite:///{url.host}"
            )
        if url.query:
            raise DatabaseUnusable(f"{SETTING}: sqlite takes no options after a question mark")
    return url.set(drivername=DRIVERS[url.drivername])


def describe_url(url: URL) -> str:
    """The address for people: no driver, no password, no options (they may hold one)."""
    shown = url.set(drivername=url.get_backend_name(), query={})
    return shown.render_as_string(hide_password=True)


def sqlite_path_or_none(url: URL) -> Path | None:
    """The file of an SQLite address; None in memory and for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


class Database:
    """Connections to one database and the two kinds of transaction the store needs.

    What a statement was given stands in no error: tokens of workspaces are among it.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
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

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """See ``make_insert``."""
        return make_insert(table, is_sqlite=self.is_sqlite)

    @contextmanager
    def explained(self, *, is_opening: bool = True) -> Iterator[None]:
        """Turn what the driver says into words for the operator.

        Args:
            is_opening: files and sockets are the database's own then; later an OSError may
                be anybody's.

        Raises:
            DatabaseUnusable: the server is not there, refuses us, or the file is none of ours.
        """
        try:
            yield
        except (DBAPIError, OSError) as error:
            if not (is_opening or isinstance(error, DBAPIError)):
                raise
            said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
            reason = " ".join(said.split()) or type(error).__name__
            if self.url.password:
                reason = reason.replace(str(self.url.password), "***")
            raise DatabaseUnusable(
                f"{SETTING} {describe_url(self.url)}: {reason}; check the address, "
                "that the database is up and that newsbot may write to it"
            ) from error

    async def aclose(self) -> None:
        """Close every connection."""
        if self._threads is not None:
            await self._threads.aclose()
        await self.engine.dispose()


def make_insert(table: Table, *, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy spells once per engine."""
    if is_sqlite:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 2 MB that few need

    return postgresql.insert(table)


class _Threads:
    """Threads that run whole transactions, one that writes and some that read."""

    def __init__(self, url: URL) -> None:
        if url.get_backend_name() == "sqlite":
            url = url.set(drivername="sqlite+pysqlite")
            self._engine = create_engine(
                url,
                pool_size=READERS + 1,
                **_SQLITE,
            )
            _begin_ourselves(self._engine)
        else:
            self._engine = create_engine(_with_timeout(url), pool_size=READERS + 1, **_POSTGRES)
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


def check_place(url: URL) -> None:
    """Refuse an SQLite file that cannot be where the address says.

    Raises:
        DatabaseUnusable: its folder is missing, or it is a folder itself.
    """
    path = sqlite_path_or_none(url)
    if path is None:
        return
    where = f"{SETTING} {describe_url(url)}"
    if not path.parent.is_dir():
        raise DatabaseUnusable(f"{where}: there is no folder {path.parent.absolute()}; create it")
    if path.is_dir():
        raise DatabaseUnusable(f"{where}: {path.absolute()} is a folder; name a file in it")


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
    return create_async_engine(_with_timeout(url), pool_size=8, **_POSTGRES)


def _with_timeout(url: URL) -> URL:
    """The address of a PostgreSQL server that is not waited for very long."""
    if "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_S)})
