"""``newsbot db copy``, ``check`` and ``vacuum``: a database as a whole."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from bot.cli.backups import ReplaceOption, tell_size
from bot.cli.setup import DatabaseOption, read_settings
from bot.cli.upkeep import db_app

CONFIGURED = "-"
"""What stands for database.url on a command line."""


def register() -> None:
    """Add these commands to ``newsbot db``."""
    db_app.command("copy")(copy_database)
    db_app.command("check")(check_database)
    db_app.command("vacuum")(vacuum_database)


def copy_database(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="A path, sqlite:///… or postgresql://….")
    ],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="The same; empty. Default: database.url.")
    ] = CONFIGURED,
    replace: ReplaceOption = False,
) -> None:
    """Copy a whole database, as from SQLite to PostgreSQL or back; stop the bot first.

    All of it or nothing. Afterwards start the bot with TO as its database.url: it goes on where
    it was. FROM stays as it is; do not start a bot on both. Either may be - for database.url, so
    that no password stands on a command line, where every user of the machine sees it.
    """
    from bot.app.moving import copy
    from bot.commands.wording import count
    from bot.scheduling.clock import utc_now
    from bot.store import describe_url, parse_url

    configured = read_settings(context).database.url
    source, target = (configured if url == CONFIGURED else url for url in (source, target))
    began = time.monotonic()
    rows = 0

    def tell(table: str, copied: int) -> None:
        nonlocal rows
        rows += copied
        if copied:
            typer.echo(f"newsbot: {table}: {count(copied, 'row')}", err=True)

    asyncio.run(copy(source, target, replace=replace, now=utc_now(), told=tell))
    spent_s = time.monotonic() - began
    here, there = (describe_url(parse_url(url)) for url in (source, target))
    told = f"{count(rows, 'row')}, " if rows else ""
    typer.echo(f"{here} is copied to {there}: {told}{spent_s:.1f} s.")


def check_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """Look whether the database is sound; changes nothing, and the bot may go on meanwhile.

    A line for each thing looked at: ok; note, for what the bot mends itself or what costs
    nothing; WRONG, for what must be put right, with what it means and what to do. Exit code 1
    if something is wrong, 2 if the database cannot be read or is of another version.
    """
    from bot.app.moving import examine
    from bot.scheduling.clock import utc_now

    url = read_settings(context, database=database).database.url
    found, space = asyncio.run(examine(url, now=utc_now()))
    for one in found:
        if not one.count:
            typer.echo(f"ok    {one.name}: no fault")
            continue
        verdict = "note " if one.is_harmless else "WRONG"
        typer.echo(f"{verdict} {one.name}: {one.count:,}: {one.meaning}; {one.remedy}")
    free = f", {tell_size(space.free)} of it free; `newsbot db vacuum` gives that back"
    typer.echo(f"ok    size: {tell_size(space.size)}{free if space.free else ''}")
    if any(one.count and not one.is_harmless for one in found):
        raise typer.Exit(1)


def vacuum_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """Give the room of what was dropped back to the disk; stop the bot first.

    It is of use once after much was dropped, as by a shorter keep.stories_days: what becomes
    free day by day is used for new rows. SQLite needs as much room again meanwhile. PostgreSQL
    does it by itself; there this makes the room free for new rows and refreshes its statistics.
    """
    from bot.app.moving import vacuum
    from bot.scheduling.clock import utc_now

    url = read_settings(context, database=database).database.url
    began = time.monotonic()
    before, after = asyncio.run(vacuum(url, now=utc_now()))
    typer.echo(
        f"{tell_size(before)} before, {tell_size(after)} now; {time.monotonic() - began:.1f} s"
    )
