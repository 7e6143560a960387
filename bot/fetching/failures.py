"""What went wrong, in one line a person can act on.

Texts of libraries are repeated only where they cannot hold a URL's secrets.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

import httpx

from bot.errors import FeedUnreachable, Trouble
from bot.fetching.dial import reason_of
from bot.fetching.guard import shown
from bot.fetching.hints import find_retry_after
from bot.fetching.wire import Broken, Fields

_TROUBLES: Final = {
    401: Trouble.LOGIN,
    402: Trouble.PAYMENT,
    403: Trouble.BLOCKED,
    404: Trouble.MISSING,
    410: Trouble.GONE,
    429: Trouble.BUSY,
    503: Trouble.BUSY,
    511: Trouble.PORTAL,
}

_WALLS: Final = {
    "cf-mitigated": "Cloudflare",
    "x-amzn-waf-action": "AWS WAF",
    "x-datadome": "DataDome",
    "x-sucuri-block": "Sucuri",
}
"""The header fields by which a wall says that it was the wall that answered."""

_MEANINGS = {
    204: "there is no document",
    206: "it sent a part of the document, which we did not ask for",
    304: "nothing changed, though we did not ask for changes",
    401: "it wants a login",
    402: "it wants money",
    403: "it refuses us",
    404: "there is no such address",
    410: "the feed is gone for good",
    421: "the host does not serve this name",
    429: "we ask too often",
    451: "it is withheld for legal reasons",
    503: "it is overloaded or being repaired",
    511: "the network wants a login before it lets anybody out",
}


def unanswered(url: httpx.URL, error: Exception) -> FeedUnreachable:
    """The error for ``url`` when the exchange broke with ``error``."""
    match error:
        case Broken():
            what, trouble = str(error), error.trouble
        case OSError():
            what, trouble = f"the connection broke ({reason_of(error)})", Trouble.CONNECTION
        case _:
            what, trouble = f"the exchange failed ({type(error).__name__})", Trouble.ANSWER
    return FeedUnreachable(f"{shown(url)}: {what}; asked again later", trouble=trouble)


def refused(
    url: httpx.URL, status: int, headers: Fields, *, now: datetime, quiet_floor_s: float
) -> FeedUnreachable:
    """The error for an answer whose ``status`` brings no feed.

    A delay named with 429 or 503 is raised to ``quiet_floor_s`` seconds.
    """
    retry_after_s = find_retry_after(headers, now=now)
    if retry_after_s is not None and status in {429, 503}:
        retry_after_s = max(retry_after_s, quiet_floor_s)
    when = "asked again later"
    if retry_after_s is not None:
        when = f"asked again after {retry_after_s:.0f} s, as it wished"
    wall = find_wall(headers) if status >= 400 or status == 202 else ""
    what = f"{_name(status)}{f' (a wall against programs: {wall})' if wall else ''}"
    trouble = _TROUBLES.get(status, Trouble.SERVER if 500 <= status < 600 else Trouble.ANSWER)
    return FeedUnreachable(
        f"{shown(url)}: answered {what}; {when}",
        status=status,
        retry_after_s=retry_after_s,
        trouble=Trouble.BLOCKED if wall else trouble,
    )


def find_wall(headers: Fields) -> str:
    """Whose wall against programs gave this refusal, "" where its headers name none.

    A host behind Cloudflare signs every answer of its own too, so only the field that
    Cloudflare's challenges alone carry counts; the same with the others.

    Source: Cloudflare, "Detect a challenge page response" (cf-mitigated); AWS WAF,
    "How AWS WAF challenges work" (x-amzn-waf-action).
    """
    return next((name for field, name in _WALLS.items() if headers.get(field)), "")


def _name(status: int) -> str:
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    meaning = _MEANINGS.get(status)
    return f"{phrase}: {meaning}" if meaning else phrase
