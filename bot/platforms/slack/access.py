"""What Slack says of the tokens, asked once: for whoever checks an installation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.errors import SendRefusedForNow, SettingsInvalid
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.doors import EVENTS_PATH
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.manifest import load_manifest
from bot.platforms.slack.supervisor import HOPELESS
from bot.platforms.slack.workspaces import Account, ask_who_we_are, tell_failure, tell_refused

ASK_S = 15.0
"""Seconds for a request."""

APPS = "https://api.slack.com/apps"
"""Where an app is set up."""

SWITCHED_OFF = "link_disabled"
"""What Slack calls it where Socket Mode is off."""

NO_TOKEN = frozenset(
    {
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
"""Answers after which another app-level token helps."""


class SocketAccount(Protocol):
    """The app-level token, and where Slack is."""

    @property
    def app_token(self) -> SecretStr | None:
        """The token that opens the socket."""
        ...

    @property
    def api_base(self) -> str:
        """Of the Web API, with a slash at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """A bot that Slack knows.

    Attributes:
        workspace: its name.
        url: its address.
        missing: scopes that the bot was not given, each with what it is for ("to join …").
        spare: scopes that it was given and has no use for.
    """

    workspace: str
    url: str
    missing: Mapping[str, str]
    spare: tuple[str, ...]


async def check_access(account: Account) -> Access:
    """Ask Slack whose the bot's token is and what it may do; nothing is changed.

    Raises:
        SettingsInvalid: the token is not taken.
        SendRefusedForNow: Slack cannot be reached, or gives no proper answer.
    """
    assert account.bot_token is not None
    async with open_session() as session:
        token = account.bot_token.get_secret_value()
        client = make_client(token, api_base=account.api_base, session=session)
        try:
            async with asyncio.timeout(ASK_S):
                bot = await ask_who_we_are(client)
        except Exception as error:
            if told := tell_refused(error):
                raise SettingsInvalid(
                    f"{told}; “Bot User OAuth Token” is under OAuth & Permissions on {APPS}"
                ) from error
            raise _refuse(account.api_base, error, "slack.bot_token") from error
    wanted = load_manifest().scopes
    return Access(
        workspace=bot.team_name,
        url=bot.url,
        missing={one: why for one, why in wanted.items() if one not in bot.scopes},
        spare=tuple(sorted(bot.scopes - wanted.keys())),
    )


async def check_socket(account: SocketAccount) -> None:
    """Ask Slack for the address of a socket, and open none.

    Raises:
        SettingsInvalid: the app-level token is not taken, or Socket Mode is switched off.
        SendRefusedForNow: Slack cannot be reached, or gives no proper answer.
    """
    assert account.app_token is not None
    token = account.app_token.get_secret_value()
    async with open_session() as session:
        client = make_client(None, api_base=account.api_base, session=session)
        try:
            async with asyncio.timeout(ASK_S):
                await client.apps_connections_open(app_token=token)
        except Exception as error:
            word = error_of(error)
            if word == SWITCHED_OFF:
                raise SettingsInvalid(
                    f"Socket Mode is switched off; switch it on under Socket Mode on {APPS}, or "
                    'set slack.mode to "http"'
                ) from error
            if word in HOPELESS:
                way = (
                    "; make one with the scope connections:write under Basic Information, "
                    f"App-Level Tokens, on {APPS}"
                )
                told = f"{HOPELESS[word]}{way if word in NO_TOKEN else ''}"
                raise SettingsInvalid(told) from error
            raise _refuse(account.api_base, error, "slack.app_token") from error


def find_door_problem(public_url: str) -> str:
    """Why Slack sends no request to ``public_url``; "" where nothing is known against it.

    Only how it is written is looked at.
    """
    parts = urlsplit(public_url)
    if public_url and parts.scheme != "https":
        return (
            f"Slack sends to https addresses only, and slack.public_url is {public_url}; a proxy "
            f"with TLS stands before slack.listen, and gives Slack {EVENTS_PATH}"
        )
    return ""


def _refuse(api_base: str, error: Exception, about: str) -> SendRefusedForNow:
    return SendRefusedForNow(f"{api_base} cannot be asked about {about}: {tell_failure(error)}")
