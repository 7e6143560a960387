"""What Discord holds against components, where its OpenAPI file is silent.

After the Discord documentation, "Component Reference": legacy action rows, and
Components V2 with their own flag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.servers.discord.refusal import Problem

ROW, BUTTON, STRING_SELECT, SECTION, TEXT, THUMBNAIL = 1, 2, 3, 9, 10, 11
GALLERY, FILE, SEPARATOR, CONTAINER = 12, 13, 14, 17
SELECTS = {STRING_SELECT, 5, 6, 7, 8}
TOP_V2 = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER = TOP_V2 - {CONTAINER}
MAX_COMPONENTS = 40
MAX_TEXT = 4000  # characters over all text displays
MAX_ROWS = 5  # without the flag
LINK, PREMIUM = 5, 6  # button styles
# What holds other things: under which key, and at most how many.
COUNTS = {
    STRING_SELECT: ("options", 25),
    GALLERY: ("items", 10),
    CONTAINER: ("components", MAX_COMPONENTS),
}

Path = tuple[str | int, ...]


def walk(components: Any, path: Path = ("components",)) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every component with its path, nested ones and accessories too, in reading order."""
    if not isinstance(components, list):
        return
    for index, component in enumerate(components):
        if not isinstance(component, dict):
            continue
        here = (*path, index)
        yield here, component
        yield from walk(component.get("components"), (*here, "components"))
        accessory = component.get("accessory")
        if isinstance(accessory, dict):
            yield (*here, "accessory"), accessory


def find_problems(components: Any, *, is_v2: bool) -> Iterator[Problem]:
    """Everything wrong with the components of a message."""
    if not isinstance(components, list):
        return
    found = list(walk(components))
    if not is_v2:
        if len(components) > MAX_ROWS:
            yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5.")
        for index, top in enumerate(components):
            if top.get("type") != ROW:
                said = 'Value of field "type" must be one of (1,) without IS_COMPONENTS_V2.'
                yield Problem(("components", index, "type"), "UNION_TYPE_CHOICES", said)
    if len(found) > MAX_COMPONENTS:
        said = f"The total number of components must not exceed {MAX_COMPONENTS}; got {len(found)}."
        yield Problem(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", said)
    text = sum(len(c.get("content") or "") for _, c in found if c.get("type") == TEXT)
    if text > MAX_TEXT:
        said = f"The displayable text must not exceed {MAX_TEXT} characters; got {text}."
        yield Problem(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", said)
    yield from _find_repeats(found)
    for path, component in found:
        yield from _find_in(path, component)
    if is_v2:
        yield from _find_misplaced(components)


def _find_repeats(found: list[tuple[Path, dict[str, Any]]]) -> Iterator[Problem]:
    for key, code in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ("id", "COMPONENT_DUPLICATE_ID"),
    ):
        counts = Counter(c[key] for _, c in found if c.get(key))
        for path, component in found:
            if counts[component.get(key)] > 1:
                yield Problem((*path, key), code, f"Component {key} cannot be duplicated")


def _find_misplaced(components: list[dict[str, Any]]) -> Iterator[Problem]:
    for index, top in enumerate(components):
        if top.get("type") not in TOP_V2:
            said = f"Component of type {top.get('type')} may not stand at the top."
            yield Problem(("components", index, "type"), "UNION_TYPE_CHOICES", said)
        if top.get("type") != CONTAINER:
            continue
        for inner, child in enumerate(top.get("components") or []):
            if child.get("type") not in IN_CONTAINER:
                said = f"Component of type {child.get('type')} may not stand in a container."
                path = ("components", index, "components", inner, "type")
                yield Problem(path, "UNION_TYPE_CHOICES", said)


def _find_in(path: Path, component: dict[str, Any]) -> Iterator[Problem]:
    custom_id = component.get("custom_id")
    if custom_id is not None and not 1 <= len(custom_id) <= 100:
        said = "Must be between 1 and 100 in length."
        yield Problem((*path, "custom_id"), "BASE_TYPE_BAD_LENGTH", said)
    kind = component.get("type")
    if kind == BUTTON:
        yield from _find_in_button(path, component)
    elif kind == ROW:
        yield from _find_in_row(path, component.get("components") or [])
    elif kind == SECTION:
        yield from _find_in_section(path, component)
    elif kind == TEXT and not (component.get("content") or "").strip():
        yield Problem((*path, "content"), "BASE_TYPE_REQUIRED", "This field is required")
    elif kind in COUNTS:
        key, most = COUNTS[kind]
        if not 1 <= len(component.get(key) or []) <= most:
            said = f"Must be between 1 and {most} in length."
            yield Problem((*path, key), "BASE_TYPE_BAD_LENGTH", said)


def _find_in_row(path: Path, children: list[dict[str, Any]]) -> Iterator[Problem]:
    kinds = [child.get("type") for child in children]
    if not 1 <= len(kinds) <= (1 if SELECTS & set(kinds) else 5):
        said = "Must be between 1 and 5 buttons, or one select menu."
        yield Problem((*path, "components"), "BASE_TYPE_BAD_LENGTH", said)
    if any(kind not in {BUTTON, *SELECTS} for kind in kinds):
        said = "Only buttons and select menus may stand in a row."
        yield Problem((*path, "components"), "UNION_TYPE_CHOICES", said)


def _find_in_section(path: Path, section: dict[str, Any]) -> Iterator[Problem]:
    children = section.get("components") or []
    if not 1 <= len(children) <= 3 or any(c.get("type") != TEXT for c in children):
        said = "A section holds 1 to 3 text displays."
        yield Problem((*path, "components"), "BASE_TYPE_BAD_LENGTH", said)
    if (section.get("accessory") or {}).get("type") not in {BUTTON, THUMBNAIL}:
        yield Problem((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")


def _find_in_button(path: Path, button: dict[str, Any]) -> Iterator[Problem]:
    style = button.get("style")
    if style == LINK:
        yield from _find_in_link(path, button)
    elif style != PREMIUM:
        if button.get("url"):
            said = "A url may only stand on a link button"
            yield Problem((*path, "url"), "BUTTON_COMPONENT_INVALID_URL", said)
        if not button.get("custom_id"):
            said = "A custom id is required"
            yield Problem((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", said)
    label = button.get("label") or ""
    if len(label) > 80:
        said = "Must be 80 or fewer in length."
        yield Problem((*path, "label"), "BASE_TYPE_MAX_LENGTH", said)
    if style != PREMIUM and not label.strip() and not button.get("emoji"):
        said = "A label or an emoji is required"
        yield Problem((*path, "label"), "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", said)


def _find_in_link(path: Path, button: dict[str, Any]) -> Iterator[Problem]:
    url = button.get("url") or ""
    if button.get("custom_id"):
        said = "A custom id and url cannot both be specified"
        yield Problem(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", said)
    if not url:
        yield Problem((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
    elif len(url) > 512:
        yield Problem((*path, "url"), "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length.")
    elif not url.startswith(("http://", "https://", "discord://")):
        said = f"Scheme of {url[:40]!r} is not supported; must be http, https or discord."
        yield Problem((*path, "url"), "URL_TYPE_INVALID_SCHEME", said)
