"""What Slack knows of people, channels and user groups, asked when it is needed.

Answers are kept for a short time, so that a handful of commands in a row ask once. Nobody is
kept out of a channel or a group by what was kept: who has just joined is in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import SendError
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.kept import Kept

KEPT_S = 60.0
"""Seconds that an answer is kept: so long somebody keeps a right that was taken away."""

GROUPS_KEPT_S = 180.0
"""The same for user groups, which Slack lets apps ask for 20 times a minute at most.

Source: Slack documentation, "usergroups.list", "usergroups.users.list": tier 2.
"""

MOST = 10_000
"""Answers of one kind that are kept; beyond that the oldest go."""

PAGE = 999
"""Channels in one answer. Source: Slack documentation, "users.conversations", limit."""

MAX_PAGES = 20
"""Pages that are asked for one answer: nobody is in more channels than that."""

NAME_PAGES = 5
"""Pages that are looked through for a channel's name: Slack allows 20 such calls a minute."""

_UNSEEN = frozenset(
    {
        "channel_not_found",
        "method_not_supported_for_channel_type",
        "missing_scope",  # group conversations: the bot asks for no part in them
    }
)
_NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
_NO_GROUP = frozenset({"no_such_subteam", "subteam_not_found", "plan_upgrade_required"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a workspace, or in a channel that is shared with another one.

    Attributes:
        is_admin: an admin or owner of the workspace, or of the organisation it is part of.
        is_guest: of one or of several channels.
        is_ours: belongs to the workspace that was asked, and is still there.
        time_zone: an IANA name, or "".
        lang: of their Slack, BCP 47, or "".
        name: as Slack shows it, or "".
    """

    id: str
    is_admin: bool = False
    is_guest: bool = False
    is_ours: bool = True
    time_zone: str = field(default="", compare=False)
    lang: str = field(default="", compare=False)
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel, or a direct conversation.

    Attributes:
        name: without "#"; "" for a direct conversation.
        creator: the id of a person, or "".
        is_direct: with the bot alone, and ``user`` is who it is with.
        is_member: the bot is.
        is_read_only: only some may post there.
    """

    id: str
    name: str = ""
    creator: str = ""
    user: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_direct: bool = False
    is_member: bool = False
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A user group that is in use.

    Attributes:
        handle: without "@".
    """

    id: str
    handle: str
    name: str


class People:
    """Asks Slack about people, channels and groups.

    Every question may raise SendError: Slack cannot be asked, or does not say.

    Args:
        timer: seconds that never go back.
    """

    def __init__(self, calls: Calls, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._persons: Kept[Person | None] = Kept(MOST, KEPT_S, timer)
        self._conversations: Kept[Conversation | None] = Kept(MOST, KEPT_S, timer)
        self._joined: Kept[Mapping[str, str]] = Kept(MOST // 10, KEPT_S, timer)
        self._names: Kept[Mapping[str, str]] = Kept(MOST // 100, KEPT_S, timer)
        self._groups: Kept[tuple[Group, ...]] = Kept(MOST // 10, GROUPS_KEPT_S, timer)
        self._grouped: Kept[frozenset[str]] = Kept(MOST // 10, GROUPS_KEPT_S, timer)

    async def find_person_or_none(self, workspace: str, user: str) -> Person | None:
        """Somebody; None where the workspace has nobody of that id."""

        async def ask() -> Person | None:
            try:
                said = await self._calls.ask(
                    workspace,
                    "users.info",
                    lambda client: client.users_info(user=user, include_locale=True),
                )
            except SendError as error:
                if error_of(error) in _NOBODY:
                    return None
                raise
            return read_person(said["user"], workspace)

        return await self._persons.find((workspace, user), ask)

    def recall_person_or_none(self, workspace: str, user: str) -> Person | None:
        """Somebody, as far as that is known already: Slack is not asked."""
        return self._persons.recall_or_none((workspace, user))

    async def find_conversation_or_none(
        self, workspace: str, channel: str, *, is_fresh: bool = False
    ) -> Conversation | None:
        """A channel; None where the bot sees none of that id: it is gone, or private.

        Args:
            is_fresh: what was kept is not good enough.
        """

        async def ask() -> Conversation | None:
            try:
                said = await self._calls.ask(
                    workspace,
                    "conversations.info",
                    lambda client: client.conversations_info(channel=channel),
                )
            except SendError as error:
                if error_of(error) in _UNSEEN:
                    return None
                raise
            return read_conversation(said["channel"])

        key = (workspace, channel)
        if is_fresh:
            self._conversations.forget(key)
        return await self._conversations.find(key, ask)

    async def is_in(self, workspace: str, channel: str, user: str) -> bool:
        """Whether somebody is in a channel; of a private one that the bot is in too."""

        async def ask() -> Mapping[str, str]:
            found: dict[str, str] = {}
            cursor = ""
            for _ in range(MAX_PAGES):
                said = await self._ask_joined(workspace, user, cursor)
                found |= {str(one["id"]): str(one.get("name", "")) for one in said["channels"]}
                if not (cursor := _next(said)):
                    break
            return found

        found = await self._joined.find(
            (workspace, user), ask, is_good=lambda joined: channel in joined
        )
        return channel in found

    def recall_channel_name(self, workspace: str, channel: str, user: str) -> str:
        """The name of a channel that somebody is in, as far as ``is_in`` has learned it, or ""."""
        joined = self._joined.recall_or_none((workspace, user))
        return joined.get(channel, "") if joined else ""

    async def find_channel_names(self, workspace: str) -> Mapping[str, str]:
        """Ids of public channels by name, in lower case; everybody may know of these."""

        async def ask() -> Mapping[str, str]:
            found: dict[str, str] = {}
            cursor = ""
            for _ in range(NAME_PAGES):
                said = await self._ask_names(workspace, cursor)
                found |= {str(one["name"]).casefold(): str(one["id"]) for one in said["channels"]}
                if not (cursor := _next(said)):
                    break
            return found

        return await self._names.find(workspace, ask)

    async def find_public(self, workspace: str) -> Collection[str]:
        """Ids of public channels that are not archived, as far as they are looked through."""
        return (await self.find_channel_names(workspace)).values()

    async def find_groups(self, workspace: str, *, wanted: str = "") -> tuple[Group, ...]:
        """The user groups that are in use; () where the workspace's plan has none.

        Args:
            wanted: the id of one that is hoped for: it may be new.
        """

        async def ask() -> tuple[Group, ...]:
            try:
                said = await self._calls.ask(
                    workspace, "usergroups.list", lambda client: client.usergroups_list()
                )
            except SendError as error:
                if error_of(error) in _NO_GROUP:
                    return ()
                raise
            return tuple(
                Group(str(one["id"]), str(one.get("handle", "")), str(one.get("name", "")))
                for one in said["usergroups"]
                if not one.get("date_delete")
            )

        def has_it(groups: tuple[Group, ...]) -> bool:
            return not wanted or any(one.id == wanted for one in groups)

        return await self._groups.find(workspace, ask, is_good=has_it)

    async def find_group_or_none(self, workspace: str, group: str) -> Group | None:
        """A user group; None where there is none of that id, or it is not in use."""
        found = await self.find_groups(workspace, wanted=group)
        return next((one for one in found if one.id == group), None)

    async def is_in_group(self, workspace: str, group: str, user: str) -> bool:
        """Whether somebody is in a user group; nobody is in one that is not in use."""

        async def ask() -> frozenset[str]:
            try:
                said = await self._calls.ask(
                    workspace,
                    "usergroups.users.list",
                    lambda client: client.usergroups_users_list(usergroup=group),
                )
            except SendError as error:
                if error_of(error) in _NO_GROUP:
                    return frozenset()
                raise
            return frozenset(map(str, said["users"]))

        found = await self._grouped.find(
            (workspace, group), ask, is_good=lambda members: user in members
        )
        return user in found

    def forget(self, workspace: str, *, channel: str = "", user: str = "") -> None:
        """Ask anew about a channel, or about where somebody is: something happened to it."""
        self._conversations.forget((workspace, channel))
        self._joined.forget((workspace, user))
        self._names.forget(workspace)

    async def _ask_joined(self, workspace: str, user: str, cursor: str) -> Mapping[str, Any]:
        return await self._calls.ask(
            workspace,
            "users.conversations",
            lambda client: client.users_conversations(
                user=user,
                types="public_channel,private_channel",
                limit=PAGE,
                cursor=cursor or None,
            ),
        )

    async def _ask_names(self, workspace: str, cursor: str) -> Mapping[str, Any]:
        return await self._calls.ask(
            workspace,
            "conversations.list",
            lambda client: client.conversations_list(
                types="public_channel",
                exclude_archived=True,
                limit=PAGE,
                cursor=cursor or None,
            ),
        )


def _next(said: Mapping[str, Any]) -> str:
    """Where the next page begins, "" behind the last."""
    return str((said.get("response_metadata") or {}).get("next_cursor") or "")


def read_person(said: Mapping[str, Any], workspace: str) -> Person:
    """The user object of Slack.

    In an organisation somebody may belong to several workspaces, of which ``team_id`` names
    one. Of its names Slack shows the first that there is of those that the person chose and the
    full one. Source: Slack documentation, "User object", ``enterprise_user``, "profile".
    """
    profile = said.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), said.get("real_name"))
    wide = said.get("enterprise_user") or {}
    is_admin = any(
        (one.get("is_admin") or one.get("is_owner") or one.get("is_primary_owner"))
        for one in (said, wide)
    )
    belongs = workspace == said.get("team_id") or workspace in (wide.get("teams") or ())
    return Person(
        id=str(said["id"]),
        is_admin=bool(is_admin),
        is_guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted")),
        is_ours=belongs and not said.get("is_stranger") and not said.get("deleted"),
        time_zone=str(said.get("tz") or ""),
        lang=str(said.get("locale") or ""),
        name=next((str(one) for one in (*names, said.get("name")) if one), ""),
    )


def read_conversation(said: Mapping[str, Any]) -> Conversation:
    """The conversation object of Slack."""
    is_direct = bool(said.get("is_im"))
    return Conversation(
        id=str(said["id"]),
        name=str(said.get("name") or ""),
        creator=str(said.get("creator") or ""),
        user=str(said.get("user") or "") if is_direct else "",
        is_private=is_direct or bool(said.get("is_private") or said.get("is_mpim")),
        is_archived=bool(said.get("is_archived")),
        is_direct=is_direct,
        is_member=is_direct or bool(said.get("is_member")),
        is_read_only=bool(said.get("is_read_only")),
    )
