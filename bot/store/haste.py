"""Feeds that are asked sooner than they were due: in one statement, and none of them later."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    func,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from bot.errors import Trouble
from bot.ports import PollOutcome
from bot.store.columns import EPOCH, MICROSECOND
from bot.store.schema import feeds, is_polled


def hasten_feeds(connection: Connection, outcome: PollOutcome) -> None:
    """Have other feeds asked sooner, as the haste and the revival of ``outcome`` say."""
    if (haste := outcome.haste) is not None:
        due_at_number = literal((haste.due_at - EPOCH) // MICROSECOND, BigInteger)
        waited_s = (due_at_number - type_coerce(feeds.c.polled_at, BigInteger)) / 1e6
        wanted = (
            feeds.c.flagged_at >= haste.flagged_since,
            feeds.c.failures == 0,
            feeds.c.trouble == Trouble.NONE.value,
            feeds.c.polled_at <= haste.polled_before,
            or_(feeds.c.interval_s.is_(None), feeds.c.interval_s <= waited_s),
            feeds.c.id != outcome.feed.id,
        )
        _bring_forward(connection, *wanted, due_at=haste.due_at, spread=haste.spread)
    if (revival := outcome.revival) is not None:
        wanted_again = (
            feeds.c.failures > 0,
            feeds.c.failing_since >= revival.failing_since,
            feeds.c.trouble.in_(sorted(trouble.value for trouble in revival.troubles)),
        )
        _bring_forward(connection, *wanted_again, due_at=revival.due_at, spread=revival.spread)


def _bring_forward(
    connection: Connection, *wanted: ColumnElement[bool], due_at: datetime, spread: timedelta
) -> None:
    """Have the polled feeds that are ``wanted`` due from ``due_at`` on, one after the other.

    In PostgreSQL those that another transaction has in hand are passed over: most likely
    they are being polled at this moment.
    """
    later = (
        select(feeds.c.id)
        .where(is_polled, *wanted, feeds.c.next_due_at > due_at)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    place = func.row_number().over(order_by=later.c.id) - 1
    turns = select(later.c.id, place.label("place"), func.count().over().label("all")).subquery()
    first, all_of_it = (
        literal(span // MICROSECOND, BigInteger) for span in (due_at - EPOCH, spread)
    )
    turn_at = first + turns.c.place * all_of_it // turns.c.all
    connection.execute(
        update(feeds)
        .where(feeds.c.id == turns.c.id, feeds.c.next_due_at > turn_at)
        .values(next_due_at=turn_at)
    )
