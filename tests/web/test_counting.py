"""What is owed is counted at most once a minute, and told with the time of the count."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.model import Destination, Platform, Subscription
from bot.store import SqlStore
from bot.web.counting import COUNT_EVERY, Backlogs
from tests.builders import NOW
from tests.pipeline.lab import MovableClock

DESK = Destination(Platform.SLACK, "T1", "C1")
TOWN = Destination(Platform.DISCORD, "1", "1234")


async def test_everything_is_counted_once_a_minute(store: SqlStore) -> None:
    clock = MovableClock()
    backlogs = Backlogs(store, clock=clock)
    await store.subscribe(Subscription(DESK), now=NOW)
    (at, first), other = await asyncio.gather(backlogs.load(), backlogs.load())
    await store.subscribe(Subscription(TOWN), now=NOW)

    clock.now += COUNT_EVERY - timedelta(seconds=1)
    assert await backlogs.load() == other == (at, first)
    assert (at, [one.platform for one in first]) == (NOW, [Platform.SLACK])

    clock.now += timedelta(seconds=1)
    at, second = await backlogs.load()
    assert at == NOW + COUNT_EVERY
    assert [one.platform for one in second] == [Platform.DISCORD, Platform.SLACK]


async def test_a_clock_that_was_set_back_does_not_keep_an_old_count(store: SqlStore) -> None:
    clock = MovableClock()
    backlogs = Backlogs(store, clock=clock)
    await backlogs.load()
    clock.now -= timedelta(days=1)

    assert await backlogs.load() == (clock.now, ())
