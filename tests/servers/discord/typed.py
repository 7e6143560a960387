"""A slash command as a person types it, made into options as Discord sends them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.discord.refusal import NotOffered
from tests.servers.discord.world import Channel, User

if TYPE_CHECKING:
    from tests.servers.discord.state import State

LAST = "the last option"
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11


@dataclass(frozen=True)
class Given:
    """An option of a command with the text a person gave for it."""

    option: dict[str, Any]
    text: str
    is_focused: bool = False


def parse(
    text: str, known: Iterable[dict[str, Any]], *, focused: str
) -> tuple[dict[str, Any], list[tuple[str, int]], list[Given]]:
    """Find the command in ``text``: (command, (name, type) of group and subcommand, options).

    Raises:
        NotOffered: no such command, subcommand or option, or a required one is missing.
    """
    words = text.strip().removeprefix("/")
    name, _, rest = words.partition(" ")
    command = next((c for c in known if c["name"] == name and c.get("type", 1) == 1), None)
    if command is None:
        raise NotOffered(f"no command /{name}; known are {sorted(c['name'] for c in known)}")
    path: list[tuple[str, int]] = []
    node = command
    while any(o["type"] in {SUBCOMMAND, GROUP} for o in node.get("options") or []):
        name, _, rest = rest.strip().partition(" ")
        names = {o["name"]: o for o in node["options"]}
        if name not in names:
            raise NotOffered(f"no subcommand {name!r} in {text!r}; known are {sorted(names)}")
        node = names[name]
        path.append((name, node["type"]))
    given = _split(rest, node.get("options") or [], is_partial=bool(focused))
    return command, path, given


def _split(text: str, options: list[dict[str, Any]], *, is_partial: bool) -> list[Given]:
    by_name = {option["name"]: option for option in options}
    names = "|".join(re.escape(name) for name in by_name) or "(?!)"
    pieces = re.split(rf"(?:^|\s)({names}):", text)
    if pieces[0].strip():
        raise NotOffered(f"{pieces[0].strip()!r} is no option; known are {sorted(by_name)}")
    found = [
        Given(by_name[name], value.strip())
        for name, value in zip(pieces[1::2], pieces[2::2], strict=True)
    ]
    if len({given.option["name"] for given in found}) < len(found):
        raise NotOffered(f"an option stands twice in {text!r}")
    if is_partial:
        if not found or not found[-1].option.get("autocomplete"):
            raise NotOffered(f"the last option of {text!r} has no autocomplete")
        found[-1] = Given(found[-1].option, found[-1].text, is_focused=True)
        return found
    missing = [o["name"] for o in options if o.get("required")]
    missing = [name for name in missing if name not in {g.option["name"] for g in found}]
    if missing:
        raise NotOffered(f"{', '.join(missing)} must be filled in")
    return found


@dataclass
class Resolver:
    """Makes values of texts, and collects the objects they stand for.

    Attributes:
        user: who types; a channel is sent with what they may do there.
    """

    state: State
    channel: Channel
    user: User
    files: Mapping[str, tuple[str, bytes]]
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)

    def option(self, given: Given) -> dict[str, Any]:
        """One option as it is sent.

        Raises:
            NotOffered: the client would not let that value pass.
        """
        kind, name = given.option["type"], given.option["name"]
        sent: dict[str, Any] = {"name": name, "type": kind}
        if given.is_focused:
            return sent | {"value": given.text, "focused": True}
        return sent | {"value": self._value(given)}

    def _value(self, given: Given) -> Any:
        kind, text, option = given.option["type"], given.text, given.option
        if kind in {STRING, INTEGER, NUMBER}:
            return _plain(text, option)
        if kind == BOOLEAN:
            if text.lower() not in {"true", "false"}:
                raise NotOffered(f"{option['name']} is true or false, not {text!r}")
            return text.lower() == "true"
        if kind == ATTACHMENT:
            return self._attach(option["name"])
        return self._object(text, option)

    def _attach(self, name: str) -> str:
        if name not in self.files:
            raise NotOffered(f"no file given for {name}")
        file_name, content = self.files[name]
        kept = self.state.keep_file(self.channel.id, file_name, content, "application/octet-stream")
        self.resolved.setdefault("attachments", {})[kept["id"]] = kept
        return str(kept["id"])

    def _object(self, text: str, option: dict[str, Any]) -> str:
        kind, bare = option["type"], text.strip("<>#@&!")
        guild = self.state.guilds.get(self.channel.guild_id)
        if kind == CHANNEL:
            for each in self.state.channels.values():
                if each.guild_id == self.channel.guild_id and bare in {each.name, str(each.id)}:
                    return self._channel(each, option)
        if kind in {ROLE, MENTIONABLE} and guild is not None:
            for role in guild.roles.values():
                if bare in {role.name.lstrip("@"), str(role.id)}:
                    return self._keep("roles", role.id, role.json())
        if kind in {USER, MENTIONABLE}:
            for user in self.state.users.values():
                if bare in {user.name, str(user.id)}:
                    return self._user(user)
        raise NotOffered(f"{option['name']}: nothing here is called {text!r}")

    def _keep(self, group: str, number: int, value: dict[str, Any]) -> str:
        self.resolved.setdefault(group, {})[str(number)] = value
        return str(number)

    def _user(self, user: User) -> str:
        if self.channel.guild_id:
            member = user.member_json([]) | {"permissions": str(user.permissions)}
            self._keep("members", user.id, member)
        return self._keep("users", user.id, user.json())

    def _channel(self, channel: Channel, option: dict[str, Any]) -> str:
        kinds = option.get("channel_types") or [channel.kind]
        if channel.kind not in kinds:
            raise NotOffered(f"#{channel.name} is of type {channel.kind}, offered are {kinds}")
        here = channel.json(self.state.bot)
        here["permissions"] = str(self.state.permissions_in(channel, self.user))
        self.resolved.setdefault("channels", {})[str(channel.id)] = here
        return str(channel.id)


def _plain(text: str, option: dict[str, Any]) -> Any:
    """The value of a text or number option, within the bounds the client enforces."""
    name, kind = option["name"], option["type"]
    choices = {str(c["name"]): c["value"] for c in option.get("choices") or []}
    values = {str(value): value for value in choices.values()}
    if choices:
        if text not in choices | values:
            raise NotOffered(f"{name} is one of {sorted(choices)}, not {text!r}")
        return choices.get(text, values.get(text))
    if kind == STRING:
        low, high = option.get("min_length") or 0, option.get("max_length") or 6000
        if not low <= len(text) <= high:
            raise NotOffered(f"{name} has {low} to {high} characters, not {len(text)}")
        return text
    try:
        value = int(text) if kind == INTEGER else float(text)
    except ValueError:
        raise NotOffered(f"{name} is a number, not {text!r}") from None
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise NotOffered(f"{name} is {low} to {high}, not {value}")
    return value
