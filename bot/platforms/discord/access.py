"""What Discord says of the token, asked once: for whoever checks an installation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
import discord

from bot.errors import SendRefusedForNow, SettingsInvalid
from bot.platforms.discord.places import NEEDED
from bot.platforms.discord.rest import Account, point_library_at

ASK_S = 15.0
"""Seconds for the few requests that it takes."""


@dataclass(frozen=True, slots=True)
class Access:
    """A bot that Discord knows.

    Attributes:
        name: as people see it.
        servers: how many have invited it, as Discord estimates; None where it does not say.
        invite: the address that adds it to a server.
        endpoint: where Discord sends commands instead of here, or "".
    """

    name: str
    servers: int | None
    invite: str
    endpoint: str


async def check_access(settings: Account) -> Access:
    """Log in, look, and log out; nothing is changed.

    Raises:
        SettingsInvalid: the token is not taken.
        SendRefusedForNow: Discord cannot be reached, or gives no proper answer.
    """
    assert settings.token is not None
    point_library_at(settings)
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            async with asyncio.timeout(ASK_S):
                await client.login(settings.token.get_secret_value())
        except discord.LoginFailure as error:
            raise SettingsInvalid(
                "Discord does not take it; make a new one under Bot, Reset Token, on "
                "https://discord.com/developers/applications"
            ) from error
        except discord.HTTPException as error:
            raise SendRefusedForNow(f"{settings.api_base} answered {error.status}") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            why = " ".join(str(error).split())[:200] or "no answer in time"
            raise SendRefusedForNow(
                f"{settings.api_base} cannot be reached: {why}; look at this machine's network "
                "and DNS, and at discord.api_base"
            ) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise SendRefusedForNow(
                f"{settings.api_base}: what answers there is not its API (discord.api_base)"
            ) from error
        return _describe(client)


def invite_link(client: discord.Client) -> str:
    """The address that adds the bot to a server, with the permissions it needs and no more."""
    assert client.application_id is not None
    return discord.utils.oauth_url(
        client.application_id, permissions=NEEDED, scopes=("bot", "applications.commands")
    )


def _describe(client: discord.Client) -> Access:
    application = client.application
    return Access(
        name=str(client.user),
        servers=application.approximate_guild_count if application else None,
        invite=invite_link(client),
        endpoint=(application.interactions_endpoint_url or "") if application else "",
    )
