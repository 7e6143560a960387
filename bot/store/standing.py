"""How feeds and platforms stand, told to the database: what gauges and overviews share.

All of it walks many rows, so each is written for the way that SQLite takes. It keeps no figures
of what is in the tables, and goes along an index where it can, which of most rows costs five times
what the table does in its order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from bot.model import Told
from bot.model.condition import SILENT_AFTER, SILENT_GAPS, Condition
from bot.store.columns import MICROSECOND
from bot.store.schema import deliveries, feeds, is_owed

WORST_FIRST = (
    Condition.FAILING,
    Condition.SILENT,
    Condition.FLAWED,
    Condition.NEW,
    Condition.WELL,
)

is_polled_at_all = feeds.c.is_retired.is_(false())
"""``is_polled`` in other words than those of the index of what is due, and so by the table."""


def _is_over(answered_at: Column[Any], since: Column[Any]) -> ColumnElement[bool]:
    """Whether the time between the two is long enough for the feed's rhythm to be a silence."""
    quiet = type_coerce(answered_at, BigInteger) - type_coerce(since, BigInteger)
    return and_(
        quiet >= SILENT_AFTER // MICROSECOND,
        quiet >= feeds.c.gap_s * (SILENT_GAPS * 1_000_000),
    )


_is_silent = and_(
    _is_over(feeds.c.answered_at, feeds.c.changed_at),
    or_(
        feeds.c.told != Told.NOTHING.value,
        feeds.c.told_at.is_(None),
        _is_over(feeds.c.answered_at, feeds.c.told_at),
    ),
)
"""What ``is_silent`` says of a feed that does not fail; NULL is as good as false."""

condition = case(
    (feeds.c.failures > 0, WORST_FIRST.index(Condition.FAILING)),
    (feeds.c.polled_at.is_(None), WORST_FIRST.index(Condition.NEW)),
    (_is_silent, WORST_FIRST.index(Condition.SILENT)),
    (feeds.c.flaw != "", WORST_FIRST.index(Condition.FLAWED)),
    else_=WORST_FIRST.index(Condition.WELL),
)
"""What ``condition_of`` says of a feed, as its place in ``WORST_FIRST``; broken is failing."""


def due_by_platform(now: datetime) -> Select[tuple[str, int, datetime]]:
    """Of each platform what is owed and due: ``platform``, ``number``, ``due_since``.

    Not grouped by the column itself, or SQLite walks every delivery there ever was along an
    index that has them by platform, instead of those that are due.
    """
    platform = (deliveries.c.platform + "").label("platform")
    return (
        select(
            platform,
            func.count().label("number"),
            func.min(deliveries.c.next_attempt_at).label("due_since"),
        )
        .where(is_owed, deliveries.c.next_attempt_at <= now)
        .group_by(platform)
    )
