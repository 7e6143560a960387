"""The blocks that our messages are made of, as the API takes them.

Keys and values are those that slack_sdk.models gives for the same blocks, so that a body is the
same whichever of the two made it.

Source: Slack documentation, "Block Kit", reference of blocks and block elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.platforms.slack.drawn import Block
from bot.platforms.slack.inert import plain
from bot.platforms.slack.limits import (
    MAX_ACTION_ID,
    MAX_BLOCK_ID,
    MAX_BUTTON_LINK,
    MAX_CONFIRM_LABEL,
    MAX_CONFIRM_TEXT,
    MAX_CONFIRM_TITLE,
    MAX_HEADER,
    MAX_IN_CONTEXT,
    MAX_IN_ROW,
    MAX_LABEL,
    MAX_SECTION,
    MAX_VALUE,
)
from bot.prose.fitting import units

Element = dict[str, Any]
"""A button, or a text within a block, as JSON."""

_PREFIX = "n1"
_LINK = "link"


def mrkdwn(said: str) -> Element:
    """A text in mrkdwn to which Slack adds nothing of its own.

    Raises:
        ValueError: it is empty or too long.
    """
    if not said.strip() or units(said) > MAX_SECTION:
        raise ValueError(f"a text has 1 to {MAX_SECTION} units; got {units(said)}")
    return {"type": "mrkdwn", "text": said, "verbatim": True}


def plain_text(said: str) -> Element:
    """A text without markup, in which no emoji is named."""
    return {"type": "plain_text", "text": said, "emoji": False}


def section(said: str) -> Block:
    """A paragraph that is never folded behind "See more"."""
    return {"type": "section", "text": mrkdwn(said), "expand": True}


def context(*said: str) -> Block:
    """Small grey print: one to ten texts that stand side by side."""
    if not 1 <= len(said) <= MAX_IN_CONTEXT:
        raise ValueError(f"a context holds 1 to {MAX_IN_CONTEXT} texts; got {len(said)}")
    return {"type": "context", "elements": [mrkdwn(one) for one in said]}


def header(text: str) -> Block:
    """A title in large letters, cut to 150."""
    return {"type": "header", "text": plain_text(plain(text, MAX_HEADER))}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def actions(buttons: Sequence[Element], *, block_id: str = "") -> Block:
    """One to 25 buttons side by side; a phone breaks the line where it must.

    Args:
        block_id: "" for one that Slack makes.

    Raises:
        ValueError: there are none or too many, or the id is too long.
    """
    if not 1 <= len(buttons) <= MAX_IN_ROW:
        raise ValueError(f"a row holds 1 to {MAX_IN_ROW} buttons; got {len(buttons)}")
    if len(block_id) > MAX_BLOCK_ID:
        raise ValueError(f"a block's id has at most {MAX_BLOCK_ID} characters")
    made: Block = {"type": "actions", "elements": list(buttons)}
    return made | {"block_id": block_id} if block_id else made


def button(
    label: str, action: str, subject: str, *, number: int, confirm: Element | None = None
) -> Element:
    """A button that calls ``action`` (bot/commands/actions.py) on ``subject``.

    It says all that there is to know by its id and its value, and so outlives a restart.

    Args:
        number: of the button in its block, in which ids must differ.
        confirm: what is asked before; such a button is red.

    Raises:
        ValueError: the subject or the action is too long, or the subject is empty.
    """
    if not 1 <= len(subject) <= MAX_VALUE:
        raise ValueError(f"a button's value has 1 to {MAX_VALUE} characters; got {len(subject)}")
    made: Element = {
        "type": "button",
        "text": plain_text(plain(label, MAX_LABEL) or action),
        "action_id": make_action_id(action, number),
        "value": subject,
    }
    return made | {"style": "danger", "confirm": confirm} if confirm else made


def link_button(label: str, address: str, *, number: int) -> Element:
    """A button that opens ``address``, of at most 3000 characters."""
    if len(address) > MAX_BUTTON_LINK:
        raise ValueError(f"a button's address has at most {MAX_BUTTON_LINK} characters")
    return {
        "type": "button",
        "text": plain_text(plain(label, MAX_LABEL)),
        "action_id": make_action_id(_LINK, number),
        "url": address,
    }


def confirm(title: str, text: str, *, yes: str, no: str) -> Element:
    """What is asked before a button does its work."""
    return {
        "title": plain_text(plain(title, MAX_CONFIRM_TITLE)),
        "text": plain_text(plain(text, MAX_CONFIRM_TEXT)),
        "confirm": plain_text(plain(yes, MAX_CONFIRM_LABEL)),
        "deny": plain_text(plain(no, MAX_CONFIRM_LABEL)),
        "style": "danger",
    }


def make_action_id(action: str, number: int) -> str:
    """The id by which a button is known when it is pressed: "n1:mute-story:3".

    Raises:
        ValueError: it would be longer than Slack takes.
    """
    made = f"{_PREFIX}:{action}:{number}"
    if len(made) > MAX_ACTION_ID:
        raise ValueError(f"an action's id has at most {MAX_ACTION_ID} characters; {made!r}")
    return made


def make_block_id(delivery_id: str) -> str:
    """The id of the buttons of a post: "n1:<delivery id>", the same in all its edits."""
    return f"{_PREFIX}:{delivery_id}"


def weigh(blocks: Iterable[Block]) -> int:
    """Units of all that ``blocks`` say, addresses and ids among them; names of types apart."""
    return sum(units(said) for said in _iter_said(list(blocks)))


def _iter_said(piece: Any) -> Iterator[str]:
    if isinstance(piece, str):
        yield piece
    elif isinstance(piece, dict):
        for key, value in piece.items():
            if key not in {"type", "style"}:
                yield from _iter_said(value)
    elif isinstance(piece, list):
        for value in piece:
            yield from _iter_said(value)
