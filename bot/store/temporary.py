"""Files that are made beside their place and moved there when they are whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

WAL = "-wal"
LOCK = "-lock"
PARTS = ("", "-journal", WAL, "-shm", LOCK)
"""Behind the name of such a file: what SQLite makes beside a database, and who works on it."""


@contextmanager
def temporary(path: Path) -> Iterator[Path]:
    """An empty file beside ``path``, which nobody else may read; gone at the end if it is there.

    What another that was killed left there is removed first, and what one at work has is not.

    Raises:
        OSError: none can be made there.
    """
    _remove_left(path)
    made = path.absolute().with_name(f".{path.name}.{token_hex(4)}.part")
    with FileLock(f"{made}{LOCK}", timeout=0, mode=0o600):
        try:
            os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield made
        finally:
            _remove(made)


def _remove_left(path: Path) -> None:
    name = re.compile(rf"\.{re.escape(path.name)}\.\w{{8}}\.part")
    for left in path.absolute().parent.iterdir():
        if name.fullmatch(left.name):
            with suppress(Timeout, OSError), FileLock(f"{left}{LOCK}", timeout=0):
                _remove(left)


def _remove(made: Path) -> None:
    for suffix in PARTS:
        with suppress(FileNotFoundError):
            made.with_name(made.name + suffix).unlink()
