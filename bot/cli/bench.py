"""``newsbot bench``: what polling costs on this machine, beside others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.stopping import run_until_stopped

if TYPE_CHECKING:
    from bot.bench import Contest


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command()(bench)


def bench(
    feeds: Annotated[
        int, typer.Option(metavar="COUNT", min=1, max=10_000, help="Feeds of 20 entries each.")
    ] = 100,
    rounds: Annotated[
        int, typer.Option(metavar="COUNT", min=1, max=100, help="Figures are their medians.")
    ] = 3,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="One JSON object, for programs.")
    ] = False,
) -> None:
    """Measure what polling costs on this machine, beside `reader` and a plain loop.

    A server of this machine plays the feeds, each on an address of its own; the pollers take
    turns, each in a process of its own with an empty database. Settings and database of yours
    are not touched, and nothing is left behind. CPU is the figure to trust; time in all
    depends on what else runs.
    """
    from bot.bench import Contest, find_pollers, render_figures, render_json, run_contest

    pollers = find_pollers()
    contest = Contest(feeds, rounds, tuple(pollers))

    async def work(stop: asyncio.Event) -> None:
        with _progress(contest) as told:
            figures = await run_contest(contest, stop=stop, told=told)
        if figures is None:
            typer.echo("newsbot: stopped before everything was measured", err=True)
            raise typer.Exit(1)
        typer.echo(render_json(figures) if as_json else render_figures(figures))
        if "reader" not in pollers:
            typer.echo(
                "newsbot: reader is not installed here, so it was left out; "
                "pip install 'newsbot[bench]' brings it",
                err=True,
            )

    run_until_stopped(work)


@contextmanager
def _progress(contest: Contest) -> Iterator[Callable[[int, str], None]]:
    """What is being measured, on standard error: one line that changes, or a few elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("measuring"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        redirect_stdout=False,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task("", total=contest.steps)

        def told(step: int, what: str) -> None:
            progress.update(bar, completed=step, description=what)
            in_a_round = contest.steps // contest.rounds
            if not console.is_terminal and step % in_a_round == 0:
                turn = step // in_a_round + 1
                typer.echo(f"newsbot: measuring, round {turn} of {contest.rounds}", err=True)

        yield told
