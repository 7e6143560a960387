"""The payloads that tell the app what happened, as Slack writes them.

After the Slack documentation: "Slash commands", "Interaction payloads", "Events API".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.servers.slack.acts import Act
from tests.servers.slack.world import Team

if TYPE_CHECKING:
    from tests.servers.slack.state import State

OLD_TOKEN = "invented-verification-token"
CHANNEL_NAMES = {"im": "directmessage", "private": "privategroup", "mpim": "mpdm"}


def command(state: State, act: Act, name: str, text: str) -> dict[str, Any]:
    """A slash command."""
    team, channel = state.teams[act.user.team_id], act.channel
    assert channel is not None
    return {
        "token": OLD_TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
        "user_id": act.user.id,
        "user_name": act.user.name,
        "command": name,
        "text": text,
        "api_app_id": state.app_id,
        "is_enterprise_install": "false",
        "response_url": act.response_url,
        "trigger_id": act.trigger_id,
    }


def _interaction(state: State, act: Act, kind: str) -> dict[str, Any]:
    team = state.teams[act.user.team_id]
    user = {"id": act.user.id, "username": act.user.name, "name": act.user.name}
    return {
        "type": kind,
        "user": user | {"team_id": team.id},
        "api_app_id": state.app_id,
        "token": OLD_TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _place(act: Act, home: dict[str, Any] | None) -> dict[str, Any]:
    """Where an element stands: container, and the message or view itself."""
    if act.message is not None:
        message, channel = act.message, act.channel
        assert channel is not None
        container: dict[str, Any] = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        name = CHANNEL_NAMES.get(channel.kind, channel.name)
        found = {"container": container, "channel": {"id": channel.id, "name": name}}
        # Of an ephemeral message Slack tells no more than its ts.
        return found if message.only_for else found | {"message": message.json()}
    view = act.view.json() if act.view is not None else home
    assert view is not None
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def block_actions(
    state: State,
    act: Act,
    block: dict[str, Any],
    element: dict[str, Any],
    *,
    value: dict[str, Any],
    home: dict[str, Any] | None,
) -> dict[str, Any]:
    """A press, or a choice in a menu outside of an input block."""
    action: dict[str, Any] = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": f"{time.time():.6f}",
    }
    for key in ("text", "value", "style", "placeholder", "confirm"):
        if key in element:
            action[key] = element[key]
    given = _interaction(state, act, "block_actions") | _place(act, home)
    given |= {"trigger_id": act.trigger_id, "actions": [action | value]}
    if act.message is not None:
        given |= {"response_url": act.response_url, "state": {"values": {}}}
    return given


def block_suggestion(
    state: State,
    act: Act,
    block: dict[str, Any],
    element: dict[str, Any],
    *,
    text: str,
    home: dict[str, Any] | None,
) -> dict[str, Any]:
    """A few letters typed into a menu that the app fills."""
    given = _interaction(state, act, "block_suggestion") | _place(act, home)
    named = {"action_id": element["action_id"], "block_id": block["block_id"], "value": text}
    return given | named


def view_submission(state: State, act: Act) -> dict[str, Any]:
    """A modal sent off."""
    assert act.view is not None
    given = _interaction(state, act, "view_submission")
    return given | {
        "trigger_id": act.trigger_id,
        "view": act.view.json(),
        "response_urls": [],
    }


def view_closed(state: State, act: Act, *, is_cleared: bool) -> dict[str, Any]:
    """A modal put away."""
    assert act.view is not None
    given = _interaction(state, act, "view_closed")
    return given | {"view": act.view.json(), "is_cleared": is_cleared}


def event(state: State, team: Team, inner: dict[str, Any]) -> dict[str, Any]:
    """An event with its envelope of the Events API."""
    authorization = {"enterprise_id": None, "team_id": team.id, "user_id": team.bot.id}
    return {
        "token": OLD_TOKEN,
        "team_id": team.id,
        "context_team_id": team.id,
        "api_app_id": state.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": state.ids.next("Ev"),
        "event_time": int(time.time()),
        "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": "4-invented",
    }
