"""Recent stories in memory, found by company and by rare words; for work without a database.

What a report costs depends on the stories that share a company or a rare word with
it, not on all that are kept; those that have been quiet for the window are dropped.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from datetime import datetime

from bot.model import Story
from bot.stories.finding import Joined, pick_story, sketch_report, sketch_story
from bot.stories.report import Report
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


def _company_term(company: str) -> str:
    return f"@{company}"  # no word begins so
