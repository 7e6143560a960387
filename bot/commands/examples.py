"""A line of each command as it may be typed, shown where something was not understood. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.commands.command import Command

_EXAMPLES: Mapping[tuple[str, str], str] = {
    ("news", "recent"): "huawei with verizon since monday",
    ("news", "search"): "mate 10 since:30d",
    ("news", "story"): "words of its headline",
    ("news", "why"): "https://outlet.example/report",
    ("alerts", "subscribe"): "pair daily 09:00 Europe/Berlin quiet 22-7",
    ("alerts", "settings"): "scope:pair mode:daily at:9:00",
    ("alerts", "list"): "changes",
    ("alerts", "pause"): "2h",
    ("alerts", "mute"): "Xiaomi for 7d",
    ("alerts", "unmute"): "Xiaomi",
    ("alerts", "preview"): "carriers deals",
    ("watch", "add"): "Fairphone maker",
    ("watch", "remove"): "Fairphone",
    ("watch", "edit"): "Orange needs telecom, 5G",
    ("watch", "test"): "Orange unless orange juice",
    ("feeds", "add"): "https://outlet.example",
    ("feeds", "remove"): "#12",
    ("feeds", "list"): "page 2",
    ("feeds", "health"): "#12",
}
"""What stands behind the verb; those that are not here are typed alone."""


def find_example(command: Command) -> str:
    """A line that ``command`` understands."""
    rest = _EXAMPLES.get((command.noun, command.verb), "")
    return f"/{command.noun} {command.verb} {rest}".rstrip()
