"""``newsbot preview``: what will be posted, before anybody is invited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.setup import make_console
from bot.errors import InputInvalid

TITLE = "newsbot on Discord: what will be posted"


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command()(preview)


def preview(
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a web page instead, for any browser."),
    ] = None,
    phone: Annotated[
        bool, typer.Option("--phone", help="Draw the page as wide as a phone.")
    ] = False,
) -> None:
    """Show what the bot will post and answer on Discord, drawn from invented news.

    Needs no account and sends nothing. The page loads nothing from anywhere; it shows each
    message in Discord's dark and light colours.
    """
    from bot.demo.cards import make_samples
    from bot.platforms.console import show
    from bot.platforms.preview import make_page, render_sample

    samples = make_samples()
    if html is None:
        if phone:
            raise InputInvalid("--phone is about the page; add --html FILE to have one written")
        show(make_console(), *map(render_sample, samples))
        return
    try:
        html.write_text(make_page(samples, title=TITLE, is_phone=phone), encoding="utf-8")
    except OSError as error:
        raise InputInvalid(
            f"{html}: the page cannot be written ({error.strerror}); name another place"
        ) from None
    typer.echo(f"{html}: written; open it in a browser")
