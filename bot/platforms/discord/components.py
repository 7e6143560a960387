"""The pieces of a message, as the API takes them, and the message that they make.

Keys and values are those that discord.py gives for the same pieces, defaults written out, so
that a body is the same whichever of the two made it.

Source: Discord API documentation, "Component Reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.commands.answer import File
from bot.platforms.discord.limits import MAX_BUTTON_LINK, MAX_CUSTOM_ID, MAX_IN_ROW, MAX_LABEL
from bot.prose.fitting import cut

Component = dict[str, Any]
"""One component as JSON; its keys depend on its "type"."""

IS_COMPONENTS_V2 = 1 << 15
"""The flag of a message that is made of components alone."""

SUPPRESS_EMBEDS = 1 << 2
"""The flag of a message whose links show no preview below it."""


class Kind(IntEnum):
    """Types of components that we draw."""

    ROW = 1
    BUTTON = 2
    TEXT = 10
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17


class Style(IntEnum):
    """How a button looks."""

    CALM = 2
    RISKY = 4
    LINK = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message ready to be sent, and all that must go with it.

    It is of one of two kinds: made of components alone, or, with ``content``, an ordinary one. An
    edit must be of the kind of its message, as the flag of the first cannot be taken away.

    Attributes:
        components: of an ordinary message, rows of buttons and nothing else.
        role: the id of the one role that it may call, or "".
        gist: it all in one line of plain text, nothing escaped: for logs, and for screens
            without markup.
        files: to be attached by whoever sends it.
        content: the words of an ordinary message, in markdown, or "".
    """

    components: tuple[Component, ...]
    gist: str
    role: str = ""
    files: tuple[File, ...] = ()
    content: str = ""

    @property
    def flags(self) -> int:
        """The flags of the message; an edit may repeat them."""
        return SUPPRESS_EMBEDS if self.content else IS_COMPONENTS_V2

    @property
    def allowed_mentions(self) -> dict[str, Any]:
        """Whom it may call: the role, or nobody; who is replied to is never called unasked."""
        nobody: dict[str, Any] = {"parse": []}
        return nobody | {"roles": [self.role]} if self.role else nobody

    def as_body(self) -> dict[str, Any]:
        """What a request to create or edit the message says of how it looks."""
        body: dict[str, Any] = {
            "components": list(self.components),
            "flags": self.flags,
            "allowed_mentions": self.allowed_mentions,
        }
        return body | {"content": self.content} if self.content else body


def text(content: str) -> Component:
    """Text in Discord's markdown, never empty."""
    return {"type": int(Kind.TEXT), "content": content}


def separator() -> Component:
    """A thin line with a little room around it."""
    return {"type": int(Kind.SEPARATOR), "divider": True, "spacing": 1}


def row(buttons: Sequence[Component]) -> Component:
    """One to five buttons side by side; a phone breaks the line where it must.

    Raises:
        ValueError: there are none or too many.
    """
    if not 1 <= len(buttons) <= MAX_IN_ROW:
        raise ValueError(f"a row holds 1 to {MAX_IN_ROW} buttons; got {len(buttons)}")
    return {"type": int(Kind.ROW), "components": list(buttons)}


def button(label: str, action: str, subject: str, *, is_risky: bool = False) -> Component:
    """A button that calls ``action`` (bot/commands/actions.py) on ``subject``.

    It says all that there is to know by its id, and so outlives a restart.

    Raises:
        ValueError: action and subject together are too long for an id.
    """
    return {
        "type": int(Kind.BUTTON),
        "style": int(Style.RISKY if is_risky else Style.CALM),
        "disabled": False,
        "label": cut(label, MAX_LABEL),
        "custom_id": make_custom_id(action, subject),
    }


def link_button(label: str, address: str) -> Component:
    """A button that opens ``address``, of at most 512 characters."""
    if len(address) > MAX_BUTTON_LINK:
        raise ValueError(f"a button's address has at most {MAX_BUTTON_LINK} characters")
    return {
        "type": int(Kind.BUTTON),
        "style": int(Style.LINK),
        "disabled": False,
        "label": cut(label, MAX_LABEL),
        "url": address,
    }


def container(children: Sequence[Component], *, colour: int) -> Component:
    """A card with a coloured edge."""
    return {
        "type": int(Kind.CONTAINER),
        "accent_color": colour,
        "spoiler": False,
        "components": list(children),
    }


def file(name: str) -> Component:
    """An attached file; without this a message of components does not show it."""
    return {
        "type": int(Kind.FILE),
        "file": {"url": f"attachment://{name}"},
        "spoiler": False,
    }


def make_custom_id(action: str, subject: str) -> str:
    """The id by which a button is known when it is pressed: "n1:mute-story:<delivery id>".

    Raises:
        ValueError: it would be longer than Discord takes.
    """
    made = f"n1:{action}:{subject}"
    if len(made) > MAX_CUSTOM_ID:
        raise ValueError(f"a button's id has at most {MAX_CUSTOM_ID} characters; {made!r} has more")
    return made


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Every component, nested ones too, in reading order."""
    for one in components:
        yield one
        yield from walk(one.get("components", ()))
