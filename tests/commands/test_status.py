from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.status import load_status
from bot.model import Destination, Platform
from bot.ports import PollOutcome
from bot.store import SqlStore, open_store
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, edited, find_known, new_entry, outcome, subscribe_all

SLACK = Destination(Platform.SLACK, "T1", "C1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def test_a_fresh_bot_names_every_figure(store: SqlStore) -> None:
    assert await load_status(store, now=NOW) == {
        "feeds": 0,
        "feeds_failing": 0,
        "entries": 0,
        "edits": 0,
        "stories": 0,
        "deliveries": {"owed": 0, "sending": 0, "sent": 0, "failed": 0, "gone": 0},
        "delivery_backlog_s": 0.0,
        "last_tick_at": None,
        "processes": [],
    }


async def test_a_bot_at_work_tells_how_much_and_how_late(store: SqlStore) -> None:
    feed = await add_feed(store)
    failing = await add_feed(store, "https://other.example/rss")
    await store.commit_poll(PollOutcome(replace(failing, failures=3), NOW))
    owed = (delivery(), delivery(destination=SLACK, next_attempt_at=NOW + timedelta(hours=1)))
    await subscribe_all(store, owed)
    await store.commit_poll(
        outcome(feed, new_entry("One", story_id="s1"), stories=(story(),), deliveries=owed)
    )
    (known,) = await find_known(store, feed, "One")
    await store.commit_poll(outcome(feed, edited=(edited(known, "One, corrected"),)))
    await store.record_beat(NOW + timedelta(seconds=80))

    status = await load_status(store, now=NOW + timedelta(seconds=90.04))

    assert status == {
        "feeds": 2,
        "feeds_failing": 1,
        "entries": 1,
        "edits": 1,
        "stories": 1,
        "deliveries": {"owed": 2, "sending": 0, "sent": 0, "failed": 0, "gone": 0},
        "delivery_backlog_s": 90.0,
        "last_tick_at": "2018-01-09T08:31:20+00:00",
        "processes": [],
    }
    assert json.loads(json.dumps(status)) == status
