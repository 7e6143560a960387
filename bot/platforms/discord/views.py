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


def make_view(components: Sequence[Component]) -> ui.LayoutView:
    """A view that shows ``components`` and listens to nothing.

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
