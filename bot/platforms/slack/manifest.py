"""The app's manifest: what the bot asks of Slack, in the file that is pasted to make the app.

The file is the one place where scopes, events and commands are named; what Slack granted is
held against it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.errors import InputInvalid
from bot.platforms.slack.doors import EVENTS_PATH, REDIRECT_PATH

NAME = "slack-manifest.yaml"

WIDTH = 4_096
"""Characters of a line before it is folded: never."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the app asks for.

    Attributes:
        scopes: of the bot's token, each with what it is for ("to join …").
        events: types that are subscribed.
        commands: with their slash.
        text: the file as it is to be pasted for Socket Mode.
    """

    scopes: Mapping[str, str]
    events: tuple[str, ...]
    commands: tuple[str, ...]
    text: str


def load_manifest() -> Manifest:
    """The manifest that this version was made for."""
    text = _find_file().read_text(encoding="utf-8")
    read = _yaml().load(text)
    scopes = read["oauth_config"]["scopes"]["bot"]
    return Manifest(
        scopes={str(one): _comment_at(scopes, at) for at, one in enumerate(scopes)},
        events=tuple(map(str, read["settings"]["event_subscriptions"]["bot_events"])),
        commands=tuple(str(one["command"]) for one in read["features"]["slash_commands"]),
        text=text,
    )


def make_http_manifest(public_url: str) -> str:
    """The manifest for HTTP in place of Socket Mode, with every address that Slack needs.

    Args:
        public_url: under which Slack reaches the bot, "https://news.example.org".

    Raises:
        InputInvalid: it is no https address, which is all that Slack takes.
    """
    base = public_url.strip().rstrip("/")
    parts = urlsplit(base)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise InputInvalid(
            f'"{public_url}" is no address that Slack would send to; it should be like '
            "https://news.example.org"
        )
    yaml = _yaml()
    manifest = yaml.load(_find_file().read_text(encoding="utf-8"))
    events = DoubleQuotedScalarString(base + EVENTS_PATH)
    for command in manifest["features"]["slash_commands"]:
        command.insert(1, "url", events)
    redirect = DoubleQuotedScalarString(base + REDIRECT_PATH)
    manifest["oauth_config"].insert(0, "redirect_urls", [redirect])
    settings = manifest["settings"]
    settings["event_subscriptions"].insert(0, "request_url", events)
    settings["interactivity"] |= {"request_url": events, "message_menu_options_url": events}
    settings["socket_mode_enabled"] = False
    manifest.yaml_set_start_comment(
        'The Slack app for HTTP, in one paste: https://api.slack.com/apps, "Create New App",\n'
        '"From a manifest". Slack asks the address at once, so have the bot running there.\n'
    )
    out = io.StringIO()
    yaml.dump(manifest, out)
    return out.getvalue()


def _find_file() -> Path:
    package = Path(__file__).parents[2]
    shipped = package / "catalogue" / "shipped" / NAME  # in a wheel
    return shipped if shipped.is_file() else package.parent / "config" / NAME  # in a checkout


def _yaml() -> YAML:
    """Reads and writes with comments and quotes as they are."""
    yaml = YAML()
    yaml.width = WIDTH
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _comment_at(scopes: Any, at: int) -> str:
    """The comment behind a scope."""
    token = scopes.ca.items[at][0]
    return str(token.value).strip().removeprefix("#").strip()
