"""Messages and views as plain text, as a person would read them aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.servers.slack.world import Message

LINK = re.compile(r"<((?:https?|mailto|tel)[^|>]*)(?:\|([^>]*))?>")
DATE = re.compile(r"<!date\^(-?\d+)\^([^|>]*)\|([^>]*)>")
NAMED = re.compile(r"<[@#!][^|>]*\|([^>]*)>")


def draw_text(text: str) -> str:
    """mrkdwn with its links and dates shown, and its entities undone."""
    text = DATE.sub(lambda found: _date(int(found[1])), text)
    text = LINK.sub(lambda found: found[2] or found[1], text)
    text = NAMED.sub(lambda found: found[1], text)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def draw_message(message: Message) -> str:
    """A message; its blocks where it has some, as Slack shows them instead of the text."""
    shown = draw_blocks(message.blocks) if message.blocks else draw_text(message.text)
    extra = [
        draw_blocks(a.get("blocks") or []) or draw_text(str(a.get("text") or ""))
        for a in message.body.get("attachments") or []
    ]
    extra += [f"[file {f.get('name', '')}]" for f in message.body.get("files") or []]
    if message.only_for:
        extra.append("(only you can see this)")
    return "\n".join(line for line in [shown, *extra] if line)


def draw_view(body: dict[str, Any]) -> str:
    """A modal or Home tab."""
    title = (body.get("title") or {}).get("text", "Home")
    ends = [(body.get(key) or {}).get("text", "") for key in ("submit", "close")]
    buttons = " ".join(f"[{label}]" for label in ends if label)
    return "\n".join(filter(None, [f"── {title} ──", draw_blocks(body["blocks"]), buttons]))


def draw_blocks(blocks: list[dict[str, Any]]) -> str:
    """Blocks, one line or more each."""
    return "\n".join(line for block in blocks for line in _block(block) if line)


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind == "divider":
        yield "────"
    elif kind == "rich_text":
        yield from _rich(block)
    elif kind in {"header", "markdown"}:
        text = block["text"]
        yield f"# {text['text']}" if kind == "header" else text
    elif kind == "image":
        yield f"[image: {block['alt_text']}]"
    elif kind == "input":
        yield f"{_words(block['label'])}: {_element(block['element'])}"
        yield _words(block.get("hint"))
    elif kind == "section":
        yield _words(block.get("text"))
        yield from (_words(field) for field in block.get("fields") or [])
        if block.get("accessory"):
            yield _element(block["accessory"])
    else:
        yield " ".join(_element(element) for element in block["elements"])


def _element(element: dict[str, Any]) -> str:
    kind = element["type"]
    if kind in {"plain_text", "mrkdwn"}:
        return _words(element)
    if kind == "image":
        return f"[image: {element['alt_text']}]"
    if kind == "button":
        return f"[{_words(element['text'])}]"
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group["options"]
    labels = [_words(each["text"]) for each in found]
    chosen = _words((element.get("initial_option") or {}).get("text"))
    held = element.get("initial_value") or chosen
    hint = _words(element.get("placeholder"))
    return f"‹{held or ' / '.join(labels) or hint or kind}›"


def _rich(block: dict[str, Any]) -> Iterator[str]:
    for element in block["elements"]:
        lines = element["elements"] if element["type"] == "rich_text_list" else [element]
        for line in lines:
            parts = [e.get("text") or e.get("url") or e.get("name", "") for e in line["elements"]]
            yield "".join(parts)


def _words(text: dict[str, Any] | None) -> str:
    if not text:
        return ""
    return draw_text(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
