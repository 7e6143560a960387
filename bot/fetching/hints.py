"""When a server would like to be asked again, as its headers say.

Pure. Every answer is in seconds and lies within [0, 24 h]: a header is a wish,
and no wish may silence a feed for longer than a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY_S = 86_400.0


def find_retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds of ``Retry-After``, or None where it is absent or unreadable.

    Source: RFC 9110 §10.2.3: a number of seconds or a date; a date is measured
    from the server's own ``Date``, so that a wrong clock there does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return _bounded(_seconds(value))
    until = _date_or_none(value)
    return None if until is None else _until(until, headers, now)


def find_max_age(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds for which the answer is still fresh, or None where the server says nothing.

    ``no-cache`` and ``no-store`` mean 0, as do an unreadable ``max-age`` or ``Expires``;
    the time an answer has already spent in caches (``Age``) is taken off.

    Source: RFC 9111 §4.2.1, §4.2.3, §5.2.2, §5.3.
    """
    directives = _directives(headers.get("cache-control", ""))
    if directives.get("no-cache") == "" or "no-store" in directives:
        return 0.0  # with a value, no-cache speaks of single headers only
    if "max-age" in directives:
        age = headers.get("age", "").strip()
        return _bounded(_seconds(directives["max-age"]) - _seconds(age))
    if "expires" in headers:
        until = _date_or_none(headers["expires"])
        return 0.0 if until is None else _until(until, headers, now)
    return None


def _directives(value: str) -> dict[str, str]:
    """The first value of each directive, names in lower case, quotes taken off."""
    found: dict[str, str] = {}
    for part in value.lower().split(","):
        name, _, argument = part.partition("=")
        found.setdefault(name.strip(), argument.strip(' \t"'))
    return found


def _seconds(text: str) -> float:
    """``text`` as RFC 9111's delta-seconds; 0 where it is none, a lot where it is long."""
    if not (text.isascii() and text.isdigit()):
        return 0.0
    return float(text[:12])


def _until(moment: datetime, headers: Mapping[str, str], now: datetime) -> float:
    sent_at = _date_or_none(headers.get("date", "")) or now
    return _bounded((moment - sent_at).total_seconds())


def _date_or_none(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), DAY_S)
