"""Pictures of the status page with the demo's news, for ``tests.pictures``."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from rich.console import Console

from bot.app import open_bot
from bot.commands.timeline import Wanted
from bot.demo.samples import Edition
from bot.demo.script import DemoClock, _settings
from bot.demo.server import SampleFeeds
from bot.model import Process, ProcessRole
from bot.store import SqlStore, open_store
from tests.web.browser import open_browser, open_tab
from tests.web.visits import open_page

WIDTH, SCALE = 900, 2
SHOWN = (
    ("stories", "/", "light"),
    ("stories", "/", "dark"),
    ("matrix", "/matrix", "light"),
    ("matrix", "/matrix", "dark"),
    ("story", "/story/{turn}", "light"),
    ("chinese", "/?lang=zh", "dark"),
    ("overview", "/overview", "light"),
)
"""Of each picture its name, what is on it, and the theme."""


async def take_status(into: Path, *, width: int = WIDTH) -> list[Path]:
    """Take the pictures, one file each, named "status-stories-light.png"."""
    taken: list[Path] = []
    now = Edition.THIRD.polled_at
    async with _demo_news() as store, open_page(store, now=now) as address, open_browser() as seen:
        for name, path, theme in SHOWN:
            at = address + path.format(turn=await _find_turn(store))
            tab, _ = await open_tab(
                seen,
                at,
                color_scheme=theme,
                viewport={"width": width, "height": 100},
                device_scale_factor=SCALE,
            )
            shot = await tab.screenshot(full_page=True)
            await tab.context.close()
            target = into / f"status-{name}-{theme}.png"
            with Image.open(io.BytesIO(shot)) as picture:
                plain = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            plain.save(target, optimize=True)
            taken.append(target)
    return taken


async def _find_turn(store: SqlStore) -> str:
    """The id of the story in which the deal is confirmed to be off."""
    query = Wanted().ask(watched=(), limit=9, now=Edition.THIRD.polled_at)
    (turn,) = (one.id for one in await store.find_stories(query) if one.tie)
    return turn


@asynccontextmanager
async def _demo_news() -> AsyncIterator[SqlStore]:
    """The store after the demo's two days."""
    with TemporaryDirectory(prefix="newsbot-pictures-") as folder:
        clock, paper = DemoClock(Edition.FIRST.polled_at), Console(file=io.StringIO())
        async with SampleFeeds() as served:
            settings = _settings(Path(folder), served)
            async with open_bot(settings, console=paper, clock=clock, is_single_round=True) as bot:
                await replace(bot, feeds=served.specs).sync_feeds(at_once=True)
                for edition in Edition:
                    served.advance(edition)
                    clock.move_on(edition.polled_at)
                    await bot.rounds.run_once(everything=True, stop=asyncio.Event())
        async with await open_store(settings.database.url) as store:
            await _appear(store)
            yield store


async def _appear(store: SqlStore) -> None:
    """Have it look as with two machines at work."""
    now = Edition.THIRD.polled_at
    for number, role in enumerate(ProcessRole):
        host = ("harbour", "meridian")[number % 2]
        started, beat = (
            now - timedelta(hours=9, minutes=7 * number),
            now - timedelta(seconds=number),
        )
        name = f"{host}:{2018 + 7 * number}:7f0{number}"
        await store.record_process(Process(name, frozenset({role}), host, started, beat))
    await store.record_beat(now)
