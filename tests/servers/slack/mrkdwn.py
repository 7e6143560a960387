"""Text that Slack takes but shows wrongly: controls that are none, signs never escaped.

After the Slack documentation, "Formatting text for app surfaces": ``&``, ``<`` and ``>`` are
escaped as entities; between angle brackets stand links, mentions and dates only.
"""

from __future__ import annotations

import re

BRACKETS = re.compile(r"<([^<>]*)>")
LINK = re.compile(r"(?:https?://|mailto:|tel:)[^|\s]+(?:\|[^|]+)?")
MENTION = re.compile(r"(?:@[UWB][A-Z0-9]+|#C[A-Z0-9]+)(?:\|[^|]*)?")
SPECIAL = re.compile(r"!(?:here|channel|everyone|subteam\^S[A-Z0-9]+(?:\|[^|]*)?)")
DATE = re.compile(r"!date\^-?\d+\^(?P<format>[^|^]+)(?:\^https?://[^|^\s]+)?\|(?P<fallback>[^|]+)")
DATE_TOKEN = re.compile(r"\{([^}]*)\}")
DATE_TOKENS = frozenset(
    {
        "ago",
        "date",
        "date_long",
        "date_long_full",
        "date_long_pretty",
        "date_num",
        "date_pretty",
        "date_short",
        "date_short_pretty",
        "date_slash",
        "day_divider_pretty",
        "time",
        "time_secs",
    }
)
AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
ESCAPED_TWICE = re.compile(r"&amp;(?:amp|lt|gt|quot|#\d+|nbsp);")
QUOTE = re.compile(r"^>+(?: |$)|^>{3}", re.MULTILINE)


def find_faults(text: str) -> list[str]:
    """What is wrong with mrkdwn, each as a short sentence with the place."""
    faults = [
        f"<{inside}> is no link, mention or date"
        for inside in BRACKETS.findall(text)
        if not is_control(inside)
    ]
    rest = QUOTE.sub("", BRACKETS.sub("", text))
    faults += [f"unescaped {sign!r} in {_around(rest, sign)}" for sign in "<>" if sign in rest]
    if found := AMPERSAND.search(text):
        faults.append(f"unescaped '&' in {_around(text, '&', found.start())}")
    if found := ESCAPED_TWICE.search(text):
        faults.append(f"escaped twice: {_around(text, '&', found.start())}")
    return faults


def is_control(inside: str) -> bool:
    """Whether Slack makes a link, a mention or a date of what stands between ``<`` and ``>``."""
    date = DATE.fullmatch(inside)
    if date is not None:
        return set(DATE_TOKEN.findall(date["format"])) <= DATE_TOKENS
    return any(form.fullmatch(inside) for form in (LINK, MENTION, SPECIAL))


def _around(text: str, sign: str, at: int | None = None) -> str:
    start = text.index(sign) if at is None else at
    return repr(text[max(0, start - 15) : start + 25])
