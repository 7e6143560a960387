"""SIGKILL at any moment: a poll is in the database whole, or not at all."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from sqlalchemy import func, select, text

from bot.ports import StoryQuery
from bot.store import SqlStore, open_store
from bot.store.schema import entry_keys
from tests.builders import NOW
from tests.store.committer import ENTRIES

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
LONGEST_S = 0.1  # a commit takes a few milliseconds


async def commit_until_killed(url: str, *, after_s: float) -> int:
    """Start a committer, kill it ``after_s`` after its first commit; the last it told of."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.committer", url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    first = await child.stdout.readline()
    await asyncio.sleep(after_s)
    child.kill()
    rest = await child.stdout.read()
    await child.wait()
    return int((first + rest).decode().rpartition("\n")[0].split()[-1])


async def check_whole(store: SqlStore) -> int:
    """Assert that everything up to the feed's ETag is there and nothing else; the ETag."""
    (feed,) = await store.find_feeds()
    number = int(feed.validators.etag or 0)
    counts = await store.load_counts(NOW)
    found = await store.find_stories(StoryQuery(since=NOW.replace(year=2000), limit=1_000_000))
    async with store.database.reading() as connection:
        keys = await connection.scalar(select(func.count()).select_from(entry_keys))

    assert {story.id for story in found} == {f"s{n}" for n in range(1, number + 1)}
    assert all(len(story.coverage) == 1 and len(story.companies) == 2 for story in found)
    assert (counts.entries, keys) == (number * ENTRIES, number * ENTRIES)
    assert sum(counts.deliveries.values()) == number
    return number


async def test_no_kill_tears_a_poll(database_url: str) -> None:
    chance = random.Random(20180109)
    for _ in range(KILLS):
        told = await commit_until_killed(database_url, after_s=chance.uniform(0, LONGEST_S))

        async with await open_store(database_url) as store:
            # The last commit may have been made and not told of; never the other way round.
            assert await check_whole(store) in {told, told + 1}
            if store.database.is_sqlite:
                async with store.database.reading() as connection:
                    assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"
