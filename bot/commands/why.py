"""Why a story was posted, or an entry was not: what people ask when they doubt us.

The reasons are those that were written down when the entry came, not a new judgement: the
catalogue may have changed since. Only a headline that was never seen is judged now.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands.grammar import advise
from bot.commands.stories import find_telling_or_none
from bot.commands.views import Asker
from bot.errors import InputInvalid
from bot.matching import Matcher, Watchers
from bot.model import Catalogue, FiledEntry, Match, Message, Platform, Story
from bot.ports import StoryStore

MAX_ENTRIES = 30
"""Entries of a story that are told with their reasons."""

MAX_FOUND = 10
"""Stories or entries that are listed where several fit."""

MAX_WORDS = 16
"""Words of a headline that are looked for; so many single one out."""

_ID = re.compile(r"#?([a-z2-7]{10})", re.IGNORECASE)
_LINK = re.compile(r"<?(https?://[^\s<>]+)>?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story with what was written down about its entries.

    Attributes:
        entries: in the order they came, the first ``MAX_ENTRIES``.
        has_more: there are more of them.
        history: what changed the story and is told with no entry; where its first entry was
            edited, before that why it was flagged at the time.
        asked: the story whose id was asked for, where that was merged into this one.
    """

    message: Message
    entries: tuple[FiledEntry, ...]
    has_more: bool
    history: tuple[str, ...] = ()
    asked: Message | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The answer; of the four below one at most has something in it.

    Attributes:
        asked: the question, on one line.
        catalogue: as whoever asks knows it; it has the names of the companies.
        story: the one story that fits.
        several: stories that fit, newest first, to ask again by id.
        passed_over: entries that were seen and not flagged, newest first.
        judged: a headline that was never seen, as we judge it now.
    """

    asked: str
    catalogue: Catalogue
    story: ToldStory | None = None
    several: tuple[Message, ...] = ()
    passed_over: tuple[FiledEntry, ...] = ()
    judged: Match | None = None

    @property
    def is_found(self) -> bool:
        """Whether the record has anything that fits."""
        return bool(self.story or self.several or self.passed_over)


async def find_why(
    store: StoryStore,
    matcher: Matcher,
    *,
    asked: str,
    platform: Platform | None = None,
    workspace: str = "",
) -> Why:
    """What the record says of a story's id, a link or words of a headline.

    Words fit a title that has every one of them, in any order and case. Stories go before
    entries that were not flagged, and are the only answer where there are any.

    Args:
        platform, workspace: who asks; stories and companies that only other workspaces
            watch are not theirs to see. None is the operator, who sees everything.

    Raises:
        InputInvalid: there is nothing in ``asked`` that could be looked for.
    """
    said = " ".join(asked.split())
    if not said:
        raise InputInvalid(
            "Ask for a story by its id, by a link, or by words of its headline; "
            f"{advise(platform).stories}."
        )
    watchers = Watchers(matcher.catalogue, await store.find_watches())
    record = _Record(store, Asker(store, watchers, platform, workspace))
    if (known := _ID.fullmatch(said)) and (found := await record.by_id(said, known[1].lower())):
        return found
    if link := _LINK.fullmatch(said):
        return await record.about(said, await store.find_entries_at(link[1], limit=MAX_ENTRIES))
    words = _words(said)
    for in_story in (True, False):
        entries = await store.find_entries_saying(words, in_story=in_story, limit=MAX_ENTRIES)
        found = await record.about(said, entries)
        if found.is_found:
            return found
    if said.startswith("#"):
        return Why(said, record.catalogue)
    return Why(said, record.catalogue, judged=record.judge(matcher, said))


class _Record:
    """What is on record, as one asker may see it."""

    def __init__(self, store: StoryStore, asker: Asker) -> None:
        self._store = store
        self._asker = asker
        self.catalogue = asker.catalogue

    async def by_id(self, asked: str, story_id: str) -> Why | None:
        """The story with this id, or None."""
        named = await self._store.find_story_or_none(story_id)
        story = await find_telling_or_none(self._store, named)
        if named is None or story is None or not all(map(self._asker.is_seen, (named, story))):
            return None
        told = await self._tell(story)
        if story is not named:
            told = replace(told, asked=await self._asker.message(named))
        return Why(asked, self.catalogue, story=told)

    async def about(self, asked: str, entries: Sequence[FiledEntry]) -> Why:
        """The stories of ``entries``; where there are none, the entries that are in no story."""
        ids = tuple(dict.fromkeys(entry.story_id for entry in entries if entry.story_id))
        stories = [
            story
            for story in await self._store.find_stories_by_id(ids)
            if self._asker.is_seen(story)
        ]
        match stories[:MAX_FOUND]:
            case []:
                passed = [entry for entry in entries if not entry.story_id][:MAX_FOUND]
                told, _ = await self._asker.record(passed)
                return Why(asked, self.catalogue, passed_over=told)
            case [story]:
                return Why(asked, self.catalogue, story=await self._tell(story))
            case several:
                return Why(asked, self.catalogue, several=await self._asker.messages(several))

    def judge(self, matcher: Matcher, headline: str) -> Match:
        """The verdict on a headline, by what the asker's bot looks for."""
        watched = self._asker.watched
        return (matcher.watching(watched) if watched else matcher).match(headline)

    async def _tell(self, story: Story) -> ToldStory:
        found = await self._store.find_entries_of(story.id, limit=MAX_ENTRIES + 1)
        entries, history = await self._asker.record(
            found[:MAX_ENTRIES], _history(story, found), of=story
        )
        return ToldStory(
            message=await self._asker.message(story),
            entries=entries,
            has_more=len(found) > MAX_ENTRIES,
            history=history,
        )


def _history(story: Story, entries: Sequence[FiledEntry]) -> tuple[str, ...]:
    """The story's own reasons without those that the entries repeat."""
    told = {entry.filed for entry in entries}
    if entries and set(entries[0].reasons) <= set(story.reasons):
        told.update(entries[0].reasons)
    return tuple(line for line in story.reasons if line not in told)


def _words(said: str) -> tuple[str, ...]:
    """The words to look for; the whole of ``said`` where it is all signs."""
    return tuple(dict.fromkeys(_WORD.findall(said)))[:MAX_WORDS] or (said,)
