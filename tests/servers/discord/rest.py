"""Messages, channels, threads, guilds and people over HTTP.

After the Discord documentation, "Message", "Channel", "Guild" and "User Resource".
"""

from __future__ import annotations

from typing import Any

from tests.servers.discord import bodies, world
from tests.servers.discord.calls import Answer, Call, Route
from tests.servers.discord.refusal import Problem, Refusal, form_error
from tests.servers.discord.state import changed_fields, message_fields
from tests.servers.discord.world import Channel, Message

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


def _needs(channel: Channel, body: dict[str, Any], files: object) -> list[int]:
    needed = [world.SEND_IN_THREADS if channel.is_thread else world.SEND]
    if body.get("embeds"):
        needed.append(world.EMBED)
    if files:
        needed.append(world.ATTACH)
    return needed


def create_message(call: Call) -> Answer:
    """Post, once for each enforced nonce."""
    state, body = call.state, call.body
    channel = state.find_channel(call.id("channel_id"))
    if channel.kind not in world.POSTED:
        raise Refusal(50008)
    state.find_channel(channel.id, *_needs(channel, body, call.files))
    if channel.person is not None and not channel.person.takes_messages:
        raise Refusal(50007)
    if channel.is_locked:
        raise Refusal(160005)
    bodies.check(body, kind="create", files=len(call.files))
    nonce = "" if body.get("nonce") is None else str(body["nonce"])
    if nonce and body.get("enforce_nonce"):
        earlier = state.recall(state.bot, nonce)
        if earlier is not None:
            return 200, earlier.json() | {"nonce": nonce}
    fields = message_fields(body, call.attach(channel.id))
    fields["flags"] &= ~bodies.EPHEMERAL
    kept = nonce if body.get("enforce_nonce") else ""
    allowed = body.get("allowed_mentions")
    message = state.post(channel, state.bot, fields, nonce=kept, allowed=allowed)
    return 200, message.json() | ({"nonce": body["nonce"]} if nonce else {})


def edit_message(call: Call) -> Answer:
    """Change an own message."""
    state, body = call.state, call.body
    channel = state.find_channel(call.id("channel_id"))
    message = state.find_message(channel, call.id("message_id"))
    if message.author is not state.bot:
        raise Refusal(50005)
    bodies.check(body, kind="edit", flags_before=message.flags)
    if channel.is_archived:
        raise Refusal(50083)
    changes = changed_fields(body, message)
    if call.files:
        kept = changes.get("attachments", message.fields.get("attachments") or [])
        changes["attachments"] = kept + call.attach(channel.id)
    _refuse_empty(message, changes)
    state.edit(message, changes, allowed=body.get("allowed_mentions"))
    return 200, message.json()


def _refuse_empty(message: Message, changes: dict[str, Any]) -> None:
    after = message.fields | changes
    if not any(after.get(key) for key in ("content", "embeds", "components", "attachments")):
        raise Refusal(50006)


def get_message(call: Call) -> Answer:
    """One message."""
    channel = call.state.find_channel(call.id("channel_id"), world.HISTORY)
    return 200, call.state.find_message(channel, call.id("message_id")).json()


def delete_message(call: Call) -> Answer:
    """Delete an own message, or another's with the permission for it."""
    state = call.state
    channel = state.find_channel(call.id("channel_id"))
    message = state.find_message(channel, call.id("message_id"))
    if message.author is not state.bot:
        state.find_channel(channel.id, world.MANAGE_MESSAGES)
    state.delete(message)
    return 204, None


def list_messages(call: Call) -> Answer:
    """The history, newest first; empty without the permission to read it."""
    state = call.state
    channel = state.find_channel(call.id("channel_id"))
    if channel.kind not in world.POSTED:
        raise Refusal(50008)
    limit = call.number("limit", 50, low=1, high=100)
    if len({"before", "after", "around"} & call.query.keys()) > 1:
        said = "before, after and around are mutually exclusive"
        raise form_error([Problem((), "FORM_MUTUALLY_EXCLUSIVE", said)])
    if not state.permissions_in(channel) & world.HISTORY:
        return 200, []
    posts = list(channel.posts)
    if "before" in call.query:
        before = call.number("before", 0)
        posts = [m for m in posts if m.id < before][-limit:]
    elif "after" in call.query:
        after = call.number("after", 0)
        posts = [m for m in posts if m.id > after][:limit]
    elif "around" in call.query:
        around = call.number("around", 0)
        half = limit // 2
        older = [m for m in posts if m.id < around][-half:] if half else []
        newer = [m for m in posts if m.id > around][: max(0, limit - half - 1)]
        posts = [*older, *(m for m in posts if m.id == around), *newer]
    else:
        posts = posts[-limit:]
    return 200, [message.json() for message in reversed(posts)]


def get_channel(call: Call) -> Answer:
    """One channel or thread."""
    return 200, call.state.find_channel(call.id("channel_id")).json(call.state.bot)


def update_channel(call: Call) -> Answer:
    """Change a thread's name, or archive or lock it."""
    state, body = call.state, call.body
    channel = state.find_channel(call.id("channel_id"))
    if not channel.is_thread:
        state.find_channel(channel.id, world.MANAGE_CHANNELS)
    elif channel.owner_id != state.bot.id or body.get("locked") is not None:
        state.find_channel(channel.id, world.MANAGE_THREADS)
    channel.name = body.get("name") or channel.name
    channel.is_archived = body.get("archived", channel.is_archived)
    channel.is_locked = body.get("locked", channel.is_locked)
    event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    state.gateway.dispatch(event, channel.json(state.bot), channel.guild_id)
    return 200, channel.json(state.bot)


def start_thread_from_message(call: Call) -> Answer:
    """A thread on a message; it has the message's id."""
    state = call.state
    channel = state.find_channel(call.id("channel_id"), world.HISTORY, world.CREATE_THREADS)
    message = state.find_message(channel, call.id("message_id"))
    if channel.kind not in {world.TEXT, world.ANNOUNCEMENT}:
        raise Refusal(50024)
    if message.id in state.channels:
        raise Refusal(160004)
    _check_name(call.body)
    thread = state.add_thread(channel, call.body["name"], thread_id=message.id)
    message.thread_id = thread.id
    return 201, thread.json(state.bot)


def start_thread(call: Call) -> Answer:
    """A post in a forum, or a thread without a message in a text channel."""
    state, body = call.state, call.body
    channel = state.find_channel(call.id("channel_id"))
    _check_name(body)
    if channel.kind not in {world.FORUM, world.MEDIA}:
        state.find_channel(channel.id, world.CREATE_THREADS)
        if channel.kind not in {world.TEXT, world.ANNOUNCEMENT} or "message" in body:
            raise Refusal(50024)
        return 201, state.add_thread(channel, body["name"]).json(state.bot)
    first = body.get("message")
    if not isinstance(first, dict):
        said = "This field is required"
        raise form_error([Problem(("message",), "BASE_TYPE_REQUIRED", said)])
    needed = _needs(channel, first, call.files)
    state.find_channel(channel.id, *needed)
    bodies.check(first, kind="forum", files=len(call.files))
    tags = [int(tag) for tag in body.get("applied_tags") or []]
    if channel.needs_tag and not tags:
        raise Refusal(40067)
    if unknown := [tag for tag in tags if tag not in channel.tags]:
        said = f"Unknown tag {unknown[0]}"
        raise form_error([Problem(("applied_tags",), "FORUM_TAG_UNKNOWN", said)])
    thread = state.add_thread(channel, body["name"])
    thread.applied_tags = tags
    fields = message_fields(first, call.attach(thread.id, first))
    allowed = first.get("allowed_mentions")
    message = state.post(thread, state.bot, fields, allowed=allowed, message_id=thread.id)
    return 201, thread.json(state.bot) | {"message": message.json()}


def _check_name(body: dict[str, Any]) -> None:
    problems = []
    if not 1 <= len((body.get("name") or "").strip()) <= 100:
        said = "Must be between 1 and 100 in length."
        problems.append(Problem(("name",), "BASE_TYPE_BAD_LENGTH", said))
    if body.get("auto_archive_duration") not in {None, 60, 1440, 4320, 10080}:
        said = "Value must be one of (60, 1440, 4320, 10080)."
        problems.append(Problem(("auto_archive_duration",), "BASE_TYPE_CHOICES", said))
    if problems:
        raise form_error(problems)


def list_active_threads(call: Call) -> Answer:
    """The threads of a guild that are not archived."""
    guild = _find_guild(call)
    found = [
        c
        for c in call.state.channels.values()
        if c.guild_id == guild.id and c.is_thread and not c.is_archived
    ]
    found = [c for c in found if call.state.permissions_in(c) & world.VIEW]
    return 200, {"threads": [c.json(call.state.bot) for c in reversed(found)], "members": []}


def list_archived_threads(call: Call) -> Answer:
    """The archived public threads of a channel, newest first."""
    state = call.state
    channel = state.find_channel(call.id("channel_id"), world.HISTORY)
    found = [
        c
        for c in state.channels.values()
        if c.parent_id == channel.id and c.is_thread and c.is_archived
    ]
    found = sorted(found, key=lambda c: c.id, reverse=True)
    limit = call.number("limit", 50, low=2, high=100)
    given = {"threads": [c.json(state.bot) for c in found[:limit]], "members": []}
    return 200, given | {"has_more": len(found) > limit}


def open_direct(call: Call) -> Answer:
    """The direct message channel with a person."""
    state = call.state
    person = state.users.get(int(call.body.get("recipient_id") or 0))
    if person is None:
        raise Refusal(10013)
    if person.is_bot:
        raise Refusal(50007)
    return 200, state.direct_channel(person).json(state.bot)


def nothing(call: Call) -> Answer:
    """Typing and joining threads: accepted, without a trace."""
    call.state.find_channel(call.id("channel_id"))
    return 204, None


def _find_guild(call: Call) -> world.Guild:
    guild = call.state.guilds.get(call.id("guild_id"))
    if guild is None:
        raise Refusal(10004)
    return guild


def get_guild(call: Call) -> Answer:
    """One guild."""
    return 200, _find_guild(call).json()


def list_channels(call: Call) -> Answer:
    """The channels of a guild, threads left out."""
    guild, state = _find_guild(call), call.state
    here = [c for c in state.channels.values() if c.guild_id == guild.id and not c.is_thread]
    return 200, [c.json(state.bot) for c in here]


def list_roles(call: Call) -> Answer:
    """The roles of a guild."""
    return 200, [role.json() for role in _find_guild(call).roles.values()]


def get_member(call: Call) -> Answer:
    """One member of a guild."""
    guild = _find_guild(call)
    user = guild.members.get(call.id("user_id"))
    if user is None:
        raise Refusal(10007)
    return 200, guild.member_json(user)


def get_user(call: Call) -> Answer:
    """One person."""
    user = call.state.users.get(call.id("user_id"))
    if user is None:
        raise Refusal(10013)
    return 200, user.json()


_C, _G = ("channel_id",), ("guild_id",)
THREADS = "/channels/{channel_id}/threads"
ROUTES = (
    Route("POST", MESSAGES, "create_message", create_message, _C),
    Route("GET", MESSAGES, "list_messages", list_messages, _C),
    Route("GET", MESSAGE, "get_message", get_message, _C),
    Route("PATCH", MESSAGE, "update_message", edit_message, _C),
    Route("DELETE", MESSAGE, "delete_message", delete_message, _C),
    Route("GET", "/channels/{channel_id}", "get_channel", get_channel, _C),
    Route("PATCH", "/channels/{channel_id}", "update_channel", update_channel, _C),
    Route(
        "POST", f"{MESSAGE}/threads", "create_thread_from_message", start_thread_from_message, _C
    ),
    Route("POST", THREADS, "create_thread", start_thread, _C),
    Route("GET", f"{THREADS}/archived/public", "list_archived_threads", list_archived_threads, _C),
    Route("PUT", "/channels/{channel_id}/thread-members/@me", "join_thread", nothing, _C),
    Route("POST", "/channels/{channel_id}/typing", "trigger_typing", nothing, _C),
    Route("GET", "/guilds/{guild_id}/threads/active", "list_threads", list_active_threads, _G),
    Route("GET", "/guilds/{guild_id}", "get_guild", get_guild, _G),
    Route("GET", "/guilds/{guild_id}/channels", "list_guild_channels", list_channels, _G),
    Route("GET", "/guilds/{guild_id}/roles", "list_guild_roles", list_roles, _G),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", "get_guild_member", get_member, _G),
    Route("POST", "/users/@me/channels", "create_dm", open_direct),
    Route("GET", "/users/{user_id}", "get_user", get_user),
)
