"""One bot at a time on a database of one machine; and none while its database is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import DatabaseUnusable
from bot.scheduling.life import ALIVE_WITHIN, load_life
from bot.store import (
    SqlStore,
    check_place,
    current_revision,
    describe_url,
    parse_url,
    sqlite_path_or_none,
)
from bot.store.engines import Database
from bot.store.snapshots import find_beating


@contextmanager
def sole_process(url: str) -> Iterator[None]:
    """Hold a SQLite database for one bot: a second would poll and post everything twice.

    PostgreSQL serves several processes and is not locked.

    Raises:
        DatabaseUnusable: another bot holds it, or there is no place for its lock.
    """
    parsed = parse_url(url)
    path = sqlite_path_or_none(parsed)
    if path is None:
        yield
        return
    check_place(parsed)  # before the lock, which would make the folders that are missing
    try:
        held = FileLock(f"{path}.lock").acquire(timeout=0)
    except Timeout:
        raise DatabaseUnusable(
            f"{path}: another newsbot is running on this database; stop it first, "
            "or name another with --database"
        ) from None
    except OSError as error:
        raise DatabaseUnusable(
            f"{path}.lock: {error.strerror or error}; newsbot must be able to write beside "
            "its database"
        ) from None
    with held:
        try:
            yield
        finally:
            if not path.exists():  # nothing came of it, so nothing is left of it
                with suppress(OSError):
                    Path(f"{path}.lock").unlink()


async def refuse_running(url: str, *, now: datetime) -> None:
    """Make sure that no bot works on a PostgreSQL database, by the signs of life in it.

    One that was killed seems to run for a minute. SQLite's are kept off by ``sole_process``.

    Raises:
        DatabaseUnusable: one gave a sign of life, or the database cannot be opened.
    """
    parsed = parse_url(url)
    if sqlite_path_or_none(parsed) is not None or await current_revision(url) is None:
        return
    async with SqlStore(Database(parsed)) as store:
        life = await load_life(store)
    others = await asyncio.to_thread(find_beating, url, since=now - ALIVE_WITHIN)
    if life.is_running(now) or others:
        who = f"({', '.join(others)})" if others else f"({life.tell_last_sign(now)})"
        raise DatabaseUnusable(
            f"{describe_url(parsed)}: a newsbot is running on this database {who}; stop it first. "
            "One that was killed counts as running for "
            f"{ALIVE_WITHIN.total_seconds():g} s after its last sign of life"
        )
