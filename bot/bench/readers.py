"""The ``reader`` library, as its documentation says to poll many feeds.

``scheduled=False``, as it else leaves out what it polled within the hour.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from importlib import metadata
from pathlib import Path
from typing import Any

WORKERS = 10
"""Threads that it fetches and parses in."""


def reader_version_or_none() -> str | None:
    """The version installed here, if it is."""
    try:
        return metadata.version("reader")
    except metadata.PackageNotFoundError:
        return None


class _Reader:
    """The library behind the three words that all pollers understand."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    async def follow(self, urls: Sequence[str]) -> None:
        for feed in list(self._reader.get_feeds()):
            self._reader.disable_feed_updates(feed)
        for url in urls:
            self._reader.add_feed(url)

    async def poll(self) -> None:
        self._reader.update_feeds(scheduled=False, workers=WORKERS)

    async def count_entries(self) -> int:
        return int(self._reader.get_entry_counts().total)


@asynccontextmanager
async def open_reader(folder: Path) -> AsyncIterator[_Reader]:
    """The library with a database in ``folder``."""
    from reader import make_reader  # noqa: PLC0415  # an extra; only its own process needs it

    with closing(make_reader(str(folder / "reader.sqlite3"))) as reader:
        yield _Reader(reader)
