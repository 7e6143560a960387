"""Commands that answer questions and change nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.app import open_catalogue, open_database
from bot.cli.setup import DatabaseOption, make_console, read_settings
from bot.commands.recent import DEFAULT_LIMIT, DEFAULT_SINCE, find_recent
from bot.commands.status import load_status
from bot.matching import Matcher
from bot.model import Match
from bot.platforms.console import render_recent, show
from bot.scheduling.jobs import utc_now


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(recent)
    app.command()(companies)
    app.command()(explain)
    app.command()(stats)


def recent(
    context: typer.Context,
    company: Annotated[
        list[str] | None,
        typer.Argument(help="Stories that name any of these; every story if none is named."),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="COMPANY", help="…and this one as well; repeatable."),
    ] = None,
    since: Annotated[
        str, typer.Option(help="How far back: 36h, 7d, 2w, or a date.")
    ] = DEFAULT_SINCE,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = DEFAULT_LIMIT,
    database: DatabaseOption = None,
) -> None:
    """List recent stories, newest first: `newsbot recent huawei --with at&t --since 7d`."""
    settings = read_settings(context, database=database)

    async def work() -> None:
        now = utc_now()
        async with open_database(settings) as store:
            answer = await find_recent(
                store,
                open_catalogue(settings),
                companies=company or (),
                also=with_ or (),
                since=since,
                limit=limit,
                now=now,
            )
        show(make_console(), render_recent(answer.messages, asked=answer.asked, now=now))

    asyncio.run(work())


def companies(context: typer.Context) -> None:
    """List the companies that are watched, with the names they go by."""
    catalogue = open_catalogue(read_settings(context))
    table = Table("id", "name", "role", "also written", box=None, pad_edge=False)
    for company in catalogue.companies.values():
        forms = dict.fromkeys(alias.text for alias in company.aliases)
        forms.pop(company.name, None)
        table.add_row(company.id, company.name, company.role, Text(", ".join(forms)))
    show(make_console(), table)


def explain(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A headline, in quotes.")],
    description: Annotated[str, typer.Option(help="The description below it.")] = "",
) -> None:
    """Say whether a headline would be posted, and why."""
    catalogue = open_catalogue(read_settings(context))
    match = Matcher(catalogue).match(text, description)
    typer.echo(_verdict(match, catalogue.name_of))
    for reason in match.reasons:
        typer.echo(f"  {reason}")


def stats(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Count feeds, entries, stories, and deliveries by state."""
    settings = read_settings(context, database=database)

    async def work() -> dict[str, object]:
        async with open_database(settings) as store:
            return await load_status(store, now=utc_now())

    status = asyncio.run(work())
    if as_json:
        typer.echo(json.dumps(status))
        return
    for name, value in status.items():
        shown = (
            ", ".join(f"{count} {state}" for state, count in value.items())
            if isinstance(value, dict)
            else value
        )
        typer.echo(f"{name.replace('_', ' '):20} {'never' if shown is None else shown}")


def _verdict(match: Match, name_of: object) -> str:
    assert callable(name_of)
    who = ", ".join(name_of(company) for company in match.companies)
    if not who:
        return "Not flagged: no watched company is named."
    if not match.relevant:
        return f"Not flagged: it names {who}, but is not about phones or carriers."
    pair = ", a pair" if match.is_pair else ""
    return f"Flagged: {who}{pair}; event: {match.event.value}."
