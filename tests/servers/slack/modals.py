"""Views: what a modal or Home tab may be, and the one a person has before them.

After the Slack documentation, "Views" and "Modals".
"""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.blocks import name_blocks, review_blocks
from tests.servers.slack.refusal import Refused
from tests.servers.slack.shapes import always, flag, one_of, plain, shape, string
from tests.servers.slack.world import Channel, User, size_of

MOST_BYTES = 250_000
MOST_DEEP = 3

_COMMON = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_MODAL = shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": always},
    {
        **_COMMON,
        "close": plain(24),
        "submit": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = shape({"type": one_of("home"), "blocks": always}, _COMMON)


@dataclass
class View:
    """A modal, as one person has it open (or had it).

    Attributes:
        body: as the app gave it, blocks named.
        values: what was entered so far: block_id, action_id, value object.
        below: the modal it lies upon.
        is_open: whether it is still to be seen.
        origin: the channel where it all began, None for the Home tab.
    """

    id: str
    user: User
    body: dict[str, Any]
    app_id: str
    bot_id: str
    below: View | None = None
    hash: str = ""
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_open: bool = True
    origin: Channel | None = None

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Its blocks."""
        return list(self.body["blocks"])

    @property
    def root(self) -> View:
        """The lowest modal of the stack."""
        return self if self.below is None else self.below.root

    @property
    def depth(self) -> int:
        """1 for a modal that lies on nothing."""
        return 1 if self.below is None else self.below.depth + 1

    def change(self, body: dict[str, Any]) -> None:
        """Replace what it shows; what was entered stays where block and action are the same."""
        kept = self.values
        self.body, self.hash = body, f"1600000000.{secrets.token_hex(4)}"
        self.values = find_values(body["blocks"], self.origin)
        for block_id, actions in self.values.items():
            for action_id in actions:
                if action_id in kept.get(block_id, {}):
                    actions[action_id] = kept[block_id][action_id]

    def json(self) -> dict[str, Any]:
        """The view object."""
        return view_json(self.body) | {
            "id": self.id,
            "team_id": self.user.team_id,
            "state": {"values": copy.deepcopy(self.values)},
            "hash": self.hash,
            "previous_view_id": self.below.id if self.below else None,
            "root_view_id": self.root.id,
            "app_id": self.app_id,
            "app_installed_team_id": self.user.team_id,
            "bot_id": self.bot_id,
        }


def view_json(body: dict[str, Any]) -> dict[str, Any]:
    """The view object of a body, with everything that was not given."""
    nothing: dict[str, Any] = {"private_metadata": "", "callback_id": "", "external_id": ""}
    nothing |= {"title": None, "close": None, "submit": None}
    nothing |= {"clear_on_close": False, "notify_on_close": False}
    return nothing | copy.deepcopy(body)


def read_view(given: Any, *, kind: str, complaints: list[str]) -> dict[str, Any]:
    """A view of the app's, checked, its blocks named.

    Args:
        kind: "modal" or "home".

    Raises:
        Refused: invalid_arguments with every problem, view_too_large.
    """
    if not isinstance(given, dict):
        raise Refused("invalid_arguments", "must be an object [json-pointer:/view]")
    body = copy.deepcopy(given)
    review = review_blocks(body.get("blocks"), surface=kind, path="/view/blocks")
    (_MODAL if kind == "modal" else _HOME)(body, "/view", review)
    blocks = body.get("blocks")
    found = blocks if isinstance(blocks, list) else []
    has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in found)
    if kind == "modal" and has_input and not body.get("submit"):
        review.refuse("/view/submit", "must define `submit` to use an `input` block in modals")
    complaints += review.complaints
    if review.problems:
        raise Refused("invalid_arguments", *review.problems)
    if size_of(body) > MOST_BYTES:
        raise Refused("view_too_large")
    name_blocks(body["blocks"])
    return body


def find_elements(blocks: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every element that a person can use, with its block."""
    found = []
    for block in blocks:
        if block["type"] in {"rich_text", "context"}:
            continue
        candidates = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        found += [(block, e) for e in candidates if e and e["type"] not in {"image", "mrkdwn"}]
    return found


def find_values(
    blocks: list[dict[str, Any]], present: Channel | None = None
) -> dict[str, dict[str, Any]]:
    """The state that inputs and menus have before anybody touches them.

    Args:
        present: the channel the person was looking at, for menus that begin with it.
    """
    values: dict[str, dict[str, Any]] = {}
    for block, element in find_elements(blocks):
        value = initial_value(element)
        if value is not None and present is not None and _begins_with(element, present):
            value["selected_conversation"] = present.id
        if value is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = value
    return values


def _begins_with(element: dict[str, Any], channel: Channel) -> bool:
    """Whether a menu of channels is filled with the present one; it goes before any other."""
    if element["type"] != "conversations_select":
        return False
    kinds = element.get("filter", {}).get("include", [channel.kind])
    return bool(element.get("default_to_current_conversation")) and channel.kind in kinds


# How the value of each kind of element is told: its key, and the key of what it starts with.
KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}


def initial_value(element: dict[str, Any]) -> dict[str, Any] | None:
    """The value object of an element nobody touched; None of one that has no value."""
    kind = element["type"]
    if kind not in KEYS or kind == "overflow":
        return None
    key, initial = KEYS[kind]
    held = element.get(initial)
    if held is None and key in {"selected_options", "files"}:
        held = []
    found = {"type": kind, key: held}
    if kind == "timepicker" and element.get("timezone"):
        found["timezone"] = element["timezone"]
    return found
