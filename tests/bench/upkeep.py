"""What the care of a large database takes: backup, copy, check, retention.

    python -m tests.bench.upkeep --entries 200000

Builds a database with so many entries, of which one in twenty is in a story, each story at five
outlets and posted in twenty channels. While the backup is made somebody else writes, and it is
told how long the longest of these writes took. Takes a minute and a half without arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, text

from bot.store import open_store, upgrade
from bot.store.address import parse_url
from bot.store.backups import write_backup
from bot.store.checking import check, measure
from bot.store.engines import make_plain_engine
from bot.store.rows import digest_key, digest_link_or_none
from bot.store.snapshots import copy_database, give_back_space, take_snapshot
from bot.store.tables import make_plain_tables
from tests.builders import NOW
from tests.servers.postgres import running_postgres
from tests.store.ages import AT, make_rows

FEEDS, PER_STORY, CHANNELS = 1_000, 5, 20
SUMMARY = "A carrier and a maker of handsets have come to terms, people close to them say. " * 4
TABLES = {table.name: table for table in make_plain_tables()}
Row = dict[str, Any]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--entries", type=int, default=200_000)
    chosen = options.parse_args()
    with TemporaryDirectory() as name, running_postgres() as server, server.fresh_database() as url:
        asyncio.run(_measure(Path(name), url, chosen.entries))


async def _measure(folder: Path, large: str, count: int) -> None:
    lite = f"sqlite:///{folder}/lite.sqlite3"
    await upgrade(lite)
    await upgrade(large)
    rows = await asyncio.to_thread(_fill, lite, count)
    print(f"{count:,} entries, {rows:,} rows, {measure(lite).size / 2**20:,.0f} MiB")
    for name in ("plain.sqlite3", "packed.gz"):
        with _writing(lite) as writes, _timed(f"backup of SQLite, {name}", rows):
            made = await write_backup(lite, folder / name, force=False, now=NOW)
        print(f"    {made.size / 2**20:,.0f} MiB; longest of {len(writes)} writes beside it:"
              f" {max(writes) * 1e3:,.0f} ms")  # fmt: skip
    with _timed("copy from SQLite to PostgreSQL", rows):
        await asyncio.to_thread(copy_database, lite, large, replace=False)
    back = folder / "back.sqlite3"
    await upgrade(str(back))
    with _timed("copy from PostgreSQL to SQLite", rows):
        await asyncio.to_thread(take_snapshot, large, back)
    for engine, url in (("SQLite", lite), ("PostgreSQL", large)):
        with _timed(f"check of {engine}", rows):
            found = await check(url, now=NOW)
        assert not any(one.count for one in found), found
    for engine, url in (("SQLite", lite), ("PostgreSQL", large)):
        await _measure_retention(engine, url)
    with _timed("vacuum of SQLite", rows):
        await asyncio.to_thread(give_back_space, lite)
    print(f"    {measure(lite).size / 2**20:,.0f} MiB")


async def _measure_retention(engine: str, url: str) -> None:
    async with await open_store(url) as store:
        longest, write = 0.0, store.database.write

        async def timed(work: Callable[..., int], *, durable: bool = True) -> int:
            nonlocal longest
            began = time.monotonic()
            done = await write(work, durable=durable)
            longest = max(longest, time.monotonic() - began)
            return done

        store.database.write = timed  # type: ignore[method-assign, assignment]  # a stop watch
        began = time.monotonic()
        dropped = await store.forget_stories(NOW + timedelta(days=1))
        spent_s = time.monotonic() - began
        print(f"retention in {engine}: {dropped:,} stories in {spent_s:.1f} s,"
              f" longest transaction {longest * 1e3:.0f} ms")  # fmt: skip


@contextmanager
def _timed(name: str, rows: int) -> Iterator[None]:
    began = time.monotonic()
    yield
    spent_s = time.monotonic() - began
    print(f"{name}: {spent_s:.1f} s, {rows / spent_s:,.0f} rows/s")


@contextmanager
def _writing(url: str) -> Iterator[list[float]]:
    """Somebody writes every 10 ms; how long each write took, in seconds."""
    took: list[float] = []
    over = threading.Event()

    def write() -> None:
        engine = make_plain_engine(parse_url(url)).execution_options(sqlite_begin="BEGIN IMMEDIATE")
        while not over.wait(0.01):
            began = time.monotonic()
            with engine.begin() as connection:
                connection.execute(text("UPDATE feeds SET failures = failures + 1 WHERE id = 1"))
            took.append(time.monotonic() - began)
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield took
    finally:
        over.set()
        writer.join()


def _fill(url: str, count: int) -> int:
    """Add the rows; how many."""
    engine = make_plain_engine(parse_url(url))
    sample = {name: rows[0] for name, rows in make_rows("").items()}
    told: Row = {"tie": "", "version": 1, "is_relevant": True, "is_pair_to_all": True}
    made = {
        "feeds": (_feed(sample["feeds"], n) for n in range(FEEDS)),
        "entries": (_entry(sample["entries"], n) for n in range(count)),
        "entry_keys": (
            {"feed_id": n % FEEDS + 1, "key": digest_key(f"{kind}{n}"), "entry_id": n + 1}
            for n in range(count)
            for kind in ("guid:", "same:")
        ),
        "stories": (
            sample["stories"] | told | {"id": _story(n)} for n in range(0, count, 20 * PER_STORY)
        ),
        "story_coverage": (
            sample["story_coverage"] | {"story_id": _story(n), "position": place}
            for n in range(0, count, 20 * PER_STORY)
            for place in range(PER_STORY)
        ),
        "deliveries": (
            _delivery(sample["deliveries"], n, channel)
            for n in range(0, count, 20 * PER_STORY)
            for channel in range(CHANNELS)
        ),
    }
    total = 0
    with engine.begin() as connection:
        for name, rows in made.items():
            while some := list(islice(rows, 1_000)):
                connection.execute(insert(TABLES[name]), some)
                total += len(some)
    engine.dispose()
    return total


def _story(number: int) -> str:
    return f"s{number // (20 * PER_STORY):09}"


def _feed(sample: Row, number: int) -> Row:
    url = f"https://{number}.example/rss"
    empty = {"added_by": "", "added_person": "", "trouble": "", "flaw": ""}
    return sample | empty | {"id": number + 1, "url": url, "given_url": url}


def _entry(sample: Row, number: int) -> Row:
    link = f"https://wire.example/2018/01/09/{number}"
    is_ours = number % 20 == 0
    return sample | {
        "id": number + 1,
        "feed_id": number % FEEDS + 1,
        "key": digest_key(f"guid:{number}"),
        "story_id": _story(number) if is_ours else "",
        "link": link,
        "link_key": digest_link_or_none(link),
        "summary": SUMMARY,
        "body": SUMMARY * 8 if is_ours else "",
        "filed": "",
    }


def _delivery(sample: Row, number: int, channel: int) -> Row:
    more = {
        "was_unclear": False, "ping": "", "is_gathered": False, "opens_thread": False,
        "digest_id": "", "unclear_since": None, "opened_at": AT,
    }  # fmt: skip
    story = _story(number)
    return sample | more | {
        "id": f"{story}-{channel}", "story_id": story, "channel": f"C{channel}",
    }  # fmt: skip


if __name__ == "__main__":
    main()
