"""Drawn components as discord.py wants to be given them.

The library keeps every view that is sent and hands presses to it. Ours are answered by their
ids wherever and whenever they are pressed (``DynamicItem``), so a view is stopped before it is
sent: nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot.platforms.discord.components import Component, Drawn, Kind


def make_new_look(drawn: Drawn) -> dict[str, Any]:
    """``make_look`` for a message that is not there yet: ``send``, or ``create_thread``.

    An edit leaves the flags as they are, and the library's ``edit`` has no word for them.
    """
    look = make_look(drawn)
    return look | {"suppress_embeds": True} if drawn.content else look


def make_look(drawn: Drawn) -> dict[str, Any]:
    """How ``drawn`` looks and whom it calls, in the library's keywords.

    Must be called while an event loop runs, as discord.py's own views.
    """
    look: dict[str, Any] = {"allowed_mentions": make_mentions(drawn)}
    if drawn.content:
        return look | {"content": drawn.content, "view": make_buttons(drawn.components)}
    return look | {"view": make_view(drawn.components)}


def make_buttons(rows: Sequence[Component]) -> ui.View:
    """The rows of buttons of an ordinary message, as a view that listens to nothing."""
    view = ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in map(_make_item, row["components"]):
            button.row = number
            view.add_item(button)
    view.stop()
    return view


def make_view(components: Sequence[Component]) -> ui.LayoutView:
    """A view that shows ``components`` and listens to nothing: a message of them alone.

    Must be called while an event loop runs, as discord.py's own views.
    """
    view = ui.LayoutView(timeout=None)
    for component in components:
        view.add_item(_make_item(component))
    view.stop()
    return view


def make_mentions(drawn: Drawn) -> discord.AllowedMentions:
    """Whom ``drawn`` may call."""
    roles = [discord.Object(int(drawn.role))] if drawn.role else False
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def make_files(drawn: Drawn) -> list[discord.File]:
    """What is to be attached, fresh each time: sending uses it up."""
    return [discord.File(BytesIO(file.content), filename=file.name) for file in drawn.files]


def _make_item(component: Component) -> ui.Item[Any]:
    match component["type"]:
        case Kind.CONTAINER:
            children = map(_make_item, component["components"])
            return ui.Container(*children, accent_colour=component["accent_color"])
        case Kind.TEXT:
            return ui.TextDisplay(component["content"])
        case Kind.SEPARATOR:
            return ui.Separator()
        case Kind.FILE:
            return ui.File(component["file"]["url"])
        case Kind.ROW:
            return ui.ActionRow(*map(_make_item, component["components"]))
        case Kind.BUTTON:
            return ui.Button(
                style=discord.ButtonStyle(component["style"]),
                label=component["label"],
                custom_id=component.get("custom_id"),
                url=component.get("url"),
            )
        case other:
            raise ValueError(f"no component of type {other} is drawn by us")
