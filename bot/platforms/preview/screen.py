"""Messages as text on a terminal or in a pipe: the same words as on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.platforms.preview.markdown import Node, parse
from bot.platforms.preview.page import Sample
from bot.platforms.preview.times import say_moment
from bot.prose.inert import clean_text

_STYLES = {
    "heading": "bold",
    "strong": "bold",
    "small": "dim",
    "strike": "strike",
    "link": "underline",
    "command": "cyan",
    "code": "cyan",
}
_LINED = frozenset({"heading", "small", "item", "quote", "fence"})
"""Kinds that end their line."""


def render_sample(sample: Sample) -> Group:
    """A message under its title, a bar in the colour of its card beside it."""
    lines: list[RenderableType] = [Text(sample.title, "bold reverse")]
    if sample.reply_to:
        lines.append(Text(f"replies to “{clean_text(sample.reply_to)}”", "italic"))
    if sample.content:
        lines += _draw_words(sample.content, sample, "")
    lines += _draw(sample.components, sample, "")
    return Group(*lines, Text())


def _draw(
    components: Iterable[Mapping[str, Any]], sample: Sample, colour: str
) -> Iterator[RenderableType]:
    for component in components:
        match component["type"]:
            case 17:
                edge = f"#{component['accent_color']:06x}"
                yield from _draw(component["components"], sample, edge)
            case 1:
                labels = (f"[ {clean_text(one['label'])} ]" for one in component["components"])
                yield _line(Text(" ".join(labels), "dim"), colour)
            case 10:
                yield from _draw_words(component["content"], sample, colour)
            case 13:
                name = component["file"]["url"].removeprefix("attachment://")
                yield _line(Text(f"file: {clean_text(name)}"), colour)
            case _:
                yield _line(Text(), colour)


def _draw_words(content: str, sample: Sample, colour: str) -> Iterator[RenderableType]:
    text = Text()
    _tell(parse(content), sample, text, "")
    text.rstrip()
    yield from (_line(line, colour) for line in text.split("\n"))


def _line(line: Text, colour: str) -> Text:
    return Text.assemble(("▌ ", colour) if colour else "", line)


def _tell(nodes: Iterable[Node], sample: Sample, text: Text, style: str) -> None:
    for node in nodes:
        own = f"{style} {_STYLES.get(node.kind, '')}".strip()
        match node.kind:
            case "break":
                text.append("\n")
            case "timestamp":
                when = say_moment(int(node.text), node.target or "f", sample.now)
                text.append(when, own)
            case "role" | "channel" | "user":
                sign = "#" if node.kind == "channel" else "@"
                text.append(f"{sign}{(sample.names or {}).get(node.target, node.target)}", own)
            case "command":
                text.append(f"/{node.text}", own)
            case "fence":
                text.append(node.text, own)
            case _:
                text.append(node.text, own)
                _tell(node.children, sample, text, own)
        if node.kind in _LINED:
            text.append("\n")
