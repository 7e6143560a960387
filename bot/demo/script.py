"""The demo's play: three polls of the sample feeds on two evenings, then the list.

Everything but the feeds and the clock is the real thing: the poller, the parser's worker
process, a SQLite database (in a folder that is gone afterwards), the drain, the console.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console, Group
from rich.text import Text

from bot.app import Bot, open_bot
from bot.commands.recent import find_recent
from bot.demo.samples import Edition
from bot.demo.server import SampleFeeds
from bot.errors import NewsbotError
from bot.pipeline.report import PollReport, PollResult
from bot.platforms.console import render_recent, show
from bot.settings import (
    CatalogueSettings,
    DatabaseSettings,
    FetchSettings,
    PollSettings,
    Settings,
    SummariesSettings,
    find_config_dir,
)

_TOLD = {
    Edition.FIRST: "one outlet has the story.",
    Edition.SECOND: "three follow. In a chat, one edit of the message:",
    Edition.THIRD: "the story turns. In a chat, one reply to it:",
}


class DemoClock:
    """A clock that stands still until it is moved on."""

    def __init__(self, starts_at: datetime) -> None:
        self._now = starts_at

    def __call__(self) -> datetime:
        """The time, as aware UTC."""
        return self._now

    def move_on(self, to: datetime) -> None:
        """Let it be ``to``."""
        self._now = to


async def play_demo(console: Console, stop: asyncio.Event) -> None:
    """Poll three times, post what is found, list it; a ``stop`` ends it after the poll in hand.

    Raises:
        NewsbotError: a sample feed could not be polled, so that what was shown is not all.
    """
    clock = DemoClock(Edition.FIRST.polled_at)
    with TemporaryDirectory(prefix="newsbot-demo-") as folder:
        async with (
            SampleFeeds() as served,
            open_bot(
                _settings(Path(folder), served), console=console, clock=clock, is_single_round=True
            ) as bot,
        ):
            await replace(bot, feeds=served.specs).sync_feeds(at_once=True)
            _say(
                console, f"Eight invented outlets on {served.address}. Nothing leaves this machine."
            )
            for edition in Edition:
                served.advance(edition)
                clock.move_on(edition.polled_at)
                _say(console, f"{_time_and_day(clock())}: {_TOLD[edition]}")
                await _poll(bot, console, stop)
                if stop.is_set():
                    return
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
        poll=PollSettings(
            adaptive=False,  # whoever is due first is polled first: always the same one
            post_first_poll=True,
            unconditional_after_s=172_800.0,  # the polls lie a day apart; 304s are to be seen
        ),
        # Nothing leaves the machine: the pages that these outlets link to are nowhere.
        summaries=SummariesSettings(fetch_articles=False),
        catalogue=CatalogueSettings(feeds=config_dir / "feeds.toml"),
        config_dir=config_dir,
    )


async def _poll(bot: Bot, console: Console, stop: asyncio.Event) -> None:
    reports = await bot.rounds.run_once(everything=True, stop=stop)
    for report in reports:
        if report.result is PollResult.FAILED:
            raise NewsbotError(f"demo: {report.feed.name}: {report.error}")
    show(console, Group(Text(_sum_up(reports), "dim"), Text()))


def _sum_up(reports: Iterable[PollReport]) -> str:
    reports = tuple(reports)
    unchanged = Counter(report.result for report in reports)[PollResult.UNCHANGED]
    new = sum(report.new for report in reports)
    flagged = sum(report.flagged for report in reports)
    return (
        f"{len(reports)} feeds asked, {unchanged} unchanged (304); "
        f"{new} new entries, {flagged} about makers or carriers."
    )


async def _list_recent(bot: Bot, console: Console, now: datetime) -> None:
    answer = await find_recent(bot.store, bot.catalogue, now=now)
    _say(console, "newsbot recent:")
    show(console, render_recent(answer.messages, asked=answer.asked, now=now))


def _time_and_day(now: datetime) -> str:
    return f"{now:%H:%M} UTC on {now.day} {now:%B %Y}"


def _say(console: Console, line: str) -> None:
    show(console, Group(Text(line, "bold cyan"), Text()))
