"""What the app says through a response_url, or with its acknowledgement.

After the Slack documentation, "Handling user interaction": five uses within thirty minutes.
"""

from __future__ import annotations

import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.servers.slack.acts import URL_S, URL_USES, Act
from tests.servers.slack.blocks import check_attachments, check_blocks
from tests.servers.slack.mrkdwn import find_faults
from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import Message

if TYPE_CHECKING:
    from tests.servers.slack.watching import Watching

KNOWN = frozenset(
    {
        "attachments",
        "blocks",
        "delete_original",
        "metadata",
        "mrkdwn",
        "replace_original",
        "response_type",
        "text",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
    }
)


def use_url(state: Watching, act: Act, body: Any) -> None:
    """Take what came to a response_url.

    Raises:
        Refused: used_url, expired_url, invalid_blocks, no_text, ...
    """
    if time.monotonic() - act.at > URL_S:
        raise Refused("expired_url")
    if act.uses >= URL_USES:
        raise Refused("used_url")
    respond(state, act, body)
    act.uses += 1


def respond(state: Watching, act: Act, body: Any) -> None:
    """Show what the app answered.

    Raises:
        Refused: invalid_payload, invalid_blocks, no_text, ...
    """
    if not isinstance(body, dict) or not set(body) <= KNOWN:
        raise Refused("invalid_payload", f"unknown: {sorted(set(body) - KNOWN)}")
    assert act.channel is not None
    original = act.message or next((m for m in act.answers if m.only_for), None)
    if body.get("delete_original"):
        if original is not None:
            original.is_deleted = True
            act.answers = [m for m in act.answers if m is not original] + [original]
        return
    fields = _read(state, body)
    if body.get("replace_original") and original is not None:
        original.change({**fields, "metadata": original.metadata}, state.stamps.next())
        act.answers = [m for m in act.answers if m is not original] + [original]
        return
    kind = body.get("response_type") or "ephemeral"
    if kind not in {"ephemeral", "in_channel"}:
        raise Refused("invalid_payload", f"response_type {kind!r}")
    message = _post(state, act, fields, is_open=kind == "in_channel", body=body)
    act.answers.append(message)


def _post(
    state: Watching, act: Act, fields: dict[str, Any], *, is_open: bool, body: dict[str, Any]
) -> Message:
    assert act.channel is not None
    team = state.teams[act.user.team_id]
    only_for = "" if is_open else act.user.id
    thread_ts = str(body.get("thread_ts") or "")
    return state.post(act.channel, team.bot, fields, thread_ts=thread_ts, only_for=only_for)


def _read(state: Watching, body: dict[str, Any]) -> dict[str, Any]:
    text = str(body.get("text") or "")
    fields = {"text": text, "blocks": deepcopy(body.get("blocks") or [])}
    if len(text) > 40_000:
        raise Refused("msg_too_long")
    check_blocks(fields["blocks"], surface="message", complaints=state.complaints)
    check_attachments(body.get("attachments"), complaints=state.complaints)
    if body.get("attachments"):
        fields["attachments"] = body["attachments"]
    if not text.strip() and not fields["blocks"] and not body.get("attachments"):
        raise Refused("no_text")
    state.complaints.extend(f"text: {said}" for said in find_faults(text))
    return fields
