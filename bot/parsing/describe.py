"""An entry as one JSON object, for ``newsbot parse``."""

from __future__ import annotations

from bot.model import Entry


def describe_entry(entry: Entry) -> dict[str, str | None]:
    """Title, link, id (the publisher's), published (ISO 8601) and summary; None for none."""
    return {
        "title": entry.title or None,
        "link": entry.link,
        "id": entry.guid,
        "published": entry.published_at.isoformat() if entry.published_at else None,
        "summary": entry.summary or None,
    }
