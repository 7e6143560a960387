"""The chat methods: post, update, delete, for one person only, permalink."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.servers.slack.blocks import check_attachments, check_blocks
from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.limiter import POSTING, SPECIAL
from tests.servers.slack.metadata import read_metadata
from tests.servers.slack.mrkdwn import find_faults
from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import Channel, Message

MOST_TEXT = 40_000  # characters of a new message
MOST_UPDATED_TEXT = 4_000
MOST_MARKDOWN = 12_000


@method("chat.postMessage", "chat:write", tier=POSTING, more="metadata client_msg_id markdown_text")
def post_message(call: Call) -> Answer:
    """Post to a channel, a thread, or a person by id."""
    channel = find_place(call)
    body = read_body(call, most_text=MOST_TEXT)
    thread_ts = call.text("thread_ts")
    if thread_ts:
        parent = channel.messages.get(thread_ts)
        if parent is None or not channel.thread(parent.thread_ts or parent.ts):
            raise Refused("thread_not_found")
        thread_ts = parent.thread_ts or parent.ts
    broadcast = call.flag("reply_broadcast") and bool(thread_ts)
    state, team = call.state, call.team
    message = state.post(channel, team.bot, body, thread_ts=thread_ts, is_broadcast=broadcast)
    state.notice_post(message)
    if channel.kind == "im":
        told = message.json() | {"channel": channel.id, "channel_type": "im", "team": team.id}
        state.tell(team, told | {"event_ts": message.ts, "app_id": state.app_id})
    return {"channel": channel.id, "ts": message.ts, "message": _own_json(call, message)}


@method("chat.postEphemeral", "chat:write", tier=4, more="markdown_text")
def post_ephemeral(call: Call) -> Answer:
    """Show something to one person in a channel."""
    channel = find_place(call)
    body = read_body(call, most_text=MOST_TEXT)
    user = call.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = call.state.post(
        channel, call.team.bot, body, thread_ts=call.text("thread_ts"), only_for=user
    )
    call.state.notice_post(message)
    return {"message_ts": message.ts}


UPDATE_MORE = "metadata markdown_text reply_broadcast file_ids"


@method("chat.update", "chat:write", tier=3, more=UPDATE_MORE)
def update(call: Call) -> Answer:
    """Change a message of the bot's own."""
    channel = call.find_channel()
    if channel.is_archived:
        raise Refused("is_inactive")
    message = _find_own(call, channel, "cant_update_message")
    if message.is_frozen:
        raise Refused("edit_window_closed")
    given = read_body(call, most_text=MOST_UPDATED_TEXT, kept=message.body)
    message.change(given, call.state.stamps.next())
    call.state.notice_post(message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": _own_json(call, message),
    }


@method("chat.delete", "chat:write", tier=3)
def delete(call: Call) -> Answer:
    """Delete a message of the bot's own."""
    channel = call.find_channel()
    message = _find_own(call, channel, "cant_delete_message")
    message.is_deleted = True
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", tier=SPECIAL)
def get_permalink(call: Call) -> Answer:
    """The address of a message."""
    channel = call.find_channel()
    ts = call.need("message_ts")
    message = channel.messages.get(ts)
    if message is None or message.is_deleted:
        raise Refused("message_not_found")
    link = f"{call.team.url}archives/{channel.id}/p{ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def find_place(call: Call) -> Channel:
    """The channel to write to, if the bot may.

    Raises:
        Refused: channel_not_found, not_in_channel, is_archived, or what the channel answers.
    """
    name = call.need("channel")
    team, state = call.team, call.state
    if name.startswith("U"):
        if name not in team.users or name == team.bot.id:
            raise Refused("channel_not_found")
        return state.direct_channel(team.users[name])
    if name.startswith("#"):
        found = [c for c in team.channels.values() if c.name == name[1:]]
        name = found[0].id if found else name
    channel = state.find_channel(team, name)
    if channel.is_archived:
        raise Refused("is_archived")
    if channel.error:
        raise Refused(channel.error)
    is_open = channel.kind == "public" and "chat:write.public" in call.token.scopes
    if team.bot.id not in channel.members and not is_open:
        raise Refused("not_in_channel")
    return channel


def read_body(call: Call, *, most_text: int, kept: dict[str, Any] | None = None) -> dict[str, Any]:
    """Text, blocks, attachments and metadata of a message, checked.

    Args:
        kept: what a message holds that is changed; whatever is not given stays.

    Raises:
        Refused: no_text, msg_too_long, invalid_blocks, msg_blocks_too_long, ...
    """
    before = kept or {}
    complaints = call.state.complaints
    body: dict[str, Any] = {"text": _read_text(call, most_text, str(before.get("text") or ""))}
    for key, error in (("blocks", "invalid_blocks_format"), ("attachments", "invalid_attachments")):
        given = call.value(key, error=error)
        body[key] = before.get(key) if given is None else deepcopy(given)
    check_blocks(body["blocks"] or [], surface="message", complaints=complaints)
    check_attachments(body["attachments"], complaints=complaints)
    metadata = call.value("metadata", error="invalid_metadata_format")
    body["metadata"] = before.get("metadata") if metadata is None else read_metadata(metadata)
    if call.text("markdown_text") and (call.text("text") or call.args.get("blocks")):
        raise Refused("markdown_text_conflict")
    if not body["text"].strip() and not body["blocks"] and not body["attachments"]:
        raise Refused("no_text")
    if call.text("mrkdwn", "true").lower() != "false":
        complaints.extend(f"text: {said}" for said in find_faults(call.text("text")))
    unfurls = (call.args.get("unfurl_links"), call.args.get("unfurl_media"))
    body["unfurls"] = before.get("unfurls", unfurls)
    return body


def _read_text(call: Call, most: int, before: str) -> str:
    text, markdown = call.text("text"), call.text("markdown_text")
    if len(text) > most or len(markdown) > MOST_MARKDOWN:
        raise Refused("msg_too_long")
    if "text" not in call.args and not markdown:
        return before
    return markdown or text


def _find_own(call: Call, channel: Channel, error: str) -> Message:
    message = channel.messages.get(call.need("ts"))
    if message is None or message.is_deleted:
        raise Refused("message_not_found")
    if message.user != call.team.bot.id:
        raise Refused(error)
    return message


def _own_json(call: Call, message: Message) -> dict[str, Any]:
    team = call.team
    profile = {"id": team.bot_id, "app_id": call.state.app_id, "name": team.bot.name}
    return message.json(has_metadata=True) | {
        "app_id": call.state.app_id,
        "team": team.id,
        "bot_profile": profile | {"deleted": False, "updated": 1, "team_id": team.id},
    }
