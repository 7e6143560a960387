"""Messages and views of Slack as text on a terminal or in a pipe: the same words as on the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.platforms.preview.markdown import Node
from bot.platforms.preview.mrkdwn import parse
from bot.platforms.preview.slackpage import SlackSample, list_chosen, say_node
from bot.prose.inert import clean_text

_STYLES = {
    "strong": "bold",
    "emphasis": "italic",
    "strike": "strike",
    "link": "underline",
    "code": "cyan",
}


def render_slack_sample(sample: SlackSample) -> Group:
    """A message or view under its title."""
    lines: list[RenderableType] = [Text(sample.title, "bold reverse")]
    if sample.thread:
        lines.append(Text(f"replied to a thread: {clean_text(sample.thread)}", "italic"))
    if sample.is_private:
        lines.append(Text("Only visible to you", "dim"))
    view = sample.view or {}
    if head := _label(view.get("title")):
        lines.append(Text(f"── {head} ──", "bold"))
    for block in sample.all_blocks:
        lines += _draw(block, sample)
    if ends := [_label(view.get(part)) for part in ("close", "submit") if view.get(part)]:
        lines.append(Text(" ".join(f"[ {end} ]" for end in ends)))
    return Group(*lines, Text())


def _draw(block: Mapping[str, Any], sample: SlackSample) -> Iterator[Text]:
    match block["type"]:
        case "section":
            yield from _draw_words([block["text"]], sample, "")
            if block.get("accessory"):
                yield Text(_say_element(block["accessory"], sample), "dim")
        case "context":
            yield from _draw_words(block["elements"], sample, "dim")
        case "header":
            yield Text(_label(block["text"]), "bold")
        case "actions":
            yield Text(" ".join(_say_element(one, sample) for one in block["elements"]), "dim")
        case "input":
            yield Text(_label(block["label"]), "bold")
            yield Text(_say_element(block["element"], sample))
            if block.get("hint"):
                yield Text(_label(block["hint"]), "dim")
        case _:
            yield Text("────")


def _draw_words(
    texts: Iterable[Mapping[str, Any]], sample: SlackSample, style: str
) -> Iterator[Text]:
    said = Text()
    for text in texts:
        _tell(parse(text["text"]), sample, said, style)
    yield from said.split("\n")


def _tell(nodes: Iterable[Node], sample: SlackSample, text: Text, style: str) -> None:
    for node in nodes:
        own = f"{style} {_STYLES.get(node.kind, '')}".strip()
        if node.children:
            _tell(node.children, sample, text, own)
        else:
            text.append(say_node(node, sample.now, sample.names or {}), own)
        if node.kind in {"quote", "fence"}:
            text.append("\n")


def _say_element(element: Mapping[str, Any], sample: SlackSample) -> str:
    if element["type"] == "button":
        return f"[ {_label(element['text'])} ]"
    if element["type"] == "file_input":
        return "[ Upload a file ]"
    if element["type"] == "checkboxes":
        chosen = element.get("initial_options", ())
        ticks = ("[x]" if one in chosen else "[ ]" for one in element["options"])
        labels = (_label(one["text"]) for one in element["options"])
        return "  ".join(f"{tick} {label}" for tick, label in zip(ticks, labels, strict=True))
    chosen = ", ".join(list_chosen(element, sample.names or {}))
    said = chosen or _label(element.get("placeholder"))
    return f"[ {clean_text(said)} ]"


def _label(text: Mapping[str, Any] | None) -> str:
    return clean_text(str((text or {}).get("text", "")))
