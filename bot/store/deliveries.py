"""Deliveries: the outbox. What is sent was committed as owed, then as being sent.

Order. A destination gets its posts in the order their stories were opened: a delivery
that is not posted yet waits while an older one of the same destination is due or being
sent, so one call leases at most one first post a destination. Two things do not wait, and
hold nothing back: an edit, since the post it changes has its place already; and a post
that must wait for its next attempt, since one message that a platform refuses for now
must not silence a channel. Such a post comes late, behind younger ones. A story that
turns an earlier one is posted into its thread, so it waits until that post is there or
was given up, and holds back nothing until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Update, and_, case, func, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Delivery, DeliveryState, Owed, TieKind
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.rows import delivery_from_row, delivery_values
from bot.store.schema import Moment, deliveries, stories
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
            Owed(
                replace(delivery_from_row(row), state=DeliveryState.SENDING),
                found[row.story_id],
                reply_to=row.reply_to or "",
            )
            for row in rows
        )

    @uninterrupted
    async def mark_sent(
        self, delivery_id: str, *, revision: int, message_ref: str, edits_at: datetime
    ) -> None:
        """Note that the platform shows ``revision``; owed again if the story moved on.

        In that case from ``edits_at`` on. A late mark, of a lease that ran out, takes back
        nothing newer.
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
                next_attempt_at=edits_at,
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
    database: Database,
    connection: AsyncConnection,
    owed: Sequence[Delivery],
    *,
    edits_at: datetime | None = None,
) -> None:
    """Add deliveries, or make those there owed once more for a higher revision.

    A post that is there is edited from ``edits_at`` on, and an edit that is owed already
    keeps its time: a burst makes one edit, and a trickle cannot put it off for ever.
    One that is being sent only has its revision raised, for ``mark_sent`` to see. One that
    waits for its next attempt goes on waiting: the platform asked for that time. In order
    of ids, as every poll locks them, so that no two can wait for each other.
    """
    insert = database.insert(deliveries)
    new, now_sending = insert.excluded, deliveries.c.state == SENDING
    edit_time = literal(edits_at, Moment)
    is_edit_owed = and_(deliveries.c.sent_revision > 0, deliveries.c.state == OWED)
    upsert = insert.on_conflict_do_update(
        index_elements=[deliveries.c.id],
        set_={
            "revision": new.revision,
            "state": case((now_sending, SENDING), else_=OWED),
            "attempts": case((now_sending, deliveries.c.attempts), else_=0),
            "next_attempt_at": case(
                (now_sending, deliveries.c.next_attempt_at),
                (is_edit_owed, deliveries.c.next_attempt_at),
                (deliveries.c.sent_revision > 0, func.coalesce(edit_time, new.next_attempt_at)),
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
    first = _first_post().subquery("first")
    may_be_posted = func.coalesce(first.c.is_there, true())
    queue = (
        select(
            deliveries.c.id,
            stories.c.opened_at,
            first.c.message_ref.label("reply_to"),
            func.row_number().over(partition_by=lane, order_by=age).label("place"),
        )
        .join(stories, stories.c.id == deliveries.c.story_id)
        .outerjoin(first, first.c.turn_id == deliveries.c.id)
        .where(or_(and_(is_free, may_be_posted), deliveries.c.state == SENDING))
        .subquery("queue")
    )
    # PostgreSQL looks at a row again when it gets the lock, but not into the queue again:
    # so the state is asked for out here too, or two workers could take the same one.
    return (
        select(deliveries, queue.c.reply_to)
        .join(queue, queue.c.id == deliveries.c.id)
        .where(queue.c.place == 1, is_free)
        .order_by(queue.c.opened_at, deliveries.c.story_id, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    )


def _first_post() -> Select[Any]:
    """For each delivery of a story that turns another: the post of that one in its place.

    It is there once it was sent or given up; the id of the message is "" in the latter case.
    """
    turn, first = deliveries.alias("turn"), deliveries.alias("first_post")
    place = ("platform", "workspace", "channel", "thread")
    is_waited_for = and_(first.c.sent_revision == 0, first.c.state.in_([OWED, SENDING]))
    return (
        select(turn.c.id.label("turn_id"), first.c.message_ref, (~is_waited_for).label("is_there"))
        .join(stories, stories.c.id == turn.c.story_id)
        .join(first, first.c.story_id == stories.c.tie_story_id)
        .where(
            stories.c.tie != TieKind.MERGED.value,
            turn.c.sent_revision == 0,
            turn.c.state.in_([OWED, SENDING]),
            *(turn.c[name] == first.c[name] for name in place),
        )
    )


def _after_failure(delivery_id: str, error: str) -> Update:
    """What a failed attempt changes; a lease that ran out and was settled stays settled."""
    return (
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state == SENDING)
        .values(attempts=deliveries.c.attempts + 1, lease_until=None, error=error)
    )
