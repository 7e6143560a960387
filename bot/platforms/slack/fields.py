"""The fields of a form as input blocks of a modal, and what people put into them. Pure.

Each field's block is called "n1:<option>:<generation>". Slack keeps what people wrote in a block
as long as it keeps its name; a new generation shows what it is filled in with.

After a view was updated Slack may hand in a block nobody touched as if it were empty, though it
shows what it was filled in with (slackapi/bolt-js, issues 1073 and 1258). To take that for a
wish would clear settings behind people's backs. So of a block that came by an update, nothing is
believed to be emptied unless another of its kind proves that untouched ones are told.

Source: Slack documentation, "Block Kit", input block and block elements; "Modals", gathering
user input.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.command import OptionKind
from bot.commands.forms import Field, make_mark
from bot.commands.settingtexts import YES
from bot.commands.suggest import Suggestion
from bot.platforms.slack.blocks import Element, plain_text
from bot.platforms.slack.drawn import Block
from bot.platforms.slack.inert import plain, restore
from bot.prose.fitting import cut, units
from bot.prose.inert import clean_text

MAX_OPTIONS = 100
MAX_OPTION_LABEL = 75  # units
MAX_OPTION_VALUE = 150  # units
MAX_TYPED = 3000  # characters in a text field
MAX_LABEL = 150  # units of a field's name; Slack takes 2000, a line is enough
MAX_HINT = 300

SUGGESTED = frozenset(
    {
        OptionKind.COMPANY,
        OptionKind.SUBJECT,
        OptionKind.MUTED,
        OptionKind.WATCH,
        OptionKind.FEED,
        OptionKind.TIME_ZONE,
        OptionKind.ROLE,
    }
)
"""Kinds of which one is chosen from what is suggested while it is typed. A story is not among
them: it may be named by its link, and those are longer than a menu can hold."""

BROADCASTS = {"here": "@here", "channel": "@channel"}
"""What a ROLE can be beside a user group."""

_PREFIX = "n1"
_FIELD = re.compile(r"n1:(?P<name>[a-z_]{1,32}):(?P<generation>\d{1,6})")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,30}")
_TYPED_IN = frozenset({"plain_text_input", "number_input"})


@dataclass(frozen=True, slots=True)
class PickedFile:
    """A file that was put into a form; it lies at Slack yet.

    Attributes:
        url: where the bot gets it with its token.
        size: in bytes, as Slack says.
    """

    id: str
    name: str
    url: str
    size: int


Given = dict[str, str | PickedFile]
"""What a form holds, by field; "" where it is empty. What Slack did not tell is not in it."""


def make_field_id(name: str, generation: int) -> str:
    """The name of the block of a field."""
    return f"{_PREFIX}:{name}:{generation}"


def read_field_id_or_none(block_id: str) -> tuple[str, int] | None:
    """The field and the generation of a block; None if it is of no field."""
    found = _FIELD.fullmatch(block_id)
    return (found["name"], int(found["generation"])) if found else None


def draw_field(one: Field, shown: str, *, generation: int, names: Mapping[str, str]) -> Block:
    """The block of a field that holds ``shown``.

    Args:
        names: of user groups by id.
    """
    made: Block = {
        "type": "input",
        "block_id": make_field_id(one.name, generation),
        "label": plain_text(plain(one.label, MAX_LABEL) or one.name),
        "optional": not one.is_required,
        "element": {
            "action_id": f"{_PREFIX}:field:{one.name}",
            **_draw_element(one, shown, names),
        },
    }
    if hint := say_own(one.hint, MAX_HINT):
        made["hint"] = plain_text(hint)
    if one.is_key:
        made["dispatch_action"] = True
    return made


def say_own(text: str, room: int) -> str:
    """Words of ours in plain text: a clock stays as it may be copied, "22:00-07:00"."""
    return cut(clean_text(text), room)


def draw_options(
    suggestions: Iterable[Suggestion], *, typed: str = "", is_free: bool = True
) -> list[Element]:
    """What a menu offers for ``typed``: suggestions, and last the text itself.

    Args:
        is_free: what is typed may be chosen though nothing suggests it.
    """
    offered = [(one.label, one.value) for one in suggestions]
    said = " ".join(typed.split())
    if is_free and said and said.casefold() not in {value.casefold() for _, value in offered}:
        offered.append((f"“{said}”", said))
    made: dict[str, Element] = {}
    for label, value in offered:
        if option := _option_or_none(label, value):
            made.setdefault(value, option)
    return list(made.values())[:MAX_OPTIONS]


def read_fields(
    view: Mapping[str, Any], *, marks: Mapping[str, str], typed: Mapping[str, str]
) -> Given:
    """What the form in ``view`` holds.

    Args:
        marks: of what its fields were filled in with.
        typed: what people had written before the form was shown once more.
    """
    values: Mapping[str, Any] = (view.get("state") or {}).get("values") or {}
    given: Given = {}
    doubtful: dict[str, bool] = {}  # empty though filled in by an update; whether it is typed in
    proven: set[bool] = set()  # ways of filling in of which untouched blocks are told
    for block_id, elements in values.items():
        found = read_field_id_or_none(block_id)
        if found is None or not elements:
            continue
        name, generation = found
        element = next(iter(elements.values()))
        said = _read_element(element)
        given[name] = said
        is_typed_in = element.get("type") in _TYPED_IN
        before = make_mark(typed[name]) if name in typed else marks.get(name, "")
        if generation and before and said == "":
            doubtful[name] = is_typed_in
        elif generation and before and isinstance(said, str) and make_mark(said) == before:
            proven.add(is_typed_in)
    for name, is_typed_in in doubtful.items():
        if is_typed_in not in proven:
            del given[name]
            if name in typed:
                given[name] = typed[name]
    return given


def _draw_element(one: Field, shown: str, names: Mapping[str, str]) -> Element:
    if one.kind in SUGGESTED:
        return _draw_suggested(one, shown, names)
    return _DRAWERS.get(one.kind, _draw_text)(one, shown)


def _draw_text(_: Field, shown: str) -> Element:
    initial = {"initial_value": shown} if shown else {}
    return {"type": "plain_text_input", "max_length": MAX_TYPED, **initial}


def _draw_pick(one: Field, shown: str) -> Element:
    options = list(_list_picks(one))
    chosen = next((option for option in options if option["value"] == shown), None)
    initial = {"initial_option": chosen} if chosen else {}
    return {"type": "static_select", "options": options, **initial}


def _draw_events(one: Field, shown: str) -> Element:
    options, pieces = list(_list_picks(one)), _split(shown)
    chosen = [option for option in options if option["value"] in pieces]
    initial = {"initial_options": chosen} if chosen else {}
    return {"type": "multi_static_select", "options": options, **initial}


def _draw_companies(one: Field, shown: str) -> Element:
    """What a menu cannot hold is a text."""
    pieces = _split(shown)
    chosen = [option for piece in pieces if (option := _option_or_none(piece, piece))]
    if len(chosen) < len(pieces) or len(chosen) > MAX_OPTIONS:
        return _draw_text(one, shown)
    initial = {"initial_options": chosen} if chosen else {}
    return {"type": "multi_external_select", "min_query_length": 0, **initial}


def _draw_box(one: Field, shown: str) -> Element:
    options = list(_list_picks(one))
    initial = {"initial_options": options} if shown == YES else {}
    return {"type": "checkboxes", "options": options, **initial}


def _draw_number(one: Field, shown: str) -> Element:
    made: Element = {"type": "number_input", "is_decimal_allowed": False}
    if one.least is not None:
        made["min_value"] = str(one.least)
    if one.most is not None:
        made["max_value"] = str(one.most)
    if shown.isascii() and shown.isdecimal():
        made["initial_value"] = shown
    return made


def _draw_channel(_: Field, shown: str) -> Element:
    """A channel; a direct conversation only where the form was asked for from one.

    Else Slack would offer those with every colleague too.
    """
    channel = shown.partition("/")[0]
    include = ["public", "private"] + (["im"] if channel.startswith("D") else [])
    is_known = _CHANNEL.fullmatch(channel) is not None
    return {
        "type": "conversations_select",
        "filter": {"include": include},
        **(
            {"initial_conversation": channel}
            if is_known
            else {"default_to_current_conversation": True}
        ),
    }


def _draw_file(_: Field, _shown: str) -> Element:
    return {"type": "file_input", "max_files": 1}


def _draw_suggested(one: Field, shown: str, names: Mapping[str, str]) -> Element:
    made: Element = {"type": "external_select", "min_query_length": 0}
    label = names.get(shown, BROADCASTS.get(shown, shown)) if one.kind is OptionKind.ROLE else shown
    if option := _option_or_none(label, shown):
        return made | {"initial_option": option}
    return _draw_text(one, shown) if shown else made


_DRAWERS: Mapping[OptionKind, Callable[[Field, str], Element]] = {
    OptionKind.PICK: _draw_pick,
    OptionKind.YES: _draw_box,
    OptionKind.WHOLE: _draw_number,
    OptionKind.EVENTS: _draw_events,
    OptionKind.COMPANIES: _draw_companies,
    OptionKind.CHANNEL: _draw_channel,
    OptionKind.FILE: _draw_file,
}


def _list_picks(one: Field) -> Iterator[Element]:
    for value, label in one.picks[:MAX_OPTIONS]:
        if option := _option_or_none(label, value):
            yield option


def _option_or_none(label: str, value: str) -> Element | None:
    """None for what Slack would refuse the whole menu for."""
    if not 1 <= units(value) <= MAX_OPTION_VALUE:
        return None
    said = plain(label, MAX_OPTION_LABEL) or plain(value, MAX_OPTION_LABEL)
    return {"text": plain_text(said), "value": value} if said else None


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(piece.strip() for piece in text.split(",") if piece.strip()))


def _read_element(element: Mapping[str, Any]) -> str | PickedFile:
    """What one input holds; "" where it is empty."""
    match element.get("type"):
        case "static_select" | "external_select" | "radio_buttons":
            return _value_of(element.get("selected_option"))
        case "multi_static_select" | "multi_external_select" | "checkboxes":
            chosen = [_value_of(option) for option in element.get("selected_options") or ()]
            return ", ".join(value for value in chosen if value)
        case "conversations_select":
            return str(element.get("selected_conversation") or "")
        case "file_input":
            files = element.get("files") or ()
            return _read_file(files[0]) if files else ""
        case _:
            return restore(_plain(element.get("value")))


def _value_of(option: Mapping[str, Any] | None) -> str:
    return _plain(option.get("value")) if option else ""


def _plain(text: Any) -> str:
    """The three signs that Slack may escape as a person wrote them."""
    said = str(text).strip() if text is not None else ""
    return re.sub(r"&(?:amp|lt|gt);", lambda found: html.unescape(found[0]), said)


def _read_file(file: Mapping[str, Any]) -> PickedFile:
    return PickedFile(
        id=str(file.get("id", "")),
        name=str(file.get("name") or file.get("title") or "file"),
        url=str(file.get("url_private_download") or file.get("url_private") or ""),
        size=int(file.get("size") or 0),
    )
