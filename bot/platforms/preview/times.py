"""Timestamps of Discord and Slack in words, as an English client in UTC shows them."""

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


def say_slack_date(seconds: int, form: str, now: datetime) -> str:
    """A moment in one of Slack's formats, as an English client in UTC shows it.

    Args:
        seconds: since 1970.
        form: text with tokens like "{date_short_pretty}"; unknown ones stay.
    """
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return "Invalid date"
    hour = moment.hour % 12 or 12
    year = "" if moment.year == now.year else f", {moment.year}"
    days = (moment.date() - now.astimezone(UTC).date()).days
    short = f"{moment:%b} {moment.day}{year}"
    pretty = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(days, short)
    tokens = {
        "{time}": f"{hour}:{moment:%M %p}",
        "{date_short_pretty}": pretty,
        "{date_short}": short,
        "{ago}": _say_distance(moment - now),
    }
    for token, said in tokens.items():
        form = form.replace(token, said)
    return form
