"""Deliveries: the outbox. What is sent was committed as owed, then as being sent.

Order. A destination gets its posts in the order their stories were opened: a delivery
that is not posted yet waits while an older one of the same destination is due or being
sent, so one call leases at most one first post a destination. Two things do not wait, and
hold nothing back: an edit, since the post it changes has its place already; and a post
that must wait for its next attempt, since one message that a platform refuses for now
must not silence a channel. Such a post comes late, behind younger ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Update, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Delivery, DeliveryState, Owed
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.rows import delivery_from_row, delivery_values
from bot.store.schema import deliveries, stories
from bot.store.stories import load_stories

OWED, SENDING, SENT, FAILED = (state.value for state in DeliveryState)


class SqlDeliveries(DatabasePart):
    """The DeliveryStore port."""

    @uninterrupted
    async def lease_deliveries(
        self, now: datetime, *, limit: int, lease: timedelta
    ) -> tuple[Owed, ...]:
        """Take deliveries due at ``now``, and those whose lease ran out; oldest first.

        They are on the disk as SENDING before this returns. Two workers never hold the same
        one: PostgreSQL skips rows that another transaction has locked, SQLite has one writer.
        Call until nothing comes: the next post of a destination is leased after this one.
        """
        async with self.database.writing() as connection:
            rows = (await connection.execute(_select_leasable(now, limit))).all()
            if not rows:
                return ()
            leased = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
            await connection.execute(leased.values(state=SENDING, lease_until=now + lease))
            wanted = select(stories).where(stories.c.id.in_({row.story_id for row in rows}))
            found = {story.id: story for story in await load_stories(connection, wanted)}
        return tuple(
            Owed(replace(delivery_from_row(row), state=DeliveryState.SENDING), found[row.story_id])
            for row in rows
        )

    @uninterrupted
    async def mark_sent(
        self, delivery_id: str, *, revision: int, message_ref: str, now: datetime
    ) -> None:
        """Note that the platform shows ``revision``; owed again if the story moved on.

        A late mark, of a lease that ran out, takes back nothing newer.
        """
        moved_on = deliveries.c.revision > revision
        await self._write(
            update(deliveries)
            .where(deliveries.c.id == delivery_id, deliveries.c.sent_revision <= revision)
            .values(
                state=case((moved_on, OWED), else_=SENT),
                sent_revision=revision,
                message_ref=message_ref,
                attempts=0,
                next_attempt_at=now,
                lease_until=None,
                error="",
            )
        )

    @uninterrupted
    async def mark_retry(self, delivery_id: str, *, next_attempt_at: datetime, error: str) -> None:
        """Note a failed attempt; owed again from ``next_attempt_at`` on."""
        await self._write(
            _after_failure(delivery_id, error).values(state=OWED, next_attempt_at=next_attempt_at)
        )

    @uninterrupted
    async def mark_failed(self, delivery_id: str, *, error: str) -> None:
        """Give up on it, keeping the reason; a later revision of its story is tried again."""
        await self._write(_after_failure(delivery_id, error).values(state=FAILED))

    @uninterrupted
    async def release_leases(self) -> int:
        """Make every SENDING delivery owed at once; for the sole process of a database."""
        return await self._write(
            update(deliveries)
            .where(deliveries.c.state == SENDING)
            .values(state=OWED, lease_until=None)
        )

    @uninterrupted
    async def next_attempt_at(self) -> datetime | None:
        """When the earliest delivery may be tried, or None if none is owed.

        One that is being sent counts from the end of its lease on: its worker may have died.
        """
        earliest = select(
            func.min(
                case(
                    (deliveries.c.state == SENDING, deliveries.c.lease_until),
                    else_=deliveries.c.next_attempt_at,
                )
            )
        ).where(deliveries.c.state.in_([OWED, SENDING]))
        async with self.database.reading() as connection:
            found: datetime | None = await connection.scalar(earliest)
        return found

    async def _write(self, statement: Update) -> int:
        async with self.database.writing() as connection:
            return (await connection.execute(statement)).rowcount


async def owe_deliveries(
    database: Database, connection: AsyncConnection, owed: Sequence[Delivery]
) -> None:
    """Add deliveries, or make those there owed once more for a higher revision.

    One that is being sent only has its revision raised, for ``mark_sent`` to see. One that
    waits for its next attempt goes on waiting: the platform asked for that time. In order
    of ids, as every poll locks them, so that no two can wait for each other.
    """
    insert = database.insert(deliveries)
    new, now_sending = insert.excluded, deliveries.c.state == SENDING
    upsert = insert.on_conflict_do_update(
        index_elements=[deliveries.c.id],
        set_={
            "revision": new.revision,
            "state": case((now_sending, SENDING), else_=OWED),
            "attempts": case((now_sending, deliveries.c.attempts), else_=0),
            "next_attempt_at": case(
                (now_sending, deliveries.c.next_attempt_at),
                (deliveries.c.next_attempt_at > new.next_attempt_at, deliveries.c.next_attempt_at),
                else_=new.next_attempt_at,
            ),
        },
        where=new.revision > deliveries.c.revision,
    )
    await connection.execute(upsert, [delivery_values(d) for d in sorted(owed, key=lambda d: d.id)])


def _select_leasable(now: datetime, limit: int) -> Select[Any]:
    """Deliveries that may be sent now, locked; see the order at the head of this module.

    Deliveries queue in lanes: one for the first posts of each destination, one for each
    edit. The first in its lane is leasable unless it is being sent.
    """
    is_free = or_(
        and_(deliveries.c.state == OWED, deliveries.c.next_attempt_at <= now),
        and_(deliveries.c.state == SENDING, deliveries.c.lease_until <= now),
    )
    lane = (
        deliveries.c.platform,
        deliveries.c.workspace,
        deliveries.c.channel,
        deliveries.c.thread,
        case((deliveries.c.sent_revision == 0, ""), else_=deliveries.c.id),
    )
    age = (stories.c.opened_at, deliveries.c.story_id)
    queue = (
        select(
            deliveries.c.id,
            stories.c.opened_at,
            func.row_number().over(partition_by=lane, order_by=age).label("place"),
        )
        .join(stories, stories.c.id == deliveries.c.story_id)
        .where(or_(is_free, deliveries.c.state == SENDING))
        .subquery("queue")
    )
    # PostgreSQL looks at a row again when it gets the lock, but not into the queue again:
    # so the state is asked for out here too, or two workers could take the same one.
    return (
        select(deliveries)
        .join(queue, queue.c.id == deliveries.c.id)
        .where(queue.c.place == 1, is_free)
        .order_by(queue.c.opened_at, deliveries.c.story_id, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )


def _after_failure(delivery_id: str, error: str) -> Update:
    """What a failed attempt changes; a lease that ran out and was settled stays settled."""
    return (
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state == SENDING)
        .values(attempts=deliveries.c.attempts + 1, lease_until=None, error=error)
    )
