"""Who may do what with the bot, by the permissions that Discord tells. Pure.

Discord shows managing commands only to those who may use them, but administrators of a server
can change that, buttons are shown to everybody, and a channel may be named by its bare id. So
all of it is checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.commands.answer import Answer, Lines, Tone, refuse
from bot.commands.command import Action, Call, Need
from bot.platforms.discord.tree import PickedRole, Place, Unknown

RIGHTS = {Need.CHANNELS: "Manage Channels", Need.SERVER: "Manage Server"}
"""What Discord calls them."""


def find_rights(permissions: discord.Permissions) -> frozenset[Need]:
    """What somebody with ``permissions`` may do with the bot in a channel.

    Who does not see it may do nothing there, whatever else is allowed. Source: Discord
    documentation, "Permissions", implicit permissions.
    """
    is_admin = permissions.administrator
    rights = {Need.NOTHING}
    if not (is_admin or permissions.view_channel):
        return frozenset(rights)
    if is_admin or permissions.manage_channels:
        rights.add(Need.CHANNELS)
    if is_admin or permissions.manage_guild:
        rights.add(Need.SERVER)
    return frozenset(rights)


def check_rights_or_none(
    what: str, need: Need, call: Call, values: Mapping[str, Any]
) -> Answer | None:
    """Why somebody may not do ``what``; None if they may.

    Discord shows managing commands only to those who may use them, but administrators of a
    server can change that, and buttons are shown to everybody.

    Args:
        values: where a channel among them is another one, the right is needed there.
    """
    if need is Need.NOTHING:
        return None
    if need not in call.may:
        return refuse(f"You need the permission “{RIGHTS[need]}” for {what}")
    picked = [value for value in values.values() if isinstance(value, Place)]
    if need is Need.CHANNELS and any(need not in find_rights(one.permissions) for one in picked):
        return refuse(f"You need the permission “{RIGHTS[need]}” in that channel for {what}")
    return None


def check_picked_or_none(values: Mapping[str, Any], *, here: discord.Permissions) -> Answer | None:
    """Why what was picked cannot be taken from this person; None if it can.

    Nobody learns of a channel that they do not see, or has the bot call a role that they may not
    call themselves in the channel concerned.

    Args:
        here: what the person may do in the channel where it was typed.
    """
    given = values.values()
    if any(isinstance(value, Unknown) for value in given):
        return refuse(
            "Discord did not tell me what you picked. Choose it from the list that Discord shows "
            "while you type"
        )
    places = [value.permissions for value in given if isinstance(value, Place)]
    if not all(may.view_channel or may.administrator for may in places):
        return refuse("You need the permission “View Channel” in that channel")
    may_call_all = all(may.mention_everyone or may.administrator for may in places or [here])
    roles = [value for value in given if isinstance(value, PickedRole)]
    if not may_call_all and not all(role.is_mentionable for role in roles):
        return refuse(
            "You may not call that role yourself, so posts may not either: switch on “Allow anyone "
            "to @mention this role” in its settings, or ask somebody with the permission "
            "“Mention @everyone, @here, and All Roles” in that channel"
        )
    return None


def check_subject_or_none(action: Action, call: Call) -> Answer | None:
    """Why a button may not do what it does to a channel; None if it may.

    Discord tells what a person may do where they press, and nothing of other channels.
    """
    place = call.place
    here = f"{place.channel}/{place.thread}" if place.thread else place.channel
    if not action.is_about_channel or call.text("subject") == here:
        return None
    return refuse("This button is about another channel; use /alerts, and pick the channel there")


def warn_of_roles(answer: Answer, values: Mapping[str, Any]) -> Answer:
    """``answer``, and a caution where a role was picked that posts could not call."""
    picked = [value for value in values.values() if isinstance(value, PickedRole)]
    if answer.tone is Tone.REFUSED or all(one.can_be_called for one in picked):
        return answer
    line = (
        "Discord does not let me call that role: switch on “Allow anyone to @mention this role” "
        "in its settings"
    )
    return replace(answer, parts=(*answer.parts, Lines((line,))), tone=Tone.CAUTION)
