"""The ``newsbot`` command: arguments in, exit codes out; the work is done elsewhere.

Exit codes: 0 done; 1 done, and the answer is no (no feed in the document, a check
failed); 2 something must be put right first, and the message says what.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bot import __version__
from bot.cli import ask, feeds, lines, run, upkeep
from bot.cli.setup import CONFIG_DIR_KEY, ConfigOption
from bot.errors import NewsbotError

app = typer.Typer(
    name="newsbot",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help=(
        "News alerts for Slack and Discord: Chinese handset makers and US carriers, "
        "each story posted once. Try `newsbot demo` first."
    ),
)
run.register(app)
ask.register(app)
lines.register(app)
feeds.register(app)
upkeep.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"newsbot {__version__}")
        raise typer.Exit


@app.callback()
def newsbot(
    context: typer.Context,
    config: ConfigOption = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print it and exit."),
    ] = False,
) -> None:
    """What every command shares."""
    context.ensure_object(dict)[CONFIG_DIR_KEY] = config


def main() -> None:
    """Run the command line; errors we foresee become one line and an exit code."""
    try:
        app()
    except NewsbotError as error:
        typer.echo(f"newsbot: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader (head, less) has seen enough: leave quietly, and keep the
        # interpreter from complaining about the same pipe while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
