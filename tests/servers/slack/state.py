"""The state of the server and every change to it that people make; the app is told by events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import (
    BOT_SCOPES,
    Channel,
    Group,
    Ids,
    Kind,
    Message,
    Team,
    Timestamps,
    Token,
    User,
)

if TYPE_CHECKING:
    from tests.servers.slack.acts import Act
    from tests.servers.slack.files import File
    from tests.servers.slack.hand_over import Envelope
    from tests.servers.slack.modals import View


class State:
    """What exists, and how it changes.

    Attributes:
        clock: seconds since 1970, for ts values; replace it to move time.
        app_id: of the one app that this Slack knows.
        teams: workspaces by id.
        commands: the slash commands that the app declared; None lets a person call any.
        is_escaping: whether commands tell channels, people and links by controls
            (``should_escape`` of the manifest).
        events: the kinds of events the app subscribed to.
        acts: everything that people did to the app, in order.
        envelopes: everything that was handed to the app, in order; see ``unanswered``.
        views: every modal that was ever opened, by id.
        files: by id.
        complaints: texts of the app's that Slack takes but shows wrongly (a lone "<", an "&"
            that was never escaped, ...); tests assert that there are none.
    """

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.time
        self.ids = Ids()
        self.stamps = Timestamps(self._now)
        self.root = ""
        self.app_id = self.ids.next("A")
        self.teams: dict[str, Team] = {}
        self.tokens: dict[str, Token] = {}
        self.commands: set[str] | None = None
        self.is_escaping = True
        self.events = set(EVENTS)
        self.acts: list[Act] = []
        self.envelopes: list[Envelope] = []
        self.views: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.complaints: list[str] = []
        self._tick = asyncio.Event()

    def _now(self) -> float:
        return self.clock()

    # waiting

    async def wait_until(self, is_so: Callable[[], bool], *, timeout_s: float = 10.0) -> None:
        """Wait until ``is_so()``, looking again after every request and every 20 ms.

        Raises:
            TimeoutError: it was not so in ``timeout_s`` seconds.
        """
        async with asyncio.timeout(timeout_s):
            while not is_so():
                with suppress(TimeoutError):
                    # Not wait_for: before Python 3.12 that may swallow a cancellation.
                    async with asyncio.timeout(0.02):
                        await self._tick.wait()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._tick.set()
        self._tick = asyncio.Event()

    def tell(self, team: Team, event: dict[str, Any]) -> Envelope | None:
        """Hand an event to the app, if it subscribed to it (and may have it)."""
        raise NotImplementedError

    # what people set up

    def add_team(
        self, name: str = "Phone Fans", *, scopes: Iterable[str] = BOT_SCOPES, token: str = ""
    ) -> Team:
        """A workspace with the app installed, its bot with ``scopes``; no channels yet."""
        team_id = self.ids.next("T")
        value = token or f"xoxb-invented-{team_id}-that-must-stay-unseen"
        bot = User(self.ids.next("U"), team_id, "newsbot", is_bot=True)
        found = Token(value, set(scopes), team_id)
        team = Team(team_id, name, bot, self.ids.next("B"), found, {bot.id: bot})
        self.teams[team_id] = team
        self.tokens[value] = found
        return team

    def add_user(
        self,
        name: str,
        *,
        team: Team,
        is_admin: bool = False,
        is_owner: bool = False,
        locale: str = "en-US",
        tz: str = "Europe/London",
    ) -> User:
        """A person, member of every public channel there is."""
        user = User(self.ids.next("U"), team.id, name, is_admin or is_owner, is_owner)
        user.locale, user.tz = locale, tz
        team.users[user.id] = user
        for channel in team.channels.values():
            if channel.kind == "public":
                channel.members.add(user.id)
        return user

    def add_channel(
        self,
        name: str,
        *,
        team: Team,
        kind: Kind = "public",
        creator: User | None = None,
        has_bot: bool = True,
    ) -> Channel:
        """A channel with every person of the workspace in it, and the bot unless told not."""
        people = [u for u in team.users.values() if not u.is_bot]
        made_by = creator or (people[0] if people else team.bot)
        members = {user.id for user in people} | ({team.bot.id} if has_bot else set())
        channel = Channel(self.ids.next("C"), team.id, name, kind, made_by.id, members)
        team.channels[channel.id] = channel
        return channel

    def add_group(self, handle: str, *users: User, team: Team) -> Group:
        """A user group of ``users``."""
        group = Group(self.ids.next("S"), team.id, handle, {user.id for user in users})
        team.groups[group.id] = group
        return group

    def direct_channel(self, user: User) -> Channel:
        """The direct conversation of the bot and ``user``."""
        team = self.teams[user.team_id]
        for channel in team.channels.values():
            if channel.person == user.id:
                return channel
        found = Channel(self.ids.next("D"), team.id, "directmessage", "im")
        found.members, found.person = {user.id, team.bot.id}, user.id
        team.channels[found.id] = found
        return found

    # what people change

    def archive(self, channel: Channel, *, is_archived: bool = True) -> None:
        """Archive a channel, or bring it back; then the bot is no longer in it, as with Slack."""
        channel.is_archived = is_archived
        kind = "channel" if channel.kind == "public" else "group"
        event = f"{kind}_archive" if is_archived else f"{kind}_unarchive"
        self._tell(channel, {"type": event, "channel": channel.id, "user": channel.creator})

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel."""
        channel.is_deleted = True
        kind = "channel" if channel.kind == "public" else "group"
        self._tell(channel, {"type": f"{kind}_deleted", "channel": channel.id})
        del self.teams[channel.team_id].channels[channel.id]

    def rename(self, channel: Channel, name: str) -> None:
        """Rename a channel."""
        channel.name = name
        told = {"id": channel.id, "name": name, "name_normalized": name, "created": 1}
        kind = "channel" if channel.kind == "public" else "group"
        self._tell(channel, {"type": f"{kind}_rename", "channel": told})

    def remove_bot(self, channel: Channel) -> None:
        """Throw the bot out of a channel."""
        team = self.teams[channel.team_id]
        channel.members.discard(team.bot.id)
        kind = "channel" if channel.kind == "public" else "group"
        left = {"type": f"{kind}_left", "channel": channel.id, "actor_id": channel.creator}
        self.tell(team, left | {"event_ts": self.stamps.next()})
        self._tell_membership("member_left_channel", channel, team.bot)

    def invite_bot(self, channel: Channel) -> None:
        """Take the bot into a channel."""
        team = self.teams[channel.team_id]
        channel.members.add(team.bot.id)
        self._tell_membership("member_joined_channel", channel, team.bot)

    def leave(self, channel: Channel, user: User) -> None:
        """Let a person leave a channel."""
        channel.members.discard(user.id)
        self._tell_membership("member_left_channel", channel, user)

    def revoke(self, team: Team, error: str = "token_revoked") -> None:
        """Take the bot token away, by its owner or by uninstalling ("account_inactive")."""
        if error == "account_inactive":
            self.tell(team, {"type": "app_uninstalled"})
        told = {"oauth": [], "bot": [team.bot.id]}
        self.tell(team, {"type": "tokens_revoked", "tokens": told})
        team.token.error = error

    def restore(self, team: Team, *, scopes: Iterable[str] | None = None) -> None:
        """Make the bot token good again, as with a new installation that gives the same."""
        team.token.error = ""
        if scopes is not None:
            team.token.scopes = set(scopes)

    def _tell(self, channel: Channel, event: dict[str, Any]) -> None:
        team = self.teams[channel.team_id]
        if channel.kind == "public" or team.bot.id in channel.members:
            self.tell(team, event | {"event_ts": self.stamps.next()})

    def _tell_membership(self, kind: str, channel: Channel, user: User) -> None:
        team = self.teams[channel.team_id]
        event = {"type": kind, "user": user.id, "channel": channel.id, "team": team.id}
        event["channel_type"] = "C" if channel.kind == "public" else "G"
        self.tell(team, event | {"event_ts": self.stamps.next()})

    # what is asked of it

    def find_channel(self, team: Team, channel_id: str) -> Channel:
        """The channel, if the bot may know of it.

        Raises:
            Refused: channel_not_found.
        """
        channel = team.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and team.bot.id not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def find_user(self, team: Team, user_id: str) -> User:
        """A person of the workspace.

        Raises:
            Refused: user_not_found.
        """
        found = team.users.get(user_id)
        if found is None:
            raise Refused("user_not_found")
        return found

    def find_team(self, channel: Channel | User) -> Team:
        """The workspace of a channel or person."""
        return self.teams[channel.team_id]

    # what changes

    def post(
        self,
        channel: Channel,
        author: User,
        body: dict[str, Any],
        *,
        thread_ts: str = "",
        is_broadcast: bool = False,
        only_for: str = "",
    ) -> Message:
        """Put a message into a channel; one ``only_for`` a person stays outside of it."""
        team = self.teams[channel.team_id]
        ts = self.stamps.next()
        message = Message(channel.id, ts, author.id, body, thread_ts=thread_ts)
        message.bot_id = team.bot_id if author is team.bot else ""
        message.is_broadcast, message.only_for = is_broadcast, only_for
        message.versions.append(body)
        if only_for:
            channel.ephemeral.append(message)
            return message
        channel.messages[ts] = message
        parent = channel.messages.get(thread_ts)
        if parent is not None:
            parent.thread_ts = parent.ts
        return message


# The kinds an app like ours asks for in its manifest; a test may change ``State.events``.
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
    "tokens_revoked",
)
