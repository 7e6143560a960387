"""``newsbot story``: look into one story, and put right what was joined or kept apart wrongly."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import (
    DatabaseOption,
    make_console,
    open_database,
    read_catalogue,
    read_companies,
    read_settings,
)
from bot.scheduling.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.pipeline.repairs import Repaired

OPERATOR = "the operator"
"""Who repairs, in the record of a story."""

story_app = typer.Typer(
    no_args_is_help=True,
    help="Look into a story, merge two, split one: show, merge, split.",
)

StoryArgument = Annotated[
    str, typer.Argument(metavar="STORY-ID", help="As `newsbot recent` shows it, with # or without.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(story_app, name="story")


@story_app.command("show")
def show_(context: typer.Context, story: StoryArgument, database: DatabaseOption = None) -> None:
    """Show a story with its reports, each with its number, and why it is in there.

    Says whether further reports can join it, what it was merged into, and what it turns.
    """
    from bot.commands.stories import show_story
    from bot.platforms.console import render_story, show

    settings = read_settings(context, database=database)

    async def work() -> None:
        async with open_database(settings) as store:
            shown = await show_story(
                store,
                read_companies(settings),
                story,
                close_after=timedelta(hours=settings.stories.close_after_h),
            )
        show(make_console(), render_story(shown, now=utc_now()))

    asyncio.run(work())


@story_app.command("merge")
def merge(
    context: typer.Context,
    kept: Annotated[
        str, typer.Argument(metavar="STORY-ID", help="The story that stays, with its posts.")
    ],
    merged: Annotated[str, typer.Argument(metavar="STORY-ID", help="The story that goes into it.")],
    database: DatabaseOption = None,
) -> None:
    """Make two stories one: `newsbot story merge A B` puts the reports of B into A.

    The post of A is edited; a post of B becomes a pointer to A. It stays so: what comes later
    joins A. `newsbot story split` takes it back.
    """
    from bot.commands.stories import tell_merge
    from bot.pipeline.repairs import Repairer

    settings = read_settings(context, database=database)

    async def work() -> Repaired:
        async with open_database(settings) as store:
            repairer = Repairer(store, read_catalogue(settings), by=OPERATOR)
            return await repairer.merge(kept, merged, now=utc_now())

    done = asyncio.run(work())
    _tell(tell_merge(done.repair, done.posts, asked=done.asked))


@story_app.command("split")
def split(
    context: typer.Context,
    story: StoryArgument,
    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT",
            help="Reports that do not belong there: their numbers as `newsbot story show` has "
            "them, or the outlet, in quotes, where it has one report there.",
        ),
    ],
    database: DatabaseOption = None,
) -> None:
    """Take reports out of a story; together they become a story of their own.

    The post of the story is edited, and what left is posted anew; a story that was merged
    comes back under its own id, and its post is edited back. The report that opened a story
    stays in it: if that is named, the others leave.
    """
    from bot.commands.stories import tell_split
    from bot.pipeline.repairs import Repairer

    settings = read_settings(context, database=database)

    async def work() -> Repaired:
        async with open_database(settings) as store:
            repairer = Repairer(store, read_catalogue(settings), by=OPERATOR)
            return await repairer.split(story, reports, now=utc_now())

    done = asyncio.run(work())
    _tell(tell_split(done.repair, done.posts, asked=done.asked))


def _tell(lines: Iterable[str]) -> None:
    from bot.platforms.console import render_lines, show

    show(make_console(), render_lines(lines))
