"""What commands need before they start: options, settings, catalogue, database, a console."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, cast

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bot.model import Catalogue, FeedSpec
    from bot.ports import Store
    from bot.settings import Settings

CONFIG_DIR_KEY = "config_dir"
IN_MEMORY = "sqlite://"

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="Folder with newsbot.toml (settings) and the catalogue: makers.toml, carriers.toml, "
        "outlets.toml, feeds.toml … Default: ./config, else the files that came with newsbot.",
        envvar="NEWSBOT_CONFIG_DIR",
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///news.sqlite3, a plain path, or postgresql://user:password@host/name. "
        "Default: database.url of the settings, which is newsbot.sqlite3 in this folder.",
    ),
]
FeedsOption = Annotated[
    Path | None,
    typer.Option(
        "--feeds",
        metavar="FILE",
        help="Poll the feeds of this list (one URL a line, OPML, or TOML) instead of the "
        "configured ones.",
    ),
]


class _CurrentStderr:
    """Standard error as it is now: a progress bar stands in for it, to print lines above itself."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def read_settings(
    context: typer.Context, *, database: str | None = None, feeds: Path | None = None
) -> Settings:
    """Settings from file and environment, with the options of this call on top.

    Warnings go to standard error, so that they never mix with what a command prints.

    Raises:
        SettingsInvalid: a key or value is wrong.
    """
    from bot.settings import load_settings
    from bot.telemetry.logs import configure_logging, log_uncaught

    settings = load_settings(
        config_dir=context.obj[CONFIG_DIR_KEY],
        environ=os.environ,
        database_url=database,
        feeds=feeds,
    )
    configure_logging(
        level=settings.log.level,
        form=settings.log.format,
        secrets=settings.secret_values(),
        stream=cast("TextIO", _CurrentStderr()),
    )
    log_uncaught()
    for warning in settings.warnings:
        typer.echo(f"newsbot: {warning}", err=True)
    return settings


def read_catalogue(settings: Settings) -> Catalogue:
    """The companies, outlets and event words.

    Raises:
        CatalogueInvalid: a file of the config folder is wrong.
    """
    from bot.catalogue import load_catalogue

    return load_catalogue(settings.config_dir)


def read_companies(settings: Settings) -> Catalogue:
    """The same without the event words, for commands that match nothing: in half the time.

    Raises:
        CatalogueInvalid: a file of the config folder is wrong.
    """
    from bot.catalogue import load_catalogue

    return load_catalogue(settings.config_dir, events=False)


def read_feed_list(settings: Settings, catalogue: Catalogue) -> tuple[FeedSpec, ...]:
    """The configured feeds, search feeds of watched companies included.

    Raises:
        InputInvalid: the list cannot be read.
    """
    from bot.catalogue import load_feed_list

    return load_feed_list(settings.feeds_path, companies=catalogue.companies.values())


async def is_database_there(settings: Settings) -> bool:
    """False for an SQLite file that nobody has made yet, and a database without our tables.

    Raises:
        DatabaseUnusable: it cannot be opened.
    """
    from bot.store import current_revision

    return await current_revision(settings.database.url) is not None


@asynccontextmanager
async def open_database(settings: Settings, *, create: bool = False) -> AsyncIterator[Store]:
    """The store; made or upgraded to this version only if ``create``.

    A question makes no file, and changes no tables that an older bot may be working on.
    Where there is no database yet, it is answered as an empty one would, with a note.

    Raises:
        DatabaseUnusable: it cannot be opened, is of another version, or failed later:
            locked by somebody else, or gone.
    """
    from bot.store import describe_url, open_store, parse_url

    url = settings.database.url
    if not create and not await is_database_there(settings):
        typer.echo(
            f"newsbot: {describe_url(parse_url(url))}: there is no database of newsbot yet, so "
            "nothing is in it; `newsbot run` makes it, --database names another one",
            err=True,
        )
        url = IN_MEMORY
    async with await open_store(url, migrate=create or url == IN_MEMORY) as store:
        with store.database.explained():
            yield store


def make_console() -> Console:
    """The console that posts and lists are drawn on: standard output."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def write_utf8(text: str) -> None:
    """Print ``text`` as UTF-8, whatever the locale says.

    What UTF-8 lacks (half of a surrogate pair) becomes an escape, which JSON reads back.
    """
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
