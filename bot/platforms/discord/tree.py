"""The command table as Discord's application commands: a group for a noun, a command for a verb.

Everything is made from the rows, so that a new row is a new command. What happens when one
is used is the caller's: the tree hands over the row and the values as ``OptionKind`` has them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import discord
from discord import AppCommandOptionType as Kind
from discord import ChannelType, app_commands

from bot.commands.command import Command, Need, Option, OptionKind, Upload, Words
from bot.errors import InputInvalid
from bot.platforms.discord.translate import make_words

MAX_VERBS = 25
"""Commands of one group. Source: Discord documentation, "Application Commands", limits."""

MAX_TEXT = 1500
"""Characters of an option's text; nothing that people type here needs more."""

_KINDS = {
    OptionKind.WHOLE: Kind.integer,
    OptionKind.YES: Kind.boolean,
    OptionKind.CHANNEL: Kind.channel,
    OptionKind.ROLE: Kind.role,
    OptionKind.FILE: Kind.attachment,
}
"""Every other kind is text."""

_SUGGESTED = frozenset(
    {
        OptionKind.COMPANY,
        OptionKind.COMPANIES,
        OptionKind.EVENTS,
        OptionKind.STORY,
        OptionKind.SUBJECT,
        OptionKind.MUTED,
        OptionKind.WATCH,
        OptionKind.FEED,
        OptionKind.TIME_ZONE,
    }
)

POSTABLE = [
    ChannelType.text,
    ChannelType.news,
    ChannelType.forum,
    ChannelType.public_thread,
    ChannelType.private_thread,
    ChannelType.news_thread,
]
"""Where posts can go. A media channel takes no post without a file, so it is not offered."""

_GATES = {
    Need.CHANNELS: discord.Permissions(manage_channels=True),
    Need.SERVER: discord.Permissions(manage_guild=True),
}

Use = Callable[[discord.Interaction, Command, Mapping[str, Any]], Awaitable[None]]
"""Answers a command; must not raise."""

Suggest = Callable[[discord.Interaction, Command, Option, str], Awaitable[list[tuple[str, str]]]]
"""Gives (label, value) for what is typed so far; must not raise."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread that was picked.

    Attributes:
        key: "channel" or "channel/thread", ids of Discord, as the handlers read it.
        permissions: what the person who picked it may do there.
    """

    key: str
    permissions: discord.Permissions


@dataclass(frozen=True, slots=True)
class PickedRole:
    """A role that was picked.

    Attributes:
        is_mentionable: everybody may call it.
        can_be_called: whether Discord lets the bot call it, as far as the channel shows in
            which it was typed. Source: Discord documentation, "Message Resource", Allowed
            Mentions: a role must be mentionable, or the bot may mention everybody.
    """

    id: str
    is_mentionable: bool
    can_be_called: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """A channel or role of which Discord told nothing beside its id; it cannot be judged."""

    id: str


def make_groups(
    table: Iterable[Command], *, use: Use, suggest: Suggest
) -> list[app_commands.Group]:
    """A group for each noun of ``table``, in its order.

    Raises:
        ValueError: a noun has more verbs than Discord allows, or a name is not possible there.
    """
    rows = sorted(table, key=lambda row: row.noun)
    return [
        _make_group(list(of_noun), use, suggest)
        for _, of_noun in groupby(rows, key=lambda row: row.noun)
    ]


def find_gate_or_none(rows: Iterable[Command]) -> Need | None:
    """The least that commands of a noun need, of those that need anything; None if none does.

    Discord knows one gate for all commands of a noun, so it also closes those that anybody
    may use. Where a noun is mostly for managing that is the lesser evil.
    """
    needs = {row.need for row in rows} - {Need.NOTHING}
    return next((need for need in Need if need in needs), None)


def _make_group(rows: list[Command], use: Use, suggest: Suggest) -> app_commands.Group:
    first = rows[0]
    if len(rows) > MAX_VERBS:
        raise ValueError(f"/{first.noun} has {len(rows)} commands; Discord takes {MAX_VERBS}")
    gate = find_gate_or_none(rows)
    is_for_servers = all(row.is_for_servers for row in rows)
    group = app_commands.Group(
        name=make_words(Words(first.noun, first.zh_noun)),
        description=make_words(_list_verbs(rows)),
        default_permissions=_GATES[gate] if gate else None,
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=not is_for_servers, private_channel=False
        ),
        # Unset, it is what the operator chose in the developer portal.
        allowed_installs=(
            app_commands.AppInstallationType(guild=True, user=False) if is_for_servers else None
        ),
    )
    for row in rows:
        group.add_command(_make_command(row, use, suggest))
    return group


def _list_verbs(rows: list[Command]) -> Words:
    """What a group says of itself; Discord shows it nowhere, but asks for it."""
    return Words(
        ", ".join(row.verb for row in rows)[:100], "、".join(row.zh_verb for row in rows)[:100]
    )


def _make_command(row: Command, use: Use, suggest: Suggest) -> app_commands.Command[Any, ..., Any]:
    """A command whose callback has the row's options as its parameters.

    discord.py reads options off a function's signature, so one is written for it. The names
    there are ours with "_" after them, as an option may be called ``for``.
    """

    async def answer(interaction: discord.Interaction, **given: Any) -> None:
        values = {name[:-1]: value for name, value in given.items() if value is not None}
        await use(interaction, row, values)

    parameters = [
        inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(_make_parameter(row, option, suggest) for option in row.options),
    ]
    answer.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    if row.options:
        told = {f"{one.name}_": make_words(one.help) for one in row.options}
        named = {f"{one.name}_": make_words(Words(one.name, one.zh)) for one in row.options}
        answer = app_commands.describe(**told)(app_commands.rename(**named)(answer))
    return app_commands.Command(
        name=make_words(Words(row.verb, row.zh_verb)),
        description=make_words(row.help),
        callback=answer,
    )


def _make_parameter(row: Command, option: Option, suggest: Suggest) -> inspect.Parameter:
    is_suggested = option.kind in _SUGGESTED
    reader = Suggested(row, option, suggest) if is_suggested else Typed(option)
    return inspect.Parameter(
        f"{option.name}_",
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if option.is_required else None,
        annotation=reader,
    )


class Typed(app_commands.Transformer):
    """Draws one option, and reads what was given for it."""

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option

    @property
    def type(self) -> Kind:
        """Discord's kind of the option."""
        return _KINDS.get(self.option.kind, Kind.string)

    @property
    def channel_types(self) -> list[ChannelType]:
        """Channels that posts can go to, where a channel is asked for."""
        return list(POSTABLE) if self.option.kind is OptionKind.CHANNEL else []

    @property
    def min_value(self) -> int | None:
        """The least whole number."""
        return self.option.least

    @property
    def max_value(self) -> int | None:
        """The greatest whole number, or the longest text."""
        if self.type is Kind.string and not self.option.picks:
            return MAX_TEXT
        return self.option.most

    @property
    def choices(self) -> list[app_commands.Choice[Any]] | None:
        """The values to pick from, or None."""
        if not self.option.picks:
            return None
        return [
            app_commands.Choice(name=make_words(one.label), value=one.value)
            for one in self.option.picks
        ]

    async def transform(self, interaction: discord.Interaction, value: Any, /) -> Any:
        """``value`` as handlers take it; a channel or role with what we must know of it."""
        match value:
            case app_commands.AppCommandThread():
                return Place(f"{value.parent_id}/{value.id}", value.permissions)
            case app_commands.AppCommandChannel():
                return Place(str(value.id), value.permissions)
            case discord.Role():
                may_all = interaction.app_permissions.mention_everyone
                can_be_called = value.mentionable or may_all
                return PickedRole(str(value.id), value.mentionable, can_be_called)
            case discord.Object():  # not among what came with the command
                return Unknown(str(value.id))
            case _:
                return value


class Suggested(Typed):
    """An option that offers values while it is typed."""

    def __init__(self, row: Command, option: Option, suggest: Suggest) -> None:
        super().__init__(option)
        self._row = row
        self._suggest = suggest

    async def autocomplete(
        self, interaction: discord.Interaction, value: float | str, /
    ) -> list[app_commands.Choice[int | float | str]]:
        """At most 25 values that fit what is typed."""
        found = await self._suggest(interaction, self._row, self.option, str(value))
        return [app_commands.Choice(name=label, value=value) for label, value in found[:25]]


async def read_upload(file: discord.Attachment, *, max_bytes: int) -> Upload:
    """The file that was given with a command.

    Raises:
        InputInvalid: it is larger than ``max_bytes``, or Discord does not hand it out.
    """
    if file.size > max_bytes:
        raise InputInvalid(
            f"{file.filename} has {file.size} bytes; at most {max_bytes} are read. "
            "Split it, or let the operator import it"
        )
    try:
        return Upload(file.filename, await file.read())
    except discord.HTTPException as error:
        raise InputInvalid(
            f"Discord did not hand out {file.filename} ({error.status}); attach it once more"
        ) from error
