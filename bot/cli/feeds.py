"""``newsbot feeds``: which feeds are polled, and how they are."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.app import FeedCheck, check_feeds, open_catalogue, open_database, open_feed_list
from bot.catalogue import load_feed_list, write_opml
from bot.cli.setup import DatabaseOption, read_settings
from bot.commands.feeds import Added, add_feeds, remove_feed
from bot.errors import InputInvalid
from bot.model import Feed, FeedSpec
from bot.scheduling.jobs import utc_now
from bot.settings import Settings

feeds_app = typer.Typer(no_args_is_help=True, help="Add, list, remove, move and check feeds.")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(feeds_app, name="feeds")


@feeds_app.command("add")
def add(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses of feeds.")],
    title: Annotated[str, typer.Option(help="A name for lists; else the feed's own.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Poll these feeds from now on."""
    settings = read_settings(context, database=database)
    specs = [FeedSpec(url=url, title=title) for url in urls]
    _tell(asyncio.run(_add(settings, specs)))


@feeds_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="OPML, or one URL a line.")],
    database: DatabaseOption = None,
) -> None:
    """Poll every feed of a list from now on."""
    settings = read_settings(context, database=database)
    specs = load_feed_list(file, companies=open_catalogue(settings).companies.values())
    _tell(asyncio.run(_add(settings, list(specs))))


@feeds_app.command("remove")
def remove(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The address, as `newsbot feeds list` shows it.")],
    database: DatabaseOption = None,
) -> None:
    """Stop polling a feed; what it brought so far is kept."""
    settings = read_settings(context, database=database)

    async def work() -> None:
        async with open_database(settings) as store:
            await remove_feed(store, url)

    asyncio.run(work())
    typer.echo(f"No longer polled: {url}")
    if any(spec.url == url for spec in open_feed_list(settings, open_catalogue(settings))):
        typer.echo(f"It stands in {settings.feeds_path}, so `newsbot run` will bring it back.")


@feeds_app.command("list")
def list_(context: typer.Context, database: DatabaseOption = None) -> None:
    """List the feeds that are polled, with how they are."""
    settings = read_settings(context, database=database)
    feeds = asyncio.run(_find_feeds(settings))
    if not feeds:
        count = len(open_feed_list(settings, open_catalogue(settings)))
        typer.echo(
            f"No feed is polled yet. `newsbot run` starts with the {count} of "
            f"{settings.feeds_path}; `newsbot feeds add URL` adds one."
        )
        return
    for feed in feeds:
        typer.echo(_describe(feed))


@feeds_app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Standard output if none is named.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Write the feeds that are polled as OPML, for any feed reader."""
    opml = write_opml(asyncio.run(_find_feeds(read_settings(context, database=database))))
    if file is None:
        sys.stdout.write(opml)
        return
    try:
        file.write_text(opml, encoding="utf-8")
    except OSError as error:
        raise InputInvalid(f"{file}: {error.strerror}") from None


@feeds_app.command("check")
def check(
    context: typer.Context,
    urls: Annotated[
        list[str] | None,
        typer.Argument(metavar="[URL…]", help="Only these; every feed if none is named."),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Fetch and read feeds now, and say what is wrong with each; nothing is stored.

    Exit code 1 if any feed failed.
    """
    settings = read_settings(context, database=database)
    bad = 0

    def told(found: FeedCheck) -> None:
        nonlocal bad
        bad += bool(found.error)
        what = found.error or f"{found.entries} entries in {found.seconds:.1f} s"
        typer.echo(f"{'FAIL' if found.error else 'ok  '} {found.url}: {what}")

    async def work() -> int:
        specs = [FeedSpec(url=url) for url in urls or ()]
        if not specs:
            specs = [feed.spec for feed in await _find_feeds(settings)]
            specs = specs or list(open_feed_list(settings, open_catalogue(settings)))
        await check_feeds(settings, specs, told=told)
        return len(specs)

    count = asyncio.run(work())
    typer.echo(f"{count - bad} of {count} feeds are fine", err=True)
    if bad:
        raise typer.Exit(1)


async def _add(settings: Settings, specs: list[FeedSpec]) -> Added:
    async with open_database(settings) as store:
        return await add_feeds(store, specs, now=utc_now())


async def _find_feeds(settings: Settings) -> tuple[Feed, ...]:
    async with open_database(settings) as store:
        return await store.find_feeds()


def _describe(feed: Feed) -> str:
    """A feed on one line, and what is wrong with it on a second."""
    polled = f"polled {feed.polled_at:%d %b %H:%M} UTC" if feed.polled_at else "never polled"
    line = f"{'FAIL' if feed.failures else 'ok  '} {feed.url}  {feed.spec.title} ({polled})"
    if not feed.failures:
        return line
    times = f"{feed.failures} times in a row" if feed.failures > 1 else "once"
    return f"{line}\n     failed {times}, asked again {feed.next_due_at:%d %b %H:%M}: {feed.error}"


def _tell(added: Added) -> None:
    for feed in added.new:
        typer.echo(f"Added: {feed.url}")
    for feed in added.known:
        typer.echo(f"Polled already: {feed.url}")
    typer.echo("Their first poll is history; posted is what comes after it.", err=True)
