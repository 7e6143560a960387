"""Moments on lines of text, for the log and the console: all of them UTC, and say so. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def tell_moment(moment: datetime) -> str:
    """Say "09 Jan 08:30 UTC"."""
    return f"{moment.astimezone(UTC):%d %b %H:%M} UTC"


def tell_time(moment: datetime, *, now: datetime) -> str:
    """Say "08:30 UTC" of today, and the day with it of another."""
    moment = moment.astimezone(UTC)
    is_today = moment.date() == now.astimezone(UTC).date()
    return f"{moment:%H:%M} UTC" if is_today else tell_moment(moment)
