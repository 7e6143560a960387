"""Elements of a message or view as a person finds and fills them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.servers.slack.modals import KEYS, View, find_elements
from tests.servers.slack.refusal import NotOffered
from tests.servers.slack.shapes import Review, many, option_group, plain_option
from tests.servers.slack.world import Channel

Placed = tuple[dict[str, Any], dict[str, Any]]


def find_element(blocks: list[dict[str, Any]], name: str) -> Placed:
    """The block and element of an action_id, value, block_id, label or placeholder.

    Raises:
        NotOffered: there is none, or more than one.
    """
    found = [pair for pair in find_elements(blocks) if name in _names(*pair)]
    exact = [pair for pair in found if name == pair[1].get("action_id")]
    found = exact or found
    if len(found) != 1:
        known = [_names(*pair)[-1] for pair in find_elements(blocks)]
        said = "no element" if not found else f"{len(found)} elements"
        raise NotOffered(f"{said} {name!r} among {known}")
    return found[0]


def _names(block: dict[str, Any], element: dict[str, Any]) -> list[str]:
    texts = [element.get("text"), element.get("placeholder"), block.get("label")]
    labels = [text["text"] for text in texts if isinstance(text, dict)]
    named = [block["block_id"], element.get("action_id", ""), str(element.get("value", ""))]
    return [*named, *labels]


def find_options(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The options of a menu, those in groups too."""
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group["options"]
    return found


def chosen_value(
    element: dict[str, Any], given: Any, offered: list[dict[str, Any]]
) -> dict[str, Any]:
    """What is told of an element in which ``given`` was entered.

    A menu takes the value or label of an option, or a list of them; a person or channel its id.

    Raises:
        NotOffered: such an option is not there, or the text is too long or short.
    """
    kind = element["type"]
    if kind not in KEYS:
        return {}
    key = KEYS[kind][0]
    value: Any = given
    if key == "selected_options":
        value = [_option(one, offered) for one in (given if isinstance(given, list) else [given])]
        if len(value) > element.get("max_selected_items", 1000):
            raise NotOffered(
                f"{element['action_id']} takes {element['max_selected_items']} at most"
            )
    elif key == "selected_option":
        value = None if given is None else _option(given, offered)
    elif key.startswith("selected_") and key.endswith("s"):
        value = [getattr(one, "id", one) for one in given]
    elif key == "files":
        value = given
    elif given is not None and kind != "datetimepicker":
        value = str(getattr(given, "id", given))
        _check_length(element, value)
    return {"type": kind, key: value}


def _check_length(element: dict[str, Any], text: str) -> None:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if element["type"] == "plain_text_input" and text and not low <= len(text) <= high:
        raise NotOffered(f"{element['action_id']} takes {low} to {high} characters")
    if element["type"] == "number_input" and text:
        number = float(text)
        low, high = element.get("min_value", "-inf"), element.get("max_value", "inf")
        is_whole = element["is_decimal_allowed"] or number == int(number)
        if not float(low) <= number <= float(high) or not is_whole:
            raise NotOffered(f"{element['action_id']} does not take {text}")


def _option(given: Any, offered: list[dict[str, Any]]) -> dict[str, Any]:
    for option in offered:
        if given in {option["value"], option["text"]["text"]}:
            return option
    raise NotOffered(f"{given!r} is none of {[o['text']['text'] for o in offered]}")


def fill_in(view: View, values: Mapping[str, Any], offered: Mapping[str, Any]) -> None:
    """Enter ``values`` (by action_id, block_id or label) into a modal.

    Args:
        offered: what menus of the app's were offered, by action_id.

    Raises:
        NotOffered: no such input or option.
    """
    for name, given in values.items():
        block, element = find_element(view.blocks, name)
        options = find_options(element) or list(offered.get(element["action_id"], ()))
        value = chosen_value(element, given, options)
        if value:
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = value


def check_channels(view: View, names: Iterable[str], channels: Mapping[str, Channel]) -> None:
    """Whether the person could have chosen the channels that they chose in ``names``.

    What the app itself put there from the start is not the person's choice.

    Raises:
        NotOffered: it is not there, not theirs to see, or left out by the menu.
    """
    for name in names:
        block, element = find_element(view.blocks, name)
        if element["type"] != "conversations_select":
            continue
        held = view.values.get(block["block_id"], {}).get(element["action_id"], {})
        chosen = held.get("selected_conversation")
        if not chosen:
            continue
        found = channels.get(chosen)
        kinds = element.get("filter", {}).get("include")
        is_seen = found is not None and (found.kind == "public" or view.user.id in found.members)
        if found is None or not is_seen or (kinds and found.kind not in kinds):
            raise NotOffered(
                f"{view.user.name} is not offered {chosen} in {_names(block, element)}"
            )


def missing_inputs(view: View) -> list[str]:
    """The labels of inputs that must be filled in and are not."""
    missing = []
    for block, element in find_elements(view.blocks):
        if block["type"] != "input" or block.get("optional"):
            continue
        held = view.values.get(block["block_id"], {}).get(element["action_id"], {})
        if not held.get(KEYS[element["type"]][0]):
            missing.append(block["label"]["text"])
    return missing


def find_option_faults(answer: dict[str, Any]) -> list[str]:
    """What is wrong with the options given to a menu; Slack then shows none."""
    review = Review("modal")
    if "option_groups" in answer:
        many(option_group, 100, least=0)(answer["option_groups"], "/option_groups", review)
    else:
        many(plain_option, 100, least=0)(answer.get("options"), "/options", review)
    return [f"options: {said}" for said in review.problems]
