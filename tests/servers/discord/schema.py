"""Request bodies held against the official OpenAPI file, closed against unknown keys.

The file is not shipped with the project: where it is absent only the limits written out
in ``bodies``, ``components`` and ``definitions`` are checked. Three changes are made to what it
says: ids may be numbers, as the API takes them; media channels (16) exist; and keys it does
not name are refused, where Discord ignores them without a word (a misspelt key would pass
every test).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.servers.discord.refusal import Problem
from tests.servers.discord.world import MEDIA

ROOT = Path(__file__).resolve().parents[3]

_FLAG = {"type": ["boolean", "null"]}
# Keys the file does not name: "nsfw" is documented ("Application Commands"), "tts" is sent by
# discord.py with every body of a message, "type" with every post in a forum and "flags" with
# every embed; Discord takes no notice of them there.
ALSO_KNOWN = {
    "ApplicationCommandCreateRequest": {"nsfw": _FLAG},
    "ApplicationCommandUpdateRequest": {"nsfw": _FLAG},
    "BaseCreateMessageCreateRequest": {"tts": _FLAG},
    "CreateForumThreadRequest": {"type": {"type": ["integer", "null"]}},
    "IncomingWebhookUpdateRequestPartial": {"tts": _FLAG},
    "MessageEditRequestPartial": {"tts": _FLAG},
    "RichEmbed": {"flags": {"type": ["integer", "null"]}},
}

# What Discord calls the most common mistakes.
CODES = {
    "AdditionalProperties": "UNKNOWN_KEY",
    "Required": "BASE_TYPE_REQUIRED",
    "MaxLength": "BASE_TYPE_MAX_LENGTH",
    "MinLength": "BASE_TYPE_MIN_LENGTH",
    "MaxItems": "BASE_TYPE_MAX_LENGTH",
    "MinItems": "BASE_TYPE_MIN_LENGTH",
    "Maximum": "NUMBER_TYPE_MAX",
    "Minimum": "NUMBER_TYPE_MIN",
    "Enum": "BASE_TYPE_CHOICES",
    "Type": "BASE_TYPE_BAD_TYPE",
}


def specification() -> Path | None:
    """The OpenAPI file beside a checkout (``NEWSBOT_SHARED`` names another place), if there."""
    folder = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
    found = folder / "specs" / "discord-openapi.json"
    return found if found.is_file() else None


class Schemas:
    """One validator for each operation, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._spec = json.loads(path.read_text("utf-8"))
        schemas = self._spec["components"]["schemas"]
        schemas["SnowflakeType"] = {
            "anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]
        }
        schemas["ChannelTypes"]["oneOf"].append({"const": MEDIA})
        for name, keys in ALSO_KNOWN.items():
            schemas[name]["properties"].update(keys)
        for schema in schemas.values():
            if "properties" in schema and "additionalProperties" not in schema:
                schema["additionalProperties"] = False
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator | None] = {}

    def find_problems(self, method: str, template: str, body: Any) -> list[Problem]:
        """Everything the file holds against ``body``; empty where it describes no body."""
        key = (method.lower(), template)
        if key not in self._validators:
            self._validators[key] = self._make(*key)
        validator = self._validators[key]
        if validator is None or validator.is_valid(body):
            return []
        found = [p for error in validator.iter_errors(body) for p in _explain(error)]
        return list(dict.fromkeys(found))

    def _make(self, method: str, template: str) -> jsonschema_rs.Draft202012Validator | None:
        operation = self._spec["paths"].get(template, {}).get(method, {})
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        schema = content["application/json"]["schema"]
        return jsonschema_rs.Draft202012Validator(
            {"allOf": [schema], "components": self._spec["components"]}
        )


@cache
def load_schemas() -> Schemas | None:
    """The schemas of the official file, read once; None where it is absent."""
    path = specification()
    return Schemas(path) if path else None


def _explain(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """The problems of the branch that was meant, where a union was not met."""
    branches = getattr(error.kind, "context", None)
    if branches:
        meant = [b for b in branches if _is_meant(b, list(error.instance_path))]
        for inner in min(meant, key=len, default=()):
            yield from _explain(inner)
        if meant:
            return
    name = type(error.kind).__name__.removeprefix("ValidationErrorKind_")
    path = tuple(error.instance_path)
    if unknown := getattr(error.kind, "unexpected", None):
        for key in unknown:
            yield Problem((*path, key), CODES[name], f"{key!r} is no field of this object")
        return
    yield Problem(path, CODES.get(name, "BASE_TYPE_INVALID"), error.message[:300])


def _is_meant(errors: list[jsonschema_rs.ValidationError], path: list[str | int]) -> bool:
    """Whether a branch of a union is the one the body's ``type`` names."""
    for error in errors:
        where = list(error.instance_path)
        if where == [*path, "type"]:
            return False
        if where == path and type(error.kind).__name__.endswith("_Type"):
            return False
    return True
