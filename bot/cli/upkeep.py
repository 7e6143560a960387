"""``newsbot db`` and ``newsbot doctor``: is everything in order?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.setup import CONFIG_DIR_KEY, DatabaseOption, read_settings

db_app = typer.Typer(no_args_is_help=True, help="Look after the database.")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(db_app, name="db")
    app.command()(doctor)


@db_app.command("upgrade")
def upgrade_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """Bring the database to this version; `newsbot run` does so by itself at start.

    Makes the tables of a database that has none, and an SQLite file that is not there.
    """
    from bot.store import conninfo_of, current_revision, head_revision, parse_url, upgrade

    url = read_settings(context, database=database).database.url

    async def work() -> str | None:
        before = await current_revision(url)
        await upgrade(url)
        if parse_url(url).get_backend_name() != "sqlite":
            from bot.scheduling.cluster.schema import upgrade_job_tables

            await upgrade_job_tables(conninfo_of(url))
        return before

    before, after = asyncio.run(work()), head_revision()
    if before == after:
        typer.echo(f"The database is at revision {after} already.")
    else:
        typer.echo(f"The database went from {before or 'empty'} to revision {after}.")


def doctor(
    context: typer.Context,
    alive: Annotated[
        bool,
        typer.Option(
            "--alive",
            metavar="",
            help="Only ask whether a bot runs on this database: exit code 0 if it does, 1 if not.",
        ),
    ] = False,
    feeds: Annotated[
        Path | None,
        typer.Option(
            "--feeds",
            metavar="FILE",
            help="Look at this list of feeds, where `newsbot run` is given one, instead of the "
            "configured one.",
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Check settings, catalogue, database, feeds and tokens; say what is wrong and what to do.

    A line for each: ok; note, for what somebody should know; WRONG, for what must be put
    right. Changes nothing. Exit code 1 if something is wrong.
    """
    from bot.cli.doctor import examine, find_life, tell_life
    from bot.cli.findings import Verdict
    from bot.scheduling.clock import utc_now

    if alive:
        life = asyncio.run(find_life(read_settings(context, database=database)))
        typer.echo(tell_life(life, now=utc_now()))
        raise typer.Exit(0 if life.is_running(utc_now()) else 1)
    findings = asyncio.run(examine(context.obj[CONFIG_DIR_KEY], database=database, feeds=feeds))
    for finding in findings:
        typer.echo(f"{finding.verdict:5} {finding.subject}: {finding.text}")
    if any(finding.verdict is Verdict.WRONG for finding in findings):
        raise typer.Exit(1)
