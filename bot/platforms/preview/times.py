"""Discord's timestamps in words, as an English client in UTC shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)


def say_moment(seconds: int, style: str, now: datetime) -> str:
    """A moment in one of Discord's styles; "R" is told as seen from ``now``.

    Args:
        seconds: since 1970.
    """
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return "Invalid date"
    if style == "R":
        return _say_distance(moment - now)
    day = f"{moment.day} {moment:%B %Y}"
    return {
        "t": f"{moment:%H:%M}",
        "T": f"{moment:%H:%M:%S}",
        "d": f"{moment:%d/%m/%Y}",
        "D": day,
        "F": f"{moment:%A}, {day} {moment:%H:%M}",
    }.get(style, f"{day} {moment:%H:%M}")


def _say_distance(distance: timedelta) -> str:
    for unit, length in _UNITS:
        if count := abs(distance) // length:
            said = f"{count} {unit}s" if count > 1 else f"{'an' if unit == 'hour' else 'a'} {unit}"
            return f"in {said}" if distance > timedelta() else f"{said} ago"
    return "now"
