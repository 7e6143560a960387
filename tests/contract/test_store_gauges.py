"""The store's contract: how feeds and backlog stand. Runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.errors import Trouble
from bot.model import FOREVER, Destination, Feed, Platform, Told
from bot.model.condition import SILENT_AFTER, Condition, condition_of
from bot.store import SqlStore
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, commit_stories, outcome

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATE = 15 * MINUTE
SLACK = Destination(Platform.SLACK, "T1", "C1")
DISCORD = Destination(Platform.DISCORD, "G1", "1")

STATES = {
    Condition.NEW: "new",
    Condition.WELL: "well",
    Condition.FLAWED: "well",  # it is read all the same
    Condition.SILENT: "silent",
    Condition.FAILING: "failing",
    Condition.BROKEN: "failing",
}


def spoke(ago: timedelta, gap_s: float | None = 3_600.0, **changes: Any) -> dict[str, Any]:
    """The state of a feed that answered now and last brought something some time ago."""
    return {"polled_at": NOW, "answered_at": NOW, "changed_at": NOW - ago, "gap_s": gap_s} | changes


FEEDS: dict[str, dict[str, Any]] = {
    "new": {},
    "well": spoke(MINUTE),
    "flawed": spoke(MINUTE, flaw="it is cut off"),
    "without a rhythm": spoke(90 * DAY, gap_s=None),
    "almost silent": spoke(SILENT_AFTER - MINUTE),
    "silent": spoke(SILENT_AFTER),
    "slow": spoke(SILENT_AFTER + DAY, gap_s=86_400.0),
    "slow and silent": spoke(12 * DAY, gap_s=86_400.0),
    "told to be back": spoke(SILENT_AFTER + DAY, told_at=NOW - DAY),
    "told to be back long ago": spoke(SILENT_AFTER, told_at=NOW - 30 * DAY),
    "told to be silent": spoke(SILENT_AFTER, told=Told.SILENT, told_at=NOW),
    "failing": spoke(SILENT_AFTER, failures=1, trouble=Trouble.SERVER, failing_since=NOW),
}


async def poll(store: SqlStore, name: str, *, due_at: datetime, **changes: Any) -> Feed:
    feed = await add_feed(store, f"https://{name.replace(' ', '-')}.example/rss")
    polled = replace(feed, next_due_at=due_at, **changes)
    await store.commit_poll(outcome(polled))
    (kept,) = [one for one in await store.find_feeds() if one.id == feed.id]
    if kept.told != polled.told or kept.told_at != polled.told_at:
        assert polled.told_at is not None
        await store.note_told(kept, polled.told, now=polled.told_at)
    return polled


async def test_feeds_are_counted_by_the_state_that_people_are_told(store: SqlStore) -> None:
    for name, changes in FEEDS.items():
        await poll(store, name, due_at=NOW + MINUTE, **changes)

    gauges = (await store.load_gauges(NOW, late_after=LATE)).feeds

    kept = await store.find_feeds()
    told = Counter(STATES[condition_of(feed, now=NOW)] for feed in kept)
    assert len(kept) == len(FEEDS)
    counted = {state: getattr(gauges, state) for state in ("new", "well", "silent", "failing")}
    assert counted == told == {"new": 1, "well": 6, "silent": 4, "failing": 1}
    assert (gauges.polled, gauges.late, gauges.due_since) == (len(FEEDS), 0, None)


async def test_a_feed_is_late_from_the_named_time_on(store: SqlStore) -> None:
    await poll(store, "late", due_at=NOW - LATE)
    await poll(store, "due", due_at=NOW - LATE + timedelta(seconds=1))
    await poll(store, "to come", due_at=NOW + MINUTE)

    gauges = (await store.load_gauges(NOW, late_after=LATE)).feeds

    assert (gauges.polled, gauges.late, gauges.due_since) == (3, 1, NOW - LATE)


async def test_a_feed_that_is_not_polled_any_more_counts_for_nothing(store: SqlStore) -> None:
    gone = await poll(store, "gone", due_at=NOW - DAY)
    await store.remove_feed(gone.url)

    assert (await store.load_gauges(NOW, late_after=LATE)).feeds.polled == 0


@pytest.mark.parametrize("at", [NOW, NOW + MINUTE])
async def test_the_backlog_is_what_is_due_and_not_sent(store: SqlStore, at: datetime) -> None:
    due = (NOW - 2 * MINUTE, NOW - MINUTE, NOW + MINUTE, FOREVER)
    stories = [story(f"s{place}") for place in range(len(due))]
    owed = [
        delivery(one.id, SLACK, next_attempt_at=moment)
        for one, moment in zip(stories, due, strict=True)
    ]
    await commit_stories(
        store, *stories, owed=(*owed, delivery("s0", DISCORD, next_attempt_at=NOW))
    )
    await store.lease_deliveries(NOW, limit=1, lease=MINUTE, platforms=[Platform.DISCORD])

    backlog = (await store.load_gauges(at, late_after=LATE)).backlog

    assert set(backlog) == {Platform.SLACK}
    assert backlog[Platform.SLACK].count == (2 if at == NOW else 3)
    assert backlog[Platform.SLACK].due_since == NOW - 2 * MINUTE


async def test_the_last_sign_of_life_is_told(store: SqlStore) -> None:
    assert (await store.load_gauges(NOW, late_after=LATE)).beat_at is None

    await store.record_beat(NOW - MINUTE)

    assert (await store.load_gauges(NOW, late_after=LATE)).beat_at == NOW - MINUTE
