"""What comes of pushing too often, pushing nonsense, and pushing when the lease is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model import HubState
from bot.scheduling.workers import ParserPool
from tests.builders import NOW
from tests.pipeline.lab import ECHO, NEWS, NOISE, rss
from tests.web.lab import open_hub_room

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEEK_S = 7 * 86_400.0


async def test_a_hub_that_pushes_nonsense_is_let_go_for_a_week(
    tmp_path: Path, pool: ParserPool
) -> None:
    statuses = []
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        for _ in range(4):
            statuses += await room.hub.push(room.topic, b"<html>We will be back soon")
            room.news.clock.move(seconds=1)
        refused = await room.subscription()
        await room.tend()
        assert len(room.hub.asked) == 1
        room.news.clock.move(days=7)
        await room.tend()
        again = await room.subscription()

    assert statuses == [202, 202, 202, 410]
    assert refused.state is HubState.REFUSED
    assert (refused.next_try_at - NOW).total_seconds() == WEEK_S + 2
    assert "3 documents in a row" in refused.error
    assert held.token not in refused.error
    assert again.state is HubState.HELD


async def test_documents_of_one_feed_are_taken_one_a_second(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        assert await room.hub.push(room.topic, rss(NEWS).body) == [202]
        assert await room.hub.push(room.topic, rss(ECHO).body) == [503]
        room.news.clock.move(seconds=1)
        assert await room.hub.push(room.topic, rss(ECHO).body) == [202]

        assert await room.news.titles() == [NOISE.title, NEWS.title, ECHO.title]


async def test_nothing_is_taken_when_a_lease_is_long_over(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool, lease_s=1_000) as room:
        held = await room.subscribe()
        room.news.clock.move(days=1, seconds=1_000)
        assert await room.hub.push(room.topic, rss(NEWS).body) == [202]
        room.news.clock.move(seconds=1)
        body = rss(ECHO).body
        signature = room.hub.sign(body, held.secret)
        report = await room.desk.receive(held.token, body, content_type="", signature=signature)

        assert report is None
        assert await room.hub.push(room.topic, body) == [410]
        assert await room.news.titles() == [NOISE.title, NEWS.title]
