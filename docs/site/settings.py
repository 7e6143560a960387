"""The page of all settings: what the model allows, in the words of the example file.

Type, bounds, default and variable come from bot/settings; the meaning is the comment above
the key in config/newsbot.example.toml, so that both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.settings.model import SECTIONS

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "newsbot.example.toml"

UNITS = (
    ("_per_s", "a second"),
    ("_per_min", "a minute"),
    ("_s", "seconds"),
    ("_h", "hours"),
    ("_days", "days"),
    ("_bytes", "bytes"),
    ("_mb", "MiB"),
)
"""What a number counts, by the end of its name; the first that fits."""

HEAD = """# Settings

Every setting there is: its key in `newsbot.toml`, its variable, what it may be, its default and
what it does. This page is made from the code. How file, variables and command line go
together: [operating](operating.md#settings), [secrets in files](operating.md#secrets-in-files).

The same as a file to copy: [newsbot.example.toml](../config/newsbot.example.toml).
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Keys of the example file that share a comment."""

    meaning: str
    keys: tuple[str, ...]


def tell_settings() -> str:
    """The page, as Markdown.

    Raises:
        KeyError: a key is not in the example file, or the other way round.
        ValueError: a setting is of a kind that this page has no words for.
    """
    schema = Settings.model_json_schema()
    defaults = Settings()
    explained = read_groups(EXAMPLE.read_text("utf-8"))
    parts = [HEAD]
    for section, keys in SECTIONS.items():
        told = [key for group in explained[section] for key in group.keys]
        if sorted(told) != sorted(keys):
            raise KeyError(f"{EXAMPLE.name}: [{section}] has {told}, the code has {list(keys)}")
        kind = Settings.model_fields[section].annotation
        assert kind is not None
        parts.append(f"## [{section}]\n\n{(kind.__doc__ or '').splitlines()[0]}\n")
        properties = schema["$defs"][kind.__name__]["properties"]
        for group in explained[section]:
            rows = "\n".join(
                _row(section, key, properties[key], getattr(getattr(defaults, section), key))
                for key in group.keys
            )
            heading = ", ".join(f"{section}.{key}" for key in group.keys)
            parts.append(f"### {heading}\n\n{group.meaning}\n\n{rows}\n")
    return "\n".join(parts)


def read_groups(text: str) -> dict[str, tuple[Group, ...]]:
    """The sections of the example file, each with its groups of keys in the file's order."""
    found: dict[str, list[Group]] = {}
    section = ""
    comment: list[str] = []
    keys: list[str] = []

    def close() -> None:
        if keys:
            found[section].append(Group(" ".join(comment), tuple(keys)))
            comment.clear()
            keys.clear()

    for line in [*text.splitlines(), ""]:
        if key := re.match(r"#(\w+) = ", line):
            keys.append(key[1])
        elif line.startswith("# "):
            close()
            comment.append(line[2:])
        else:
            close()
            comment.clear()
            if head := re.fullmatch(r"\[(\w+)\]", line):
                section = head[1]
                found[section] = []
    return {name: tuple(groups) for name, groups in found.items()}


def _row(section: str, key: str, schema: dict[str, Any], default: object) -> str:
    variable = f"NEWSBOT_{section}_{key}".upper()
    kind = ", ".join(filter(None, (_kind(key, schema), _bounds(schema))))
    return f"- `{section}.{key}` or `{variable}`: {kind}; {_default(default)}"


def _kind(key: str, schema: dict[str, Any]) -> str:
    """What may be written, in a few words.

    Raises:
        ValueError: nothing is known of such a setting.
    """
    one = next(iter(schema.get("anyOf", [schema])))
    if one.get("format") == "password":
        return "a secret"
    if "enum" in one:
        return "one of " + ", ".join(f"`{word}`" for word in one["enum"])
    plain = {"boolean": "`true` or `false`", "array": "a list of texts"}
    numbers = {"integer": "a whole number", "number": "a number"}
    kind = one.get("type")
    if kind in plain:
        return plain[kind]
    if kind in numbers:
        unit = next((unit for end, unit in UNITS if key.endswith(end)), "")
        return f"{numbers[kind]}{f' ({unit})' if unit else ''}"
    if kind == "string":
        return "a path" if one.get("format") == "path" else "text"
    raise ValueError(f"docs/site/settings.py has no words for {key}: {schema}")


def _bounds(schema: dict[str, Any]) -> str:
    return ", ".join(_each_bound(schema))


def _each_bound(schema: dict[str, Any]) -> Iterator[str]:
    if "exclusiveMinimum" in schema:
        yield f"above {schema['exclusiveMinimum']:g}"
    if "minimum" in schema:
        yield f"{schema['minimum']} or more"
    if "maximum" in schema:
        yield f"{schema['maximum']:g} at most"


def _default(value: object) -> str:
    if value is None:
        return "not set by default"
    if value in {"", ()}:
        return "empty by default"
    return f"default `{str(value).lower() if isinstance(value, bool) else value}`"
