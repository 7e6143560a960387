"""A message drawn as text, so that a person at a terminal sees what a reader would."""

from __future__ import annotations

from typing import Any

from tests.servers.discord import components as kinds
from tests.servers.discord.world import Message


def draw(message: Message) -> str:
    """The message as lines: text, embeds and containers with a bar, buttons in brackets."""
    lines = message.content.splitlines()
    for embed in message.fields.get("embeds") or []:
        lines += [f"│ {line}" for line in _draw_embed(embed)]
    for each in message.fields.get("components") or []:
        lines += _draw(each)
    lines += [f"📎 {a['filename']}" for a in message.fields.get("attachments") or []]
    if message.is_ephemeral:
        lines.append("(only you can see this)")
    return "\n".join(lines)


def _draw_embed(embed: dict[str, Any]) -> list[str]:
    title = embed.get("title")
    if title and embed.get("url"):
        title = f"{title} <{embed['url']}>"
    parts = [(embed.get("author") or {}).get("name"), title, embed.get("description")]
    parts += [f"{f['name']}: {f['value']}" for f in embed.get("fields") or []]
    parts.append((embed.get("footer") or {}).get("text"))
    return [line for part in parts if part for line in part.splitlines()]


def _draw(component: dict[str, Any]) -> list[str]:
    kind = component["type"]
    if kind in {kinds.CONTAINER, kinds.SECTION, kinds.ROW}:
        return _draw_group(component)
    if kind == kinds.TEXT:
        return str(component["content"]).splitlines()
    return [_draw_line(component)]


def _draw_group(component: dict[str, Any]) -> list[str]:
    inner = [line for each in component["components"] for line in _draw(each)]
    if component["type"] == kinds.CONTAINER:
        return ["┌───", *(f"│ {line}" for line in inner), "└───"]
    if component["type"] == kinds.SECTION:
        return [*inner, *(f"  {line}" for line in _draw(component["accessory"]))]
    return ["  ".join(inner)]


def _draw_line(component: dict[str, Any]) -> str:
    kind = component["type"]
    if kind == kinds.BUTTON:
        return _draw_button(component)
    if kind == kinds.SEPARATOR:
        return "───" if component.get("divider", True) else ""
    if kind in kinds.SELECTS:
        options = ", ".join(f"{o['label']}={o['value']}" for o in component.get("options") or [])
        return f"[{component.get('placeholder') or 'choose'} ▾ {options}]"
    if kind == kinds.GALLERY:
        return " ".join(f"🖼 {item['media']['url']}" for item in component["items"])
    media = component.get("media") or component.get("file") or {}
    return f"🖼 {media.get('url', '')}"


def _draw_button(button: dict[str, Any]) -> str:
    emoji = (button.get("emoji") or {}).get("name") or ""
    label = " ".join(part for part in (emoji, button.get("label")) if part)
    if button.get("url"):
        return f"[{label} ↗ {button['url']}]"
    return f"[{label}]" if not button.get("disabled") else f"({label})"
