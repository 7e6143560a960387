"""The conversations methods: what was said, who is there, what there is."""

from __future__ import annotations

from typing import Any

from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import SCOPE_OF_KIND, Channel, Message

KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


@method("conversations.history", tier=3, more="include_all_metadata")
def history(call: Call) -> Answer:
    """What the channel shows, newest first; replies only where they were sent to it too.

    With ``oldest`` and without ``latest`` the page is the one next to ``oldest``, and the next
    ones lead towards the present.
    """
    channel = _find_joined(call)
    found = _within(call, channel.top)
    is_forward = bool(call.text("oldest")) and not call.text("latest")
    page, following = call.page(found if is_forward else found[::-1], most=999)
    shown = sorted(page, key=lambda m: m.ts, reverse=True)
    answer = {"messages": _shown(call, channel, shown), "has_more": bool(following["next_cursor"])}
    return answer | {"pin_count": 0, "response_metadata": following}


@method("conversations.replies", tier=3, more="include_all_metadata")
def replies(call: Call) -> Answer:
    """The first post of a thread and its replies, oldest first."""
    channel = _find_joined(call)
    ts = call.need("ts")
    parent = channel.messages.get(ts)
    if parent is None or (parent.is_deleted and len(channel.thread(ts)) == 0):
        raise Refused("thread_not_found")
    if parent.is_reply:
        found = [parent]
    else:
        thread = channel.thread(ts)
        found = [m for m in thread if m.ts == ts] + _within(call, [m for m in thread if m.ts != ts])
    page, following = call.page(found, default=1000)
    answer = {"messages": _shown(call, channel, page), "has_more": bool(following["next_cursor"])}
    return answer | {"response_metadata": following}


@method("conversations.info", tier=3, more="include_num_members")
def info(call: Call) -> Answer:
    """One channel."""
    found = call.find_channel(scope="read").json(call.team.bot.id)
    if not call.flag("include_num_members"):
        found.pop("num_members", None)
    return {"channel": found}


@method("conversations.members", tier=4)
def members(call: Call) -> Answer:
    """The ids of who is in a channel."""
    channel = call.find_channel(scope="read")
    page, following = call.page(sorted(channel.members))
    return {"members": page, "response_metadata": following}


@method("conversations.join", "channels:join", tier=3)
def join(call: Call) -> Answer:
    """Go into a public channel by oneself."""
    channel = call.find_channel()
    if channel.kind != "public":
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    if call.team.bot.id not in channel.members:
        call.state.invite_bot(channel)
    return {"channel": channel.json(call.team.bot.id)}


@method("conversations.list", tier=2)
def list_channels(call: Call) -> Answer:
    """The channels the bot may know of."""
    return _list(call, call.team.bot.id, is_joined=False)


@method("users.conversations", tier=3)
def list_of_user(call: Call) -> Answer:
    """The channels a person (the bot, where none is named) is in."""
    user = call.state.find_user(call.team, call.text("user") or call.team.bot.id)
    return _list(call, user.id, is_joined=True)


@method("conversations.open", "im:write", "mpim:write", tier=3, more="prevent_creation")
def open_direct(call: Call) -> Answer:
    """The direct conversation with a person."""
    if call.text("channel"):
        return {"channel": {"id": call.find_channel().id}}
    users = [u for u in call.text("users").split(",") if u]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("not_enough_users", "group conversations are not part of this server")
    person = call.team.users.get(users[0])
    if person is None:
        raise Refused("user_not_found")
    if person.is_deleted:
        raise Refused("user_disabled")
    channel = call.state.direct_channel(person)
    if call.flag("return_im"):
        return {"channel": channel.json(call.team.bot.id)}
    return {"channel": {"id": channel.id}}


def _list(call: Call, user_id: str, *, is_joined: bool) -> Answer:
    types = [t.strip() for t in (call.text("types") or "public_channel").split(",")]
    if not set(types) <= set(KINDS):
        raise Refused("invalid_types")
    kinds = {KINDS[name] for name in types}
    for kind in sorted(kinds):
        call.require_scope(f"{SCOPE_OF_KIND[kind]}:read")
    bot = call.team.bot.id
    found = [
        channel.json(bot)
        for channel in call.team.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and (not is_joined or user_id in channel.members)
        and not (call.flag("exclude_archived") and channel.is_archived)
    ]
    page, following = call.page(found)
    return {"channels": page, "response_metadata": following}


def _find_joined(call: Call) -> Channel:
    channel = call.find_channel(scope="history")
    if call.team.bot.id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _within(call: Call, found: list[Message]) -> list[Message]:
    """Those between ``oldest`` and ``latest``; the edges themselves only when ``inclusive``."""
    for name in ("oldest", "latest"):
        text = call.text(name)
        if text and not text.replace(".", "", 1).isdecimal():
            raise Refused(f"invalid_ts_{name}")
    oldest = float(call.text("oldest") or 0)
    latest = float(call.text("latest") or "inf")
    edges = {oldest, latest} if call.flag("inclusive") else set()
    return [m for m in found if oldest < float(m.ts) < latest or float(m.ts) in edges]


def _shown(call: Call, channel: Channel, found: list[Message]) -> list[dict[str, Any]]:
    has_metadata = call.flag("include_all_metadata")
    below: dict[str, list[Message]] = {}
    for reply in channel.posts:
        if reply.is_reply:
            below.setdefault(reply.thread_ts, []).append(reply)
    shown = []
    for message in found:
        given = message.json(has_metadata=has_metadata)
        if message.bot_id:
            given["app_id"] = call.state.app_id
        if message.ts in below:
            given["reply_count"] = len(below[message.ts])
            given["latest_reply"] = below[message.ts][-1].ts
        shown.append(given)
    return shown
