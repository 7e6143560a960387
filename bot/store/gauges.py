"""How the feeds and what is owed stand, for those who watch the program.

Counted where the rows are: of a hundred thousand feeds four numbers leave the database.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from bot.model import Platform
from bot.model.condition import Condition
from bot.ports import FeedGauges, Gauges, Overdue
from bot.store.engines import uninterrupted
from bot.store.notes import SqlNotes
from bot.store.schema import feeds
from bot.store.standing import WORST_FIRST, condition, due_by_platform, is_polled_at_all

_STATES = {
    Condition.NEW: "new",
    Condition.WELL: "well",
    Condition.FLAWED: "well",  # it is read all the same
    Condition.SILENT: "silent",
    Condition.FAILING: "failing",
}


class SqlGauges(SqlNotes):
    """The GaugeStore port."""

    @uninterrupted
    async def load_gauges(self, now: datetime, *, late_after: timedelta) -> Gauges:
        """How feeds and backlog stand, in two statements and a look at the beat."""
        is_late = feeds.c.next_due_at <= now - late_after
        place = condition.label("place")
        by_condition = (
            select(
                place,
                func.count().label("number"),
                func.sum(case((is_late, 1), else_=0)).label("late"),
                func.min(feeds.c.next_due_at).label("due_since"),
            )
            .where(is_polled_at_all)
            .group_by(place)
        )
        async with self.database.reading() as connection:
            found = tuple(await connection.execute(by_condition))
            owed = tuple(await connection.execute(due_by_platform(now)))
        first_due_at = min((row.due_since for row in found), default=None)
        counted: Counter[str] = Counter()
        for row in found:
            counted[_STATES[WORST_FIRST[row.place]]] += int(row.number)
        return Gauges(
            at=now,
            feeds=FeedGauges(
                **counted,
                late=sum(int(row.late) for row in found),
                due_since=first_due_at if first_due_at and first_due_at <= now else None,
            ),
            backlog={Platform(row.platform): Overdue(row.number, row.due_since) for row in owed},
            beat_at=await self.last_beat_or_none(),
        )
