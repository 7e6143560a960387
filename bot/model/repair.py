"""What an operator's repair of stories changes, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.delivery import Delivery
from bot.model.story import Story


@dataclass(frozen=True, slots=True)
class Move:
    """Entries that are taken out of one story and put into another.

    Attributes:
        start, end: ids of the two stories.
        filed: one line on why they are in the second.
    """

    entry_ids: tuple[int, ...]
    start: str
    end: str
    filed: str


@dataclass(frozen=True, slots=True)
class RepairOutcome:
    """Everything a repair changes; committed as one transaction or not at all.

    Attributes:
        stories: whole, as they shall stand. Where the revision of one grew, its posts that
            are there are edited, and posts of it that nobody has yet are made only where
            ``deliveries`` has them.
        deliveries: to be owed, new or once more.
    """

    at: datetime
    move: Move
    stories: tuple[Story, ...]
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Posts:
    """What becomes of the posts of a story that was repaired: numbers of them.

    Attributes:
        edited: that are there, or on their way, and are edited.
        owed: that are made.
        dropped: that were owed and are not made.
    """

    edited: int = 0
    owed: int = 0
    dropped: int = 0
