"""The same news across outlets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.company import Event


@dataclass(frozen=True, slots=True)
class Coverage:
    """One outlet's report of a story.

    Attributes:
        outlet: the outlet's name as people know it.
        feed_id, entry_key: the entry it came from.
        published_at: clamped to be no later than an hour after ``seen_at``.
    """

    outlet: str
    title: str
    link: str | None
    feed_id: int
    entry_key: str
    seen_at: datetime
    published_at: datetime


class TieKind(StrEnum):
    """How a story hangs on an earlier one."""

    REVERSED = "reversed"  # what was agreed or forbidden is so no longer
    DENIED = "denied"  # somebody it is about says that it is not so
    CONFIRMED = "confirmed"  # what was only heard of is certain now
    MERGED = "merged"  # the operator says that the two are one


@dataclass(frozen=True, slots=True)
class Tie:
    """The earlier story that a story turns, or was merged into.

    Attributes:
        story_id: of the earlier story.
        headline, link: of it, as they stood when the tie was made.
    """

    kind: TieKind
    story_id: str
    headline: str
    link: str | None

    @property
    def is_turn(self) -> bool:
        """Whether posts of it are replies to the earlier story's, and not in its place."""
        return self.kind is not TieKind.MERGED


@dataclass(frozen=True, slots=True)
class Story:
    """One piece of news, however many outlets tell it.

    Attributes:
        id: short and deterministic: made from the entry that opened it.
        headline, summary, link, outlet: of the entry that speaks for it, the first.
        makers, carriers, others: company ids over all coverage, in order of appearance.
        words: the story's telling words, for finding and comparing it (stories/fingerprint.py).
        revision: 1 when opened, one more with each change that a post must show.
        reasons: why it was flagged, and why each entry joined.
        is_history: opened by a feed's first poll: kept for search, posted nowhere.
        is_pair_to_all: a pair by companies that everybody knows; else only to those who watch
            one of its companies.
        is_relevant: news to everybody; else only to those who watch one of ``watched``.
        watched: ids of companies that somebody watches besides, named up front.
        tie: the earlier story that this one turns or was merged into.
        version: of its row as it was read, 0 where it is not stored yet; whoever writes it
            back finds out by this that somebody else did meanwhile.
    """

    id: str
    headline: str
    summary: str
    link: str | None
    outlet: str
    makers: tuple[str, ...]
    carriers: tuple[str, ...]
    others: tuple[str, ...]
    event: Event
    is_pair: bool
    opened_at: datetime
    updated_at: datetime
    published_at: datetime
    coverage: tuple[Coverage, ...]
    words: tuple[str, ...] = ()
    lang: str = ""
    revision: int = 1
    is_history: bool = False
    is_pair_to_all: bool = True
    is_relevant: bool = True
    watched: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    tie: Tie | None = None
    version: int = 0

    @property
    def is_merged(self) -> bool:
        """Whether another story tells it now."""
        return self.tie is not None and not self.tie.is_turn

    @property
    def companies(self) -> tuple[str, ...]:
        """All company ids: makers, then carriers, then others."""
        return self.makers + self.carriers + self.others

    @property
    def also_covered_by(self) -> tuple[Coverage, ...]:
        """Reports of outlets other than the one that speaks for it, each outlet once."""
        seen = {self.outlet}
        others = []
        for report in self.coverage:
            if report.outlet not in seen:
                seen.add(report.outlet)
                others.append(report)
        return tuple(others)
