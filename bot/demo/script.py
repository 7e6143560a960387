"""The demo's play: two polls of the sample feeds a quarter of an hour apart, then the list.

Everything but the feeds and the clock is the real thing: the poller, the parser's worker
process, a SQLite database (in a folder that is gone afterwards), the drain, the console.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console, Group
from rich.text import Text

from bot.app import Bot, open_bot
from bot.commands.recent import find_recent
from bot.demo.samples import STARTS_AT
from bot.demo.server import SampleFeeds
from bot.errors import NewsbotError
from bot.pipeline.poll import PollReport, PollResult
from bot.platforms.console import render_recent, show
from bot.settings import (
    CatalogueSettings,
    DatabaseSettings,
    FetchSettings,
    PollSettings,
    Settings,
    find_config_dir,
)

BETWEEN_POLLS = timedelta(minutes=15)


class DemoClock:
    """A clock that stands still until it is moved on."""

    def __init__(self, starts_at: datetime) -> None:
        self._now = starts_at

    def __call__(self) -> datetime:
        """The time, as aware UTC."""
        return self._now

    def move_on(self, by: timedelta) -> None:
        """Let ``by`` pass."""
        self._now += by


async def play_demo(console: Console, stop: asyncio.Event) -> None:
    """Poll twice, post what is found, list it; a ``stop`` ends it after the poll in hand.

    Raises:
        NewsbotError: a sample feed could not be polled, so that what was shown is not all.
    """
    clock = DemoClock(STARTS_AT)
    with TemporaryDirectory(prefix="newsbot-demo-") as folder:
        async with (
            SampleFeeds() as served,
            open_bot(_settings(Path(folder), served), console=console, clock=clock) as bot,
        ):
            await replace(bot, feeds=served.specs).sync_feeds(at_once=True)
            _say(
                console,
                f"Eight invented outlets on {served.address}, {clock():%H:%M} UTC on "
                f"{clock().day} {clock():%B %Y}. Nothing leaves this machine.",
            )
            await _poll(bot, console, "First poll", stop)
            if stop.is_set():
                return
            served.advance()
            clock.move_on(BETWEEN_POLLS)
            _say(console, f"A quarter of an hour later, {clock():%H:%M} UTC:")
            await _poll(bot, console, "Second poll", stop)
            await _list_recent(bot, console, clock())


def _settings(folder: Path, served: SampleFeeds) -> Settings:
    """Settings of nobody but the demo; the address guard lets this one server pass."""
    config_dir = find_config_dir({}, Path())
    return Settings(
        database=DatabaseSettings(url=f"sqlite:///{folder / 'demo.sqlite3'}"),
        fetch=FetchSettings(
            allow_addresses=(served.address,),
            concurrency=1,  # one by one, so that each run tells the same tale
            per_host_concurrency=1,
            per_host_spacing_s=0.0,  # eight outlets share a host
        ),
        poll=PollSettings(post_first_poll=True),
        catalogue=CatalogueSettings(feeds=config_dir / "feeds.toml"),
        config_dir=config_dir,
    )


async def _poll(bot: Bot, console: Console, name: str, stop: asyncio.Event) -> None:
    reports = await bot.rounds.run_once(everything=True, stop=stop)
    for report in reports:
        if report.result is PollResult.FAILED:
            raise NewsbotError(f"demo: {report.feed.name}: {report.error}")
    _say(console, f"{name}: {_sum_up(reports)}.")


def _sum_up(reports: Iterable[PollReport]) -> str:
    reports = tuple(reports)
    unchanged = Counter(report.result for report in reports)[PollResult.UNCHANGED]
    new = sum(report.new for report in reports)
    flagged = sum(report.flagged for report in reports)
    return (
        f"{len(reports)} feeds asked, {unchanged} of them unchanged (304); "
        f"{new} new entries, {flagged} about handset makers or carriers"
    )


async def _list_recent(bot: Bot, console: Console, now: datetime) -> None:
    answer = await find_recent(bot.store, bot.catalogue, now=now)
    _say(console, "newsbot recent:")
    show(console, render_recent(answer.messages, asked=answer.asked, now=now))


def _say(console: Console, line: str) -> None:
    show(console, Group(Text(line, "bold cyan"), Text()))
