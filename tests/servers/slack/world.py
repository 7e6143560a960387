"""What a Slack is made of: teams, people, channels, messages, views, tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Kind = Literal["public", "private", "im", "mpim"]
SCOPE_OF_KIND = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}

# What an app like ours asks for; a test may take any of them away.
BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "usergroups:read",
    "users:read",
)


class Ids:
    """Ids as Slack makes them: a letter for the kind, then nine or ten of A-Z and 0-9."""

    def __init__(self) -> None:
        self._numbers = count(0x5EED01)

    def next(self, prefix: str) -> str:
        """A new id; never given before."""
        number, text = next(self._numbers) * 977, ""
        while number:
            number, digit = divmod(number, 36)
            text = DIGITS[digit] + text
        return f"{prefix}0{text:0>9}"


class Timestamps:
    """``ts`` values: seconds with six places, never the same twice, always rising."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """The ts of something that happens now."""
        self._last = max(int(self._clock() * 1_000_000), self._last + 1)
        return as_ts(self._last)


def as_ts(micros: int) -> str:
    """Microseconds since 1970 as a ts."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


@dataclass
class User:
    """A person, or the bot's user, in one workspace."""

    id: str
    team_id: str
    name: str
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    locale: str = "en-US"
    tz: str = "Europe/London"
    tz_offset: int = 0
    is_deleted: bool = False
    is_guest: bool = False

    def json(self, *, has_locale: bool = False) -> dict[str, Any]:
        """The user object."""
        found: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.is_deleted,
            "real_name": self.name.capitalize(),
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": {"real_name": self.name.capitalize(), "display_name": self.name},
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1,
        }
        return found | {"locale": self.locale} if has_locale else found


@dataclass
class Message:
    """A message; an ephemeral one names who sees it.

    Attributes:
        body: ``text``, ``blocks``, ``metadata``, ``attachments``: what the sender gave.
        thread_ts: of its thread's first post; "" outside of threads.
        edited: ts of the last change, or "".
        versions: every body it ever had, the present one last.
        only_for: the id of the one person who sees it, "" for everybody.
        is_frozen: whether it may no longer be changed (``edit_window_closed``).
    """

    channel_id: str
    ts: str
    user: str
    body: dict[str, Any]
    bot_id: str = ""
    thread_ts: str = ""
    is_broadcast: bool = False
    edited: str = ""
    is_deleted: bool = False
    is_frozen: bool = False
    only_for: str = ""
    subtype: str = ""
    versions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text, as it was given."""
        return str(self.body.get("text") or "")

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks; [] without any."""
        return self.body.get("blocks") or []

    @property
    def metadata(self) -> dict[str, Any]:
        """``event_type`` and ``event_payload``; {} without any."""
        return self.body.get("metadata") or {}

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread, below its first post."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    def change(self, body: dict[str, Any], ts: str) -> None:
        """Replace what it says."""
        self.body = body
        self.versions.append(body)
        self.edited = ts

    def json(self, *, has_metadata: bool = False) -> dict[str, Any]:
        """The message object."""
        found: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts}
        found["text"] = self.text
        if self.subtype or (self.is_broadcast and self.is_reply):
            found["subtype"] = self.subtype or "thread_broadcast"
        if self.bot_id:
            found["bot_id"] = self.bot_id
        for key in ("blocks", "attachments", "files"):
            if self.body.get(key):
                found[key] = self.body[key]
        if self.thread_ts:
            found["thread_ts"] = self.thread_ts
        if self.edited:
            found["edited"] = {"user": self.user, "ts": self.edited}
        if has_metadata and self.metadata:
            found["metadata"] = self.metadata
        return found


@dataclass
class Channel:
    """A channel, private channel or direct conversation of one workspace.

    Attributes:
        members: ids of users, the bot's among them where it was invited.
        error: what every post to it is refused with ("restricted_action", ...), or "".
        messages: by ts, deleted ones and replies too; ``posts`` is what is to be seen.
        ephemeral: what single persons were shown here.
        is_read_only: only some may post here, as the object says; nothing is refused for it.
        person: whose direct conversation with the bot it is; "" for the others.
    """

    id: str
    team_id: str
    name: str
    kind: Kind = "public"
    creator: str = ""
    members: set[str] = field(default_factory=set)
    person: str = ""
    error: str = ""
    is_archived: bool = False
    is_deleted: bool = False
    is_read_only: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemeral: list[Message] = field(default_factory=list)

    @property
    def posts(self) -> list[Message]:
        """What stands in the channel and its threads, oldest first."""
        return [m for m in self._sorted() if not m.is_deleted]

    @property
    def top(self) -> list[Message]:
        """What the channel itself shows: no replies but those sent to it as well."""
        return [m for m in self.posts if not m.is_reply or m.is_broadcast]

    def thread(self, ts: str) -> list[Message]:
        """The first post of a thread and its replies, oldest first."""
        return [m for m in self.posts if ts in {m.ts, m.thread_ts}]

    def _sorted(self) -> Iterator[Message]:
        return iter(sorted(self.messages.values(), key=lambda m: m.ts))

    def json(self, bot_user: str) -> dict[str, Any]:
        """The conversation object, as the bot sees it."""
        found: dict[str, Any] = {
            "id": self.id,
            "created": 1,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_org_shared": False,
            "context_team_id": self.team_id,
            "updated": 1,
        }
        if self.kind == "im":
            return found | {"user": self.person, "is_user_deleted": False, "priority": 0}
        return found | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_private": self.kind != "public",
            "is_member": bot_user in self.members,
            "is_general": self.name == "general",
            "is_read_only": self.is_read_only,
            "is_shared": False,
            "is_ext_shared": False,
            "creator": self.creator,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [],
        }


@dataclass
class Group:
    """A user group."""

    id: str
    team_id: str
    handle: str
    members: set[str] = field(default_factory=set)
    is_disabled: bool = False

    def json(self) -> dict[str, Any]:
        """The usergroup object."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "name": self.handle.capitalize(),
            "handle": self.handle,
            "date_delete": int(self.is_disabled),
            "user_count": len(self.members),
        }


@dataclass
class Token:
    """A token and what it may do; ``error`` is what it is refused with, "" while it is good."""

    value: str
    scopes: set[str]
    team_id: str = ""
    is_app: bool = False
    error: str = ""


@dataclass
class Team:
    """A workspace with the app in it (or no longer: then its token answers an error).

    Attributes:
        homes: what the Home tab shows, by user id.
    """

    id: str
    name: str
    bot: User
    bot_id: str
    token: Token
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The first part of its address."""
        return self.name.lower().replace(" ", "-")

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{self.domain}.slack.com/"

    @property
    def bot_token(self) -> str:
        """The bot token of the installation ("xoxb-…")."""
        return self.token.value


def clock() -> float:
    """Seconds since 1970."""
    return time.time()


def size_of(value: Any) -> int:
    """Bytes of ``value`` as JSON."""
    return len(json.dumps(value).encode())
