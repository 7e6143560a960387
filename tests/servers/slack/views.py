"""The views methods: open, push, update, publish."""

from __future__ import annotations

import time
from typing import Any

from tests.servers.slack.acts import TRIGGER_S, Act
from tests.servers.slack.calls import Answer, Call, method
from tests.servers.slack.modals import MOST_DEEP, View, read_view, view_json
from tests.servers.slack.refusal import Refused


@method("views.open", tier=4, more="interactivity_pointer")
def open_view(call: Call) -> Answer:
    """Open a modal for the person who did something within the last three seconds."""
    body = _read(call, "modal")
    act = _trade(call)
    return {"view": call.state.show_view(act, body).json()}


@method("views.push", tier=4, more="interactivity_pointer")
def push(call: Call) -> Answer:
    """Lay a modal upon the one from which the trigger came."""
    body = _read(call, "modal")
    act = _trade(call)
    if act.view is None:
        raise Refused("invalid_trigger_id")
    if act.view.depth >= MOST_DEEP:
        raise Refused("push_limit_reached")
    return {"view": call.state.show_view(act, body, below=act.view).json()}


@method("views.update", tier=4)
def update(call: Call) -> Answer:
    """Change a modal that is open."""
    body = _read(call, "modal")
    view = _find(call)
    _check_hash(call, view.hash)
    view.change(body)
    call.state.notice_view(view)
    return {"view": view.json()}


@method("views.publish", tier=4)
def publish(call: Call) -> Answer:
    """Change what a person's Home tab shows."""
    user = call.state.find_user(call.team, call.need("user_id"))
    body = _read(call, "home")
    before = call.team.homes.get(user.id)
    _check_hash(call, before["hash"] if before else "")
    number = len(call.state.asked)
    found: dict[str, Any] = view_json(body) | {
        "id": before["id"] if before else call.state.ids.next("V"),
        "team_id": call.team.id,
        "hash": f"{int(time.time())}.{number:08x}",
        "state": {"values": {}},
        "app_id": call.state.app_id,
        "bot_id": call.team.bot_id,
    }
    found["root_view_id"] = found["id"]
    call.team.homes[user.id] = found
    for act in reversed(call.state.acts):
        if act.user is user:
            act.home = found
            break
    return {"view": found}


def _read(call: Call, kind: str) -> dict[str, Any]:
    given = call.value("view", error="invalid_arguments")
    return read_view(given, kind=kind, complaints=call.state.complaints)


def _trade(call: Call) -> Act:
    act = call.state.find_acts.find_by_trigger(call.text("trigger_id"))
    if act is None or act.user.team_id != call.team.id:
        raise Refused("invalid_trigger_id")
    if act.is_traded:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() - act.at > TRIGGER_S:
        raise Refused("expired_trigger_id")
    act.is_traded = True
    return act


def _find(call: Call) -> View:
    name, external = call.text("view_id"), call.text("external_id")
    for view in call.state.views.values():
        is_it = view.id == name if name else external and view.body.get("external_id") == external
        if is_it and view.is_open and view.user.team_id == call.team.id:
            return view
    raise Refused("not_found")


def _check_hash(call: Call, present: str) -> None:
    given = call.text("hash")
    if given and given != present:
        raise Refused("hash_conflict")
