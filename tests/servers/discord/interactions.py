"""What people do: slash commands, buttons, menus, modals, autocomplete, mentions.

The payloads are those of the Discord documentation, "Receiving and Responding". What the
Discord client would not let a person do raises ``NotOffered`` and is not sent.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord import components, typed, world
from tests.servers.discord.refusal import NotOffered
from tests.servers.discord.state import State
from tests.servers.discord.world import Channel, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
FIRST_ANSWER_S = 3.0
TOKEN_S = 15 * 60.0


@dataclass
class Interaction:
    """One thing a person did, and what the bot answered.

    Attributes:
        kind: 2 command, 3 component, 4 autocomplete, 5 modal.
        callback: the type of the first answer (4, 5, 6, 7, 8, 9); 0 while there is none.
        original: the message that ``@original`` stands for; None while there is none.
        followups: messages sent after the first answer.
        choices: of an autocomplete answer.
        modal: the modal that was opened.
        calls: every answering call, in order: (what, body).
    """

    id: int
    kind: int
    token: str
    user: User
    channel: Channel
    data: dict[str, Any]
    created_at: float
    source: Message | None = None
    callback: int = 0
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_deferred(self) -> bool:
        """Whether it was acknowledged and the answer is still to come."""
        return self.callback in {5, 6} and not self.answered.is_set()

    async def answer(self, timeout_s: float = 5.0) -> Message:
        """The message that answers, once there is one; a deferred answer is waited for.

        Raises:
            TimeoutError: none came.
        """
        await asyncio.wait_for(self.answered.wait(), timeout_s)
        if self.original is None:
            raise AssertionError(f"interaction {self.id} was answered without a message")
        return self.original


class People(State):
    """A state that people act upon."""

    def slash(
        self,
        text: str,
        *,
        channel: Channel,
        user: User,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Interaction:
        """Run a slash command written as a person types it: ``/news recent company:huawei``.

        Options stand as ``name:value``; a value ends at the next option's name, so that it
        may hold spaces. Channels, roles and users are named by ``#name``, ``@name`` or id.
        ``files`` are (name, bytes) by attachment option.

        Raises:
            NotOffered: the command is unknown, hidden from this person or not complete.
        """
        return self._run(text, channel, user, files or {}, focused="")

    async def autocomplete(
        self, text: str, *, channel: Channel, user: User, timeout_s: float = 3.0
    ) -> list[dict[str, Any]]:
        """What the bot offers for the last option of ``text``; choices with name and value.

        Raises:
            NotOffered: that option has no autocomplete.
            TimeoutError: no answer.
        """
        asked = self._run(text, channel, user, {}, focused=typed.LAST)
        await asyncio.wait_for(asked.answered.wait(), timeout_s)
        return asked.choices

    def _run(
        self,
        text: str,
        channel: Channel,
        user: User,
        files: Mapping[str, tuple[str, bytes]],
        *,
        focused: str,
    ) -> Interaction:
        known = [*self.commands.values(), *self.guild_commands.get(channel.guild_id, {}).values()]
        command, path, options = typed.parse(text, known, focused=focused)
        self._check_offered(command, channel, user)
        resolver = typed.Resolver(self, channel, user, files)
        leaf = [resolver.option(each) for each in options]
        for name, kind in reversed(path):
            leaf = [{"name": name, "type": kind, "options": leaf}]
        data: dict[str, Any] = {
            "id": str(command["id"]),
            "name": command["name"],
            "type": 1,
            "options": leaf,
        }
        if resolver.resolved:
            data["resolved"] = resolver.resolved
        return self._send(AUTOCOMPLETE if focused else COMMAND, data, channel, user)

    def _check_offered(self, command: dict[str, Any], channel: Channel, user: User) -> None:
        contexts = command.get("contexts")
        here = 1 if channel.person is not None else 0
        if contexts is not None and here not in contexts:
            raise NotOffered(f"/{command['name']} is not offered in context {here}")
        if channel.person is not None and contexts is None and not command.get("dm_permission", 1):
            raise NotOffered(f"/{command['name']} is not offered in direct messages")
        wanted = command.get("default_member_permissions")
        if wanted is None or channel.person is not None:
            return
        has = self.permissions_in(channel, user)
        needs = int(wanted)
        is_admin = bool(has & world.ADMINISTRATOR)
        if not is_admin and (needs == 0 or has & needs != needs):
            raise NotOffered(f"/{command['name']} is hidden from {user.name}: permissions missing")

    def press(
        self,
        message: Message,
        custom_id: str,
        *,
        user: User,
        values: Sequence[str] = (),
    ) -> Interaction:
        """Press a button of a message, or choose ``values`` in a menu of it.

        Raises:
            NotOffered: there is no such button, or it is disabled.
        """
        if message.is_deleted:
            raise NotOffered(f"message {message.id} is gone")
        found = [
            c
            for _, c in components.walk(message.fields.get("components"))
            if c.get("custom_id") == custom_id
        ]
        if not found:
            raise NotOffered(f"no {custom_id!r} on the message; it has {message.custom_ids}")
        if found[0].get("disabled"):
            raise NotOffered(f"{custom_id!r} is disabled")
        data: dict[str, Any] = {
            "custom_id": custom_id,
            "component_type": found[0]["type"],
            "id": found[0]["id"],
        }
        if found[0]["type"] in components.SELECTS:
            data["values"] = list(values)
        channel = self.channels[message.channel_id]
        return self._send(COMPONENT, data, channel, user, source=message)

    def submit(self, opened: Interaction, values: Mapping[str, str | list[str]]) -> Interaction:
        """Fill in and send the modal that ``opened`` was answered with.

        Raises:
            NotOffered: it opened none, or has no such field.
        """
        if not opened.modal:
            raise NotOffered(f"interaction {opened.id} opened no modal")
        unknown = dict(values)
        filled = [_fill(each, unknown) for each in opened.modal["components"]]
        if unknown:
            raise NotOffered(f"the modal has no field {', '.join(unknown)}")
        data = {"custom_id": opened.modal["custom_id"], "components": filled}
        return self._send(MODAL, data, opened.channel, opened.user, source=opened.source)

    def say(self, text: str, *, channel: Channel, user: User) -> Message:
        """A person writes into a channel; ``@bot`` mentions the bot."""
        content = text.replace("@bot", f"<@{self.bot.id}>")
        fields = {"content": content, "embeds": [], "components": [], "flags": 0}
        return self.post(channel, user, fields)

    def _send(
        self,
        kind: int,
        data: dict[str, Any],
        channel: Channel,
        user: User,
        *,
        source: Message | None = None,
    ) -> Interaction:
        interaction = Interaction(
            self.ids.next(),
            kind,
            secrets.token_urlsafe(64),
            user,
            channel,
            data,
            self.clock(),
            source,
        )
        self.interactions.append(interaction)
        payload = self._payload(interaction)
        self.gateway.dispatch("INTERACTION_CREATE", payload, channel.guild_id)
        return interaction

    def _payload(self, interaction: Interaction) -> dict[str, Any]:
        channel, user = interaction.channel, interaction.user
        here = str(self.permissions_in(channel))
        payload: dict[str, Any] = {
            "id": str(interaction.id),
            "application_id": str(self.application_id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": channel.json(self.bot) | {"permissions": here},
            "app_permissions": here,
            "locale": user.locale,
            "entitlements": [],
            "attachment_size_limit": 10 * 2**20,
        }
        if interaction.source is not None:
            payload["message"] = interaction.source.json()
        if channel.person is not None:
            owners = {"1": str(user.id)}
            return payload | {
                "user": user.json(),
                "context": 1,
                "authorizing_integration_owners": owners,
            }
        guild = self.guilds[channel.guild_id]
        member = guild.member_json(user)
        member["permissions"] = str(self.permissions_in(channel, user))
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member,
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }


def _fill(item: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A modal's component with what the person put in; used values are taken out."""
    given = {"type": item["type"], "id": item.get("id", 0)}
    if item["type"] == components.ROW:
        return given | {"components": [_fill(each, values) for each in item["components"]]}
    if item["type"] == 18:
        return given | {"component": _fill(item["component"], values)}
    if item["type"] == components.TEXT:
        return given
    custom_id = item["custom_id"]
    value = values.pop(custom_id, item.get("value") or ([] if item["type"] != 4 else ""))
    key = "value" if item["type"] == 4 else "values"
    if key == "value" and item.get("required", True) and not value:
        raise NotOffered(f"the modal's field {custom_id!r} must be filled in")
    return given | {"custom_id": custom_id, key: value}
