"""The elements of Block Kit: buttons, menus, inputs; what each may hold and where it may stand.

After the Slack documentation, "Block Kit", block elements.
"""

from __future__ import annotations

import re
from typing import Any

from tests.servers.slack.shapes import (
    Check,
    Review,
    address,
    always,
    by_type,
    confirm,
    flag,
    many,
    matching,
    one_of,
    option,
    option_group,
    plain,
    plain_option,
    shape,
    string,
    whole,
)

DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")

_is_date = matching(lambda text: bool(DATE.fullmatch(text)), "must be a date, YYYY-MM-DD")
_is_time = matching(lambda text: bool(TIME.fullmatch(text)), "must be a time, HH:mm")
_is_number = matching(lambda text: bool(DECIMAL.fullmatch(text)), "must be a number")
_an_id = string(255)
_several = whole(1, 2**31)
_filter = shape(
    {},
    {
        "include": many(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
_dispatch = shape(
    {}, {"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), 2)}
)


def _of(kind: str, needed: dict[str, Check], also: dict[str, Check]) -> Check:
    common: dict[str, Check] = {"action_id": _an_id}
    return shape({"type": one_of(kind), **needed}, common | also)


def _focused(inner: Check) -> Check:
    def check(value: Any, path: str, review: Review) -> None:
        inner(value, path, review)
        review.focused += value.get("focus_on_load") is True

    return check


def _input(kind: str, needed: dict[str, Check], also: dict[str, Check]) -> Check:
    more: dict[str, Check] = {"placeholder": plain(150), "focus_on_load": flag}
    return _focused(_of(kind, needed, more | also))


def _from_options(inner: Check, *keys: str) -> Check:
    """Also: either options or groups of them; what is chosen from the start is one of them."""

    def check(value: Any, path: str, review: Review) -> None:
        inner(value, path, review)
        groups = value.get("option_groups")
        if (value.get("options") is None) == (groups is None):
            review.refuse(path, "exactly one of options and option_groups must be given")
        found = value.get("options") or []
        if isinstance(groups, list):
            found = [o for g in groups if isinstance(g, dict) for o in g.get("options") or []]
        for key in keys:
            chosen = value.get(key)
            for one in chosen if isinstance(chosen, list) else [chosen] if chosen else []:
                if one not in found:
                    review.refuse(f"{path}/{key}", "must be one of the options")

    return check


def _button(value: Any, path: str, review: Review) -> None:
    _BUTTON(value, path, review)


_BUTTON = _of(
    "button",
    {"text": plain(75)},
    {
        "url": address(3000),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)

_SELECT: dict[str, Check] = {"confirm": confirm}
_MULTI: dict[str, Check] = {"confirm": confirm, "max_selected_items": _several}
_OPTIONS: dict[str, Check] = {
    "options": many(plain_option, 100),
    "option_groups": many(option_group, 100),
}
_EXTERNAL: dict[str, Check] = {"min_query_length": whole(0, 3000)}
_CONVERSATIONS: dict[str, Check] = {
    "default_to_current_conversation": flag,
    "filter": _filter,
}
_ids = many(string(64), 1000)
_text_input: dict[str, Check] = {
    "initial_value": string(3000, least=0),
    "dispatch_action_config": _dispatch,
}

SELECTS: dict[str, Check] = {
    "static_select": _from_options(
        _input("static_select", {}, _SELECT | _OPTIONS | {"initial_option": plain_option}),
        "initial_option",
    ),
    "external_select": _input(
        "external_select", {}, _SELECT | _EXTERNAL | {"initial_option": plain_option}
    ),
    "users_select": _input("users_select", {}, _SELECT | {"initial_user": string(64)}),
    "conversations_select": _input(
        "conversations_select",
        {},
        _SELECT
        | _CONVERSATIONS
        | {"initial_conversation": string(64), "response_url_enabled": flag},
    ),
    "channels_select": _input(
        "channels_select",
        {},
        _SELECT | {"initial_channel": string(64), "response_url_enabled": flag},
    ),
}

MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": _from_options(
        _input(
            "multi_static_select",
            {},
            _MULTI | _OPTIONS | {"initial_options": many(plain_option, 100)},
        ),
        "initial_options",
    ),
    "multi_external_select": _input(
        "multi_external_select",
        {},
        _MULTI | _EXTERNAL | {"initial_options": many(plain_option, 100)},
    ),
    "multi_users_select": _input("multi_users_select", {}, _MULTI | {"initial_users": _ids}),
    "multi_conversations_select": _input(
        "multi_conversations_select", {}, _MULTI | _CONVERSATIONS | {"initial_conversations": _ids}
    ),
    "multi_channels_select": _input(
        "multi_channels_select", {}, _MULTI | {"initial_channels": _ids}
    ),
}

PICKERS: dict[str, Check] = {
    "datepicker": _input("datepicker", {}, {"confirm": confirm, "initial_date": _is_date}),
    "timepicker": _input(
        "timepicker", {}, {"confirm": confirm, "initial_time": _is_time, "timezone": string(64)}
    ),
    "datetimepicker": _focused(
        _of(
            "datetimepicker",
            {},
            {
                "confirm": confirm,
                "initial_date_time": whole(10**9, 10**10 - 1),
                "focus_on_load": flag,
            },
        )
    ),
}


def _boxes(kind: str, initial: str, chosen: Check) -> Check:
    also: dict[str, Check] = {"confirm": confirm, "focus_on_load": flag, initial: chosen}
    inner = _focused(_of(kind, {"options": many(option, 10)}, also))
    return _from_options(inner, initial)


BOXES: dict[str, Check] = {
    "checkboxes": _boxes("checkboxes", "initial_options", many(option, 10)),
    "radio_buttons": _boxes("radio_buttons", "initial_option", option),
}

TEXTS: dict[str, Check] = {
    "plain_text_input": _input(
        "plain_text_input",
        {},
        _text_input
        | {"multiline": flag, "min_length": whole(0, 3000), "max_length": whole(1, 3000)},
    ),
    "email_text_input": _input("email_text_input", {}, _text_input),
    "url_text_input": _input("url_text_input", {}, _text_input),
    "number_input": _input(
        "number_input",
        {"is_decimal_allowed": flag},
        {
            "initial_value": _is_number,
            "min_value": _is_number,
            "max_value": _is_number,
            "dispatch_action_config": _dispatch,
        },
    ),
}

FILES: dict[str, Check] = {
    "file_input": _of(
        "file_input", {}, {"filetypes": many(string(32), 100), "max_files": whole(1, 10)}
    )
}

_OVERFLOW_OPTION = shape(
    {"text": plain(75), "value": string(150)}, {"description": plain(75), "url": address(3000)}
)

IMAGE = shape(
    {"type": one_of("image"), "alt_text": string(2000)},
    {"image_url": address(3000), "slack_file": always},
)

CLICKED: dict[str, Check] = {
    "button": _button,
    "overflow": _of("overflow", {"options": many(_OVERFLOW_OPTION, 5)}, {"confirm": confirm}),
}

IN_ACTIONS = by_type(CLICKED | SELECTS | PICKERS | BOXES)
IN_SECTION = by_type(
    CLICKED
    | SELECTS
    | MULTI_SELECTS
    | {kind: PICKERS[kind] for kind in ("datepicker", "timepicker")}
    | BOXES
    | {"image": IMAGE}
)
IN_INPUT = by_type(SELECTS | MULTI_SELECTS | PICKERS | BOXES | TEXTS)
IN_MODAL_INPUT = by_type(SELECTS | MULTI_SELECTS | PICKERS | BOXES | TEXTS | FILES)
