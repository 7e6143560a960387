"""Real polls of five feeds, replayed through the real program, killed and not killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import feedparser
import pytest

from tests.processes import note_started
from tests.servers.series import Series, SeriesServer, load_series

NAMES = ("cnn", "fox", "gmanews", "nzherald", "straittimes")
KILLS = 30
PATIENCE_S = 300


@dataclass(frozen=True)
class Expected:
    """What a reader must end with, counted without any code of ours."""

    ids: frozenset[str]
    edits: int
    readable: tuple[bool, ...]


def count_by_hand(folder: Path) -> Expected:
    """Distinct publisher ids, and changes of title, link or summary between polls."""
    last: dict[str, tuple[str, str, str]] = {}
    edits = 0
    readable = []
    for file in sorted(folder.glob("*.xml")):
        document = feedparser.parse(file.read_bytes())
        readable.append(bool(document.version))
        for item in document.entries:
            identity = item.get("id") or item["link"]
            text = (item.get("title", ""), item.get("link", ""), item.get("summary", ""))
            edits += identity in last and last[identity] != text
            last[identity] = text
    return Expected(frozenset(last), edits, tuple(readable))


@pytest.fixture
def expected(shared: Path) -> dict[str, Expected]:
    return {name: count_by_hand(shared / "feeds" / "series" / name) for name in NAMES}


@pytest.fixture
def series(shared: Path, expected: Mapping[str, Expected]) -> dict[str, Series]:
    readable = {name: one.readable for name, one in expected.items()}
    return load_series(shared / "feeds" / "series", readable=readable)


class Bot:
    """``newsbot run`` in a process of its own, polling every second."""

    def __init__(self, folder: Path, urls: list[str]) -> None:
        self._feeds = folder / "feeds.txt"
        self._feeds.write_text("\n".join(urls))
        self.database = folder / "bot.sqlite3"
        self._errors = folder / "errors.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._env = os.environ | {
            "NEWSBOT_DATABASE_URL": f"sqlite:///{self.database}",
            "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
            "NEWSBOT_FETCH_PER_HOST_SPACING_S": "0",
            "NEWSBOT_POLL_MIN_INTERVAL_S": "0.2",
            "NEWSBOT_POLL_MAX_INTERVAL_S": "0.2",
        }

    def start(self) -> None:
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--feeds", str(self._feeds)],
                env=self._env,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        note_started(self._process.pid)

    def send(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self._process is not None
        assert self._process.poll() is None, self._errors.read_text()
        self._process.send_signal(number)
        return self._process.wait(timeout=20)

    def stats(self) -> dict[str, int]:
        answer = subprocess.run(
            [sys.executable, "-m", "bot", "stats", "--json"],
            env=self._env,
            capture_output=True,
            check=True,
        )
        told: dict[str, int] = json.loads(answer.stdout)
        return told


def check_store(bot: Bot, expected: Mapping[str, Expected]) -> None:
    """One entry a distinct id and feed, none twice, edits recorded as edits."""
    with sqlite3.connect(bot.database) as database:
        rows = database.execute(
            "select f.url, coalesce(e.guid, e.link), count(*) from entries e"
            " join feeds f on f.id = e.feed_id group by 1, 2"
        ).fetchall()
    database.close()
    stored: dict[str, set[str]] = {name: set() for name in expected}
    for url, identity, count in rows:
        assert count == 1, f"{identity} is stored {count} times"
        stored[url.rsplit("/", 1)[1]].add(identity)

    assert {name: len(ids) for name, ids in stored.items()} == {
        name: len(one.ids) for name, one in expected.items()
    }
    stats = bot.stats()
    assert stats["entries"] == sum(len(one.ids) for one in expected.values())
    assert stats["edits"] == sum(one.edits for one in expected.values())


async def test_successive_polls_keep_each_entry_once(
    series: dict[str, Series], expected: dict[str, Expected], tmp_path: Path
) -> None:
    async with SeriesServer(series) as server:
        bot = Bot(tmp_path, server.urls)
        bot.start()
        await asyncio.wait_for(server.finished.wait(), PATIENCE_S)
        code = await asyncio.to_thread(bot.send, signal.SIGTERM)

    assert code == 0
    check_store(bot, expected)


async def test_sigkill_at_any_moment_loses_and_repeats_nothing(
    series: dict[str, Series], expected: dict[str, Expected], tmp_path: Path
) -> None:
    moments = random.Random(2018)
    async with SeriesServer(series) as server:
        bot = Bot(tmp_path, server.urls)
        for _ in range(KILLS):
            bot.start()
            await server.wait_for_answers(moments.randint(1, 6))
            await asyncio.sleep(moments.uniform(0.0, 0.15))
            assert await asyncio.to_thread(bot.send, signal.SIGKILL) == -signal.SIGKILL
        assert not server.finished.is_set(), "the series ended before the last kill"
        bot.start()
        await asyncio.wait_for(server.finished.wait(), PATIENCE_S)
        assert await asyncio.to_thread(bot.send, signal.SIGTERM) == 0

    check_store(bot, expected)
