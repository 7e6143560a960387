"""Which channels and groups a command or a button is about, beside where it was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.commands.actions import find_action_or_none
from bot.commands.command import Option, OptionKind
from bot.commands.table import find_command_or_none
from bot.model import Delivery, Destination

_CALLING = "mention_for"
"""The option that says which stories call the group."""


class DeliveryStore(Protocol):
    """The part of the store in which a button's post is looked up."""

    async def find_delivery_or_none(self, delivery_id: str) -> Delivery | None:
        """The delivery with this id."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """What a command or a button is about, beside where it was used.

    Attributes:
        channels: "C1" or "C1/ts", as the option "channel" has them.
        groups: ids of user groups, or of ``CALLS``.
        calling: for which stories a group is to be called, as typed; None where nothing is said.
        is_of_channel: it is about a channel, be it named or the one it was used in, and not
            about all of the workspace.
    """

    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    calling: str | None = None
    is_of_channel: bool = True


NOTHING_NAMED = Named()


def name_values(options: Iterable[Option], values: Mapping[str, Any]) -> Named:
    """The channels and groups among the values of a command."""
    given = [(one.kind, str(values.get(one.name) or "").strip()) for one in options]
    calling = values.get(_CALLING)
    return Named(
        tuple(value for kind, value in given if kind is OptionKind.CHANNEL and value),
        tuple(value for kind, value in given if kind is OptionKind.ROLE and value),
        None if calling is None else str(calling),
        any(kind is OptionKind.CHANNEL for kind, _ in given),
    )


async def name_subject(
    store: DeliveryStore, action: str, subject: str, place: Destination
) -> Named:
    """The channel that a button is about where that is another than the one it stands in.

    A button of a post is about the post's channel, wherever it is pressed; one that opens a
    form names its channel last ("alerts.settings.C1").
    """
    if action == "form":
        noun, verb, channel = (*subject.split(".", 2), "", "", "")[:3]
        command = find_command_or_none(noun, verb)
        named = channel if channel != place.channel else ""
        return name_values(command.options if command else (), {"channel": named})
    row = find_action_or_none(action)
    if row and row.is_about_channel:
        return Named((subject,))
    delivery = await store.find_delivery_or_none(subject)
    if delivery is None:
        return Named(is_of_channel=False)
    there = delivery.destination
    is_ours = (there.platform, there.workspace) == (place.platform, place.workspace)
    if not is_ours or there.channel == place.channel:
        return NOTHING_NAMED
    return Named((there.channel,))
