"""The settings file: what stands in it, and on which line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import SettingsInvalid


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file as read; empty where there is none.

    Attributes:
        content: its tables, unchecked.
    """

    path: Path
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)

    def place(self, *keys: str) -> str:
        """``path:line`` of the key, counted from 1."""
        return f"{self.path}:{find_line(self.text, keys)}"


def read_settings_file(path: Path) -> SettingsFile:
    """Read ``path``; a file that is not there says nothing and is no mistake.

    Raises:
        SettingsInvalid: it cannot be read, is not UTF-8, or is no TOML; the message
            has the line and nothing of its content.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return SettingsFile(path)
    except OSError as error:
        raise SettingsInvalid(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid(f"{path}:{line}: not UTF-8; save the file in UTF-8") from None
    try:
        return SettingsFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(_explain(path, text, str(error))) from None


def find_line(text: str, keys: tuple[str, ...]) -> int:
    """The line, from 1, on which ``keys`` (a section and perhaps its key) is given.

    Lines are added until what there is so far is TOML that holds the key; the
    line after the last such beginning without it is where it starts. So strings
    and lists over several lines are told apart from keys by the real parser.
    ``text`` itself must parse.
    """
    lines = text.split("\n")
    start = 1
    for count in range(1, len(lines) + 1):
        try:
            so_far = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # within a value that goes on
        if _holds(so_far, keys):
            return start
        start = count + 1
    return 1


def _holds(content: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True


def _explain(path: Path, text: str, message: str) -> str:
    """The parser's message with its line moved to where editors look for it."""
    where = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = where.group(1) if where else str(len(text.splitlines()) or 1)
    column = f" at column {where.group(2)}" if where else " at the end of the file"
    return f"{path}:{line}: no TOML: {message.partition(' (at ')[0]}{column}"
