"""What processes on one PostgreSQL share besides the work: paces, and events that were seen.

A pace is one number: when its next turn is, by the database's clock, as the generic cell rate
algorithm has it (see ``bot.delivery.pace.Schedule``). A turn is taken by one statement, so
however many processes take turns, no two get the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, RowMapping, TextClause, bindparam, delete, text

from bot.ports.shared import Rate, Turns
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.shared_tables import budgets, seen_events

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


def _ask(statement: str, *numbers: str) -> TextClause:
    return text(statement).bindparams(*(bindparam(name, type_=BigInteger) for name in numbers))


_TAKE = _ask(
    f"""
    INSERT INTO budgets AS b (name, next_at) VALUES (:name, {_NOW} + :taken)
    ON CONFLICT (name) DO UPDATE SET next_at = greatest(b.next_at, {_NOW}) + :taken
    WHERE b.next_at - {_NOW} <= :at_most
    RETURNING next_at, {_NOW} AS now
    """,  # noqa: S608 - nothing of it comes from outside
    "taken",
    "at_most",
)
_LOOK = _ask(f"SELECT next_at, {_NOW} AS now FROM budgets WHERE name = :name")  # noqa: S608
_HOLD = _ask(
    f"""
    INSERT INTO budgets AS b (name, next_at) VALUES (:name, {_NOW} + :held)
    ON CONFLICT (name) DO UPDATE SET next_at = greatest(b.next_at, {_NOW} + :held)
    """,  # noqa: S608
    "held",
)

_EVENT = seen_events.c.id

EVER = 2**62
"""Microseconds; longer than anybody waits."""


class SqlShared(DatabasePart):
    """The Budgets and SeenEvents ports, on PostgreSQL."""

    @uninterrupted
    async def take_turns(
        self, name: str, rate: Rate, *, count: int = 1, at_most_s: float | None = None
    ) -> Turns:
        """Give the next ``count`` turns of ``name``; none where they are too far away."""
        at_most = EVER if at_most_s is None else round(at_most_s * 1e6) + rate.early_us
        asked = {"name": name, "taken": count * rate.gap_us, "at_most": at_most}
        async with self.database.writing() as connection:
            found = (await connection.execute(_TAKE, asked)).mappings().one_or_none()
            if found is not None:
                return find_turns(found["next_at"], found["now"], rate, count=count)
            left: Sequence[RowMapping] = (
                (await connection.execute(_LOOK, {"name": name})).mappings().all()
            )
        if not left:  # forgotten in this very moment
            return Turns((), 0.0)
        return find_turns(left[0]["next_at"], left[0]["now"], rate, count=0)

    @uninterrupted
    async def hold_turns(self, name: str, rate: Rate, *, seconds: float) -> None:
        """Have no further turn of ``name`` begin in the next ``seconds``, nor one early then."""
        held = round(seconds * 1e6) + rate.early_us
        async with self.database.writing() as connection:
            await connection.execute(_HOLD, {"name": name, "held": held})

    @uninterrupted
    async def note_event(self, event_id: str, *, now: datetime) -> bool:
        """Whether ``event_id`` is new, which it is no longer then."""
        add = self.database.insert(seen_events).on_conflict_do_nothing().returning(_EVENT)
        async with self.database.writing() as connection:
            noted = await connection.scalar(add, {"id": event_id, "seen_at": now})
        return noted is not None

    @uninterrupted
    async def forget_shared(self, before: datetime) -> None:
        """Forget events seen and paces that were last kept before then."""
        async with self.database.writing() as connection:
            await connection.execute(delete(seen_events).where(seen_events.c.seen_at < before))
            await connection.execute(delete(budgets).where(budgets.c.next_at < before))


def find_turns(next_us: int, now_us: int, rate: Rate, *, count: int) -> Turns:
    """The last ``count`` turns before the one that is due at ``next_us``, and that. Pure.

    Args:
        next_us: when the next turn is due if none is early, in microseconds of any clock.
        now_us: by the same clock.
    """
    early_us = next_us - rate.early_us - now_us
    starts = tuple(max(0, early_us - (count - place) * rate.gap_us) / 1e6 for place in range(count))
    return Turns(starts, max(0, early_us) / 1e6)
