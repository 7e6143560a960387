"""What one asker may see: stories, how they hang together, and the record of their entries.

A workspace is told nothing of what only others watch: no story, no name of a company, no tie
to such a story, and no line of the record that speaks of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.matching import Watchers, hide_names
from bot.model import FiledEntry, Message, Platform, Story
from bot.ports import StoryStore
from bot.summaries import make_message

FILED_UNSAID = "joined this story"
"""Said of an entry whose own line on why it was filed is not the asker's to read."""

_NAMED_STORY = re.compile(r"#([a-z2-7]{10})(?![a-z2-7])")


async def view_stories(
    store: StoryStore,
    watchers: Watchers,
    stories: Iterable[Story],
    platform: Platform,
    workspace: str,
) -> list[Story]:
    """Each story as this workspace may see it, in one look-up for all their ties.

    A tie to a story that is news only to others is dropped, since it has that story's
    headline and link; so is one to a story that is not on record, of which nobody can tell.
    """
    seen = [watchers.view(story, platform, workspace) for story in stories]
    ids = {story.tie.story_id for story in seen if story.tie}
    tied = await store.find_stories_by_id(ids) if ids else ()
    known = {story.id for story in tied if watchers.is_for(story, platform, workspace)}
    return [
        replace(story, tie=None) if story.tie and story.tie.story_id not in known else story
        for story in seen
    ]


class Asker:
    """Somebody in a workspace, or the operator, who sees everything.

    Args:
        platform: None is the operator.
    """

    def __init__(
        self, store: StoryStore, watchers: Watchers, platform: Platform | None, workspace: str
    ) -> None:
        self._store = store
        self._watchers = watchers
        self._place = (platform, workspace) if platform else None
        self.catalogue = watchers.catalogue_of(*self._place) if self._place else watchers.catalogue
        own = self.catalogue.companies
        self.watched = [one for one in watchers.companies if one.id in own]
        self._hidden = [one.name for one in watchers.companies if one.id not in own]

    def is_seen(self, story: Story) -> bool:
        """Whether the story is theirs to see."""
        return self._place is None or self._watchers.is_for(story, *self._place)

    async def messages(self, stories: Iterable[Story]) -> tuple[Message, ...]:
        """Stories that are theirs to see, as a post would show them there."""
        if self._place:
            stories = await view_stories(self._store, self._watchers, stories, *self._place)
        return tuple(make_message(story, self.catalogue) for story in stories)

    async def message(self, story: Story) -> Message:
        """One of them."""
        (message,) = await self.messages([story])
        return message

    async def record(
        self, entries: Sequence[FiledEntry], lines: Sequence[str] = (), *, of: Story | None = None
    ) -> tuple[tuple[FiledEntry, ...], tuple[str, ...]]:
        """The entries and the further lines of a story's record, without what gives away more.

        What is hidden of why an entry was filed leaves ``FILED_UNSAID``.

        Args:
            of: the story they are in, if any.
        """
        if self._place is None:
            return tuple(entries), tuple(lines)
        said = [*lines, *(line for one in entries for line in (*one.reasons, one.filed))]
        hidden = [*self._hidden, *await self._find_unseen(said, of)]
        return tuple(_without(one, hidden) for one in entries), hide_names(lines, hidden)

    async def _find_unseen(self, said: Iterable[str], story: Story | None) -> list[str]:
        """How lines tell of stories that are not theirs to see: ids, and the tie's headline."""
        ids = {found for line in said for found in _NAMED_STORY.findall(line)}
        tie = story.tie if story else None
        if tie:
            ids.add(tie.story_id)
        named = await self._store.find_stories_by_id(ids) if ids else ()
        unseen = [one for one in named if not self.is_seen(one)]
        hidden = [f"#{one.id}" for one in unseen]
        hidden += [f"“{one.headline}”" for one in unseen]
        if tie and any(one.id == tie.story_id for one in unseen):
            hidden.append(f"“{tie.headline}”")
        return hidden


def _without(entry: FiledEntry, hidden: Sequence[str]) -> FiledEntry:
    filed = hide_names([entry.filed], hidden) or (FILED_UNSAID,)
    return replace(entry, reasons=hide_names(entry.reasons, hidden), filed=filed[0])
