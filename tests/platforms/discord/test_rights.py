"""Who may do what, through the real client, as people in Discord try it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.command import Need, OptionKind
from tests.platforms.discord.desk import open_desk
from tests.platforms.discord.rows import option, row, say_hello, say_values
from tests.servers.discord import DiscordServer, NotOffered, world
from tests.servers.discord.interactions import Interaction


def take_away(server: DiscordServer, name: str, permission: int) -> None:
    """Let nobody have ``permission`` in the channel ``name``."""
    resolve = server.permissions_in

    def without(channel: Any, user: Any = None) -> int:
        found = resolve(channel, user)
        return found & ~permission if channel.name == name else found

    server.permissions_in = without  # type: ignore[method-assign]


async def test_a_role_that_posts_could_not_call_is_said_to_be_so() -> None:
    table = (row("it", say_values, option("role", OptionKind.ROLE)),)
    async with open_desk(table=table) as desk:
        desk.server.add_role(desk.server.guild, "quiet")
        desk.server.add_role(desk.server.guild, "loud", is_mentionable=True)

        everyday = desk.server.guild.permissions
        caller = desk.server.add_user("ada", permissions=everyday | world.MENTION_EVERYONE)

        said = await desk.answer("/try it role:@quiet", user=caller)
        assert "Discord does not let me call that role" in said
        assert "Discord" not in await desk.answer("/try it role:@loud", user=caller)
        desk.server.set_permissions(desk.server.channel, everyday | world.MENTION_EVERYONE)
        assert "Discord" not in await desk.answer("/try it role:@quiet", user=caller)


async def test_nobody_has_a_role_called_that_they_may_not_call_themselves() -> None:
    options = option("role", OptionKind.ROLE), option("channel", OptionKind.CHANNEL)
    async with open_desk(table=(row("it", say_values, *options),)) as desk:
        server = desk.server
        everyday = server.guild.permissions | world.MENTION_EVERYONE
        server.set_permissions(server.channel, everyday)  # the bot may call every role
        server.add_role(server.guild, "quiet")
        server.add_role(server.guild, "loud", is_mentionable=True)
        server.add_channel(server.guild, "staff")
        caller = server.add_user("ada", permissions=everyday)
        take_away(server, "staff", world.MENTION_EVERYONE)

        refused = "You may not call that role yourself"
        assert refused in await desk.answer("/try it role:@quiet")
        assert refused not in await desk.answer("/try it role:@loud")
        assert refused not in await desk.answer("/try it role:@quiet", user=caller)
        assert refused in await desk.answer("/try it role:@quiet channel:#staff", user=caller)


@pytest.mark.parametrize("need", [Need.NOTHING, Need.CHANNELS])
async def test_a_channel_or_role_that_discord_does_not_describe_is_refused(need: Need) -> None:
    """Else the right that is needed there could not be checked."""
    options = option("role", OptionKind.ROLE), option("channel", OptionKind.CHANNEL)
    async with open_desk(table=(row("it", say_values, *options, need=need),)) as desk:
        server = desk.server
        server.add_role(server.guild, "quiet", is_mentionable=True)
        payload = server._payload

        def forget(interaction: Interaction) -> dict[str, Any]:
            interaction.data.pop("resolved", None)
            return payload(interaction)

        server._payload = forget  # type: ignore[method-assign]

        for picked in ("channel:#general", "role:@quiet"):
            assert "Discord did not tell me" in await desk.answer(f"/try it {picked}")


@pytest.mark.parametrize("need", [Need.NOTHING, Need.CHANNELS])
async def test_a_channel_that_somebody_does_not_see_is_not_told_of(need: Need) -> None:
    table = (row("it", say_values, option("channel", OptionKind.CHANNEL), need=need),)
    async with open_desk(table=table) as desk:
        desk.server.add_channel(desk.server.guild, "staff")
        take_away(desk.server, "staff", world.VIEW)

        assert "You need the permission" in await desk.answer("/try it channel:#staff")
        assert "channel=" in await desk.answer("/try it channel:#general")


async def test_managing_is_refused_to_whom_discord_let_through() -> None:
    """Administrators of a server may show a command to anybody; it is checked again."""
    table = (row("it", say_hello, need=Need.CHANNELS),)
    async with open_desk(table=table) as desk:
        with pytest.raises(NotOffered):
            desk.server.slash("/try it", **desk.person)
        for command in desk.server.commands.values():
            command["default_member_permissions"] = None

        refused = await desk.answer("/try it", user=desk.server.person)
        assert refused == "You need the permission “Manage Channels” for /try it"
        assert await desk.answer("/try it") == "Hello"


async def test_the_right_is_needed_in_the_channel_that_is_named() -> None:
    table = (row("it", say_hello, option("channel", OptionKind.CHANNEL), need=Need.CHANNELS),)
    async with open_desk(table=table) as desk:
        desk.server.add_channel(desk.server.guild, "staff")
        take_away(desk.server, "staff", world.MANAGE_CHANNELS)

        refused = await desk.answer("/try it channel:#staff")
        assert refused == "You need the permission “Manage Channels” in that channel for /try it"
        assert await desk.answer("/try it channel:#general") == "Hello"
