"""Commands that answer questions and change nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.backups import tell_size
from bot.cli.setup import (
    DatabaseOption,
    is_database_there,
    make_console,
    open_database,
    read_companies,
    read_settings,
)
from bot.commands.recent import DEFAULT_LIMIT, DEFAULT_SINCE, find_recent
from bot.commands.status import load_status
from bot.prose.moments import tell_age
from bot.scheduling.clock import utc_now

if TYPE_CHECKING:
    from bot.model import Company


MOST_FORMS = 12
"""Names of a company that are shown unless all are asked for."""


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(recent)
    app.command()(stats)
    app.command()(companies)


def recent(
    context: typer.Context,
    company: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMPANY",
            help="Stories that name any of these, in any spelling; every story if none is named.",
        ),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="COMPANY", help="…and this one as well; repeatable."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="How far back: 36h, 7d, 2w, or a date.")
    ] = DEFAULT_SINCE,
    limit: Annotated[
        int, typer.Option(metavar="COUNT", min=1, max=500, help="At most so many, up to 500.")
    ] = DEFAULT_LIMIT,
    database: DatabaseOption = None,
) -> None:
    """List recent stories, newest first: `newsbot recent huawei --with 'at&t' --since 7d`.

    Prints three lines a story: when and what; who, what kind of event and how many
    outlets; the link. PAIR marks a handset maker and a carrier in the same story.
    """
    from bot.platforms.console import render_recent, show

    settings = read_settings(context, database=database)

    async def work() -> None:
        now = utc_now()
        async with open_database(settings) as store:
            answer = await find_recent(
                store,
                read_companies(settings),
                companies=company or (),
                also=with_ or (),
                since=since,
                limit=limit,
                now=now,
            )
        show(make_console(), render_recent(answer.messages, asked=answer.asked, now=now))

    asyncio.run(work())


def companies(
    context: typer.Context,
    every_form: Annotated[
        bool,
        typer.Option("--all", metavar="", help="Every form of the names, as texts inflect them."),
    ] = False,
) -> None:
    """List the companies that are watched, with the main names they go by.

    In a pipe a line each, with tabs between: id, name, role, other names.
    """
    rows = []
    for company in read_companies(read_settings(context)).companies.values():
        forms = [alias.text for alias in company.aliases]
        names = dict.fromkeys(forms if every_form else main_forms(company)[:MOST_FORMS])
        names.pop(company.name, None)
        rows.append((company.id, company.name, company.role.value, ", ".join(names)))
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return

    from rich.padding import Padding
    from rich.text import Text

    console = make_console()
    for id_, name, role, others in rows:
        console.print(Text.assemble((name, "bold"), f"  {role}, ", (id_, "dim")))
        if others:
            console.print(Padding(Text(others), (0, 0, 0, 4)))


def main_forms(company: Company) -> list[str]:
    """The first name of each of its brands, then its other names, all without endings."""
    brands = {alias.brand: alias.text for alias in reversed(company.aliases)}
    found = [company.name]
    for form in (*reversed(brands.values()), *(alias.text for alias in company.aliases)):
        if not any(_is_inflected(form, of=earlier) for earlier in found):
            found.append(form)
    return found


def _is_inflected(form: str, *, of: str) -> bool:
    """Whether ``form`` is ``of``, in any case, or that and small letters: "Huaweia" of Huawei."""
    if form[: len(of)].casefold() != of.casefold():
        return False
    ending = form[len(of) :]
    return not ending or (ending.islower() and ending.isalpha())


def stats(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="One JSON object, for programs.")
    ] = False,
    database: DatabaseOption = None,
) -> None:
    """Count feeds, entries, stories, and deliveries by state, and the bytes of the database.

    Of processes that share a PostgreSQL it says which roles each has, and when it was last seen.
    """
    from bot.store.checking import measure

    settings = read_settings(context, database=database)

    async def work() -> dict[str, Any]:
        async with open_database(settings) as store:
            status = await load_status(store, now=utc_now())
        is_there = await is_database_there(settings)
        return status | {"database_bytes": measure(settings.database.url).size if is_there else 0}

    status = asyncio.run(work())
    if as_json:
        typer.echo(json.dumps(status))
        return
    processes = status.pop("processes")
    for name, value in status.items():
        label = name.removesuffix("_s").removesuffix("_bytes").replace("_", " ")
        shown = tell_size(int(str(value))) if name.endswith("_bytes") else _shown(value)
        typer.echo(f"{label:16} {shown}{' s' if name.endswith('_s') else ''}")
    for one in processes:
        seen = tell_age(utc_now() - datetime.fromisoformat(one["seen_at"]))
        typer.echo(f"{'process':16} {one['name']}: {', '.join(one['roles'])}; seen {seen}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {state}" for state, count in value.items())
    return "never" if value is None else str(value)
