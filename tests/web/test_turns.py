"""Pushes of one feed, one after the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.fetching import HttpFetcher, WebHubAsker
from bot.model import Feed, Fetched
from bot.pipeline.hubs import HubDesk
from bot.pipeline.report import PollReport
from bot.scheduling.workers import ParserPool
from tests.pipeline.lab import ECHO, NEWS, rss
from tests.web.lab import PUBLIC, open_hub_room

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_push_knows_what_the_one_before_it_brought(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        room.news.clock.move(hours=1)
        taken: list[Feed] = []

        async def take(feed: Feed, pushed: Fetched) -> PollReport:
            taken.append(feed)
            return await room.news.poller.take(feed, pushed)

        fetcher = room.news.fetcher
        assert isinstance(fetcher, HttpFetcher)
        asker = WebHubAsker(fetcher.exchange, fetcher.strangers, clock=room.news.clock)
        desk = HubDesk(room.news.store, asker, take=take, base=PUBLIC, clock=room.news.clock)
        await asyncio.gather(
            *(
                desk.receive(
                    held.token,
                    body,
                    content_type="application/rss+xml",
                    signature=room.hub.sign(body, held.secret),
                )
                for body in (rss(NEWS).body, rss(ECHO).body)
            )
        )

        changed_at = room.news.clock()
        assert [feed.changed_at == changed_at for feed in taken] == [False, True]
