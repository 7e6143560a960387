"""What a person types, as Slack hands it on: channels, people and links become controls.

After the Slack documentation, "Formatting text for app surfaces" and "Slash commands", escaping
channels, users and links: ``#news`` is told as ``<#C1|news>``, ``@ada`` as ``<@U1>``, a group as
``<!subteam^S1|@desk>``, an address as ``<https://…>``, and ``&``, ``<``, ``>`` as entities.
"""

from __future__ import annotations

import re

from tests.servers.slack.mrkdwn import is_control
from tests.servers.slack.world import Team, User

WORD = re.compile(
    r"<(?P<control>[^<>]+)>"
    r"|(?P<address>https?://[^\s<>|]*[^\s<>|.,;:!?)\]])"
    r"|(?<![\w@.])(?P<bare>(?:[a-z0-9-]+\.)+(?:com|net|org|io|de|uk|cn)\b(?:/[^\s<>|]*)?)"
    r"|(?<!\w)#(?P<channel>[a-z0-9_-]+)"
    r"|(?<!\w)@(?P<name>[a-z0-9_.-]+)"
    r"|(?P<sign>[&<>])"
)
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def write(text: str, *, team: Team, user: User, has_names: bool = False) -> str:
    """``text`` as the app is told it; controls that stand in it already stay.

    Args:
        user: who typed it; channels they do not see stay as they are.
        has_names: whether people are told with their names, as in slash commands.
    """

    def change(found: re.Match[str]) -> str:
        if found["control"]:
            inside = found["control"]
            return found[0] if is_control(inside) else f"&lt;{_entities(inside)}&gt;"
        if found["address"]:
            return f"<{_entities(found['address'])}>"
        if found["bare"]:
            return f"<http://{_entities(found['bare'])}|{_entities(found['bare'])}>"
        if found["channel"]:
            return _channel(found["channel"], team, user) or found[0]
        if found["name"]:
            return _person(found["name"], team, has_names=has_names) or found[0]
        return ENTITIES[found[0]]

    return WORD.sub(change, text)


def _entities(text: str) -> str:
    return "".join(ENTITIES.get(sign, sign) for sign in text)


def _channel(name: str, team: Team, user: User) -> str:
    for channel in team.channels.values():
        if channel.name == name and channel.kind == "public":
            return f"<#{channel.id}|{name}>"
        if channel.name == name and channel.kind == "private" and user.id in channel.members:
            return f"<#{channel.id}|>"
    return ""


def _person(name: str, team: Team, *, has_names: bool) -> str:
    if name in {"here", "channel", "everyone"}:
        return f"<!{name}>"
    for user in team.users.values():
        if user.name == name:
            return f"<@{user.id}|{name}>" if has_names else f"<@{user.id}>"
    for group in team.groups.values():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>"
    return ""
