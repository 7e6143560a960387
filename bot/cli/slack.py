"""``newsbot slack``: what setting up the Slack app takes."""

from __future__ import annotations

from typing import Annotated

import typer

slack_app = typer.Typer(no_args_is_help=True, help="Set up the Slack app: manifest.")


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.add_typer(slack_app, name="slack")


@slack_app.callback()
def slack() -> None:
    """Keep the name of the one command: typer would leave it out."""


@slack_app.command("manifest")
def manifest(
    http: Annotated[
        str,
        typer.Option(
            "--http",
            metavar="URL",
            help="For HTTP in place of Socket Mode: the https address under which Slack reaches "
            "the bot (slack.public_url).",
        ),
    ] = "",
) -> None:
    """Print the manifest that makes the Slack app in one paste.

    On https://api.slack.com/apps: “Create New App”, “From a manifest”, and paste it there. An
    app that is there already takes it under “App Manifest”.
    """
    from bot.cli.setup import write_utf8
    from bot.platforms.slack.manifest import load_manifest, make_http_manifest

    text = make_http_manifest(http) if http else load_manifest().text
    write_utf8(text)
