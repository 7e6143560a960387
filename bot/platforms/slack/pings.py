"""Who may have posts call a user group, or everybody in a channel.

In Slack everybody may call a user group. Who may call a whole channel, a workspace can restrict,
and apps are not told to whom; so that is for admins, who always may. Source: Slack help, "Manage
who can notify a channel or workspace".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.commands.answer import Answer, refuse
from bot.commands.wishes import parse_calling
from bot.errors import InputInvalid
from bot.model import Destination, Ping, Subscription
from bot.platforms.slack.inert import CALLS
from bot.platforms.slack.named import Named
from bot.platforms.slack.people import People, Person

NO_GROUP = "There is no such user group any more; name another"


class PingStore(Protocol):
    """The part of the store that says whom posts call by now."""

    async def find_subscription_or_none(self, destination: Destination) -> Subscription | None:
        """The subscription of ``destination`` with its mutes."""
        ...


@dataclass(frozen=True, slots=True)
class Pings:
    """Decides whom posts may be made to call, and for which stories."""

    people: People
    store: PingStore

    async def check_or_none(
        self, person: Person | None, place: Destination, named: Named
    ) -> Answer | None:
        """Why posts may not call what ``named`` says for this person; None if they may.

        Who is no admin may say again what is so by now, and have nobody called.

        Raises:
            SendError: Slack does not say which groups there are.
        """
        for group in named.groups:
            if group in CALLS:
                continue
            if await self.people.find_group_or_none(place.workspace, group) is None:
                return refuse(NO_GROUP)
        if not named.groups and named.calling is None:
            return None
        if person and person.is_ours and person.is_admin:
            return None
        before = await self._find_ping_or_none(place, named.channels)
        called = named.groups or ((before.role,) if before else ())
        for group in CALLS.intersection(called):
            if before is None or before.role != group:
                return refuse(
                    f"Only admins of this workspace may have posts call @{group}, as Slack does "
                    "not tell me who else may: ask one of them, or name a user group"
                )
            if not _is_same(named.calling, before):
                return refuse(
                    f"Only admins of this workspace may change which stories call @{group}: ask "
                    "one of them, or have nobody called with mention_for:none"
                )
        return None

    async def _find_ping_or_none(self, place: Destination, channels: Sequence[str]) -> Ping | None:
        """Whom posts of the channel concerned call; a thread that gets no news is its channel's."""
        for one in channels:
            channel, _, thread = one.partition("/")
            place = replace(place, channel=channel, thread=thread)
        found = await self.store.find_subscription_or_none(place)
        if found is None and place.thread and not channels:
            found = await self.store.find_subscription_or_none(replace(place, thread=""))
        return found.ping if found else None


def _is_same(calling: str | None, before: Ping) -> bool:
    """Whether no more stories call than do by now; what cannot be read, the command refuses."""
    if calling is None:
        return True
    try:
        said = parse_calling(calling)
    except InputInvalid:
        return True
    if said is None:
        return True
    return said.is_for_pairs == before.is_for_pairs and set(said.events) == set(before.events)
