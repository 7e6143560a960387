"""Moments on lines of text, for the log and the console: all in UTC, as they say. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def tell_moment(moment: datetime, *, now: datetime) -> str:
    """Say "09 Jan 08:30 UTC", and "09 Jan 2018 08:30 UTC" in any other year."""
    moment = moment.astimezone(UTC)
    year = "" if moment.year == now.astimezone(UTC).year else f" {moment.year}"
    return f"{moment:%d %b}{year} {moment:%H:%M} UTC"


def tell_time(moment: datetime, *, now: datetime) -> str:
    """Say "08:30 UTC" of today, and the day with it of another."""
    moment = moment.astimezone(UTC)
    is_today = moment.date() == now.astimezone(UTC).date()
    return f"{moment:%H:%M} UTC" if is_today else tell_moment(moment, now=now)


def tell_age(age: timedelta) -> str:
    """Say "40 s ago", "3 min ago", "5 h ago", "2 days ago"; what is still to come is now."""
    seconds = max(0, int(age.total_seconds()))
    for length, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
