"""Whether a story for our readers is hot: the feeds that bring our news are asked sooner then.

No clock and no I/O: told of what polls brought, asked when something is committed. What is
known here is of one process and of two hours; a restart forgets it, and the next report of the
story brings it back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.pipeline.due import PollRules
from bot.ports import Haste

HOT_FOR = timedelta(hours=2)
"""So long after it was opened, or grew, a story may grow any minute."""

BRINGS_NEWS = timedelta(days=30)
"""Feeds that brought our news within this time may bring more of it."""

HASTE_SPREAD = timedelta(seconds=30)
"""Feeds are hastened one after the other over this time, not all in one second."""


class Heat:
    """Hot or not, and when other feeds were hastened last."""

    def __init__(self, rules: PollRules) -> None:
        self._rules = rules
        self._apart = timedelta(seconds=rules.min_interval_s)
        self._hot_until: datetime | None = None
        self._hastened_at: datetime | None = None
        self._hastened_before: datetime | None = None
        self._is_again_due = False

    def is_hot(self, now: datetime) -> bool:
        """Whether a story was opened, or grew, that people are waiting for.

        A clock that ran ahead and was set right makes nothing hot until it comes there again.
        """
        return self._hot_until is not None and now < self._hot_until <= now + HOT_FOR

    def is_felt_by(self, flagged_at: datetime | None, now: datetime) -> bool:
        """Whether a feed that last brought our news then may bring more of a story that is hot."""
        if flagged_at is None or not self.is_hot(now):
            return False
        return now - flagged_at <= BRINGS_NEWS

    def note_news(self, now: datetime) -> None:
        """A story for our readers was opened, or grew."""
        self._hot_until = now + HOT_FOR

    def take_haste_or_none(self, now: datetime, *, has_news: bool) -> Haste | None:
        """What is to be committed with a poll so that other feeds are asked sooner.

        At the first news of a story, and once more as soon as those may be asked that were
        asked shortly before; never twice within the shortest interval. It counts as done from
        here on, so that of polls that commit at the same time one carries it; one that is not
        committed is to be given back.
        """
        if not self._rules.adaptive or not (has_news or (self._is_again_due and self.is_hot(now))):
            return None
        if self._hastened_at is not None and now - self._apart < self._hastened_at <= now:
            self._is_again_due = self._is_again_due or has_news
            return None
        self._hastened_before, self._hastened_at = self._hastened_at, now
        self._is_again_due = has_news
        return Haste(
            flagged_since=now - BRINGS_NEWS,
            due_at=now,
            spread=min(HASTE_SPREAD, self._apart),
            polled_before=now - self._apart,
        )

    def give_back(self, haste: Haste) -> None:
        """``haste`` was not committed: the next poll carries another in its place."""
        if self._hastened_at == haste.due_at:
            self._hastened_at = self._hastened_before
        self._is_again_due = True
