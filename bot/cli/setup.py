"""What every command needs before it starts: options, settings, a console, a loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from bot.settings import Settings, load_settings
from bot.telemetry.logs import configure_logging

CONFIG_DIR_KEY = "config_dir"

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="Folder with newsbot.toml, makers.toml, carriers.toml, outlets.toml, feeds.toml. "
        "Default: ./config, else the files that came with newsbot.",
        envvar="NEWSBOT_CONFIG_DIR",
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///news.sqlite3 or postgresql://user:password@host/name. "
        "Default: database.url in the settings.",
    ),
]
FeedsOption = Annotated[
    Path | None,
    typer.Option(
        "--feeds",
        metavar="FILE",
        help="Poll these feeds instead of the configured ones: one URL a line, OPML, or TOML.",
    ),
]

Answer = TypeVar("Answer")


def read_settings(
    context: typer.Context, *, database: str | None = None, feeds: Path | None = None
) -> Settings:
    """Settings from file and environment, with the options of this call on top.

    Warnings go to standard error, so that they never mix with what a command prints.

    Raises:
        SettingsInvalid: a key or value is wrong.
    """
    settings = load_settings(
        config_dir=context.obj[CONFIG_DIR_KEY],
        environ=os.environ,
        database_url=database,
        feeds=feeds,
    )
    configure_logging(
        level=settings.log.level, form=settings.log.format, secrets=settings.secret_values()
    )
    for warning in settings.warnings:
        typer.echo(f"newsbot: {warning}", err=True)
    return settings


def make_console() -> Console:
    """The console that posts and lists are drawn on: standard output."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run ``work`` with an event that Ctrl-C or SIGTERM sets; a second one ends at once."""

    async def supervise() -> Answer:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ask_to_stop() -> None:
            stop.set()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ask_to_stop)
        return await work(stop)

    return asyncio.run(supervise())
