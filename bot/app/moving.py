"""Whole databases: backup, restore, copy, check, vacuum.

A backup or a check may be made while a bot is at work. What replaces a database refuses to be.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app.lock import refuse_running, sole_process
from bot.errors import DatabaseUnusable
from bot.model import Restored
from bot.scheduling.life import ALIVE_WITHIN
from bot.store import (
    current_revision,
    describe_url,
    head_revision,
    parse_url,
    sqlite_path_or_none,
    upgrade,
)
from bot.store.backups import BackupMade, open_backup, settle, write_backup
from bot.store.checking import Checked, Space, check, measure
from bot.store.migrate import known_revisions
from bot.store.snapshots import (
    copy_database,
    give_back_space,
    put_in_place,
    refuse_filled,
    take_snapshot,
)

Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was restored.

    Attributes:
        rows: in all tables.
        revision: of the backup; the database is at this program's.
    """

    restored: Restored
    rows: int
    revision: str


async def back_up(url: str, path: Path, *, force: bool, now: datetime) -> BackupMade:
    """Write the database at ``url`` into ``path``, see ``write_backup``.

    Raises:
        OperatorError: there is nothing to be backed up, or no place for it.
    """
    await _require_readable(url)
    return await write_backup(url, path, force=force, now=now)


async def restore(
    path: Path, url: str, *, replace: bool, posted_until: datetime | None, now: datetime
) -> Restoration:
    """Make what is in the backup at ``path`` the database at ``url``, whole or not at all.

    Args:
        replace: what is there may be lost.
        posted_until: what was published by then counts as posted; None for ``now``.

    Raises:
        OperatorError: it is no backup, or a bot is at work on the database, or that is not
            empty; nothing was changed.
    """
    async with _quiet(url, now=now):
        if not replace:
            refuse_filled(url)
        return await _restore(path, url, replace=replace, posted_until=posted_until, now=now)


async def _restore(
    path: Path, url: str, *, replace: bool, posted_until: datetime | None, now: datetime
) -> Restoration:
    target = sqlite_path_or_none(parse_url(url))
    beside = target.absolute().parent if target else Path(tempfile.gettempdir())
    with open_backup(path, beside=beside) as (unpacked, found):
        await upgrade(f"sqlite:///{unpacked}")
        restored = Restored(now, min(found.made_at, now), posted_until or now)
        await asyncio.to_thread(settle, unpacked, restored)
        if target is None:
            await _upgrade_target(url, replace=replace, now=now)
        since = now - ALIVE_WITHIN
        await asyncio.to_thread(put_in_place, unpacked, url, replace=replace, alive_since=since)
    return Restoration(restored, found.rows, found.revision)


async def copy(source: str, target: str, *, replace: bool, now: datetime, told: Told) -> None:
    """Make the database at ``target`` the same as the one at ``source``; no bot may be at work.

    Raises:
        OperatorError: a bot is, one of them cannot be used, or ``target`` is not empty.
    """
    here, there = parse_url(source), parse_url(target)
    if here == there:
        raise DatabaseUnusable(f"{describe_url(here)} is both; name another target")
    async with _quiet(source, now=now), _quiet(target, now=now):
        await _require_head(source)
        path = sqlite_path_or_none(there)
        if path is None:
            await _upgrade_target(target, replace=replace, now=now)
            await asyncio.to_thread(
                copy_database,
                source,
                target,
                replace=replace,
                told=told,
                alive_since=now - ALIVE_WITHIN,
            )
            return
        if not replace:
            refuse_filled(target)
        with tempfile.TemporaryDirectory(prefix=".newsbot-", dir=path.absolute().parent) as folder:
            copied = Path(folder) / "copy.sqlite3"
            if sqlite_path_or_none(here) is None:
                await upgrade(f"sqlite:///{copied}")
            await asyncio.to_thread(take_snapshot, source, copied, told=told)
            await asyncio.to_thread(put_in_place, copied, target, replace=replace)


async def vacuum(url: str, *, now: datetime) -> tuple[int, int]:
    """Give back what no row needs; bytes before and after. No bot may be at work.

    Raises:
        OperatorError: one is, or there is no room for it.
    """
    async with _quiet(url, now=now):
        await _require_head(url)
        before = measure(url).size
        await asyncio.to_thread(give_back_space, url)
        return before, measure(url).size


async def examine(url: str, *, now: datetime) -> tuple[list[Checked], Space]:
    """What is to be said of the database at ``url``; a bot may be at work.

    Raises:
        OperatorError: it cannot be read, or is of another version.
    """
    await _require_head(url)
    return await check(url, now=now), measure(url)


@asynccontextmanager
async def _quiet(url: str, *, now: datetime) -> AsyncIterator[None]:
    """No bot is at work on the database at ``url``; on SQLite none can begin to be.

    Raises:
        DatabaseUnusable: one is, or it is in memory and nobody else's.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and sqlite_path_or_none(parsed) is None:
        raise DatabaseUnusable(f"{describe_url(parsed)} is in memory and ends with this command")
    with sole_process(url):
        await refuse_running(url, now=now)
        yield


async def _upgrade_target(url: str, *, replace: bool, now: datetime) -> None:
    """Bring a PostgreSQL that is to be replaced to this version, unless it is refused.

    Raises:
        DatabaseUnusable: a bot is at work on it, or it is not empty; nothing was changed.
    """
    await refuse_running(url, now=now)  # reading a backup takes its time
    if not replace:
        refuse_filled(url)
    await upgrade(url)


async def _require_readable(url: str) -> None:
    """Make sure that a backup can be made: of PostgreSQL at this program's revision alone.

    A SQLite file of an older one is copied as it is, since a backup is wanted before an upgrade.
    """
    revision = await current_revision(url)
    is_file = sqlite_path_or_none(parse_url(url)) is not None
    if revision == head_revision() or (is_file and revision in known_revisions()):
        return
    if revision in known_revisions():
        raise DatabaseUnusable(
            f"{describe_url(parse_url(url))}: the database is at revision {revision}, of an older "
            "newsbot; back it up with that version, or with pg_dump, then run newsbot db upgrade"
        )
    await _require_head(url)


async def _require_head(url: str) -> None:
    revision = await current_revision(url)
    if revision == head_revision():
        return
    where = describe_url(parse_url(url))
    if revision is None:
        raise DatabaseUnusable(f"{where}: there is no database of newsbot there")
    if revision not in known_revisions():
        raise DatabaseUnusable(
            f"{where}: the database is at revision {revision}, which a newer newsbot wrote; "
            "install that version"
        )
    raise DatabaseUnusable(
        f"{where}: the database is at revision {revision} and newsbot works with "
        f"{head_revision()}; run newsbot db upgrade --database with this address first"
    )
