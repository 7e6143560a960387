"""Secrets out of text: what looks like one, and those we were told of.

A log is copied into bug reports, so it must be harmless even when a library
writes a whole request into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"

SHORTEST = 6
"""Characters; a shorter registered secret would blank out ordinary words."""

_NAMED = r"(?:password|passwd|pwd|secret|token|api_?key)"

_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), replacement)
    for pattern, replacement in (
        # Slack: bot, user, app-level and refresh tokens; webhook addresses.
        (r"\b(xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+", rf"\1-{MASK}"),
        (r"(hooks\.slack\.com/)[\w./-]+", rf"\1{MASK}"),
        # Discord: bot tokens (id, time and signature in base64), webhooks, interactions.
        (r"\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}", MASK),
        (r"(/webhooks/\d+/|/interactions/\d+/)[\w-]+", rf"\1{MASK}"),
        # Any service: user names and passwords in URLs, credentials in headers and parameters.
        (r"(://)[^/?#\s\"'<>]*@", rf"\1{MASK}@"),
        (r"\b(bearer|basic|bot)\s+(?=\S*\d)[\w.~+/=-]{16,}", rf"\1 {MASK}"),
        (r"([?&](?:key|sig|auth|code)=)[^&\s\"'<>]+", rf"\1{MASK}"),
        (rf"({_NAMED}(?:\s?=\s?[\"']?|[\"']\s?:\s?[\"']))[^&\s\"'<>,;]+", rf"\1{MASK}"),
    )
)


class Masker:
    """Replaces secrets by ``***``.

    Args:
        secrets: values that must never appear, plain or percent-encoded; those under
            ``SHORTEST`` characters are left to the patterns.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for s in secrets if len(s) >= SHORTEST for form in (s, quote(s, safe=""))}
        longest_first = sorted(forms, key=len, reverse=True)  # one may hold another
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def mask(self, text: str) -> str:
        """``text`` without secrets."""
        if self._known:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text
