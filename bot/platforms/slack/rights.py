"""Who may do what with the bot in Slack, by the rule of the workspace.

Slack shows every command and every button to everybody, and its tokens say nothing of the
person. So each is checked before anything is done: who it is, whether they are in the channel
that it is about, and what the workspace's rule asks for.

Where a channel is named, the right is needed there, and not where it was typed as well. The
direct conversation with the bot and its Home tab belong to no channel: who is there may do
what somebody may who is in a channel.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Protocol

from bot.commands.answer import Answer, Line, refuse
from bot.commands.command import Need
from bot.errors import InputInvalid, SendError
from bot.model import Destination
from bot.platforms.slack.named import NOTHING_NAMED, Named
from bot.platforms.slack.people import Conversation, People, Person
from bot.platforms.slack.pings import Pings, PingStore
from bot.platforms.slack.refusals import (
    name_group,
    refuse_admins,
    refuse_alone,
    refuse_group,
    refuse_others,
    refuse_outside,
    refuse_unknown,
    tell_untold,
)

EVERYONE, ADMINS, CREATOR = "everyone", "admins", "creator"

MANAGING = frozenset({Need.CHANNELS, Need.SERVER})
"""On Slack one rule decides both."""

_USER_GROUP = re.compile(r"S[A-Z0-9]{2,20}")

log = logging.getLogger(__name__)


class RightsStore(PingStore, Protocol):
    """The part of the store that rights are looked up in."""

    async def load_note(self, name: str) -> str:
        """What was noted last under ``name``, "" if nothing was."""
        ...

    async def save_note(self, name: str, value: str) -> None:
        """Note ``value`` under ``name``, in place of what was there."""
        ...


class Rights:
    """Decides by what Slack says of people and channels.

    Args:
        managers: the rule where a workspace has none of its own: "everyone", "admins",
            "creator", or the id of a user group.
    """

    def __init__(self, people: People, store: RightsStore, *, managers: str = EVERYONE) -> None:
        self._people = people
        self._store = store
        self._pings = Pings(people, store)
        self._managers = managers

    async def find(
        self, user: str, place: Destination, named: Named = NOTHING_NAMED
    ) -> frozenset[Need]:
        """What to offer somebody: what they may do, as far as can be told in a moment.

        Whether they are in the channel in which they press a button is not asked, as Slack lets
        apps ask only 50 times a minute, and ``check_or_none`` asks before anything is done. No
        more than NOTHING where Slack cannot be asked.
        """
        about = replace(named, groups=(), calling=None)
        wide = replace(about, is_of_channel=False)
        may = {Need.NOTHING}
        try:
            for need, said in ((Need.CHANNELS, about), (Need.SERVER, wide)):
                if await self._judge("that", need, user, place, said, is_offer=True):
                    break
                may.add(need)
        except SendError as error:
            log.warning("what %s may do in %s is not known: %s", user, place.key, error)
            return frozenset({Need.NOTHING})
        return frozenset(may)

    async def sees(self, user: str, place: Destination) -> bool:
        """Whether somebody may know of a channel.

        Costs two questions for all channels that they are in and all that are public.

        Raises:
            InputInvalid: Slack does not say now.
        """
        workspace, channel = place.workspace, place.channel
        try:
            person = await self._people.find_person_or_none(workspace, user)
            if person is None:
                return False
            if await self._people.is_in(workspace, channel, user):
                return True
            is_of_house = person.is_ours and not person.is_guest
            if is_of_house and channel in await self._people.find_public(workspace):
                return True
            return await self._sees(person, channel, replace(place, channel=""))
        except SendError as error:
            log.warning("whether %s may know of %s is not known: %s", user, place.key, error)
            raise InputInvalid(tell_untold(error, "which channels you may see")) from error

    async def check_or_none(
        self,
        what: str,
        need: Need,
        user: str,
        place: Destination,
        named: Named = NOTHING_NAMED,
        *,
        only_looks: bool = False,
    ) -> Answer | None:
        """Why somebody may not do ``what``; None if they may. Never raises.

        Nobody learns of a private channel that they are not in, whatever they may otherwise.

        Args:
            what: as in "you may not use /alerts subscribe": a command, "this button".
            only_looks: it changes nothing and shows nothing that the person may not know of:
                whoever is of the workspace may, guests too.
        """
        if need is Need.NOTHING and not named.channels and not named.groups:
            return None
        try:
            return await self._judge(what, need, user, place, named, only_looks=only_looks)
        except SendError as error:
            log.warning("what %s may do in %s is not known: %s", user, place.key, error)
            so = "" if only_looks else ", so nothing was changed"
            return refuse(tell_untold(error, "whether you may do that", so=so))

    async def check_admin_or_none(self, what: str, user: str, workspace: str) -> Answer | None:
        """Why somebody may not do what only admins may; None if they may. Never raises."""
        try:
            person = await self._people.find_person_or_none(workspace, user)
        except SendError as error:
            log.warning("whether %s is an admin of %s is not known: %s", user, workspace, error)
            return refuse(tell_untold(error, "whether you are an admin"))
        return None if person and person.is_ours and person.is_admin else refuse_admins(what)

    async def load_managers(self, workspace: str) -> str:
        """The rule of a workspace: its own, else the operator's."""
        said = await self._store.load_note(_note_of(workspace))
        return said if _is_rule(said) else self._managers

    async def save_managers(self, workspace: str, rule: str) -> None:
        """Give a workspace its own rule; whoever calls this has asked whether they may.

        Raises:
            InputInvalid: there is no such rule, or no such user group.
        """
        rule = rule.strip()
        if not _is_rule(rule):
            raise InputInvalid(
                f'"{rule}" is no rule: choose everyone, admins, creator or a user group.'
            )
        if _USER_GROUP.fullmatch(rule):
            try:
                group = await self._people.find_group_or_none(workspace, rule)
            except SendError as error:
                raise InputInvalid(
                    "Slack did not tell me of that user group; try it again in a minute."
                ) from error
            if group is None:
                raise InputInvalid("That user group is not there any more; choose another.")
        await self._store.save_note(_note_of(workspace), rule)

    async def describe_managers(self, workspace: str) -> Line:
        """Who may change things in a workspace: "everybody in the channel concerned"."""
        rule = await self.load_managers(workspace)
        match rule:
            case "everyone":
                return "everybody in the channel concerned, guests apart"
            case "admins":
                return "admins and owners of the workspace"
            case "creator":
                return "who created the channel concerned; outside channels, admins and owners"
        try:
            group = await self._people.find_group_or_none(workspace, rule)
        except SendError:
            group = None
        return f"members of {name_group(group)}, admins and owners"

    async def _judge(
        self,
        what: str,
        need: Need,
        user: str,
        place: Destination,
        named: Named,
        *,
        is_offer: bool = False,
        only_looks: bool = False,
    ) -> Answer | None:
        person = await self._people.find_person_or_none(place.workspace, user)
        for channel in named.channels:
            if not await self._sees(person, channel.partition("/")[0], place):
                return refuse_unknown()
        if need is not Need.NOTHING and (
            refused := await self._check_manager_or_none(
                what, person, place, named, is_offer=is_offer, only_looks=only_looks
            )
        ):
            return refused
        return await self._pings.check_or_none(person, place, named)

    async def _sees(self, person: Person | None, channel: str, place: Destination) -> bool:
        """Whether somebody may know of a channel that they named."""
        if person is None or channel == place.channel:
            return person is not None
        found = await self._people.find_conversation_or_none(place.workspace, channel)
        if found is None:  # gone, or private and without the bot
            return person.is_ours and person.is_admin
        if not found.is_private and person.is_ours and not person.is_guest:
            return True
        return await self._is_in(person, found, place)

    async def _check_manager_or_none(
        self,
        what: str,
        person: Person | None,
        place: Destination,
        named: Named,
        *,
        is_offer: bool,
        only_looks: bool = False,
    ) -> Answer | None:
        """Why somebody may change nothing there; None if they may."""
        if person is None or not person.is_ours:
            return refuse(f"Only people of the workspace that I work for may use {what}")
        if only_looks:
            return None
        if person.is_guest:
            return refuse(f"Guests may not use {what}; /news is open to everybody")
        if person.is_admin:
            return None
        return await self._check_rule_or_none(what, person, place, named, is_offer=is_offer)

    async def _check_rule_or_none(
        self, what: str, person: Person, place: Destination, named: Named, *, is_offer: bool
    ) -> Answer | None:
        """Why the workspace's rule forbids it; None where it does not."""
        rule = await self.load_managers(place.workspace)
        if is_offer and rule == EVERYONE and not named.channels:
            return None
        concerned = [one.partition("/")[0] for one in named.channels] or [place.channel]
        for channel in concerned:
            found = await self._find_or_none(channel, place)
            if rule == CREATOR and not named.is_of_channel and _is_alone(found, place):
                return refuse_alone(what)
            if refused := await self._follow(rule, what, person, found, place):
                return refused
        return None

    async def _follow(
        self, rule: str, what: str, person: Person, found: Conversation | None, place: Destination
    ) -> Answer | None:
        """Why ``rule`` forbids it; None where it does not.

        Args:
            found: None for a channel that only the person sees, as they typed there, and for
                the Home tab.
        """
        match rule:
            case "everyone":
                if found is None or await self._is_in(person, found, place):
                    return None
                return refuse_outside(what, found)
            case "creator":
                is_own = not place.channel if found is None else _is_creator(person, found)
                return None if is_own else refuse_others(what, found)
            case "admins":
                return refuse_admins(what)
        if await self._people.is_in_group(place.workspace, rule, person.id):
            return None
        return refuse_group(what, await self._people.find_group_or_none(place.workspace, rule))

    async def _find_or_none(self, channel: str, place: Destination) -> Conversation | None:
        if not channel:
            return None
        return await self._people.find_conversation_or_none(place.workspace, channel)

    async def _is_in(self, person: Person, found: Conversation, place: Destination) -> bool:
        if found.is_direct:
            return found.user == person.id
        return await self._people.is_in(place.workspace, found.id, person.id)


def _note_of(workspace: str) -> str:
    return f"slack managers/{workspace}"


def _is_rule(said: str) -> bool:
    return said in {EVERYONE, ADMINS, CREATOR} or bool(_USER_GROUP.fullmatch(said))


def _is_alone(found: Conversation | None, place: Destination) -> bool:
    """Whether it is done in no channel: on the Home tab, or where the bot is written to alone."""
    return found.is_direct if found else not place.channel


def _is_creator(person: Person, found: Conversation) -> bool:
    return found.user == person.id if found.is_direct else found.creator == person.id
