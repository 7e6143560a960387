"""The state of the server and every change to it; changes are told to the gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.servers.discord import bodies, components, world
from tests.servers.discord.refusal import Problem, Refusal, form_error
from tests.servers.discord.world import Channel, Guild, Ids, Message, Role, User, find_pings

if TYPE_CHECKING:
    from tests.servers.discord.gateway import Gateway
    from tests.servers.discord.interactions import Interaction


class State:
    """What exists, and how it changes.

    Attributes:
        clock: seconds since 1970, for ids, nonces and tokens; replace it to move time.
        nonce_window_s: how long an enforced nonce is remembered.
        nonce_hits: how often a nonce gave back an earlier message.
        sessions_left: of the day, as ``GET /gateway/bot`` tells; identifying does not lower it.
        bot: the bot's user; its id is the application id too.
        guilds, channels, users: by id; threads and direct messages are channels.
        commands: global application commands as they were synced, by id.
        syncs: every bulk overwrite, in order, as it arrived.
        interactions: everything that people asked, in order.
        files: attachments by path, as the CDN gives them out.
    """

    gateway: Gateway

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.time
        self.ids = Ids(self._now)
        self.nonce_window_s = 180.0
        self.nonce_hits = 0
        self.sessions_left = 1000
        self.root = ""
        self.bot = User(self.ids.next(), "newsbot", is_bot=True)
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.commands: dict[int, dict[str, Any]] = {}
        self.guild_commands: dict[int, dict[int, dict[str, Any]]] = {}
        self.syncs: list[list[dict[str, Any]]] = []
        self.interactions: list[Interaction] = []
        self.files: dict[str, bytes] = {}
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self._tick = asyncio.Event()

    @property
    def application_id(self) -> int:
        """The application's id; for a bot made today it is that of its user."""
        return self.bot.id

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

    # what people set up

    def add_user(
        self, name: str, *, permissions: int = world.EVERYDAY, locale: str = "en-US"
    ) -> User:
        """A person, member of every guild; ``permissions`` hold in each."""
        user = User(self.ids.next(), name, locale=locale, permissions=permissions)
        self.users[user.id] = user
        for guild in self.guilds.values():
            guild.members[user.id] = user
        return user

    def add_guild(self, name: str = "Phone Fans", *, permissions: int = world.EVERYDAY) -> Guild:
        """A guild that has the bot with ``permissions``, and every person."""
        owner = next((u for u in self.users.values() if not u.is_bot), self.bot)
        guild = Guild(self.ids.next(), name, owner)
        guild.members = dict(self.users)
        guild.roles[guild.id] = Role(guild.id, "@everyone", position=0)
        own = Role(self.ids.next(), "newsbot", is_managed=True)
        guild.roles[own.id] = own
        self.guilds[guild.id] = guild
        self._set_roles(guild, permissions)
        self.gateway.dispatch("GUILD_CREATE", self.guild_json(guild), guild.id)
        return guild

    def add_role(self, guild: Guild, name: str, *, is_mentionable: bool = False) -> Role:
        """A role nobody has yet."""
        role = Role(self.ids.next(), name, is_mentionable=is_mentionable)
        guild.roles[role.id] = role
        data = {"guild_id": str(guild.id), "role": role.json()}
        self.gateway.dispatch("GUILD_ROLE_CREATE", data, guild.id)
        return role

    def add_channel(
        self, guild: Guild, name: str, *, kind: int = world.TEXT, tags: Iterable[str] = ()
    ) -> Channel:
        """A channel of ``kind`` (``world.TEXT``, ``world.FORUM``, ...); the bot is told."""
        channel = Channel(self.ids.next(), kind, name, guild.id)
        channel.tags = {self.ids.next(): tag for tag in tags}
        self.channels[channel.id] = channel
        self.gateway.dispatch("CHANNEL_CREATE", channel.json(self.bot), guild.id)
        return channel

    def set_permissions(self, place: Channel | Guild, permissions: int | None) -> None:
        """What the bot may do in a channel (None: as in the guild) or in a guild."""
        if isinstance(place, Channel):
            place.permissions = permissions
            self.gateway.dispatch("CHANNEL_UPDATE", place.json(self.bot), place.guild_id)
            return
        self._set_roles(place, permissions or 0)
        for role in place.roles.values():
            data = {"guild_id": str(place.id), "role": role.json()}
            self.gateway.dispatch("GUILD_ROLE_UPDATE", data, place.id)

    def _set_roles(self, guild: Guild, permissions: int) -> None:
        guild.permissions = permissions
        guild.roles[guild.id].permissions = permissions & world.EVERYDAY
        for role in guild.roles.values():
            if role.is_managed:
                role.permissions = permissions

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or thread, as a moderator does."""
        self.channels.pop(channel.id, None)
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.gateway.dispatch(event, channel.json(self.bot), channel.guild_id)

    def remove_guild(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        self.guilds.pop(guild.id, None)
        for channel in [c for c in self.channels.values() if c.guild_id == guild.id]:
            del self.channels[channel.id]
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)

    # what is asked of it

    def guild_json(self, guild: Guild) -> dict[str, Any]:
        """The guild object of GUILD_CREATE, with channels, threads and members."""
        here = [c for c in self.channels.values() if c.guild_id == guild.id]
        return guild.json() | {
            "joined_at": "2018-01-09T08:00:00+00:00",
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [guild.member_json(self.bot)],
            "channels": [c.json(self.bot) for c in here if not c.is_thread],
            "threads": [c.json(self.bot) for c in here if c.is_thread and not c.is_archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def permissions_in(self, channel: Channel, user: User | None = None) -> int:
        """What ``user`` (the bot where none is named) may do in a channel."""
        if channel.person is not None:
            return world.EVERYDAY
        if user is not None and not user.is_bot:
            granted = user.permissions
        else:
            top = self.channels.get(channel.parent_id, channel) if channel.is_thread else channel
            guild = self.guilds[channel.guild_id]
            granted = guild.permissions if top.permissions is None else top.permissions
            if guild.permissions & world.ADMINISTRATOR:
                granted = world.ALL
        if granted & world.ADMINISTRATOR:
            return world.ALL
        if not granted & world.VIEW:
            return 0
        sends = world.SEND_IN_THREADS if channel.is_thread else world.SEND
        if not granted & sends:
            granted &= ~(world.EMBED | world.ATTACH | world.MENTION_EVERYONE)
        return granted

    def find_channel(self, channel_id: int, *needs: int) -> Channel:
        """The channel, if the bot sees it and has the permissions it ``needs`` there.

        Raises:
            Refusal: 10003, 50001 or 50013, or what the channel is set to answer.
        """
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refusal(10003)
        if channel.error:
            raise Refusal(channel.error)
        has = self.permissions_in(channel)
        if not has & world.VIEW:
            raise Refusal(50001)
        if any(not has & need for need in needs):
            raise Refusal(50013)
        return channel

    def find_message(self, channel: Channel, message_id: int) -> Message:
        """The message, unless it is gone or was never there.

        Raises:
            Refusal: 10008.
        """
        found = channel.messages.get(message_id)
        if found is None or found.is_deleted:
            raise Refusal(10008)
        return found

    def direct_channel(self, user: User) -> Channel:
        """The direct message channel of the bot and ``user``."""
        for channel in self.channels.values():
            if channel.person is user:
                return channel
        channel = Channel(self.ids.next(), world.DM, user.name, person=user)
        self.channels[channel.id] = channel
        return channel

    # what changes

    def recall(self, author: User, nonce: str) -> Message | None:
        """The message that used up an enforced nonce, while that is remembered.

        Raises:
            Refusal: 10008 if it was deleted since.
        """
        at, message = self._nonces.get((author.id, nonce), (float("-inf"), None))
        if message is None or self.clock() - at > self.nonce_window_s:
            return None
        if message.is_deleted:
            raise Refusal(10008)
        self.nonce_hits += 1
        return message

    def post(
        self,
        channel: Channel,
        author: User,
        fields: dict[str, Any],
        *,
        nonce: str = "",
        allowed: dict[str, Any] | None = None,
        interaction_id: int = 0,
        message_id: int = 0,
    ) -> Message:
        """Put a message into a channel and tell the gateway; ephemeral ones stay outside."""
        number_components(fields.get("components"))
        at = self.clock()
        message = Message(message_id or self.ids.next(), channel.id, author, fields, at, nonce)
        message.interaction_id = interaction_id
        message.pings = find_pings(ringing_text(fields), allowed)
        if nonce:
            self._nonces[author.id, nonce] = (at, message)
        if message.is_ephemeral:
            return message
        if channel.is_archived:
            channel.is_archived = False
            self.gateway.dispatch("THREAD_UPDATE", channel.json(self.bot), channel.guild_id)
        channel.messages[message.id] = message
        self.gateway.dispatch_message("MESSAGE_CREATE", message, channel)
        return message

    def edit(
        self, message: Message, fields: dict[str, Any], *, allowed: dict[str, Any] | None = None
    ) -> None:
        """Change a message; only what ``fields`` names changes."""
        number_components(fields.get("components"))
        message.edit(fields, at=self.clock())
        message.pings = find_pings(ringing_text(message.fields), allowed)
        channel = self.channels.get(message.channel_id)
        if channel is not None and message.id in channel.messages:
            self.gateway.dispatch_message("MESSAGE_UPDATE", message, channel)

    def delete(self, message: Message) -> None:
        """Delete a message, as the bot or a moderator does."""
        message.is_deleted = True
        channel = self.channels.get(message.channel_id)
        if channel is None or message.id not in channel.messages:
            return
        data = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id:
            data["guild_id"] = str(channel.guild_id)
        self.gateway.dispatch("MESSAGE_DELETE", data, channel.guild_id, is_message=True)

    def add_thread(self, parent: Channel, name: str, *, thread_id: int = 0) -> Channel:
        """A public thread of the bot's in ``parent``."""
        kind = (
            world.ANNOUNCEMENT_THREAD if parent.kind == world.ANNOUNCEMENT else world.PUBLIC_THREAD
        )
        thread = Channel(thread_id or self.ids.next(), kind, name, parent.guild_id, parent.id)
        thread.owner_id = self.bot.id
        self.channels[thread.id] = thread
        data = thread.json(self.bot) | {"newly_created": True}
        self.gateway.dispatch("THREAD_CREATE", data, parent.guild_id)
        return thread

    def keep_file(self, channel_id: int, name: str, content: bytes, kind: str) -> dict[str, Any]:
        """Store a file at the CDN; the attachment object."""
        number = self.ids.next()
        path = f"/attachments/{channel_id}/{number}/{name}"
        self.files[path] = content
        return {
            "id": str(number),
            "filename": name,
            "size": len(content),
            "content_type": kind,
            "url": f"{self.root}/cdn{path}",
            "proxy_url": f"{self.root}/cdn{path}",
        }


def ringing_text(fields: dict[str, Any]) -> str:
    """The text in which mentions ring: content and text displays, never embeds."""
    found = components.walk(fields.get("components"))
    texts = [c.get("content") or "" for _, c in found if c.get("type") == components.TEXT]
    return "\n".join([str(fields.get("content") or ""), *texts])


def number_components(found: Any) -> None:
    """Give every component the id that Discord gives it where the sender gave none."""
    taken = {c["id"] for _, c in components.walk(found) if c.get("id")}
    number = 1
    for _, component in components.walk(found):
        if component.get("id"):
            continue
        while number in taken:
            number += 1
        component["id"] = number
        taken.add(number)


def message_fields(body: dict[str, Any], attachments: list[dict[str, Any]]) -> dict[str, Any]:
    """What a message keeps of the body that made it."""
    allowed = bodies.SUPPRESS_EMBEDS | bodies.SUPPRESS_NOTIFICATIONS | bodies.COMPONENTS_V2
    return {
        "content": body.get("content") or "",
        "embeds": [{"type": "rich"} | embed for embed in body.get("embeds") or []],
        "components": body.get("components") or [],
        "attachments": attachments,
        "flags": (body.get("flags") or 0) & (allowed | bodies.EPHEMERAL),
    }


def changed_fields(body: dict[str, Any], before: Message) -> dict[str, Any]:
    """What an edit changes; an absent key leaves its field alone.

    Raises:
        Refusal: 50035 where a message becomes one of Components V2 and keeps content or embeds.
    """
    changes: dict[str, Any] = {}
    for key in ("content", "embeds", "components"):
        if key in body:
            changes[key] = body[key] or ("" if key == "content" else [])
    if body.get("flags") is not None:
        settable = bodies.SUPPRESS_EMBEDS | bodies.COMPONENTS_V2
        changes["flags"] = (before.flags & ~settable) | (body["flags"] & settable)
    if "attachments" in body:
        kept = {str(each.get("id")) for each in body["attachments"] or []}
        changes["attachments"] = [
            a for a in before.fields.get("attachments") or [] if a["id"] in kept
        ]
    after = before.fields | changes
    if after["flags"] & bodies.COMPONENTS_V2:
        for key in ("content", "embeds"):
            if after.get(key):
                said = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                raise form_error([Problem((key,), code, said)])
    return changes
