"""``newsbot watch``: companies besides those of the catalogue, for this console."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import DatabaseOption, open_database, read_companies, read_settings
from bot.commands.watches import (
    SAMPLES,
    Change,
    Trial,
    add_watch,
    assess_watch,
    edit_watch,
    find_watch_or_none,
    find_watches,
    remove_watch,
    tell_assessment,
    tell_known,
    tell_warning,
    try_watch,
)
from bot.errors import InputInvalid
from bot.model import Role, Watch
from bot.scheduling.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.matching import Assessment
    from bot.model import Catalogue, Company
    from bot.settings import Settings

watch_app = typer.Typer(
    no_args_is_help=True,
    help="Watch further companies: a name is enough. test, add, edit, remove, list.",
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help='As headlines write it: "Fairphone", "Back Market".')
]
RoleOption = Annotated[
    Role | None,
    typer.Option(help="A maker or carrier takes part in pairs; other (the default) does not."),
]
AliasOption = Annotated[
    list[str] | None,
    typer.Option("--alias", metavar="NAME", help="Another name it goes by; repeatable."),
]
NeedsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD",
        help="Count it only with one of these in the text; repeatable. Takes the place of what "
        "an everyday name needs by itself.",
    ),
]
UnlessOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="Never count it with this in the text; repeatable."),
]
CaseOption = Annotated[
    bool | None,
    typer.Option(
        "--exact/--any-case",
        metavar="",
        help="Whether upper and lower case matter; if left out, the name decides.",
    ),
]
AloneOption = Annotated[
    bool | None,
    typer.Option(
        "--alone/--held",
        metavar="",
        help="Count its names wherever they stand, everyday words or not; --held is the default.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(watch_app, name="watch")


@watch_app.command("test")
def try_(
    context: typer.Context,
    name: NameArgument,
    headlines: Annotated[
        list[str] | None, typer.Argument(metavar="HEADLINE", help="Headlines to try, in quotes.")
    ] = None,
    role: RoleOption = None,
    alias: AliasOption = None,
    needs: NeedsOption = None,
    unless: UnlessOption = None,
    exact: CaseOption = None,
    alone: AloneOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say how a name would be looked for, and what it would find; nothing is changed.

    Tries the headlines given, then those of entries the bot has seen. A name that is watched
    already is tried as it is, with the options of this call on top.
    """
    settings = read_settings(context, database=database)
    catalogue = read_companies(settings)
    change = _change(role, alias, needs, unless, exact=exact, alone=alone)
    assess_watch(change.apply(Watch(name)), catalogue)

    async def work() -> Trial:
        async with open_database(settings) as store:
            watch = await find_watch_or_none(store, name) or Watch(name)
            return await try_watch(store, catalogue, change.apply(watch), headlines or ())

    _tell_trial(asyncio.run(work()), catalogue)


@watch_app.command("add")
def add(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption = None,
    alias: AliasOption = None,
    needs: NeedsOption = None,
    unless: UnlessOption = None,
    exact: CaseOption = None,
    alone: AloneOption = None,
    database: DatabaseOption = None,
) -> None:
    """Watch a company from now on: `newsbot watch add Fairphone`.

    A bot that is running takes it up by itself. News of it is in `newsbot recent`, and is posted
    to this console where the bot posts to it; in Discord or Slack type `/watch add Fairphone`
    instead. An everyday name counts only where the sentence shows a company.
    """
    settings = read_settings(context, database=database)
    catalogue = read_companies(settings)
    watch = _change(role, alias, needs, unless, exact=exact, alone=alone).apply(Watch(name))
    assess_watch(watch, catalogue)  # before a database is made for it

    async def work() -> Assessment:
        async with open_database(settings, create=True) as store:
            return await add_watch(store, catalogue, watch, now=utc_now())

    _tell(asyncio.run(work()), catalogue, done="Watched from now on", settings=settings)


@watch_app.command("edit")
def edit(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption = None,
    alias: AliasOption = None,
    needs: NeedsOption = None,
    unless: UnlessOption = None,
    exact: CaseOption = None,
    alone: AloneOption = None,
    database: DatabaseOption = None,
) -> None:
    """Change how a company is looked for; what is not named stays as it is.

    Names and words given take the place of all that were there; "" empties the list.
    """
    settings = read_settings(context, database=database)
    catalogue = read_companies(settings)
    change = _change(role, alias, needs, unless, exact=exact, alone=alone)

    async def work() -> Assessment:
        async with open_database(settings) as store:
            return await edit_watch(store, catalogue, name, change, now=utc_now())

    _tell(asyncio.run(work()), catalogue, done="Changed", settings=settings)


@watch_app.command("remove")
def remove(context: typer.Context, name: NameArgument, database: DatabaseOption = None) -> None:
    """Watch a company no more; the stories that were found stay in the record."""
    settings = read_settings(context, database=database)

    async def work() -> None:
        async with open_database(settings) as store:
            await remove_watch(store, name)

    asyncio.run(work())
    typer.echo(f"No longer watched: {name}")


@watch_app.command("list")
def list_(context: typer.Context, database: DatabaseOption = None) -> None:
    """List the companies watched here besides those of the catalogue."""
    settings = read_settings(context, database=database)
    catalogue = read_companies(settings)

    async def work() -> tuple[tuple[Watch, Assessment], ...]:
        async with open_database(settings) as store:
            return await find_watches(store, catalogue)

    found = asyncio.run(work())
    for _, assessment in found:
        _echo(tell_assessment(assessment))
    if not found:
        typer.echo(
            "Nothing is watched here besides the catalogue (`newsbot companies`); "
            "`newsbot watch add NAME` adds a company.",
            err=True,
        )


def read_inline_watches(texts: Iterable[str], catalogue: Catalogue) -> tuple[Company, ...]:
    """The companies of ``--watch NAME`` or ``--watch "NAME=ALIAS,ALIAS"``; warns of doubts.

    A company of the catalogue needs no watch and is left out.

    Raises:
        InputInvalid: one of them cannot be a name.
    """
    from dataclasses import replace

    from bot.matching import company_of, watch_key

    companies = []
    for text in texts:
        name, _, aliases = text.partition("=")
        given = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        watch = Watch(name, aliases=given)
        try:
            assessment = assess_watch(watch, catalogue)
        except InputInvalid as error:
            raise InputInvalid(f"--watch: {error}") from None
        if said := tell_known(assessment, catalogue) or tell_warning(assessment):
            typer.echo(f"newsbot: --watch {name.strip()}: {said}", err=True)
        if not assessment.known:
            companies.append(replace(company_of(watch), id=watch_key(name)))
    return tuple(companies)


def _change(
    role: Role | None,
    alias: list[str] | None,
    needs: list[str] | None,
    unless: list[str] | None,
    *,
    exact: bool | None,
    alone: bool | None,
) -> Change:
    """The options as a change; a list that was not given is None, [""] is an empty one."""

    def listed(texts: list[str] | None) -> tuple[str, ...] | None:
        return None if not texts else tuple(text for text in texts if text.strip())

    return Change(
        role=role,
        aliases=listed(alias),
        needs=listed(needs),
        unless=listed(unless),
        exact_case=None if exact is None else (exact,),
        is_alone=alone,
    )


def _tell(assessment: Assessment, catalogue: Catalogue, *, done: str, settings: Settings) -> None:
    if known := tell_known(assessment, catalogue):
        typer.echo(known)
        return
    name = assessment.company.name
    typer.echo(f"{done}: {name}")
    if platforms := " or ".join(settings.connected):
        typer.echo(f"  for this console only; in {platforms}: /watch add {name}")
    _echo(tell_assessment(assessment)[1:])
    if assessment.held:
        typer.echo(
            f"`newsbot watch test '{assessment.company.name}'` shows what it finds. Names of its "
            "products make it surer (--alias); --needs, --unless and --alone change the rules.",
            err=True,
        )


def _tell_trial(trial: Trial, catalogue: Catalogue) -> None:
    known = tell_known(trial.assessment, catalogue)
    _echo((known,) if known else tell_assessment(trial.assessment))
    company = trial.assessment.known or trial.assessment.company.id
    for headline, match in trial.verdicts:
        typer.echo(f"{'yes' if company in match.companies else 'no '}  {headline}")
        _echo(f"     {reason}" for reason in match.reasons if " in the title, " in reason)
    if not (trial.taken or trial.passed):
        typer.echo("No entry that the bot has seen holds the name.", err=True)
        return
    total = len(trial.taken) + len(trial.passed)
    typer.echo(f"Of {total} recent headlines with the name in it, {len(trial.taken)} count.")
    for answer, entries in (("yes", trial.taken), ("no ", trial.passed)):
        for entry in entries[:SAMPLES]:
            typer.echo(f"{answer}  {entry.title}")
        if len(entries) > SAMPLES:
            typer.echo(f"     … and {len(entries) - SAMPLES} more")


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
