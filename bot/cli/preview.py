"""``newsbot preview``: what will be posted, before anybody is invited."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.setup import make_console
from bot.errors import InputInvalid


class Shown(StrEnum):
    """The platforms whose messages can be drawn."""

    DISCORD = "discord"
    SLACK = "slack"


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command()(preview)


def preview(
    platform: Annotated[
        Shown, typer.Option("--platform", help="Whose messages to draw.")
    ] = Shown.DISCORD,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a web page instead, for any browser."),
    ] = None,
    phone: Annotated[
        bool, typer.Option("--phone", help="Draw the page as wide as a phone.")
    ] = False,
) -> None:
    """Show what the bot will post and answer on Discord or Slack, drawn from invented news.

    Needs no account and sends nothing. The page loads nothing from anywhere; it shows each
    message in dark and light colours.
    """
    if html is None:
        if phone:
            raise InputInvalid("--phone is about the page; add --html FILE to have one written")
        _print(platform)
        return
    try:
        html.write_text(_make_page(platform, is_phone=phone), encoding="utf-8")
    except OSError as error:
        raise InputInvalid(
            f"{html}: the page cannot be written ({error.strerror}); name another place"
        ) from None
    typer.echo(f"{html}: written; open it in a browser")


def _print(platform: Shown) -> None:
    from bot.platforms.console import show
    from bot.platforms.preview import render_sample, render_slack_sample

    if platform is Shown.SLACK:
        from bot.demo.slackcards import make_slack_samples

        show(make_console(), *map(render_slack_sample, make_slack_samples()))
        return
    from bot.demo.cards import make_samples

    show(make_console(), *map(render_sample, make_samples()))


def _make_page(platform: Shown, *, is_phone: bool) -> str:
    from bot.platforms.preview import make_page, make_slack_page

    title = f"newsbot on {platform.capitalize()}: what will be posted"
    if platform is Shown.SLACK:
        from bot.demo.slackcards import make_slack_samples

        return make_slack_page(make_slack_samples(), title=title, is_phone=is_phone)
    from bot.demo.cards import make_samples

    return make_page(make_samples(), title=title, is_phone=is_phone)
