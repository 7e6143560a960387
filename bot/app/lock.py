"""One bot at a time on a database of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from bot.errors import DatabaseUnusable
from bot.store import check_place, parse_url, sqlite_path_or_none


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
        yield
