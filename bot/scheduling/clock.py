"""The clock of the house."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time, as aware UTC."""
    return datetime.now(UTC)
