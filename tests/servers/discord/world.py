"""Guilds, channels, people and messages, and the JSON that Discord makes of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.servers.discord import bodies, components

EPOCH_MS = 1_420_070_400_000  # the first second of 2015

VIEW, SEND, EMBED, ATTACH = 1 << 10, 1 << 11, 1 << 14, 1 << 15
HISTORY, MENTION_EVERYONE, MANAGE_MESSAGES = 1 << 16, 1 << 17, 1 << 13
ADMINISTRATOR, MANAGE_CHANNELS, MANAGE_GUILD = 1 << 3, 1 << 4, 1 << 5
USE_COMMANDS, MANAGE_THREADS = 1 << 31, 1 << 34
CREATE_THREADS, SEND_IN_THREADS = 1 << 35, 1 << 38
EVERYDAY = VIEW | SEND | EMBED | ATTACH | HISTORY | USE_COMMANDS | CREATE_THREADS | SEND_IN_THREADS
ALL = (1 << 53) - 1

TEXT, DM, CATEGORY, ANNOUNCEMENT = 0, 1, 4, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
VOICE, FORUM, MEDIA = 2, 15, 16
THREADS = {ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
POSTED = {TEXT, DM, ANNOUNCEMENT, VOICE, *THREADS}


@dataclass
class Ids:
    """Snowflakes in rising order, never the same twice.

    Attributes:
        clock: seconds since 1970; replace it to live at another time.
    """

    clock: Callable[[], float] = time.time
    _last: int = 0

    def next(self) -> int:
        """A new id, of this moment (Discord documentation, "Snowflakes")."""
        at = (int(self.clock() * 1000) - EPOCH_MS) << 22
        self._last = max(at, self._last + 1)
        return self._last


def moment(seconds: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


@dataclass
class User:
    """A person or a bot; ``permissions`` in every guild, and whether messages may reach it."""

    id: int
    name: str
    locale: str = "en-US"
    permissions: int = EVERYDAY
    is_bot: bool = False
    takes_messages: bool = True

    def json(self) -> dict[str, Any]:
        """The user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name.title(),
            "avatar": None,
            "bot": self.is_bot,
            "public_flags": 0,
        }

    def member_json(self, role_ids: list[int]) -> dict[str, Any]:
        """The member object, without the user."""
        return {
            "roles": [str(each) for each in role_ids],
            "nick": None,
            "avatar": None,
            "joined_at": "2018-01-09T08:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }


@dataclass
class Role:
    """A role of a guild."""

    id: int
    name: str
    permissions: int = 0
    position: int = 1
    is_mentionable: bool = False
    is_managed: bool = False

    def json(self) -> dict[str, Any]:
        """The role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.is_managed,
            "mentionable": self.is_mentionable,
            "flags": 0,
        }


@dataclass
class Message:
    """A message and what became of it.

    Attributes:
        fields: content, embeds, components, flags, attachments as the API gives them back.
        nonce: as it was sent, "" for none.
        versions: ``fields`` before each edit.
        pings: what it rang for: "everyone", "<@id>", "<@&id>"; allowed_mentions applied.
        interaction_id: of the interaction it answers.
        is_deleted: whether it is gone.
    """

    id: int
    channel_id: int
    author: User
    fields: dict[str, Any]
    created_at: float
    nonce: str = ""
    edited_at: float | None = None
    versions: list[dict[str, Any]] = field(default_factory=list)
    pings: tuple[str, ...] = ()
    interaction_id: int = 0
    is_deleted: bool = False
    thread_id: int = 0

    @property
    def content(self) -> str:
        """The plain text of a message without Components V2."""
        return str(self.fields.get("content") or "")

    @property
    def flags(self) -> int:
        """Its flags, as a number."""
        return int(self.fields.get("flags") or 0)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the person who asked sees it."""
        return bool(self.flags & bodies.EPHEMERAL)

    @property
    def custom_ids(self) -> tuple[str, ...]:
        """The custom ids of its buttons and menus, in reading order."""
        found = components.walk(self.fields.get("components"))
        return tuple(c["custom_id"] for _, c in found if c.get("custom_id"))

    @property
    def text(self) -> str:
        """Everything a reader sees, one piece a line: content, embeds, text displays, buttons."""
        parts: list[str | None] = [self.content]
        for embed in self.fields.get("embeds") or []:
            parts += [embed.get("title"), embed.get("description")]
            parts += [t for f in embed.get("fields") or [] for t in (f["name"], f["value"])]
            parts.append((embed.get("footer") or {}).get("text"))
        for _, each in components.walk(self.fields.get("components")):
            parts.append(each.get("content") or each.get("label"))
        return "\n".join(part for part in parts if part)

    def edit(self, changes: dict[str, Any], *, at: float) -> None:
        """Take over ``changes``, keeping what was there."""
        self.versions.append(dict(self.fields))
        self.fields.update(changes)
        self.edited_at = at

    def json(self, *, is_hidden: bool = False) -> dict[str, Any]:
        """The message object; ``is_hidden`` empties what the message content intent guards."""
        given: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "author": self.author.json(),
            "content": "",
            "timestamp": moment(self.created_at),
            "edited_timestamp": None if self.edited_at is None else moment(self.edited_at),
            "tts": False,
            "mention_everyone": "everyone" in self.pings,
            "mentions": [],
            "mention_roles": [p[3:-1] for p in self.pings if p.startswith("<@&")],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "type": 0,
            "flags": 0,
        }
        if self.interaction_id:
            given["application_id"] = str(self.author.id)
        if not is_hidden:
            given.update({k: v for k, v in self.fields.items() if v is not None})
        return given


@dataclass
class Channel:
    """A channel, thread or direct message.

    Attributes:
        kind: the channel type of the documentation.
        permissions: the bot's here; None for those of the guild.
        error: 10003, 50001, 50013, 50007, 50008 ... answered to whatever is asked here; 0 for none.
        messages: by id, oldest first; deleted ones too.
        person: the other one, in a direct message.
        archived, locked: of a thread.
    """

    id: int
    kind: int
    name: str
    guild_id: int = 0
    parent_id: int = 0
    owner_id: int = 0
    permissions: int | None = None
    error: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    person: User | None = None
    is_archived: bool = False
    is_locked: bool = False
    position: int = 0
    tags: dict[int, str] = field(default_factory=dict)
    applied_tags: list[int] = field(default_factory=list)
    needs_tag: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread, also one in a forum."""
        return self.kind in THREADS

    @property
    def posts(self) -> tuple[Message, ...]:
        """The messages that are there now, oldest first."""
        return tuple(m for m in self.messages.values() if not m.is_deleted)

    def json(self, bot: User) -> dict[str, Any]:
        """The channel object as the bot sees it."""
        last = next(reversed(self.messages), None)
        given: dict[str, Any] = {
            "id": str(self.id),
            "type": self.kind,
            "flags": 1 << 4 if self.needs_tag else 0,
            "last_message_id": None if last is None else str(last),
        }
        if self.person is not None:
            return given | {"recipients": [self.person.json()]}
        given |= {
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "rate_limit_per_user": 0,
        }
        if self.is_thread:
            return given | self._thread_json(bot)
        return given | {
            "position": self.position,
            "topic": None,
            "nsfw": False,
            "permission_overwrites": self._overwrites(bot),
            "available_tags": [
                {"id": str(i), "name": n, "moderated": False, "emoji_id": None, "emoji_name": None}
                for i, n in self.tags.items()
            ],
            "bitrate": 64000,
            "user_limit": 0,
        }

    def _thread_json(self, bot: User) -> dict[str, Any]:
        at = moment((self.id >> 22) / 1000 + EPOCH_MS / 1000)
        return {
            "owner_id": str(self.owner_id),
            "message_count": len(self.messages),
            "total_message_sent": len(self.messages),
            "member_count": 1,
            "applied_tags": [str(tag) for tag in self.applied_tags],
            "thread_metadata": {
                "archived": self.is_archived,
                "auto_archive_duration": 4320,
                "archive_timestamp": at,
                "create_timestamp": at,
                "locked": self.is_locked,
            },
            "member": {
                "id": str(self.id),
                "user_id": str(bot.id),
                "join_timestamp": at,
                "flags": 1,
            },
        }

    def _overwrites(self, bot: User) -> list[dict[str, Any]]:
        """The bot's own permissions here, as an overwrite for its member."""
        if self.permissions is None:
            return []
        allow, deny = self.permissions, ALL & ~self.permissions
        return [{"id": str(bot.id), "type": 1, "allow": str(allow), "deny": str(deny)}]


@dataclass
class Guild:
    """A server with its roles; ``permissions`` are the bot's in it."""

    id: int
    name: str
    owner: User
    permissions: int = EVERYDAY
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, User] = field(default_factory=dict)
    is_unavailable: bool = False

    def member_json(self, user: User) -> dict[str, Any]:
        """The member object with its user; the bot carries the bot's role."""
        own = [r.id for r in self.roles.values() if r.is_managed] if user.is_bot else []
        return user.member_json(own) | {"user": user.json()}

    def json(self) -> dict[str, Any]:
        """The guild object without members and channels."""
        nothing = dict.fromkeys(
            [
                "icon",
                "splash",
                "discovery_splash",
                "banner",
                "description",
                "afk_channel_id",
                "application_id",
                "system_channel_id",
                "rules_channel_id",
                "public_updates_channel_id",
                "vanity_url_code",
                "safety_alerts_channel_id",
            ]
        )
        return nothing | {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.json() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_flags": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": self.locale,
            "nsfw_level": 0,
        }


_MENTION = re.compile(r"<@(&?)!?(\d+)>|@(everyone|here)")


def find_pings(text: str, allowed: dict[str, Any] | None) -> tuple[str, ...]:
    """Whom a text rings for, once ``allowed`` (allowed_mentions) is applied."""
    if allowed is None:
        allowed = {"parse": ["users", "roles", "everyone"]}
    parse = set(allowed.get("parse") or [])
    named = {key: {str(i) for i in allowed.get(key) or []} for key in ("users", "roles")}
    found: dict[str, None] = {}
    for is_role, number, everyone in _MENTION.findall(text):
        key = "everyone" if everyone else "roles" if is_role else "users"
        if key in parse or number in named.get(key, ()):
            found["everyone" if everyone else f"<@{is_role}{number}>"] = None
    return tuple(found)
