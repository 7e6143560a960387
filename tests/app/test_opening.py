"""A start of the bot: which feeds it has asked at once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from bot.app import open_bot
from bot.errors import Trouble
from bot.settings import CatalogueSettings, DatabaseSettings, FetchSettings, Settings
from bot.store import open_store
from tests.builders import NOW
from tests.conftest import ROOT
from tests.contract.polls import outcome
from tests.pipeline.lab import MovableClock
from tests.platforms.discord.stage import settings_for
from tests.servers.discord import DiscordServer, redirected
from tests.servers.postgres import PostgresServer

WIRE = "http://10.0.0.7/rss"


async def starts(folder: Path, **changes: object) -> list[str]:
    """Start the bot with these settings; the feeds due then, each refused again for a day."""
    database = f"sqlite:///{folder / 'newsbot.sqlite3'}"
    (folder / "feeds.txt").write_text(WIRE)
    settings = Settings(
        config_dir=ROOT / "config",
        catalogue=CatalogueSettings(feeds=folder / "feeds.txt"),
        database=DatabaseSettings(url=database),
    ).model_copy(update=changes)
    console = Console(file=io.StringIO())
    async with open_bot(
        settings, console=console, clock=MovableClock(), is_single_round=True
    ) as bot:
        await bot.sync_feeds(at_once=True)
        due = await bot.store.find_due_feeds(NOW, limit=9)
        for feed in due:
            refused = replace(feed, failures=1, trouble=Trouble.REFUSED_ADDRESS)
            later = replace(refused, next_due_at=NOW + timedelta(days=1))
            await bot.store.commit_poll(outcome(later))
    return [feed.url for feed in due]


async def test_refused_feeds_are_asked_at_the_start_after_a_setting_changed(
    tmp_path: Path,
) -> None:
    assert await starts(tmp_path) == [WIRE]
    assert await starts(tmp_path) == []
    opened = FetchSettings(allow_addresses=("10.0.0.0/8",))
    assert await starts(tmp_path, fetch=opened) == [WIRE]


async def test_a_single_round_keeps_the_paces_of_all_processes(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    (tmp_path / "feeds.txt").write_text(WIRE)
    async with DiscordServer() as server:
        with redirected(server), postgres.fresh_database() as url:
            settings = Settings(
                config_dir=ROOT / "config",
                catalogue=CatalogueSettings(feeds=tmp_path / "feeds.txt"),
                database=DatabaseSettings(url=url),
                discord=settings_for(server),
            )
            console = Console(file=io.StringIO())
            async with (
                open_bot(settings, console=console, is_single_round=True) as bot,
                await open_store(url) as store,
                store.database.reading() as connection,
            ):
                assert [side.name for side in bot.sides] == ["Discord"]
                paces = list(await connection.scalars(text("SELECT name FROM budgets")))

    assert paces == ["discord"]
