"""Deliveries: the outbox. What is sent was committed as owed, then as being sent.

Which come next, and what is posted together, is settled in leases.py. What is marked of
the leader of a digest is marked of all that it shows; rows are locked by id then, as polls
lock them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    FOREVER,
    Delivery,
    DeliveryState,
    Destination,
    Owed,
    Platform,
    Story,
    make_delivery_id,
)
from bot.store.columns import Moment
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.leases import Lease, state_after_trying, take_posts
from bot.store.outbox_rows import (
    delivery_from_row,
)
from bot.store.owing import is_alone
from bot.store.rows import AnyRow
from bot.store.schema import (
    deliveries,
    is_digest,
    is_owed,
    is_sending,
    stories,
)
from bot.store.slices import slices
from bot.store.stories import load_stories

OWED, SENDING, SENT, FAILED, GONE = (state.value for state in DeliveryState)


class SqlDeliveries(DatabasePart):
    """The DeliveryStore port."""

    @uninterrupted
    async def lease_deliveries(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        platforms: Collection[Platform] | None = None,
        at: Destination | None = None,
    ) -> tuple[Owed, ...]:
        """Take deliveries due at ``now``, and those whose lease ran out; at most ``limit`` posts.

        They are on the disk as SENDING before this returns. Two workers never hold the same
        one: PostgreSQL skips rows that another transaction has locked, SQLite has one writer.
        Call until nothing comes: the next post of a destination is leased after this one.
        """
        asked = Lease(now, now + lease, platforms, at)
        async with self.database.writing() as connection:
            posts = await take_posts(self.database, connection, asked, limit=limit)
            if not posts:
                return ()
            found: dict[str, Story] = {}
            for ids in slices(sorted({row.story_id for rows in posts for row in rows})):
                wanted = select(stories).where(stories.c.id.in_(ids))
                loaded = await connection.run_sync(load_stories, wanted)
                found |= {story.id: story for story in loaded}
            answered = await _find_answered(connection, posts, found)
        return tuple(
            Owed(
                replace(delivery_from_row(first), state=DeliveryState.SENDING),
                found[first.story_id],
                others=tuple(found[row.story_id] for row in rest),
                reply_to=answered.get(first.id, ""),
                leased_until=asked.until,
            )
            for first, *rest in posts
        )

    @uninterrupted
    async def mark_sent(
        self, delivery_id: str, *, revision: int, message_ref: str, edits_at: datetime
    ) -> None:
        """Note that the platform shows ``revision``; owed again if the story moved on.

        In that case from ``edits_at`` on; a digest is never owed again. A late mark, of a
        lease that ran out, takes back nothing newer; where people left meanwhile, nothing
        more is owed.
        """
        moved_on = and_(deliveries.c.revision > revision, is_alone)
        await self._settle(
            delivery_id,
            deliveries.c.sent_revision <= revision,
            state=case((deliveries.c.state == GONE, GONE), (moved_on, OWED), else_=SENT),
            sent_revision=case((is_alone, revision), else_=deliveries.c.revision),
            message_ref=message_ref,
            attempts=0,
            next_attempt_at=edits_at,
            lease_until=None,
            unclear_since=None,
            was_unclear=False,
            error="",
        )

    @uninterrupted
    async def mark_retry(
        self,
        delivery_id: str,
        *,
        next_attempt_at: datetime,
        error: str,
        is_unclear: bool,
        count_to: int | None = None,
        leased_until: datetime | None = None,
    ) -> None:
        """Note a failed attempt; owed again from ``next_attempt_at`` on.

        Or later, where people said so meanwhile (see ``subscriptions.py``): then a digest
        that is not there for certain is made anew when its time has come.
        """
        again_at = literal(next_attempt_at, Moment)
        is_put_off = deliveries.c.next_attempt_at > again_at
        may_be_there = _may_be_there(is_unclear)
        await self._settle_failed(
            delivery_id,
            leased_until,
            state=state_after_trying,
            next_attempt_at=case((is_put_off, deliveries.c.next_attempt_at), else_=again_at),
            unclear_since=case((may_be_there, deliveries.c.unclear_since), else_=null()),
            digest_id=case((and_(is_put_off, ~may_be_there), ""), else_=deliveries.c.digest_id),
            error=error,
            attempts=_count_one_more(count_to),
        )

    @uninterrupted
    async def mark_failed(
        self,
        delivery_id: str,
        *,
        error: str,
        is_unclear: bool,
        leased_until: datetime | None = None,
    ) -> None:
        """Give up on it, keeping the reason; a later revision of its story is tried again.

        Not so of a digest that may be there: its stories would come once more.
        """
        await self._settle_failed(
            delivery_id,
            leased_until,
            state=FAILED,
            unclear_since=case(
                (_may_be_there(is_unclear), deliveries.c.unclear_since), else_=null()
            ),
            error=error,
        )

    @uninterrupted
    async def mark_gone(self, delivery_id: str, *, error: str) -> None:
        """Note that people deleted the post: nothing is owed any more, whatever comes."""
        await self._settle(delivery_id, true(), state=GONE, lease_until=None, error=error)

    @uninterrupted
    async def find_delivery_or_none(self, delivery_id: str) -> Delivery | None:
        """The delivery with this id."""
        wanted = select(deliveries).where(deliveries.c.id == delivery_id)
        async with self.database.reading() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else delivery_from_row(row)

    @uninterrupted
    async def release_leases(self) -> int:
        """Make every SENDING delivery owed at once; for the sole process of a database."""
        free = update(deliveries).where(is_sending)
        async with self.database.writing() as connection:
            freed = await connection.execute(
                free.values(state=state_after_trying, lease_until=None)
            )
        return freed.rowcount

    @uninterrupted
    async def next_attempt_at(self) -> datetime | None:
        """When the earliest delivery may be tried, or None if none is owed.

        One that is being sent counts from the end of its lease on: its worker may have died.
        Those that wait for a person do not count.
        """
        earliest = select(
            select(func.min(deliveries.c.next_attempt_at))
            .where(is_owed, deliveries.c.next_attempt_at < FOREVER)
            .scalar_subquery(),
            select(func.min(deliveries.c.lease_until)).where(is_sending).scalar_subquery(),
        )
        async with self.database.reading() as connection:
            times = (await connection.execute(earliest)).one()
        return min(filter(None, times), default=None)

    async def _settle_failed(
        self, delivery_id: str, leased_until: datetime | None, **values: Any
    ) -> None:
        """Note a failed attempt.

        A lease that ran out and was settled stays settled, and one that others took since is
        theirs to settle.
        """
        is_held = is_sending
        if leased_until is not None:
            is_held = and_(is_sending, deliveries.c.lease_until == leased_until)
        noted = {"attempts": _count_one_more(), "lease_until": None} | values
        await self._settle(delivery_id, is_held, **noted)

    async def _settle(
        self, delivery_id: str, condition: ColumnElement[bool], **values: Any
    ) -> None:
        """Write ``values`` to the delivery where ``condition`` holds; of a digest, to all of it."""
        is_it = and_(deliveries.c.id == delivery_id, is_alone)
        of_its_digest = and_(deliveries.c.digest_id == delivery_id, is_digest)
        members = select(deliveries.c.id).where(of_its_digest).order_by(deliveries.c.id)
        async with self.database.writing() as connection:
            alone = update(deliveries).where(is_it, condition).values(values)
            if (await connection.execute(alone)).rowcount:
                return
            if ids := (await connection.scalars(members.with_for_update())).all():
                both = and_(deliveries.c.id.in_(ids), of_its_digest, condition)
                await connection.execute(update(deliveries).where(both).values(values))


def _count_one_more(count_to: int | None = None) -> ColumnElement[int]:
    """The failed attempts with one more, counted up to ``count_to``."""
    attempts = deliveries.c.attempts
    if count_to is None:
        return attempts + 1
    return case((attempts < count_to, attempts + 1), else_=attempts)


def _may_be_there(is_unclear: bool) -> ColumnElement[bool]:
    """Whether this attempt or an earlier one may have made the post."""
    return or_(deliveries.c.was_unclear, true() if is_unclear else false())


async def _find_answered(
    connection: AsyncConnection,
    posts: Sequence[Sequence[AnyRow]],
    found: dict[str, Story],
) -> dict[str, str]:
    """By the id of each first post that is a reply: the platform's id of the post it answers.

    None where that was given up or is gone, unless the reply may be there: it is looked for where
    it was made. A digest answers nothing.
    """
    turned, looked_for = {}, set()
    for row, *others in posts:
        tie = found[row.story_id].tie
        if tie is not None and tie.is_turn and not others and not row.sent_revision:
            turned[row.id] = make_delivery_id(tie.story_id, delivery_from_row(row).destination)
            if row.unclear_since is not None:
                looked_for.add(row.id)
    if not turned:
        return {}
    c = deliveries.c
    answered = select(c.id, c.message_ref, c.state).where(c.id.in_(turned.values()))
    known = {row.id: row for row in await connection.execute(answered)}
    return {
        reply: known[first].message_ref
        for reply, first in turned.items()
        if first in known and (known[first].state != GONE or reply in looked_for)
    }
