"""The blocks of Block Kit, and what is true of them together.

After the Slack documentation, "Block Kit", blocks; 13,200 characters over all blocks of one
message is what is seen, not documented.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.servers.slack.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_MODAL_INPUT, IN_SECTION
from tests.servers.slack.refusal import Refused, blocks_refused
from tests.servers.slack.rich_text import RICH_TEXT
from tests.servers.slack.shapes import (
    Check,
    Review,
    address,
    by_type,
    flag,
    many,
    one_of,
    plain,
    shape,
    string,
    words,
)

MOST_IN_MESSAGE = 50
MOST_IN_VIEW = 100
MOST_CHARACTERS = 13_200  # over all blocks of a message
MOST_ATTACHMENTS = 100


def _of(kind: str, needed: dict[str, Check], also: dict[str, Check] | None = None) -> Check:
    return shape({"type": one_of(kind), **needed}, {"block_id": string(255), **(also or {})})


_SECTION = _of(
    "section",
    {},
    {
        "text": words(3000),
        "fields": many(words(2000), 10),
        "accessory": IN_SECTION,
        "expand": flag,
    },
)


def _section(value: Any, path: str, review: Review) -> None:
    _SECTION(value, path, review)
    if value.get("text") is None and not value.get("fields"):
        review.refuse(path, "missing required field: text or fields")


def _elements(value: Any, path: str, review: Review) -> None:
    """Actions: elements whose action_ids differ."""
    _ACTIONS(value, path, review)
    found = value.get("elements")
    given = [e.get("action_id") for e in found if isinstance(e, dict)] if found else []
    for name, count in Counter(name for name in given if name).items():
        if count > 1:
            review.refuse(f"{path}/elements", f"`action_id` {name!r} already exists in the block")


def _input(value: Any, path: str, review: Review) -> None:
    inner = _MODAL_INPUT if review.surface == "modal" else _INPUT
    inner(value, path, review)


def _input_of(element: Check) -> Check:
    return _of(
        "input",
        {"label": plain(2000), "element": element},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    )


def _markdown(value: Any, path: str, review: Review) -> None:
    _of("markdown", {"text": string(12_000)})(value, path, review)
    if review.surface != "message":
        review.refuse(f"{path}/type", "unsupported type: markdown")
    if isinstance(value.get("text"), str):
        review.size += len(value["text"])


_INPUT, _MODAL_INPUT = _input_of(IN_INPUT), _input_of(IN_MODAL_INPUT)
_ACTIONS = _of("actions", {"elements": many(IN_ACTIONS, 25)})
_IN_CONTEXT = by_type({"image": IMAGE, "plain_text": words(3000), "mrkdwn": words(3000)})
_IMAGE = _of(
    "image",
    {"alt_text": string(2000)},
    {
        "image_url": address(3000),
        "title": plain(2000),
        "slack_file": shape({}, {"id": string(64), "url": address(3000)}),
    },
)


def _image(value: Any, path: str, review: Review) -> None:
    _IMAGE(value, path, review)
    if (value.get("image_url") is None) == (value.get("slack_file") is None):
        review.refuse(path, "exactly one of image_url and slack_file must be given")


BLOCK = by_type(
    {
        "section": _section,
        "divider": _of("divider", {}),
        "header": _of("header", {"text": plain(150)}),
        "context": _of("context", {"elements": many(_IN_CONTEXT, 10)}),
        "actions": _elements,
        "image": _image,
        "input": _input,
        "markdown": _markdown,
        "rich_text": _of("rich_text", {"elements": RICH_TEXT}),
    }
)


def review_blocks(blocks: Any, *, surface: str, path: str = "/blocks") -> Review:
    """Everything that is wrong with the blocks of a message, modal or Home tab."""
    review = Review(surface)
    most = MOST_IN_MESSAGE if surface == "message" else MOST_IN_VIEW
    many(BLOCK, most, least=0)(blocks, path, review)
    if not isinstance(blocks, list):
        return review
    named = Counter(b["block_id"] for b in blocks if isinstance(b, dict) and b.get("block_id"))
    for name, count in named.items():
        if count > 1:
            review.refuse(path, f"block_id {name!r} already exists")
    if review.focused > 1:
        review.refuse(path, "only one element may have focus_on_load")
    return review


def check_blocks(blocks: Any, *, surface: str, complaints: list[str]) -> None:
    """Refuse blocks that Slack refuses; name those without an id, as Slack does.

    Raises:
        Refused: invalid_blocks_format, invalid_blocks, msg_blocks_too_long.
    """
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    review = review_blocks(blocks, surface=surface)
    complaints += review.complaints
    if review.problems:
        raise blocks_refused(review.problems)
    if surface == "message" and review.size > MOST_CHARACTERS:
        raise Refused("msg_blocks_too_long")
    name_blocks(blocks)


def check_attachments(attachments: Any, *, complaints: list[str]) -> None:
    """The same for the blocks inside of attachments.

    Raises:
        Refused: invalid_attachments, too_many_attachments, invalid_blocks.
    """
    if attachments is None:
        return
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise Refused("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    for attachment in attachments:
        if attachment.get("blocks"):
            check_blocks(attachment["blocks"], surface="message", complaints=complaints)


def name_blocks(blocks: list[dict[str, Any]]) -> None:
    """Give blocks a ``block_id`` and elements an ``action_id`` where they have none."""
    for index, block in enumerate(blocks):
        block.setdefault("block_id", f"b{index:03d}x")
        if block["type"] == "rich_text":
            continue
        found = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for number, element in enumerate(found):
            if element and element["type"] not in {"image", "mrkdwn", "plain_text"}:
                element.setdefault("action_id", f"a{index:03d}{number:02d}x")
