"""Rounds of the whole pipeline: real server, parser, store and drain; a platform of our own."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.fetching import HttpFetcher
from bot.model import CONSOLE, FOREVER, Fetched, ParsedFeed, Rhythm, Subscription
from bot.pipeline.report import PollReport, PollResult
from bot.ports import Parser
from bot.scheduling.jobs import LOOK_EVERY_S
from bot.scheduling.polls import QUIET_AFTER_DEFECT, TICK_S
from bot.store import SqlStore
from tests.builders import NOW
from tests.fetching.lab import limits
from tests.pipeline.lab import (
    ECHO,
    NEWS,
    NOISE,
    OFTEN,
    WIRE,
    Newsroom,
    make_poller,
    rss,
)
from tests.pipeline.operators import MIX
from tests.scheduling.lab import PATIENCE_S, Running, left_behind, make_office, until
from tests.servers.feeds import RawServer, stall

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_round_polls_what_is_due_or_everything(room: Newsroom) -> None:
    await room.go_live()
    await room.go_live("/late")
    late = await room.feed("/late")
    room.clock.move(minutes=1)
    async with room.store.database.writing() as connection:
        await connection.execute(
            text("update feeds set next_due_at = next_due_at + 86400000000 where id = :id"),
            {"id": late.id},
        )
    office = make_office(room)
    told: list[tuple[PollReport, int]] = []

    due = await office.rounds.run_once(
        stop=asyncio.Event(), told=lambda *report: told.append(report)
    )
    everything = await office.rounds.run_once(everything=True, stop=asyncio.Event())

    assert [report.feed.url for report in due] == [room.server.url(WIRE)]
    assert told == [(due[0], 1)]
    assert len(everything) == 2


async def test_a_round_without_feeds_is_over_at_once(room: Newsroom) -> None:
    assert await make_office(room).rounds.run_once(stop=asyncio.Event()) == ()


async def test_a_round_posts_at_its_end_so_that_echoes_are_one_post(room: Newsroom) -> None:
    await room.go_live()
    await room.go_live("/journal", title="Meridian Journal")
    room.server.put(WIRE, rss(NEWS))
    room.server.put("/journal", rss(ECHO))
    office = make_office(room)

    reports = await office.rounds.run_once(everything=True, stop=asyncio.Event())

    assert sum(report.flagged for report in reports) == 2
    ((_, message),) = office.sender.sent
    assert (message.revision, len(message.also)) == (2, 1)


async def test_a_feed_is_polled_whenever_it_is_due_and_news_is_posted(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    office = make_office(room)

    async with Running(office.rounds):
        await until(room, WIRE, 3)
        assert office.sender.sent == []
        room.server.put(WIRE, rss(NEWS, NOISE))
        await office.sender.wait_for(1)

    ((_, message),) = office.sender.sent
    assert message.headline == NEWS.title
    assert left_behind() == []


class CountingStore(SqlStore):
    """Counts how often it is asked to write down who sends what."""

    leases = 0

    async def lease_deliveries(self, *args: Any, **kwargs: Any) -> Any:
        self.leases += 1
        return await super().lease_deliveries(*args, **kwargs)


async def test_a_digest_is_posted_when_its_time_comes_and_until_then_nothing_is_written(
    room: Newsroom,
) -> None:
    daily = Subscription(CONSOLE, rhythm=Rhythm.DAILY, at=(NOW + timedelta(hours=2)).time())
    await room.store.subscribe(daily, now=NOW)
    await room.go_live()
    await room.publish(NEWS, MIX)
    store = CountingStore(room.store.database)
    office = make_office(room, store=store)

    async with Running(office.rounds):
        await asyncio.sleep(LOOK_EVERY_S * 2.5)
        assert (store.leases, office.sender.given) == (1, [])  # it looked when it began
        room.clock.move(hours=2)
        await office.sender.wait_for(1)

    ((_, digest),) = office.sender.digests
    assert {message.headline for message in digest.messages} == {NEWS.title, MIX.title}


async def test_what_somebody_makes_due_is_posted_when_they_wake_it(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduling.jobs.LOOK_EVERY_S", PATIENCE_S * 2)
    paused = Subscription(CONSOLE, paused_until=FOREVER)
    await room.store.subscribe(paused, now=NOW)
    await room.go_live()
    await room.publish(NEWS)
    store = CountingStore(room.store.database)
    office = make_office(room, store=store)

    async with Running(office.rounds):
        async with asyncio.timeout(PATIENCE_S):
            while not store.leases:  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.01)
        await room.store.subscribe(Subscription(CONSOLE), now=NOW, owed_at=room.clock())
        office.rounds.wake()
        await office.sender.wait_for(1)

    ((_, message),) = office.sender.sent
    assert message.headline == NEWS.title


@dataclass
class DefectiveParser:
    """Reads documents, but breaks on those whose address ends in "/broken"."""

    parser: Parser

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        if fetched.url.endswith("/broken"):
            raise RuntimeError("a defect of ours")
        return await self.parser.parse(fetched, seen=seen)


async def test_a_poll_that_breaks_stops_nobody_and_is_not_hammered(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/broken", WIRE):
        room.server.put(path, rss(NOISE))
        await room.add(room.server.url(path))
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(room.store, fetcher, DefectiveParser(room.parser), room.clock, **OFTEN)
        office = make_office(room, poller=poller, concurrency=1)
        async with Running(office.rounds):
            await until(room, WIRE, 4)
            assert room.server.counts["/broken"] == 1
            room.clock.move(seconds=QUIET_AFTER_DEFECT.total_seconds())
            await until(room, "/broken", 2)

        reports = await office.rounds.run_once(everything=True, stop=asyncio.Event())

    name = room.server.url("/broken")  # its document was never read, so it has no title
    assert f"polling {name} broke; tried again in a minute" in caplog.messages
    assert {(r.result, r.error) for r in reports} == {
        (PollResult.UNCHANGED, ""),
        (PollResult.FAILED, "internal error; see the log"),
    }


async def test_a_broken_feed_that_was_removed_is_forgotten(room: Newsroom) -> None:
    for path in ("/broken", WIRE):
        room.server.put(path, rss(NOISE))
        await room.add(room.server.url(path))
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(room.store, fetcher, DefectiveParser(room.parser), room.clock, **OFTEN)
        office = make_office(room, poller=poller)
        async with Running(office.rounds):
            await until(room, "/broken", 1)
            await until(room, WIRE, 2)
            await room.store.remove_feed(room.server.url("/broken"))
            room.clock.move(seconds=QUIET_AFTER_DEFECT.total_seconds())
            await until(room, WIRE, room.server.counts[WIRE] + 3)

            assert office.rounds._polls._quiet_until == {}


async def test_a_database_that_fails_stops_nothing_and_is_not_hammered(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    await room.go_live()
    async with room.store.database.writing() as connection:
        await connection.execute(text("alter table feeds rename to feeds_away"))

    async with Running(make_office(room).rounds):
        await asyncio.sleep(TICK_S * 4)

    assert caplog.messages == ["a job broke; repeated in 10 s at the earliest"]
    assert left_behind() == []


async def test_lateness_counts_from_the_start_on_and_is_kept(room: Newsroom) -> None:
    room.server.put(WIRE, rss(NOISE))
    async with RawServer(stall) as stalling:
        await room.add(stalling.url())
        await room.add()
        room.clock.move(days=3)  # nobody was there to poll
        async with HttpFetcher(limits(deadline_s=0.5), clock=room.clock) as fetcher:
            poller = make_poller(room.store, fetcher, room.parser, room.clock)
            office = make_office(room, poller=poller, concurrency=1)
            async with Running(office.rounds):
                await stalling.is_asked.wait()
                room.clock.move(seconds=40)
                await until(room, WIRE, 1)

    assert 40 <= office.rounds.worst_lateness_s < 40 + PATIENCE_S


async def test_the_scheduler_says_that_it_is_alive(room: Newsroom) -> None:
    assert await room.store.last_beat_or_none() is None
    room.server.put(WIRE, rss(NOISE))
    await room.add()

    async with Running(make_office(room).rounds):
        await until(room, WIRE, 1)

    beat = await room.store.last_beat_or_none()
    assert beat is not None
    assert NOW <= beat <= room.clock()
