"""Recent stories in memory, found by the terms of stories/terms.py; for work without a database.

What a report costs depends on the terms it looks up, not on how many stories are kept;
those that have been quiet for the window are dropped.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from bot.model import Story
from bot.stories.finding import sketch_story
from bot.stories.report import Report
from bot.stories.similarity import WINDOW, Sketch
from bot.stories.terms import (
    CANDIDATES_PER_TERM,
    choose_candidates,
    terms_of_report,
    terms_of_story,
)
from bot.stories.turns import Place, find_place

_Place = tuple[datetime, str]  # when a story was updated, and its id


class StoryIndex:
    """Stories of the last days; those who hand over reports in order of time get all of it."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, tuple[Story, Sketch]] = OrderedDict()
        self._terms: dict[str, tuple[str, ...]] = {}
        self._by_term: dict[str, list[_Place]] = {}  # each list the longest quiet first
        self._turns: defaultdict[str, set[str]] = defaultdict(set)  # of the story with this id

    def __len__(self) -> int:
        return len(self._stories)

    def __iter__(self) -> Iterator[Story]:
        """The stories, longest quiet first."""
        return (story for story, _ in self._stories.values())

    def put(self, story: Story) -> None:
        """Keep ``story``, in the place of the one with its id."""
        if story.id in self._stories:
            self._take_out(story.id)
        terms = self._terms[story.id] = terms_of_story(story)
        self._stories[story.id] = (story, sketch_story(story))
        place = (story.updated_at, story.id)
        if story.tie:
            self._turns[story.tie.story_id].add(story.id)
        for term in terms:
            insort(self._by_term.setdefault(term, []), place)

    def find_candidates(self, report: Report) -> list[tuple[Story, Sketch]]:
        """The stories that ``report`` may belong to, those first that most terms lead to.

        Stories that turn one of them come with it: what turned once is not turned again.
        """
        found = self._look_up(report)
        turns = chain.from_iterable(sorted(self._turns.get(each, ())) for each in found)
        return [self._stories[story_id] for story_id in dict.fromkeys((*found, *turns))]

    def find(self, report: Report) -> Place:
        """Where ``report`` goes; stories that have been quiet for the window are dropped."""
        self._drop_quiet(report.seen_at)
        return find_place(report, self.find_candidates(report))

    def _look_up(self, report: Report) -> tuple[str, ...]:
        """Ids of the stories it may belong to, those first that most terms lead to."""
        oldest = report.seen_at - WINDOW
        found = {
            term: [
                place
                for place in islice(reversed(self._by_term.get(term, ())), CANDIDATES_PER_TERM)
                if place[0] >= oldest
            ]
            for term in terms_of_report(report)
        }
        return choose_candidates(found)

    def _drop_quiet(self, now: datetime) -> None:
        while self._stories:
            story_id, (story, _) = next(iter(self._stories.items()))
            if now - story.updated_at <= WINDOW:
                return
            self._take_out(story_id)

    def _take_out(self, story_id: str) -> None:
        story, _ = self._stories.pop(story_id)
        place = (story.updated_at, story_id)
        if story.tie:
            self._turns[story.tie.story_id].discard(story_id)
        for term in self._terms.pop(story_id):
            places = self._by_term[term]
            del places[bisect_left(places, place)]
            if not places:
                del self._by_term[term]
