"""The bot's pulse: what is measured of a real store, and how often that is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.app import vitals
from bot.app.parts import make_metrics_or_none, platforms_of
from bot.app.vitals import Pulse
from bot.model import FeedSpec, Platform
from bot.settings import DatabaseSettings, DiscordSettings, Settings, StatusSettings
from bot.store import SqlStore, open_store
from bot.telemetry.metrics import Metrics
from bot.web.readiness import Check
from tests.builders import NOW
from tests.pipeline.lab import MovableClock
from tests.servers.postgres import PostgresServer
from tests.telemetry.samples import read


@dataclass
class Side:
    """A platform that is connected, or not."""

    name: str = "Discord"
    is_heard: bool = True


@dataclass
class Ward:
    """A pulse, and what it is taken of."""

    pulse: Pulse
    store: SqlStore
    clock: MovableClock
    metrics: Metrics
    side: Side

    async def look(self) -> Mapping[str, Check]:
        """What is looked at, by its name."""
        return {check.name: check for check in await self.pulse.check_work()}


@asynccontextmanager
async def open_ward(url: str) -> AsyncIterator[Ward]:
    settings = Settings(
        database=DatabaseSettings(url=url), status=StatusSettings(listen="127.0.0.1:0")
    )
    clock, side, metrics = MovableClock(), Side(), Metrics()
    async with await open_store(url) as store:
        pulse = Pulse(settings, store, [side], metrics, clock=clock)
        async with pulse.taken():
            yield Ward(pulse, store, clock, metrics, side)


@pytest.fixture
async def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ward]:
    """A ward on SQLite whose store is asked anew each time."""
    monkeypatch.setattr(vitals, "KEPT_S", 0.0)
    monkeypatch.setattr(vitals, "KEPT_SHARE", 0)
    async with open_ward(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def test_a_bot_that_beats_is_ready_and_a_dead_one_is_not(ward: Ward) -> None:
    await ward.store.record_beat(NOW)
    fine = await ward.look()
    ward.clock.move(seconds=61)
    dead = await ward.look()

    assert [name for name, check in fine.items() if not check.is_good] == []
    assert [name for name, check in dead.items() if not check.is_good] == ["scheduler"]
    assert read(ward.metrics, zeros=True)["ready{check=scheduler}"] == 0


async def test_feeds_that_nobody_polls_are_seen(ward: Ward) -> None:
    specs = [FeedSpec(f"https://{name}.example/rss") for name in "abc"]
    await ward.store.sync_feeds(specs, now=NOW, spread=timedelta(0))
    ward.clock.move(minutes=15)
    late = (await ward.look())["polls"]

    assert late.figure.startswith("3 of 3 feeds (100%) are due for more than 900 s (health.late_s)")
    assert read(ward.metrics)["feed_overdue_seconds"] == 900


async def test_a_broken_database_is_told_in_words_and_without_its_password(ward: Ward) -> None:
    async with ward.store.database.writing() as connection:
        await connection.execute(text("alter table feeds rename to gone"))
    broken = await ward.look()
    async with ward.store.database.writing() as connection:
        await connection.execute(text("alter table gone rename to feeds"))

    assert not broken["database"].is_good
    assert "no such table: feeds" in broken["database"].figure
    assert read(ward.metrics, zeros=True)["database_up"] == 0
    assert (await ward.look())["database"].is_good


async def test_a_database_that_hangs_is_not_waited_for(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "ASK_S", 0.3)
    monkeypatch.setattr(vitals, "KEPT_S", 0.0)
    with postgres.fresh_database() as url:
        async with open_ward(url) as ward:
            async with ward.store.database.writing() as connection:
                await connection.execute(text("lock table feeds in access exclusive mode"))
                hung, again = await ward.look(), await ward.look()
            monkeypatch.setattr(vitals, "ASK_S", 30.0)
            back = await ward.look()

    assert hung["database"].figure == "no answer within 0.3 s (database.url)"
    assert not again["database"].is_good
    assert back["polls"].is_good


async def test_many_collectors_are_one_question_to_the_store(tmp_path: Path) -> None:
    async with open_ward(f"sqlite:///{tmp_path}/newsbot.sqlite3") as ward:
        await asyncio.gather(*(ward.pulse.expose("") for _ in range(8)))
        ward.clock.move(minutes=1)
        await ward.store.record_beat(ward.clock())
        await ward.look()

        figure = (await ward.look())["scheduler"].figure
        assert figure.startswith("no sign of life so far")  # as it was a moment ago


async def test_a_sign_of_life_is_not_older_than_it_was_when_the_store_was_asked(
    tmp_path: Path,
) -> None:
    async with open_ward(f"sqlite:///{tmp_path}/newsbot.sqlite3") as ward:
        await ward.store.record_beat(NOW)
        await ward.look()
        ward.clock.move(minutes=2)  # a slow store is asked so seldom

        assert (await ward.look())["scheduler"].is_good


async def test_people_that_are_not_heard_are_counted_from_when_that_began(ward: Ward) -> None:
    heard = (await ward.look())["gateway"]
    ward.side.is_heard = False
    await ward.look()
    unheard = (await ward.look())["gateway"]

    assert heard.figure == "Discord is heard; 300 s may pass (health.gateway_s)"
    assert unheard.figure.startswith("Discord not heard for 0 s")
    assert unheard.is_good


@pytest.mark.parametrize(
    ("discord", "platforms"),
    [
        (DiscordSettings(), (Platform.CONSOLE,)),
        (DiscordSettings(token=SecretStr("t")), (Platform.DISCORD,)),
    ],
)
def test_the_console_counts_where_no_platform_is_connected(
    discord: DiscordSettings, platforms: tuple[Platform, ...]
) -> None:
    assert platforms_of(Settings(discord=discord)) == platforms


def test_nothing_is_counted_where_nobody_can_collect_it() -> None:
    assert make_metrics_or_none(Settings()) is None
