"""Recent stories in memory, found by company and by rare words; for work without a database.

What a report costs depends on the stories that share a company or a rare word with
it, not on all that are kept; those that have been quiet for the window are dropped.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Entry, Match, Story
from bot.stories.cluster import (
    Joined,
    Report,
    join_story,
    open_story,
    pick_story,
    sketch_report,
    sketch_story,
)
from bot.stories.fingerprint import make_words
from bot.stories.outlets import OutletNames
from bot.stories.similarity import WINDOW, Sketch

RARE_WORDS = 10  # of a report, by which stories are looked up


class StoryIndex:
    """Stories of the last days; those who hand over reports in order of time get all of it."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, tuple[Story, Sketch]] = OrderedDict()
        self._posted: dict[str, tuple[str, ...]] = {}
        self._by_term: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._stories)

    def __iter__(self) -> Iterator[Story]:
        """The stories, longest quiet first."""
        return (story for story, _ in self._stories.values())

    def put(self, story: Story) -> None:
        """Keep ``story``, in the place of the one with its id."""
        self._unpost(story.id)
        sketch = sketch_story(story)
        terms = (*map(_company_term, sketch.companies), *sketch.weights)
        for term in terms:
            self._by_term[term].add(story.id)
        self._posted[story.id] = terms
        self._stories[story.id] = (story, sketch)
        self._stories.move_to_end(story.id)

    def find(self, report: Report) -> Joined | None:
        """The story that ``report`` belongs to, or None if it opens one."""
        self._drop_quiet(report.published_at)
        sketch = sketch_report(report)
        rare = sorted(sketch.weights, key=lambda word: len(self._by_term.get(word, ())))
        terms = (*map(_company_term, sketch.companies), *rare[:RARE_WORDS])
        ids = {story_id for term in terms for story_id in self._by_term.get(term, ())}
        return pick_story(report, [self._stories[story_id] for story_id in sorted(ids)])

    def _drop_quiet(self, now: datetime) -> None:
        while self._stories:
            story_id, (_, sketch) = next(iter(self._stories.items()))
            if now - sketch.at <= WINDOW:
                return
            self._unpost(story_id)
            del self._stories[story_id]

    def _unpost(self, story_id: str) -> None:
        for term in self._posted.pop(story_id, ()):
            having = self._by_term[term]
            having.discard(story_id)
            if not having:
                del self._by_term[term]


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

        Keys: "id", "title", and where present "desc", "time" (seconds since 1970) or
        "date" (ISO 8601), "source" (an outlet's name or its feed), "url", "lang". An item
        without a time is as old as the one before it.
        """
        report = self._read(item)
        joined = self._index.find(report)
        story = (
            join_story(joined.story, report, reason=joined.reason)
            if joined
            else open_story(report, summary=report.entry.summary, is_history=False)
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


def _company_term(company: str) -> str:
    return f"@{company}"  # no word begins so


def _time_of(item: Mapping[str, Any]) -> datetime | None:
    """The item's time, or None where it has none that can be read."""
    try:
        if item.get("time") is not None:
            return datetime.fromtimestamp(float(item["time"]), UTC)
        said = datetime.fromisoformat(_text(item, "date"))
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return "" if value is None else str(value)
