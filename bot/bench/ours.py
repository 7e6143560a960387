"""Our bot as it runs: its settings' defaults, its store, its worker process, its log.

Only two things are not as delivered: loopback addresses may be asked, and pages of articles are
not fetched, as the outlets have no pages and the other pollers would not fetch them.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bot.app import Bot, open_bot
from bot.model import FeedSpec
from bot.settings import (
    CatalogueSettings,
    DatabaseSettings,
    FetchSettings,
    Settings,
    SummariesSettings,
    find_config_dir,
)
from bot.telemetry.logs import configure_logging


class _Ours:
    """The bot behind the three words that all pollers understand."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def follow(self, urls: Sequence[str]) -> None:
        feeds = tuple(FeedSpec(url) for url in urls)
        await replace(self._bot, feeds=feeds).sync_feeds(at_once=True)

    async def poll(self) -> None:
        await self._bot.rounds.run_once(everything=True, stop=asyncio.Event())

    async def count_entries(self) -> int:
        return (await self._bot.store.load_counts(self._bot.clock())).entries


@asynccontextmanager
async def open_ours(folder: Path) -> AsyncIterator[_Ours]:
    """The bot with a database in ``folder``; what it posts and logs is written to nowhere."""
    config_dir = find_config_dir({}, Path())
    settings = Settings(
        database=DatabaseSettings(url=f"sqlite:///{folder / 'newsbot.sqlite3'}"),
        fetch=FetchSettings(allow_addresses=("127.0.0.0/8",)),
        summaries=SummariesSettings(fetch_articles=False),
        catalogue=CatalogueSettings(feeds=config_dir / "feeds.toml"),
        config_dir=config_dir,
    )
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # noqa: ASYNC230  # never blocks
        configure_logging(stream=nowhere)
        async with open_bot(settings, console=Console(file=nowhere)) as bot:
            gc.collect()  # as `newsbot run` does once it stands
            gc.freeze()
            yield _Ours(bot)
