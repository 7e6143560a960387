"""Repairs at an operator's word: read once, decide in stories/repair.py, write once.

What people are owed after it follows from the same rule as after a poll, in the places that
had the stories: elsewhere it is old news. Nobody but the operator may ask for it: a repair
changes what every workspace sees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import InputInvalid, StoriesMoved
from bot.matching import Matcher, Watchers
from bot.model import Catalogue, Delivery, KeptEntry, Move, Posts, RepairOutcome, Story
from bot.pipeline.decide import Desk
from bot.pipeline.routing import route
from bot.pipeline.telling import make_summary
from bot.ports import RepairStore
from bot.stories import OutletNames, Repair, RepairOrder, Told, merge_stories, split_story

DECIDED_AT_MOST = 5
"""Times a repair is decided anew because a poll wrote a story it had read."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done.

    Attributes:
        posts: what becomes of the posts of each story that people see change, by its id.
        asked: the merged story that was named, where ``repair.kept`` is the one that tells it.
    """

    repair: Repair
    posts: Mapping[str, Posts]
    asked: Story | None = None


class Repairer:
    """Merges and splits stories in a store that a running bot may be writing to.

    Args:
        catalogue: with its event words, as reports are judged once more.
        by: who asks, for the record that stories keep.
    """

    def __init__(self, store: RepairStore, catalogue: Catalogue, *, by: str) -> None:
        self._store = store
        self._catalogue = catalogue
        self._by = by

    async def merge(self, kept_id: str, merged_id: str, *, now: datetime) -> Repaired:
        """Make two stories one that goes on under the id of the first.

        Raises:
            InputInvalid: they cannot be one; the message says why, and what to do.
        """

        async def decide() -> Repaired:
            kept, asked = await self._find(kept_id)
            merged = await _load(self._store, merged_id)
            await self._check_merge(kept, merged)
            repair = merge_stories(
                kept,
                merged,
                tied=await self._store.find_tied_stories(merged.id),
                order=RepairOrder(self._by, now),
            )
            entries = await self._store.find_kept_entries(merged.id)
            move = Move(tuple(entry.id for entry in entries), merged.id, kept.id, repair.filed)
            posts = await self._commit(repair, move, before=(kept, merged), now=now)
            return Repaired(repair, posts, asked)

        return await _until_written(decide)

    async def split(self, story_id: str, said: Collection[str], *, now: datetime) -> Repaired:
        """Make a story of its own of the reports that ``said`` names.

        Args:
            said: ids of entries, or outlets that have one report in the story.

        Raises:
            InputInvalid: there is nothing to split; the message says why, and what to do.
        """

        async def decide() -> Repaired:
            story, asked = await self._find(story_id)
            entries = await self._store.find_kept_entries(story.id)
            leaving = choose_entries(story, entries, said)
            repair = split_story(
                story,
                await self._judge(entries),
                leaving,
                tied=await self._store.find_tied_stories(story.id),
                order=RepairOrder(self._by, now),
            )
            move = Move(repair.moved, story.id, repair.other.id, repair.filed)
            return Repaired(repair, await self._commit(repair, move, now=now), asked)

        return await _until_written(decide)

    async def _find(self, said: str) -> tuple[Story, Story | None]:
        """The story that tells what ``said`` names; and that one, where it was merged."""
        story = named = await _load(self._store, said)
        while story.is_merged and story.tie:
            story = await _load(self._store, story.tie.story_id)
        return story, None if story is named else named

    async def _check_merge(self, kept: Story, merged: Story) -> None:
        if merged.id == kept.id:
            raise InputInvalid(
                f"Both ids lead to story #{kept.id}; name two stories, the one that stays first."
            )
        if merged.is_merged:
            target, _ = await self._find(merged.id)
            if target.id == kept.id:
                raise InputInvalid(
                    f"#{merged.id} was merged into #{kept.id} already; "
                    f"`newsbot story show {kept.id}` lists its reports."
                )
            raise InputInvalid(
                f"#{merged.id} was merged into #{target.id}. To have all of that in #{kept.id}: "
                f"`newsbot story merge {kept.id} {target.id}`; else split the reports off first, "
                f"`newsbot story show {target.id}` lists them."
            )
        if merged.id in await self._find_turned(kept):
            raise InputInvalid(
                f"#{kept.id} turns #{merged.id} and is posted as a reply there. To make one "
                "story of both, name the earlier one first: "
                f"`newsbot story merge {merged.id} {kept.id}`."
            )

    async def _find_turned(self, story: Story) -> set[str]:
        """Ids of the stories that ``story`` turns, one after the other."""
        found: set[str] = set()
        turn: Story | None = story
        while turn and turn.tie and turn.tie.story_id not in found:
            found.add(turn.tie.story_id)
            turn = await self._store.find_story_or_none(turn.tie.story_id)
        return found

    async def _judge(self, entries: Sequence[KeptEntry]) -> list[Told]:
        """Every entry as a report once more, by what we look for now."""
        watches = await self._store.find_watches()
        outlets = OutletNames(self._catalogue.outlets)
        desk = await asyncio.to_thread(Desk, Matcher(self._catalogue), outlets, watches=watches)
        told = []
        for kept in entries:
            judged = desk.judge(kept.feed, kept.entry, now=kept.seen_at)
            report = replace(judged.report, outlet=kept.outlet, published_at=kept.published_at)
            told.append(Told(kept.id, report, filed=kept.filed, summary=make_summary(report)))
            await asyncio.sleep(0)
        return told

    async def _commit(
        self, repair: Repair, move: Move, *, before: Collection[Story] = (), now: datetime
    ) -> Mapping[str, Posts]:
        """Write the repair, owing what comes of it where people had either story.

        A place that had neither, say since it was subscribed later, is owed no old news; of
        two stories made one only if none of them was news there ``before``.
        """
        watchers = Watchers(self._catalogue, await self._store.find_watches())
        subscriptions = await self._store.find_subscriptions()
        had = await self._store.find_destinations([repair.kept.id, repair.other.id])

        def owe(stories: Iterable[Story]) -> list[Delivery]:
            owed = (route(story, subscriptions, watchers=watchers, now=now) for story in stories)
            return [delivery for some in owed for delivery in some]

        was_news = {delivery.destination for delivery in owe(before)}
        owed = owe(story for story in (repair.kept, repair.other) if not story.is_merged)
        outcome = RepairOutcome(
            at=now,
            move=move,
            stories=repair.stories,
            deliveries=tuple(
                delivery
                for delivery in owed
                if delivery.destination in had or (before and delivery.destination not in was_news)
            ),
        )
        return await self._store.commit_repair(outcome)


def choose_entries(
    story: Story, entries: Sequence[KeptEntry], said: Collection[str]
) -> frozenset[int]:
    """The ids of the entries of ``story`` that ``said`` names, by id or by outlet.

    Raises:
        InputInvalid: one of them is named by nothing, or all are.
    """
    if len(entries) < 2:
        raise InputInvalid(f"#{story.id} has one report only: there is nothing to split off.")
    chosen: set[int] = set()
    for name in said:
        chosen.add(_choose_entry(story, entries, name.strip().removeprefix("#")))
    if len(chosen) == len(entries):
        raise InputInvalid(
            f"These are all the reports of #{story.id}; name those alone that do not belong there."
        )
    if not chosen:
        raise InputInvalid(
            f"Name the reports that shall leave #{story.id}: `newsbot story show {story.id}` "
            "has their numbers."
        )
    return frozenset(chosen)


def _choose_entry(story: Story, entries: Sequence[KeptEntry], name: str) -> int:
    if name.isdecimal() and any(entry.id == int(name) for entry in entries):
        return int(name)
    found = [entry for entry in entries if entry.outlet.casefold() == name.casefold()]
    match found:
        case [entry]:
            return entry.id
        case []:
            raise InputInvalid(
                f'No report of #{story.id} has the number or the outlet "{name}"; '
                f"`newsbot story show {story.id}` lists them."
            )
        case several:
            ids = ", ".join(str(entry.id) for entry in several)
            raise InputInvalid(
                f'"{name}" has {len(several)} reports in #{story.id}; '
                f"name them by their numbers: {ids}."
            )


async def _load(store: RepairStore, said: str) -> Story:
    story = await store.find_story_or_none(said.strip().removeprefix("#").lower())
    if story is None:
        raise InputInvalid(
            f'No story has the id "{said}"; `newsbot recent` lists stories with their ids.'
        )
    return story


async def _until_written(decide: Callable[[], Awaitable[Repaired]]) -> Repaired:
    """Decide on what the store holds, anew if that changed before it was written.

    Raises:
        StoriesMoved: it changed every time.
    """
    for _ in range(1, DECIDED_AT_MOST):
        try:
            return await decide()
        except StoriesMoved:
            continue
    try:
        return await decide()
    except StoriesMoved as moved:
        raise StoriesMoved(
            f"The stories kept changing while they were repaired, {DECIDED_AT_MOST} times; "
            "nothing is changed by this. Try again in a minute."
        ) from moved
