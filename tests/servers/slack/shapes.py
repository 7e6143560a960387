"""The words in which Block Kit's rules are written down: shapes, texts, choices, lists.

A check looks at one value and says what is wrong with it, with a JSON pointer to the place.
After the Slack documentation, "Block Kit", composition objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.mrkdwn import find_faults


@dataclass
class Review:
    """What is found while one message or view is checked.

    Attributes:
        surface: "message", "modal" or "home".
        problems: why Slack refuses it.
        complaints: what Slack takes and shows wrongly.
        size: characters of all texts together.
        focused: how many elements want the focus.
    """

    surface: str
    problems: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    size: int = 0
    focused: int = 0

    def refuse(self, path: str, said: str) -> None:
        """Note a problem."""
        self.problems.append(f"{said} [json-pointer:{path}]")


Check = Callable[[Any, str, Review], None]


def string(most: int, *, least: int = 1) -> Check:
    """Text of ``least`` to ``most`` characters."""

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, str):
            review.refuse(path, "must be a string")
        elif len(value) > most:
            review.refuse(path, f"must be less than {most + 1} characters")
        elif len(value) < least:
            review.refuse(path, f"must be more than {least - 1} characters")

    return check


def address(most: int) -> Check:
    """A web address of at most ``most`` characters."""

    def check(value: Any, path: str, review: Review) -> None:
        string(most)(value, path, review)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:")):
            review.refuse(path, "must be a valid URL")

    return check


def matching(is_right: Callable[[str], bool], said: str) -> Check:
    """Text of a form."""

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, str) or not is_right(value):
            review.refuse(path, said)

    return check


def flag(value: Any, path: str, review: Review) -> None:
    """True or false."""
    if not isinstance(value, bool):
        review.refuse(path, "must be a boolean")


def whole(low: int, high: int) -> Check:
    """A whole number."""

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            review.refuse(path, f"must be an integer from {low} to {high}")

    return check


def one_of(*known: str) -> Check:
    """One of some words."""

    def check(value: Any, path: str, review: Review) -> None:
        if value not in known:
            review.refuse(path, f"must be one of: {', '.join(known)}")

    return check


def many(each: Check, most: int, *, least: int = 1) -> Check:
    """A list of ``least`` to ``most`` things."""

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, list):
            review.refuse(path, "must be an array")
            return
        if len(value) > most:
            review.refuse(path, f"no more than {most} items allowed")
        if len(value) < least:
            review.refuse(path, f"no fewer than {least} items allowed")
        for index, one in enumerate(value):
            each(one, f"{path}/{index}", review)

    return check


def shape(needed: Mapping[str, Check], also: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no others."""
    known = {**needed, **(also or {})}

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, dict):
            review.refuse(path, "must be an object")
            return
        for key in needed:
            if value.get(key) is None:
                review.refuse(path, f"missing required field: {key}")
        for key, inner in value.items():
            if key not in known:
                review.refuse(f"{path}/{key}", f"invalid additional property: {key}")
            elif inner is not None or key not in needed:
                known[key](inner, f"{path}/{key}", review)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` is one of ``kinds``."""

    def check(value: Any, path: str, review: Review) -> None:
        if not isinstance(value, dict):
            review.refuse(path, "must be an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            review.refuse(f"{path}/type", f"unsupported type: {kind}")
            return
        kinds[kind](value, path, review)

    return check


def always(value: Any, path: str, review: Review) -> None:
    """Anything; used where another check looked already."""


def plain(most: int) -> Check:
    """A text object of ``plain_text``."""
    inner = shape({"type": one_of("plain_text"), "text": string(most)}, {"emoji": flag})

    def check(value: Any, path: str, review: Review) -> None:
        inner(value, path, review)
        _count(value, review)

    return check


def words(most: int) -> Check:
    """A text object of either kind."""
    formatted = shape({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": flag})

    def check_formatted(value: Any, path: str, review: Review) -> None:
        formatted(value, path, review)
        _count(value, review)
        if isinstance(value.get("text"), str):
            review.complaints += [f"{path}: {said}" for said in find_faults(value["text"])]

    return by_type({"plain_text": plain(most), "mrkdwn": check_formatted})


def _count(value: Any, review: Review) -> None:
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        review.size += len(value["text"])


OPTION_TEXT, OPTION_VALUE = 75, 150

plain_option = shape(
    {"text": plain(OPTION_TEXT), "value": string(OPTION_VALUE)},
    {"description": plain(75)},
)
"""An option of a select menu."""

option = shape(
    {"text": words(OPTION_TEXT), "value": string(OPTION_VALUE)}, {"description": words(75)}
)
"""An option of checkboxes and radio buttons."""

option_group = shape({"label": plain(75), "options": many(plain_option, 100)})

confirm = shape(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
"""A dialog that asks whether one is sure."""
