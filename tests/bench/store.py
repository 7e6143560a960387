"""CPU per poll in the store: nothing new, one new entry, twenty; alone and many at once.

    python -m tests.bench.store --feeds 500 --at-once 32

A poll asks which of its entries are known, where there are any, and commits what is new. The
baseline is the same written by hand: sqlite3, one transaction a poll, one UPDATE and the rows,
nothing kept but what a plain reader keeps. CPU is that of this process, so PostgreSQL's own is
not in it. Without arguments it takes about half a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.model import Feed, FeedSpec, Validators
from bot.ports import NewEntry, PollOutcome
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.contract.polls import new_entry
from tests.servers.postgres import running_postgres

NEW = {"unchanged": 0, "one new": 1, "20 new": 20}
SUMMARY = "A carrier and a maker of handsets have come to terms, people close to them say. " * 3
BASELINE = "sqlite3 by hand"
_numbers = count()

Poll = Callable[[Feed, tuple[NewEntry, ...]], Awaitable[None]]
Figures = dict[tuple[str, str], float]  # milliseconds by (store, kind of poll)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--feeds", type=int, default=200, help="polled once for each figure")
    options.add_argument("--at-once", type=int, default=32)
    options.add_argument("--no-postgresql", action="store_true")
    chosen = options.parse_args()
    figures: Figures = {}
    with TemporaryDirectory() as folder:
        _measure_by_hand(Path(folder) / "hand.sqlite3", chosen.feeds, figures)
        url = f"sqlite:///{folder}/store.sqlite3"
        asyncio.run(_measure_store(url, "SQLite", chosen.feeds, chosen.at_once, figures))
    if not chosen.no_postgresql:
        with running_postgres() as server, server.fresh_database() as url:
            asyncio.run(_measure_store(url, "PostgreSQL", chosen.feeds, chosen.at_once, figures))
    _tell(figures)


async def _measure_store(url: str, name: str, feeds: int, at_once: int, figures: Figures) -> None:
    async with await open_store(url) as store:
        known = await _add_feeds(store, feeds)

        async def poll(feed: Feed, new: tuple[NewEntry, ...]) -> None:
            if new:
                await store.find_known(feed.id, [key for one in new for key in one.entry.keys])
            await store.commit_poll(PollOutcome(feed, NOW, new))

        for kind, entries in NEW.items():
            await _poll_all(poll, known[:at_once], entries, at_once=at_once)  # statements are made
            for width in (1, at_once):
                began = time.process_time()
                await _poll_all(poll, known, entries, at_once=width)
                spent_s = time.process_time() - began
                label = f"{name}, {'alone' if width == 1 else f'{width} at once'}"
                figures[label, kind] = spent_s / feeds * 1e3


async def _add_feeds(store: SqlStore, feeds: int) -> list[Feed]:
    specs = [FeedSpec(f"https://{n}.example/rss", f"Feed {n}") for n in range(feeds)]
    await store.sync_feeds(specs, now=NOW, spread=timedelta(0))
    return [_polled(feed) for feed in await store.find_feeds()]


def _polled(feed: Feed) -> Feed:
    """``feed`` with what a poll leaves in it."""
    return replace(
        feed,
        validators=Validators('"5e1d-58a3c6"', "Tue, 09 Jan 2018 08:30:00 GMT"),
        body_hash="ab" * 32,
        first_poll_done=True,
        interval_s=900.0,
        gap_s=5400.0,
        polled_at=NOW,
        changed_at=NOW,
        fetched_whole_at=NOW,
        answered_at=NOW,
        marks=b"\x01" + bytes(range(40)) * 20,
    )


async def _poll_all(poll: Poll, feeds: list[Feed], entries: int, *, at_once: int) -> None:
    waiting = [(feed, _make_entries(entries)) for feed in feeds]

    async def work() -> None:
        while waiting:
            await poll(*waiting.pop())

    await asyncio.gather(*(work() for _ in range(at_once)))


def _make_entries(entries: int) -> tuple[NewEntry, ...]:
    links = (f"https://wire.example/2018/01/09/{next(_numbers)}" for _ in range(entries))
    return tuple(
        new_entry(
            f"Huawei and AT&T talk again, as {link[-4:]} has it",
            entry={
                "keys": (f"guid:{link}", f"same:{link}"),
                "guid": link,
                "link": link,
                "summary": SUMMARY,
            },
        )
        for link in links
    )


def _measure_by_hand(path: Path, feeds: int, figures: Figures) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE feeds (id INTEGER PRIMARY KEY, etag TEXT, modified TEXT, due REAL);
            CREATE TABLE entries (feed_id INTEGER, guid TEXT, link TEXT, title TEXT, summary TEXT,
                seen REAL, published REAL, PRIMARY KEY (feed_id, guid));
            """
        )
        connection.executemany("INSERT INTO feeds (id) VALUES (?)", [(n,) for n in range(feeds)])
        for kind, entries in NEW.items():
            polls = [(number, _make_entries(entries)) for number in range(feeds)]
            began = time.process_time()
            for number, new in polls:
                _poll_by_hand(connection, number, new)
            figures[BASELINE, kind] = (time.process_time() - began) / feeds * 1e3


def _poll_by_hand(connection: sqlite3.Connection, feed_id: int, new: tuple[NewEntry, ...]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE feeds SET etag = ?, modified = ?, due = ? WHERE id = ?",
        ('"5e1d-58a3c6"', "Tue, 09 Jan 2018 08:30:00 GMT", NOW.timestamp(), feed_id),
    )
    if new:
        connection.executemany(
            "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    feed_id,
                    one.entry.guid,
                    one.entry.link,
                    one.entry.title,
                    one.entry.summary,
                    one.seen_at.timestamp(),
                    one.published_at.timestamp(),
                )
                for one in new
            ],
        )
    connection.execute("COMMIT")


def _tell(figures: Figures) -> None:
    print(f"{'CPU ms a poll':28}" + "".join(f"{kind:>22}" for kind in NEW))
    for name in dict.fromkeys(name for name, _ in figures):
        cells = (
            f"{figures[name, kind]:.3f} ({figures[name, kind] / figures[BASELINE, kind]:.1f}x)"
            for kind in NEW
        )
        print(f"{name:28}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
