"""``newsbot backup`` and ``newsbot restore``."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.setup import DatabaseOption, read_settings

BackupArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", metavar="", help="What is in the target now may be lost."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(backup)
    app.command()(restore)


def backup(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; compressed if it ends in .gz.")
    ],
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Overwrite FILE if it is there.")
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Write the whole database into FILE; the bot may go on meanwhile.

    The file is the same for SQLite and PostgreSQL, and `newsbot restore` makes either of it.
    It holds the tokens of workspaces that installed the Slack app, so only you may read it.
    """
    from bot.app.moving import back_up
    from bot.scheduling.clock import utc_now

    url = read_settings(context, database=database).database.url
    began = time.monotonic()
    made = asyncio.run(back_up(url, file, force=force, now=utc_now()))
    typer.echo(
        f"{file}: {tell_size(made.size)}, {made.rows:,} rows, {time.monotonic() - began:.1f} s"
    )


def restore(
    context: typer.Context,
    file: BackupArgument,
    replace: ReplaceOption = False,
    posted_until: Annotated[
        str | None,
        typer.Option(
            "--posted-until",
            metavar="TIME",
            help="When the bot last posted, as 2018-01-09T08:30 in UTC: what was published later "
            "is posted, what came before is kept for search. Default: now.",
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Make the backup in FILE the database; stop the bot first.

    All of it or nothing: if it cannot be done, the database is as it was. A backup of an older
    version is upgraded. Nothing is posted twice: posts that were owed when the backup was made
    are looked for in their channels first, and what feeds published until now is kept for
    search and not posted.
    """
    from bot.app.moving import restore as restore_backup
    from bot.prose.moments import tell_time
    from bot.scheduling.clock import utc_now
    from bot.store import describe_url, parse_url

    now = utc_now()
    until = _read_moment(posted_until, now=now) if posted_until else None
    url = read_settings(context, database=database).database.url
    began = time.monotonic()
    done = asyncio.run(restore_backup(file, url, replace=replace, posted_until=until, now=now))
    shown = tell_time(done.restored.backed_up_at, now=now)
    typer.echo(
        f"{describe_url(parse_url(url))} is as it was at {shown}: {done.rows:,} rows, "
        f"{time.monotonic() - began:.1f} s."
    )
    typer.echo(
        f"What feeds published until {tell_time(done.restored.posted_until, now=now)} counts as "
        "posted. Start the bot with `newsbot run`."
    )


def tell_size(size: int) -> str:
    """Bytes as people say them."""
    shown, unit = float(size), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if shown < 1024 or unit == "GiB":
            break
        shown /= 1024
    return f"{shown:,.0f} {unit}" if unit == "B" else f"{shown:,.1f} {unit}"


def _read_moment(said: str, *, now: datetime) -> datetime:
    from bot.errors import InputInvalid

    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise InputInvalid(
            f"--posted-until {said!r} is no time; write it as 2018-01-09T08:30, in UTC"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise InputInvalid(f"--posted-until {said} is yet to come; the latest is now, the default")
    return moment
