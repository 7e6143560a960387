"""Verdicts as JSON objects: what ``newsbot match`` and ``newsbot explain --json`` write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.matching.matcher import Matcher
from bot.matching.reasons import tell_verdict
from bot.model import Match, Mention, Pair, Rejection


def flag_line(matcher: Matcher, item: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict on ``item`` ("id", "title", and "desc", "body", "lang" where present).

    Companies outside the two roles, which somebody watches, are "extra".
    """
    verdict = matcher.match(
        _text(item, "title"),
        _text(item, "desc"),
        _text(item, "body"),
        lang=_text(item, "lang"),
        explained=False,
    )
    return {
        "id": item.get("id"),
        "makers": list(verdict.makers),
        "carriers": list(verdict.carriers),
        "extra": list(verdict.others),
        "relevant": int(verdict.relevant),
        "event": str(verdict.event),
    }


def describe_match(match: Match, name_of: Callable[[str], str]) -> dict[str, Any]:
    """Everything a verdict says, ready for JSON; the keys are told in ``docs/matching.md``.

    ``start`` and ``end`` count code points of the field ``where`` from 0, the end not
    included.
    """
    return {
        "verdict": tell_verdict(match, name_of),
        "makers": list(match.makers),
        "carriers": list(match.carriers),
        "others": list(match.others),
        "named": [_mention(one, name_of) for one in match.mentions],
        "rejected": [_rejection(one, name_of) for one in match.rejections],
        "is_pair": match.is_pair,
        "pair": _pair(match.pair, name_of) if match.pair else None,
        "relevant": match.relevant,
        "relevance": match.relevance or None,
        "watched": list(match.watched),
        "event": {
            "type": match.event.value,
            "label": match.event.label,
            "cue": match.event_cue or None,
            "reason": match.event_reason or None,
        },
        "reasons": list(match.reasons),
    }


def _mention(mention: Mention, name_of: Callable[[str], str]) -> dict[str, Any]:
    return {
        "company": mention.company,
        "name": name_of(mention.company),
        "role": mention.role.value,
        "where": mention.where,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "prominence": mention.prominence.value,
        "cue": mention.cue or None,
    }


def _rejection(rejection: Rejection, name_of: Callable[[str], str]) -> dict[str, Any]:
    return {
        "company": rejection.company,
        "name": name_of(rejection.company),
        "where": rejection.where,
        "start": rejection.start,
        "end": rejection.end,
        "text": rejection.text,
        "reason": rejection.reason,
    }


def _pair(pair: Pair, name_of: Callable[[str], str]) -> dict[str, Any]:
    return {
        "maker": _mention(pair.maker, name_of),
        "carrier": _mention(pair.carrier, name_of),
        "gap": pair.gap,
        "sentence": pair.sentence,
        "is_one_sentence": pair.is_one_sentence,
        "is_passing": pair.is_passing,
    }


def _text(item: Mapping[str, Any], key: str) -> str:
    """The value as text; "" where it is missing or null."""
    value = item.get(key)
    return "" if value is None else str(value)
