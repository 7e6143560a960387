"""The page of the commands of a shell, as their own --help has them."""

from __future__ import annotations

import re

import typer
import typer.main
from typer.cli import get_docs_for_click

from bot.cli.program import app

HEAD = """# Console commands

What `newsbot --help` and `newsbot COMMAND --help` say, on one page; it is made from them.
"""


def tell_console() -> str:
    """The page, as Markdown."""
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="newsbot")
    told = get_docs_for_click(obj=command, ctx=context, name="newsbot", title="All")
    told = re.sub(r"\* `--help`: Show this message and exit\.\n", "", told)
    told = re.sub(r"\*\*Options\*\*:\n\n(?=\n|#|\*\*|$)", "", told)
    # A list of commands would show their first words; each stands below in full.
    told = re.sub(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+\n*", "", told)
    return HEAD + "\n" + re.sub(r"^# .*\n", "", told, count=1)
