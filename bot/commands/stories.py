"""Stories one by one: what is in them, and what a repair did, in words.

Anybody may look. Repairs are the operator's alone (pipeline/repairs.py), as they change
what every workspace sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.grammar import advise
from bot.commands.views import Asker
from bot.errors import InputInvalid
from bot.matching import Watchers
from bot.model import Catalogue, FiledEntry, Message, Platform, Posts, Story
from bot.ports import RepairStore, StoryStore
from bot.stories import Repair

MAX_REPORTS = 500
"""Reports of a story that are listed."""


@dataclass(frozen=True, slots=True)
class ShownStory:
    """A story with all that can be repaired about it.

    Attributes:
        entries: its reports in the order they were filed, the first ``MAX_REPORTS``.
        closes_at: nothing joins it from then on, unless something does before.
        told_in: the story that it was merged into, and that has its reports.
        turned_by: stories that turn it, in order of opening.
        merged: stories that were merged into it.
    """

    message: Message
    entries: tuple[FiledEntry, ...]
    has_more: bool
    closes_at: datetime
    told_in: Message | None = None
    turned_by: tuple[Message, ...] = ()
    merged: tuple[Message, ...] = ()


async def show_story(
    store: RepairStore,
    catalogue: Catalogue,
    story_id: str,
    *,
    close_after: timedelta,
    platform: Platform | None = None,
    workspace: str = "",
) -> ShownStory:
    """The story with this id and its reports.

    Args:
        close_after: how long a story stays open after its last report.
        platform, workspace: who asks; a story that only others watch is not theirs to see,
            nor are the names of companies that only others watch, or lines that tell of
            either. None is the operator.

    Raises:
        InputInvalid: there is no such story; the message says where ids are found.
    """
    watchers = Watchers(catalogue, await store.find_watches())
    asker = Asker(store, watchers, platform, workspace)
    story = await store.find_story_or_none(story_id.strip().removeprefix("#").lower())
    if story is None or not asker.is_seen(story):
        raise InputInvalid(f'No story has the id "{story_id}"; {advise(platform).stories}.')
    telling = await find_telling_or_none(store, story)
    is_told_elsewhere = telling is not None and telling is not story and asker.is_seen(telling)
    tied = [other for other in await store.find_tied_stories(story.id) if asker.is_seen(other)]
    found = await store.find_entries_of(story.id, limit=MAX_REPORTS + 1)
    entries, _ = await asker.record(found[:MAX_REPORTS], of=story)
    return ShownStory(
        message=await asker.message(story),
        entries=entries,
        has_more=len(found) > MAX_REPORTS,
        closes_at=story.updated_at + close_after,
        told_in=await asker.message(telling) if telling and is_told_elsewhere else None,
        turned_by=await asker.messages(other for other in tied if not other.is_merged),
        merged=await asker.messages(other for other in tied if other.is_merged),
    )


async def find_telling_or_none(store: StoryStore, story: Story | None) -> Story | None:
    """The story that tells what ``story`` told: itself, or what it was merged into."""
    while story is not None and story.is_merged and story.tie:
        story = await store.find_story_or_none(story.tie.story_id)
    return story


def tell_merge(
    repair: Repair, posts: Mapping[str, Posts], *, asked: Story | None = None
) -> tuple[str, ...]:
    """What a merge did and what people will see of it, in lines for people.

    Args:
        asked: the merged story that was named as the one that stays.
    """
    kept, merged = repair.kept, repair.other
    lines = _tell_asked(kept, asked)
    lines.append(
        f"Merged: {_name(merged)} is told in {_name(kept)} now, "
        f"{_counted(1 + len(kept.also_covered_by), 'outlet')} in all."
    )
    of_kept, of_merged = posts.get(kept.id, Posts()), posts.get(merged.id, Posts())
    lines += _tell_posts(kept, of_kept)
    if of_merged.edited:
        lines.append(f"{_posts(merged, of_merged.edited, 'points', 'point')} to #{kept.id}.")
    if of_merged.dropped:
        lines.append(f"#{merged.id} was not posted yet, and will not be.")
    return (*lines, *_tell_tied(repair), *_tell_silence(posts))


def tell_split(
    repair: Repair, posts: Mapping[str, Posts], *, asked: Story | None = None
) -> tuple[str, ...]:
    """What a split did and what people will see of it, in lines for people.

    Args:
        asked: the merged story that was named, where another tells it.
    """
    kept, other = repair.kept, repair.other
    lines = _tell_asked(kept, asked)
    if repair.is_swapped:
        lines.append(f"{kept.outlet} opened #{kept.id}, so it stays there and the others leave.")
    again = "again" if other.version else "now"
    verb = "is" if len(repair.moved) == 1 else "are"
    lines.append(
        f"Split: {_counted(len(repair.moved), 'report')} left {_name(kept)} "
        f"and {verb} story {_name(other)} {again}."
    )
    lines += _tell_posts(kept, posts.get(kept.id, Posts()))
    lines += _tell_posts(other, posts.get(other.id, Posts()))
    return (*lines, *_tell_tied(repair), *_tell_silence(posts))


def _tell_asked(kept: Story, asked: Story | None) -> list[str]:
    if asked is None:
        return []
    return [f"{_name(asked)} was merged before; {_name(kept)} tells it."]


def _tell_posts(story: Story, posts: Posts) -> list[str]:
    lines = []
    if posts.edited:
        lines.append(f"{_posts(story, posts.edited, 'is', 'are')} edited to what it says now.")
    if posts.owed:
        places = "" if posts.owed == 1 else f" in {posts.owed} places"
        lines.append(f"#{story.id} is posted{places}.")
    if posts.dropped:
        lines.append(f"#{story.id} is not posted where nobody wants what is left of it.")
    return lines


def _tell_tied(repair: Repair) -> list[str]:
    """Stories that were merged earlier and have gone along."""
    by_id = {story.id: story for story in (repair.kept, repair.other)}
    return [
        f"{_name(story)}, merged before, is told in #{by_id[story.tie.story_id].id} now."
        for story in repair.tied
        if story.is_merged and story.tie
    ]


def _tell_silence(posts: Mapping[str, Posts]) -> list[str]:
    if any(one.edited or one.owed for one in posts.values()):
        return ["A running bot does that within seconds, else the next run does."]
    return ["No post of it is there or owed, so people see nothing of this."]


def _posts(story: Story, count: int, one: str, many: str) -> str:
    """The posts of ``story`` as a subject, with its verb."""
    if count == 1:
        return f"The post of #{story.id} {one}"
    return f"The {count} posts of #{story.id} {many}"


def _name(story: Story) -> str:
    return f"#{story.id} “{story.headline}”"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
