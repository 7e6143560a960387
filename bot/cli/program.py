"""All commands together, and what becomes of the errors they raise."""

from __future__ import annotations

import errno
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot import __version__
from bot.cli import (
    ask,
    backups,
    bench,
    chat,
    databases,
    feeds,
    lines,
    preview,
    run,
    slack,
    story,
    upkeep,
    watch,
    why,
)
from bot.cli.setup import CONFIG_DIR_KEY, ConfigOption
from bot.errors import NewsbotError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a full or broken disk answers to whoever writes standard output to it."""


class Program(TyperGroup):
    """Turns errors that are foreseen into one message and an exit code."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the arguments; ``--help`` prints in here."""
        with _told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Do what they ask for."""
        with _told():
            return super().invoke(ctx)


@contextmanager
def _told() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # here, and not while the interpreter shuts down
    except NewsbotError as error:
        typer.echo(f"newsbot: {error}", err=True)
        raise typer.Exit(2) from None
    except BrokenPipeError:  # the reader (head, less) has seen enough
        _give_up_stdout()
        raise typer.Exit(0) from None
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):  # the same, as rich takes it
            raise typer.Exit(0) from None
        raise
    except UnicodeEncodeError as error:
        if error.reason != "surrogates not allowed":
            raise
        typer.echo(
            f"newsbot: {error.object[:60]!a} is no text in this locale; write it in UTF-8",
            err=True,
        )
        raise typer.Exit(2) from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _give_up_stdout()
        typer.echo(f"newsbot: the output cannot be written: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def _give_up_stdout() -> None:
    """Keep the interpreter from complaining once more when it closes standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="newsbot",
    cls=Program,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help=(
        "News alerts about Chinese handset makers and US carriers, each story posted once.\n\n"
        "`newsbot demo` shows it at work, `newsbot doctor` checks this installation, "
        "`newsbot run` is the bot.\n\n"
        "Exit codes: 0 done; 1 done, and the answer is no; 2 something must be put right "
        "first, and the message says what."
    ),
)
run.register(app)
chat.register(app)
ask.register(app)
why.register(app)
feeds.register(app)
watch.register(app)
story.register(app)
slack.register(app)
upkeep.register(app)
backups.register(app)
databases.register()
lines.register(app)
preview.register(app)
bench.register(app)


def _let_help_flow(group: typer.Typer) -> None:
    """Have ``--help`` break lines where the terminal ends, and not where our source does.

    Rich keeps the line breaks of every paragraph but the first.
    """
    for command in group.registered_commands:
        paragraphs = (inspect.getdoc(command.callback) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(one.split("\n")) for one in paragraphs)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _let_help_flow(inner.typer_instance)


_let_help_flow(app)


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
        typer.Option(
            "--version",
            metavar="",
            callback=_show_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """What every command shares."""
    context.ensure_object(dict)[CONFIG_DIR_KEY] = config
