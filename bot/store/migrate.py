"""Bring a database to the schema this program knows.

A database that is there already is recognised without Alembic, which takes 11 MB and a
quarter of a second to load.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.errors import DatabaseUnusable
from bot.store.address import (
    SETTING,
    check_place,
    describe_url,
    make_private,
    parse_url,
    sqlite_path_or_none,
)
from bot.store.engines import Database, uninterrupted

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")

# The key of the advisory lock under which a PostgreSQL database is upgraded: "newsbot" in
# ASCII, so that it is nobody else's by accident.
LOCK_KEY = int.from_bytes(b"newsbot", "big")


async def upgrade(url: str) -> None:
    """Bring the database at ``url`` to ``head_revision()``; nothing to do is no error.

    Raises:
        DatabaseUnusable: it cannot be opened, or is newer than this program.
    """
    database = Database(parse_url(url))
    try:
        await upgrade_database(database)
    finally:
        await database.aclose()


async def current_revision(url: str) -> str | None:
    """The revision the database at ``url`` is at; None where it has no tables of ours yet.

    An SQLite file that does not exist is not created.

    Raises:
        DatabaseUnusable: it cannot be opened.
    """
    parsed = parse_url(url)
    path = sqlite_path_or_none(parsed)
    check_place(parsed)
    if path is not None and not path.exists():
        return None
    database = Database(parsed)
    try:
        return await _read_revision(database)
    finally:
        await database.aclose()


def head_revision() -> str:
    """The revision this program works with: that in the name of the last migration."""
    return max(known_revisions())


def known_revisions() -> frozenset[str]:
    """Those that this program can upgrade, and its own: from the names of the migrations."""
    names = [path.name for path in MIGRATIONS.glob("versions/v????_*.py")]
    if not names:
        raise LookupError("no migrations are installed beside bot/store/migrate.py")
    return frozenset(name[1:5] for name in names)


@uninterrupted
async def upgrade_database(database: Database) -> None:
    """Upgrade an open database, in one transaction.

    Of several starters one does the work and the others wait for it: SQLite by BEGIN
    IMMEDIATE, PostgreSQL by an advisory lock that ends with the transaction.

    Raises:
        DatabaseUnusable: it cannot be opened, or is newer than this program.
    """
    check_place(database.url)
    if (path := sqlite_path_or_none(database.url)) is not None:
        make_private(path)
    if await _read_revision(database) == head_revision():
        return
    with database.explained():
        async with database.writing() as connection:
            if not database.is_sqlite:
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY}
                )
            _refuse_newer(database, await connection.run_sync(_revision_of))
            await connection.run_sync(_run_upgrade)


@uninterrupted
async def check_database(database: Database) -> None:
    """Make sure that an open database needs no upgrade.

    Raises:
        DatabaseUnusable: it cannot be opened, or is older or newer than this program.
    """
    check_place(database.url)
    revision = await _read_revision(database)
    if revision == head_revision():
        return
    _refuse_newer(database, revision)
    raise DatabaseUnusable(
        f"{SETTING} {describe_url(database.url)}: the database is at revision "
        f"{revision or 'none'} and newsbot works with {head_revision()}; run newsbot db upgrade"
    )


async def _read_revision(database: Database) -> str | None:
    with database.explained():
        async with database.reading() as connection:
            return await connection.run_sync(_revision_of)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _refuse_newer(database: Database, revision: str | None) -> None:
    if revision is not None and revision not in known_revisions():
        raise DatabaseUnusable(
            f"{SETTING} {describe_url(database.url)}: the database is at revision {revision}, "
            "which a newer newsbot wrote; install that version or name another database"
        )


def _run_upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the top

    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _make_config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see the top

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
