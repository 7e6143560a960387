"""What happens to channels, and to the app itself, while nobody speaks to the bot.

Posts to a channel that was archived, or that the bot was taken out of, are held back at once,
before the first one is refused. Slack may send an event twice, and its order is not sure; what
is done here can be done again.

Source: Slack documentation, "Events API", reference of the types in ``NAMES``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from bot.errors import SendError
from bot.model import Destination, Platform, Subscription
from bot.platforms.slack import failures
from bot.platforms.slack.calls import Ask, Calls
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.notice import Notices
from bot.platforms.slack.people import People

LEFT = frozenset({"channel_left", "group_left"})
ARCHIVED = frozenset({"channel_archive", "group_archive"})
OPENED = frozenset({"channel_unarchive", "group_unarchive"})
DELETED = frozenset({"channel_deleted", "group_deleted"})
RENAMED = frozenset({"channel_rename", "group_rename"})
MEMBER_JOINED, MEMBER_LEFT = "member_joined_channel", "member_left_channel"
ID_CHANGED = "channel_id_changed"
UNINSTALLED, REVOKED = "app_uninstalled", "tokens_revoked"

NAMES = tuple(
    sorted(
        LEFT
        | ARCHIVED
        | OPENED
        | DELETED
        | RENAMED
        | {MEMBER_JOINED, MEMBER_LEFT, ID_CHANGED, UNINSTALLED, REVOKED}
    )
)
"""The types of events that ``WorkspaceEvents`` is for."""

TAKEN_OUT = "the bot was taken out of the channel; invite it with /invite, then use /alerts resume"
ARCHIVE = "the channel is archived; open it again, then use /alerts resume"
REMOVED = "the app was removed from the workspace; install it again, then use /alerts resume"

log = logging.getLogger(__name__)


class EventStore(Protocol):
    """The part of the store that knows who is subscribed."""

    async def find_subscriptions(
        self, platform: Platform | None = None, workspace: str | None = None
    ) -> tuple[Subscription, ...]:
        """Every subscription with its mutes, or those of a platform or workspace, oldest first."""
        ...

    async def park(self, destination: Destination, *, reason: str) -> Subscription | None:
        """Note that the platform takes no post there; what is owed waits for a person."""
        ...

    async def move(self, destination: Destination, *, to: Destination) -> Subscription | None:
        """Have its subscription stand at ``to``; None where there is none, or one there already."""
        ...

    async def unsubscribe(self, destination: Destination) -> bool:
        """Forget its subscription and what is owed there; False if there is none."""
        ...


class Installations(Protocol):
    """The workspaces that have installed the app themselves."""

    @property
    def way_back(self) -> str:
        """What people do where the app was removed."""
        ...

    async def forget(self, workspace: str) -> bool:
        """Forget the installation; False where it is there still, or may be: nothing is parked."""
        ...


class WorkspaceEvents:
    """Takes note of events.

    Args:
        installations: None where the one workspace of ``slack.bot_token`` is served.
    """

    def __init__(
        self,
        store: EventStore,
        calls: Calls,
        people: People,
        notice: Notices,
        *,
        installations: Installations | None = None,
    ) -> None:
        self._store = store
        self._calls = calls
        self._people = people
        self._notice = notice
        self._installations = installations

    async def hear(self, workspace: str, event: Mapping[str, Any]) -> None:
        """Do what an event of one of ``NAMES`` asks for; others ask for nothing. Never raises."""
        kind = str(event.get("type", ""))
        try:
            if kind in {UNINSTALLED, REVOKED}:
                await self._hear_of_app(workspace, kind, event)
            elif kind == ID_CHANGED:
                await self._hear_of_id(workspace, event)
            else:
                await self._hear_of_channel(workspace, kind, event)
        except Exception:
            log.exception("the event %s of %s broke", kind, workspace)

    async def _hear_of_app(self, workspace: str, kind: str, event: Mapping[str, Any]) -> None:
        """The bot's token is no good any more."""
        if kind == REVOKED and not (event.get("tokens") or {}).get("bot"):
            return
        if self._installations is None:
            is_gone, reason = await self._is_removed(workspace), REMOVED
        else:
            is_gone = await self._installations.forget(workspace)
            reason = self._installations.way_back
        if not is_gone:
            return
        log.info("removed from the workspace %s", workspace)
        for wanted in await self._store.find_subscriptions(Platform.SLACK, workspace):
            await self._store.park(wanted.destination, reason=reason)

    async def _is_removed(self, workspace: str) -> bool:
        """Whether Slack says so of our token too.

        Where it takes it, the event came late, or twice. Where it cannot be asked, nothing is
        known, and the next post finds out.
        """
        word = await self._find_refusal(workspace, "auth.test", lambda client: client.auth_test())
        return word in failures.REMOVED

    async def _is_no_more(self, workspace: str, channel: str) -> bool:
        """Whether Slack knows no such channel; if it cannot be asked, the next post finds out."""
        word = await self._find_refusal(
            workspace,
            "conversations.info",
            lambda client: client.conversations_info(channel=channel),
        )
        return word == "channel_not_found"

    async def _find_refusal(self, workspace: str, method: str, ask: Ask) -> str:
        """Slack's word against what is asked; "" where it has none, or cannot be asked."""
        try:
            await self._calls.ask(workspace, method, ask)
        except SendError as error:
            word = error_of(error)
            log.info("slack: asked %s in %s: %s", method, workspace, word or error)
            return word
        return ""

    async def _hear_of_channel(self, workspace: str, kind: str, event: Mapping[str, Any]) -> None:
        channel, user = _channel_of(event), str(event.get("user") or "")
        is_about_member = kind in {MEMBER_JOINED, MEMBER_LEFT}
        self._people.forget(workspace, channel=channel, user=user if is_about_member else "")
        if is_about_member and not await self._is_me(workspace, user):
            return
        there = await self._find_subscribed(workspace, channel)
        if kind in LEFT or kind == MEMBER_LEFT:
            await self._park(there, TAKEN_OUT)
        elif kind in ARCHIVED:
            await self._park(there, ARCHIVE)
        elif kind in DELETED and there and await self._is_no_more(workspace, channel):
            for one in there:
                await self._store.unsubscribe(one.destination)
                log.info("%s was deleted in Slack; it is not subscribed now", one.destination.key)
        elif kind in OPENED or kind == MEMBER_JOINED:
            for one in _one_a_person(one for one in there if one.parked):
                await self._notice.tell_open(one)

    async def _hear_of_id(self, workspace: str, event: Mapping[str, Any]) -> None:
        """A private channel that is shared with another company gets another id, for good.

        What was posted keeps the old one, and can be edited no more.
        """
        old, new = str(event.get("old_channel_id") or ""), str(event.get("new_channel_id") or "")
        if not new:
            return
        for channel in (old, new):
            self._people.forget(workspace, channel=channel)
        moved = []
        for one in await self._find_subscribed(workspace, old):
            there = replace(one.destination, channel=new)
            if found := await self._store.move(one.destination, to=there):
                log.info("%s has another id now: %s", one.destination.key, there.key)
                moved.append(found)
            else:  # it is subscribed there already
                await self._store.unsubscribe(one.destination)
        for one in _one_a_person(one for one in moved if one.parked):
            await self._notice.tell_open(one)

    async def _is_me(self, workspace: str, user: str) -> bool:
        try:
            return user == (await self._calls.workspaces.find_bot(workspace)).user_id
        except SendError as error:
            log.warning("who the bot is in %s is not known: %s", workspace, error)
            return False

    async def _find_subscribed(self, workspace: str, channel: str) -> tuple[Subscription, ...]:
        """What is subscribed in the channel, threads in it included."""
        found = await self._store.find_subscriptions(Platform.SLACK, workspace)
        return tuple(one for one in found if channel and one.destination.channel == channel)

    async def _park(self, there: Iterable[Subscription], reason: str) -> None:
        """Park them all; of those that were not yet, each person is told of one."""
        parked = [await self._store.park(one.destination, reason=reason) for one in there]
        for one in _one_a_person(one for one in parked if one is not None):
            await self._notice(one)


def _one_a_person(found: Iterable[Subscription]) -> list[Subscription]:
    """The first of each person: a channel rather than a thread in it."""
    by_person: dict[str, Subscription] = {}
    for one in sorted(found, key=lambda one: one.destination.key):
        by_person.setdefault(one.subscribed_by, one)
    return list(by_person.values())


def _channel_of(event: Mapping[str, Any]) -> str:
    """The id of the channel, which a renamed one stands in an object with."""
    said = event.get("channel") or ""
    return str(said.get("id") or "") if isinstance(said, Mapping) else str(said)
