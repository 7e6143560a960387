"""What came of a delivery, as the platform said it and as it was written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SendError
from bot.model import Owed


@dataclass(frozen=True, slots=True)
class Later:
    """Nobody was asked to post it, as people want it at another time."""

    at: datetime
    why: str


Said = str | SendError | Later
"""The id of a post, or why there is none."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did, counted in posts: a digest is one.

    Attributes:
        gone: nothing is owed for them any more: people deleted the post, muted the story, or
            left.
    """

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    gone: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(
            self.sent + other.sent,
            self.put_off + other.put_off,
            self.failed + other.failed,
            self.gone + other.gone,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """One delivery that was tried, for whoever counts.

    Attributes:
        said: the platform's answer, or why it was not asked.
        took_s: seconds from drawing it to that answer.
    """

    owed: Owed
    said: Said
    drained: Drained
    took_s: float


Note = Callable[[Settled], None]
