"""What a poll tells of itself: for people, for the log and for whoever counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.model import Feed
from bot.ports import PollOutcome


class PollResult(StrEnum):
    """How a poll ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Filed:
    """The ids of the stories that a poll's entries went into.

    Attributes:
        opened: new ones that turn no other.
        turned: new ones that turn an earlier one.
        joined: those that were there before.
        history: how many more are new, kept for search and posted nowhere.
    """

    opened: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    history: int = 0

    @classmethod
    def of(cls, outcome: PollOutcome) -> Filed:
        """What ``outcome`` did; stories that changed by an edit alone were joined by nothing."""
        brought = {entry.story_id for entry in outcome.new}
        brought |= {edit.story_id for edit in outcome.edited if edit.filed}
        stories = [story for story in outcome.stories if story.id in brought]
        new = [story for story in stories if not (story.version or story.is_history)]
        return cls(
            opened=tuple(story.id for story in new if not story.tie),
            turned=tuple(story.id for story in new if story.tie),
            joined=tuple(story.id for story in stories if story.version),
            history=sum(1 for story in stories if story.is_history and not story.version),
        )

    def __str__(self) -> str:
        """``; opened a b, joined c``, "" for nothing."""
        verbs = {"opened": self.opened, "turned with": self.turned, "joined": self.joined}
        said = [f"{verb} {' '.join(ids)}" for verb, ids in verbs.items() if ids]
        if self.history:
            stories = "1 story" if self.history == 1 else f"{self.history} stories"
            said.append(f"{stories} of history")
        return f"; {', '.join(said)}" if said else ""


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did.

    Attributes:
        flagged: new entries that are news for our readers.
        filed: the stories they went into.
        error: one line, "" unless FAILED.
    """

    feed: Feed
    result: PollResult
    new: int = 0
    edited: int = 0
    flagged: int = 0
    filed: Filed = field(default_factory=Filed)
    error: str = ""


class FeedPoller(Protocol):
    """What polls feeds: the ``Poller``, or one that is looked at while it does."""

    async def poll(self, feed: Feed) -> PollReport:
        """Ask ``feed`` once and commit what came of it."""
        ...
