"""``newsbot feeds``: which feeds are polled, and how they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.feedlines import describe_check, describe_feed, write_check
from bot.cli.setup import (
    DatabaseOption,
    is_database_there,
    open_database,
    read_companies,
    read_feed_list,
    read_settings,
    write_utf8,
)
from bot.commands.feeds import Added, add_feeds, check_address, remove_feed
from bot.errors import InputInvalid, OperatorError
from bot.model import Feed, FeedOrigin, FeedSpec
from bot.prose.inert import clean_text
from bot.scheduling.clock import utc_now

if TYPE_CHECKING:
    from bot.app import FeedCheck
    from bot.ports import FoundFeed
    from bot.settings import Settings

feeds_app = typer.Typer(
    no_args_is_help=True,
    help="Say which feeds are polled: add, list, remove, import, export, check.",
)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(feeds_app, name="feeds")


@feeds_app.command("add")
def add(
    context: typer.Context,
    urls: Annotated[
        list[str],
        typer.Argument(
            metavar="URL",
            help="Addresses of feeds (RSS, Atom, JSON Feed), or of pages that have one.",
        ),
    ],
    title: Annotated[
        str, typer.Option(metavar="NAME", help="A name for lists; else the feed's own.")
    ] = "",
    is_unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Add the addresses as they are, without a look.")
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Poll these feeds from now on, beside the configured ones.

    Each address is looked at first; of a page, its feed is added. A bot that is running takes
    them up by itself.

    Exit code 0 if all are polled now; 1 if a page has several feeds, which are listed; 2 if
    there is no feed. After 1 and 2 nothing was added.
    """
    settings = read_settings(context, database=database)
    for url in urls:
        check_address(url)
    if is_unchecked:
        _tell(asyncio.run(_add(settings, [FeedSpec(url=url, title=title) for url in urls])))
        return
    found = _search(settings, urls)
    specs = [replace(feed.spec, title=title or _title_of(feed)) for feed in found.values()]
    added = asyncio.run(_add(settings, specs))
    _tell(added, {feed.spec.url: _describe_found(feed, url) for url, feed in found.items()})


@feeds_app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, TOML, or one URL a line.")],
    database: DatabaseOption = None,
) -> None:
    """Poll every feed of a list from now on, beside the configured ones.

    Lines whose address cannot be a feed's are left out, and told on standard error.

    Exit code 0 if all are polled now; 1 if lines were left out, the others are polled; 2 if
    nothing was imported.
    """
    from bot.catalogue import sift_feed_list

    settings = read_settings(context, database=database)
    companies = read_companies(settings).companies.values()
    try:
        specs, refused = sift_feed_list(file, companies=companies)
    except InputInvalid as error:
        raise InputInvalid(f"{error}\nNothing was imported") from None
    _tell(asyncio.run(_add(settings, list(specs))))
    if refused:
        lines = "1 line was" if len(refused) == 1 else f"{len(refused)} lines were"
        typer.echo("\n".join(refused), err=True)
        typer.echo(f"newsbot: {lines} left out; the other feeds are polled", err=True)
        raise typer.Exit(1)


@feeds_app.command("remove")
def remove(
    context: typer.Context,
    said: Annotated[
        str,
        typer.Argument(
            metavar="FEED", help="Its address, or its number, as `newsbot feeds list` shows it."
        ),
    ],
    database: DatabaseOption = None,
) -> None:
    """Stop polling a feed; what it brought so far is kept.

    One of a list is back with the next `newsbot run` that reads the list, unless it is taken
    out there as well.
    """
    settings = read_settings(context, database=database)

    async def work() -> Feed | None:
        async with open_database(settings) as store:
            return await remove_feed(store, said)

    feed = asyncio.run(work())
    url = feed.url if feed else said
    typer.echo(f"No longer polled: {_masked(settings)(url)}")
    if warning := _warn_of_return(settings, feed, url):
        typer.echo(warning, err=True)


@feeds_app.command("list")
def list_(
    context: typer.Context,
    is_full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Show the keys and tokens in addresses, not *** in their place.",
        ),
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """List the feeds that are polled, with how they are.

    A line for each: ok, QUIET (far less comes than usual) or FAIL, number, address, title, last
    poll. Below it the rhythm, and what is wrong.
    """
    settings = read_settings(context, database=database)
    feeds = asyncio.run(_find_feeds_if_any(settings))
    if not feeds:
        typer.echo(
            f"No feed is polled yet. `newsbot run` starts with the {len(_configured(settings))} "
            f"of {settings.feeds_path}; `newsbot feeds add URL` adds one.",
            err=True,
        )
        return
    now = utc_now()
    shown = str if is_full else _masked(settings)
    for feed in feeds:
        typer.echo("\n     ".join(describe_feed(feed, now=now, shown=shown)))


@feeds_app.command("export")
def export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Written anew; standard output if none is named."),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Write the feeds that are polled as OPML, for any feed reader."""
    from bot.catalogue import write_opml

    opml = write_opml(asyncio.run(_find_feeds(read_settings(context, database=database))))
    if file is None:
        write_utf8(opml)
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
        typer.Argument(
            metavar="URL",
            help="Only these, polled or not; if none is named, every feed that is polled, or "
            "before the first run every configured one.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object for each, a line, for programs.")
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Fetch and read feeds now, and say what is wrong with each; nothing is stored.

    A line for each as its answer comes in: ok or FAIL, address, what was found. Below it title
    and newest entry, the rhythm that the publisher asks for, where it moved, its hub, and
    what can be done about a failure.
    Exit code 0 if all are fine, 1 if any failed.
    """
    from bot.app import check_feeds

    settings = read_settings(context, database=database)
    shown = _masked(settings)
    bad = 0

    def told(found: FeedCheck) -> None:
        nonlocal bad
        bad += bool(found.error)
        lines = [write_check(found)] if as_json else describe_check(found, shown=shown)
        typer.echo("\n     ".join(lines))

    for url in urls or ():
        check_address(url)
    specs = [FeedSpec(url=url) for url in urls or ()]
    if not specs:
        specs = [feed.spec for feed in asyncio.run(_find_feeds_if_any(settings))]
    specs = specs or list(_configured(settings))
    asyncio.run(check_feeds(settings, specs, told=told))
    typer.echo(f"newsbot: {len(specs) - bad} of {len(specs)} feeds are fine", err=True)
    if bad:
        raise typer.Exit(1)


def _search(settings: Settings, urls: list[str]) -> dict[str, FoundFeed]:
    """The one feed at each of ``urls``; where a page has several, they are listed.

    Raises:
        InputInvalid: at one of them there is none.
        typer.Exit: with 1, somebody must choose.
    """
    from bot.app import search_feeds

    searches = asyncio.run(search_feeds(settings, urls))
    if errors := [search.error.rstrip(".") for search in searches if search.error]:
        raise InputInvalid(
            f"{'; '.join(errors)}. Nothing was added; --unchecked adds addresses without a look"
        )
    unclear = [search for search in searches if len(search.found) > 1]
    for search in unclear:
        typer.echo(f"{search.url} has {len(search.found)} feeds:")
        for feed in search.found:
            typer.echo(f"  {feed.spec.url}{_describe_found(feed, feed.spec.url)}")
    if unclear:
        typer.echo("newsbot: nothing was added; add the one that you mean", err=True)
        raise typer.Exit(1)
    return {search.url: search.found[0] for search in searches}


def _title_of(feed: FoundFeed) -> str:
    return clean_text(feed.spec.title)


def _describe_found(feed: FoundFeed, asked: str) -> str:
    """What follows the address of a feed: its title, its size, and where it was found."""
    entries = "1 entry" if feed.entries == 1 else f"{feed.entries} entries"
    place = f"found at {asked}" if feed.spec.url != asked else ""
    return "  " + ", ".join(part for part in (_title_of(feed), entries, place) if part)


async def _add(settings: Settings, specs: list[FeedSpec]) -> Added:
    async with open_database(settings, create=True) as store:
        return await add_feeds(store, specs, now=utc_now())


async def _find_feeds(settings: Settings) -> tuple[Feed, ...]:
    async with open_database(settings) as store:
        return await store.find_feeds()


async def _find_feeds_if_any(settings: Settings) -> tuple[Feed, ...]:
    """None as well before there is a database."""
    return await _find_feeds(settings) if await is_database_there(settings) else ()


def _masked(settings: Settings) -> Callable[[str], str]:
    """What hides keys and tokens as the log does; lists are copied into bug reports too."""
    from bot.telemetry.masking import Masker

    return Masker(settings.secret_values()).mask


def _configured(settings: Settings) -> tuple[FeedSpec, ...]:
    return read_feed_list(settings, read_companies(settings))


def _warn_of_return(settings: Settings, feed: Feed | None, url: str) -> str:
    """That a list brings the removed feed back, and what to do; "" where none does."""
    try:
        is_listed = any(spec.url == url for spec in _configured(settings))
    except OperatorError:  # of the list, not of what was asked for
        is_listed = False
    if is_listed:
        where = f"It stands in {settings.feeds_path}, so the next `newsbot run`"
    elif feed is not None and feed.origin is FeedOrigin.CONFIGURED:
        where = "It came from a list, so the next `newsbot run` with that list (--feeds FILE)"
    else:
        return ""
    return f"{where} brings it back; take it out there as well."


def _tell(added: Added, found: Mapping[str, str] = MappingProxyType({})) -> None:
    """Say what was added; ``found`` is what follows an address."""
    for feed in added.new:
        typer.echo(f"Added: {feed.url}{found.get(feed.url, '')}")
    for feed in added.known:
        typer.echo(f"Polled already: {feed.url}")
    if added.new:
        typer.echo("The first poll of a feed is history; posted is what comes after it.", err=True)
