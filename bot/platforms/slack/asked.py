"""Who did something in Slack, where, and by which ways it can be answered. Pure.

Source: Slack documentation, "Slash commands", "block_actions payload", "view_submission
payload", "app_mention event", "message.im event".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Destination, Platform

BROADCAST = "thread_broadcast"
"""The subtype of a reply that its channel shows too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a person did.

    Attributes:
        workspace: the id of the workspace in which the app is installed.
        channel: "" where it was done in App Home or in a modal.
        thread: the first post of the thread it was done in, or "".
        reply_in: the thread that the answer to a message belongs in, or "".
        response_url: takes five answers within half an hour, or "".
        trigger_id: opens one view within three seconds, or "".
        view: id of the view it was done in, or "".
        is_modal: that view is a modal and not App Home.
    """

    workspace: str
    user: str
    channel: str = ""
    thread: str = ""
    reply_in: str = ""
    response_url: str = ""
    trigger_id: str = ""
    view: str = ""
    is_modal: bool = False

    @property
    def place(self) -> Destination:
        """Where it was done."""
        return Destination(Platform.SLACK, self.workspace, self.channel, self.thread)


def read_command(body: Mapping[str, Any], *, workspace: str) -> Asked:
    """Who typed a slash command; Slack has none in threads."""
    return Asked(
        workspace=workspace,
        user=_text(body, "user_id"),
        channel=_text(body, "channel_id"),
        response_url=_text(body, "response_url"),
        trigger_id=_text(body, "trigger_id"),
    )


def read_press(body: Mapping[str, Any], *, workspace: str) -> Asked:
    """Who pressed a button or chose something, in a message or in a view."""
    container, message, view = (_table(body, key) for key in ("container", "message", "view"))
    channel = _text(container, "channel_id") or _text(_table(body, "channel"), "id")
    thread = _text(container, "thread_ts") or _text(message, "thread_ts")
    own = _text(container, "message_ts") or _text(message, "ts")
    if thread == own or _text(message, "subtype") == BROADCAST:
        thread = ""  # the post is read in its channel, and so is the answer
    return Asked(
        workspace=workspace,
        user=_text(_table(body, "user"), "id"),
        channel=channel,
        thread=thread,
        response_url=_text(body, "response_url"),
        trigger_id=_text(body, "trigger_id"),
        view=_text(view, "id"),
        is_modal=_text(view, "type") == "modal",
    )


def read_message(event: Mapping[str, Any], *, workspace: str) -> Asked:
    """Who wrote a message to the bot, or one with its name in it.

    In a channel the answer goes into a thread of the message; in the conversation with the bot
    alone it stands below it, unless a thread was chosen.
    """
    thread, own = _text(event, "thread_ts"), _text(event, "ts")
    is_direct = _text(event, "channel_type") == "im" or _text(event, "channel").startswith("D")
    return Asked(
        workspace=workspace,
        user=_text(event, "user"),
        channel=_text(event, "channel"),
        thread=thread if thread != own else "",
        reply_in=thread or ("" if is_direct else own),
    )


def read_home(event: Mapping[str, Any], *, workspace: str) -> Asked:
    """Who opened App Home."""
    return Asked(workspace=workspace, user=_text(event, "user"))


def _table(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
