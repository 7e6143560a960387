"""The loop that most bots are: httpx, feedparser in a thread, sqlite3, and conditional GET.

It matches nothing and posts nothing; what it costs is the least that reading whole documents
with these libraries costs.
"""

from __future__ import annotations

import asyncio
import calendar
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import feedparser
import httpx

IN_FLIGHT = 64
"""Requests at a time."""

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE feed (url TEXT PRIMARY KEY, etag TEXT, modified TEXT);
CREATE TABLE entry (
    feed TEXT, id TEXT, title TEXT, link TEXT, summary TEXT, published INTEGER,
    PRIMARY KEY (feed, id)
) WITHOUT ROWID;
"""


class _Plain:
    """The loop; its database is used by one thread at a time."""

    def __init__(self, database: sqlite3.Connection, client: httpx.AsyncClient) -> None:
        self._database = database
        self._client = client
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._reading = asyncio.Lock()

    async def follow(self, urls: Sequence[str]) -> None:
        with self._database:
            self._database.execute("DELETE FROM feed")
            rows = [(url,) for url in urls]
            self._database.executemany("INSERT INTO feed (url) VALUES (?)", rows)

    async def poll(self) -> None:
        rows = self._database.execute("SELECT url, etag, modified FROM feed").fetchall()
        await asyncio.gather(*(self._poll_feed(*row) for row in rows))

    async def count_entries(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM entry").fetchone()
        return int(count)

    async def _poll_feed(self, url: str, etag: str | None, modified: str | None) -> None:
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        async with self._places:
            headers = {name: value for name, value in known.items() if value}
            answer = await self._client.get(url, headers=headers)
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return
            answer.raise_for_status()
            async with self._reading:
                await asyncio.to_thread(self._read_and_store, url, answer)

    def _read_and_store(self, url: str, answer: httpx.Response) -> None:
        parsed = feedparser.parse(answer.content, response_headers=dict(answer.headers))
        with self._database:
            self._database.executemany(
                "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?)",
                [_row(url, entry) for entry in parsed.entries],
            )
            self._database.execute(
                "UPDATE feed SET etag = ?, modified = ? WHERE url = ?",
                (answer.headers.get("etag"), answer.headers.get("last-modified"), url),
            )


def _row(url: str, entry: Any) -> tuple[Any, ...]:
    published = entry.get("published_parsed")
    return (
        url,
        entry.get("id") or entry.get("link"),
        entry.get("title"),
        entry.get("link"),
        entry.content[0].value if "content" in entry else entry.get("summary"),
        calendar.timegm(published) if published else None,
    )


@asynccontextmanager
async def open_plain(folder: Path) -> AsyncIterator[_Plain]:
    """The loop with a database in ``folder``."""
    database = sqlite3.connect(folder / "plain.sqlite3", check_same_thread=False)
    try:
        database.executescript(_TABLES)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            yield _Plain(database, client)
    finally:
        database.close()
