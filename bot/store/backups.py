"""Backups: a snapshot with a note of when it was made, and what makes it the bot's again.

What a backup cannot know is what was posted after it was made; ``settle`` sees to it that
nothing is posted twice, and bot/model/restored.py has the rule for what is found later.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO

from sqlalchemy import (
    Connection,
    TableClause,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.errors import InputInvalid
from bot.model import Restored
from bot.store.address import make_private, parse_url, sqlite_path_or_none
from bot.store.columns import Moment
from bot.store.gathering import MOST
from bot.store.leases import state_after_trying
from bot.store.migrate import head_revision, known_revisions, upgrade
from bot.store.notes import BEAT, RESTORED, write_restored
from bot.store.schema import PLACE, deliveries, is_digest, is_owed, is_sending, meta
from bot.store.slices import slices
from bot.store.snapshots import make_single_file, plain_engine, take_snapshot
from bot.store.tables import PASSING
from bot.store.temporary import WAL, temporary

GZIP = b"\x1f\x8b"
SQLITE = b"SQLite format 3\0"

LIVE = ("", WAL, "-shm", ".lock")
"""Behind the name of a database: what a bot has open."""

BACKED_UP = "note:backed up at"
"""A name in ``meta``, see notes.py."""


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What ``write_backup`` wrote; ``size`` in bytes, as it lies on the disk."""

    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class BackupFound:
    """What a backup says of itself.

    Attributes:
        made_at: by what is noted in it; of a copy made by other means, when its bot last gave a
            sign of life; or when the file was written.
        revision: of its schema when it was made.
    """

    made_at: datetime
    revision: str
    rows: int


async def write_backup(url: str, path: Path, *, force: bool, now: datetime) -> BackupMade:
    """Write the database at ``url`` into ``path``, compressed if that ends in ``.gz``.

    It appears there when it is whole and on the disk, readable by its owner alone: tokens of
    workspaces are in it. The bot may be at work.

    Args:
        url: of a SQLite file of any revision, or a PostgreSQL database at this program's.
        force: what is at ``path`` may be overwritten.

    Raises:
        InputInvalid: there is something at ``path``, or it cannot be written.
        DatabaseUnusable: the database cannot be read.
    """
    source = sqlite_path_or_none(parse_url(url))
    _check_place(path, force=force)
    _refuse_own_files(path, source)
    try:
        with temporary(path) as made:
            if source is None:
                await upgrade(f"sqlite:///{made}")
            await asyncio.to_thread(take_snapshot, url, made)
            with closing(sqlite3.connect(made)) as connection, connection:
                note = "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)"
                connection.execute(note, (BACKED_UP, now.astimezone(UTC).isoformat()))
            rows = count_rows(made)
            if path.suffix == ".gz":
                with temporary(path) as packed:
                    _pack(made, packed)
                    size = _publish(packed, path)
            else:
                size = _publish(made, path)
    except OSError as error:
        raise InputInvalid(f"{path}: {error.strerror or error}; nothing was written") from error
    return BackupMade(size, rows)


@contextmanager
def open_backup(path: Path, *, beside: Path) -> Iterator[tuple[Path, BackupFound]]:
    """What is in a backup, in a file of its own in the folder ``beside`` that may be changed.

    With a SQLite file that was copied by other means comes the log beside it, if there is one:
    the last that was written may stand there alone.

    Raises:
        InputInvalid: there is none, or it is none of ours, damaged, or of a newer program.
    """
    try:
        with path.open("rb") as opened, temporary(beside / path.name) as unpacked:
            _unpack(opened, unpacked, path)
            log = path.with_name(path.name + WAL)
            if log.exists():
                copied = unpacked.with_name(unpacked.name + WAL)
                make_private(copied)
                shutil.copyfile(log, copied)
            yield unpacked, _examine(unpacked, path)
    except OSError as error:
        raise InputInvalid(f"{error.filename or path}: {error.strerror or error}") from error


def settle(path: Path, restored: Restored) -> None:
    """Make a snapshot one that a bot may go on with.

    First posts that were owed when it was made may have been made since: each is looked for in
    its channel before it is made, as after a crash. Those that were to be posted together by
    now are looked for as the digest they would have been.
    """
    with (
        plain_engine(parse_url(str(path))) as engine,
        engine.begin() as connection,
    ):
        connection.execute(
            update(deliveries).where(is_sending).values(state=state_after_trying, lease_until=None)
        )
        _lead_digests(connection, restored)
        is_first = deliveries.c.sent_revision == 0
        is_looked_for = (~deliveries.c.is_gathered) | is_digest
        connection.execute(
            update(deliveries)
            .where(is_owed, is_first, is_looked_for)
            .values(
                unclear_since=func.coalesce(
                    deliveries.c.unclear_since, bindparam("since", type_=Moment)
                ),
                was_unclear=True,
            ),
            {"since": restored.backed_up_at},
        )
        for name in PASSING:
            connection.execute(delete(TableClause(name)))
        connection.execute(delete(meta).where(meta.c.name.in_([BEAT, BACKED_UP, RESTORED])))
        connection.execute(insert(meta), {"name": RESTORED, "value": write_restored(restored)})
    make_single_file(path)


def count_rows(path: Path) -> int:
    """How many rows there are in all tables of a SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        counts = (f'SELECT count(*) FROM "{name}"' for (name,) in found)  # noqa: S608
        return sum(int(connection.execute(count).fetchone()[0]) for count in counts)


def _lead_digests(connection: Connection, restored: Restored) -> None:
    """Write down the digests that were due since, each led by its oldest, as a lease would have.

    Of what was to be posted together and is alone, a post is looked for.
    """
    c = deliveries.c
    place_and_time = (*(c[name] for name in PLACE), c.next_attempt_at)
    is_unposted = and_(c.sent_revision == 0, c.unclear_since.is_(None))
    due = (
        select(c.id, *place_and_time)
        .where(is_owed, is_unposted, c.is_gathered, ~is_digest, c.next_attempt_at <= restored.at)
        .order_by(*place_and_time, c.opened_at, c.story_id)
    )
    changes = [
        {"of": row.id, "leader": part[0].id if len(part) > 1 else "", "gathered": len(part) > 1}
        for _, rows in groupby(connection.execute(due), key=lambda row: row[1:])
        for part in slices(list(rows), MOST)
        for row in part
    ]
    if changes:
        lead = update(deliveries).where(c.id == bindparam("of"))
        lead = lead.values(digest_id=bindparam("leader"), is_gathered=bindparam("gathered"))
        connection.execute(lead, changes)


def _check_place(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise InputInvalid(f"{path} is a folder; name a file in it")
    if path.exists() and not force:
        raise InputInvalid(f"{path} is there already; name another file, or give --force")
    if not path.absolute().parent.is_dir():
        raise InputInvalid(f"there is no folder {path.absolute().parent}; create it")


def _refuse_own_files(path: Path, source: Path | None) -> None:
    """A backup in the place of what a bot has open would take that from under it."""
    of_source = [source.with_name(source.name + suffix) for suffix in LIVE] if source else []
    if path.resolve() in {one.resolve() for one in of_source}:
        raise InputInvalid(f"{path} is the database itself, or a part of it; name another file")


def _pack(made: Path, packed: Path) -> None:
    with made.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as written:
        shutil.copyfileobj(plain, written, 1 << 20)


def _unpack(opened: IO[bytes], unpacked: Path, path: Path) -> None:
    head = opened.read(len(SQLITE))
    opened.seek(0)
    if not head.startswith((GZIP, SQLITE)):
        raise InputInvalid(f"{path} is no backup of newsbot: neither SQLite nor gzip")
    try:
        packed = gzip.GzipFile(fileobj=opened) if head.startswith(GZIP) else nullcontext(opened)
        with packed as plain, unpacked.open("wb") as written:
            shutil.copyfileobj(plain, written, 1 << 20)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputInvalid(f"{path} is damaged or was cut off: {error}") from error


def _examine(unpacked: Path, path: Path) -> BackupFound:
    """Make sure that it is whole and ours.

    Raises:
        InputInvalid: it is not, or a newer program wrote it.
    """
    try:
        with closing(sqlite3.connect(unpacked)) as connection:
            told = "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check(3)"))
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not {"alembic_version", "meta", "feeds", "deliveries"} <= found:
                raise InputInvalid(f"{path} is a SQLite database, but none of newsbot")
            revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            if len(revisions) != 1:
                raise InputInvalid(f"{path} is a database of newsbot that was never finished")
            ((revision,),) = revisions
            notes = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    except sqlite3.DatabaseError as error:
        raise InputInvalid(f"{path} is damaged: {error}") from error
    if told != "ok":
        raise InputInvalid(f"{path} is damaged: {' '.join(told.split())}")
    if revision not in known_revisions():
        raise InputInvalid(
            f"{path} is at revision {revision}, which a newer newsbot wrote, and this one knows "
            f"those up to {head_revision()}; install that version to restore it"
        )
    noted = notes.get(BACKED_UP) or notes.get(BEAT)
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    made_at = datetime.fromisoformat(noted) if noted else written_at
    return BackupFound(made_at, revision, count_rows(unpacked))


def _publish(made: Path, path: Path) -> int:
    """Put it in its place, on the disk before it is to be seen there; its bytes."""
    with made.open("rb+") as written:
        os.fsync(written.fileno())
    made.replace(path)
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.stat().st_size
