"""Names of arguments held against Slack's own specification of 2021, where that is present.

It is not shipped with the project and predates some methods and arguments: those stand with
the methods themselves (``calls.method``, ``more``). Slack takes no notice of an argument it
does not know; here it is refused, or a misspelt one would pass every test.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.servers.slack.calls import Method

# slack-sdk puts the workspace into every call of a client that knows it.
EVERYWHERE = frozenset({"team_id"})
ROOT = Path(__file__).resolve().parents[3]


def specification() -> Path | None:
    """The file beside a checkout (``NEWSBOT_SHARED`` names another place), if there."""
    folder = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
    found = folder / "specs" / "slack-web-openapi-v2.json"
    return found if found.is_file() else None


@cache
def _load() -> dict[str, dict[str, bool]]:
    """By method: its arguments, and whether each must be there."""
    found = specification()
    if found is None:
        return {}
    paths = json.loads(found.read_text(encoding="utf-8"))["paths"]
    return {
        path.removeprefix("/"): {
            parameter["name"]: bool(parameter.get("required"))
            for verb in verbs.values()
            for parameter in verb["parameters"]
        }
        for path, verbs in paths.items()
    }


def find_required(method: Method) -> list[str]:
    """Arguments that must be there, the token aside; [] where nothing is known of it."""
    named = _load().get(method.name, {})
    return sorted(name for name, is_needed in named.items() if is_needed and name != "token")


def find_unknown(method: Method, given: Iterable[str]) -> list[str]:
    """Arguments that the method does not take; [] where nothing is known of it."""
    named = _load().get(method.name)
    if named is None and (not method.more or not _load()):
        return []
    return sorted(set(given) - set(named or ()) - method.more - EVERYWHERE)
