"""Stories without a database: JSON lines in, the story of each out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Entry, Match
from bot.stories.cluster import join_story, open_story
from bot.stories.fingerprint import make_words
from bot.stories.index import StoryIndex
from bot.stories.outlets import OutletNames
from bot.stories.report import Report


class ClusterLines:
    """JSON objects in, in order of time; ``{"id", "cluster"}`` out for each.

    Args:
        match: title and summary to the matcher's verdict.
        outlets: names outlets by their domains, and knows what to cut from titles.
    """

    def __init__(
        self, match: Callable[[str, str], Match], outlets: OutletNames | None = None
    ) -> None:
        self._match = match
        self._outlets = outlets or OutletNames({})
        self._index = StoryIndex()
        self._now = datetime.fromtimestamp(0, UTC)
        self._count = 0

    def add(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Put ``item`` into a story, by those seen before alone; "cluster" is the story's id.

        Keys: "id", "title", and where present "desc", "time" or "date" (seconds since
        1970, or ISO 8601), "source" (an outlet's name or its feed), "url", "lang". An item
        without a time is as old as the one before it.
        """
        report = self._read(item)
        place = self._index.find(report)
        story = (
            join_story(place.story, report, reason=place.reason)
            if place.story
            else open_story(report, summary=report.entry.summary, is_history=False, tie=place.tie)
        )
        self._index.put(story)
        return {"id": item.get("id"), "cluster": story.id}

    def _read(self, item: Mapping[str, Any]) -> Report:
        self._count += 1
        self._now = _time_of(item) or self._now
        source, url = _text(item, "source"), _text(item, "url")
        is_address = "://" in source
        named = Entry(
            keys=(f"{self._count}",),
            link=url or (source if is_address else None),
            summary=_text(item, "desc"),
            outlet_name="" if is_address else source,
        )
        outlet = self._outlets.resolve(named).name
        title = self._outlets.strip_outlet(_text(item, "title"), outlet)
        lang = _text(item, "lang")
        return Report(
            entry=Entry(keys=named.keys, link=named.link, title=title, summary=named.summary),
            match=self._match(title, named.summary),
            outlet=outlet,
            feed_id=0,
            seen_at=self._now,
            published_at=self._now,
            lang=lang,
            words=make_words(title, named.summary, lang=lang),
        )


def _time_of(item: Mapping[str, Any]) -> datetime | None:
    """The item's time, or None where it has none that can be read."""
    said = _text(item, "time") or _text(item, "date")
    try:
        return datetime.fromtimestamp(float(said), UTC)
    except (OverflowError, OSError):
        return None
    except ValueError:  # no number
        pass
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return "" if value is None else str(value)
