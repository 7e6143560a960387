"""One JSON object in, one out: what ``newsbot match`` reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.matching.matcher import Matcher


def flag_line(matcher: Matcher, item: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict on ``item`` ("id", "title", and "desc", "body", "lang" where present).

    Companies outside the two roles, which somebody watches, are "extra".
    """
    verdict = matcher.match(
        _text(item, "title"), _text(item, "desc"), _text(item, "body"), lang=_text(item, "lang")
    )
    return {
        "id": item.get("id"),
        "makers": list(verdict.makers),
        "carriers": list(verdict.carriers),
        "extra": list(verdict.others),
        "relevant": int(verdict.relevant),
        "event": str(verdict.event),
    }


def _text(item: Mapping[str, Any], key: str) -> str:
    """The value as text; "" where it is missing or null."""
    value = item.get(key)
    return "" if value is None else str(value)
