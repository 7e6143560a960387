"""One entry on its way into a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import Entry, Match


@dataclass(frozen=True, slots=True)
class Report:
    """One entry on its way into a story.

    Attributes:
        entry: with its title as people read it, without the outlet's name.
        outlet: the outlet's name as people know it.
        published_at: clamped, as the store keeps it.
        words: ``make_words`` of title and summary.
    """

    entry: Entry
    match: Match
    outlet: str
    feed_id: int
    seen_at: datetime
    published_at: datetime
    lang: str = ""
    words: tuple[str, ...] = ()

    @property
    def entry_key(self) -> str:
        """The decisive key of the entry within its feed."""
        return self.entry.keys[0]
