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
    bindparam,
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
    Owed,
    Platform,
    Story,
    make_delivery_id,
)
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.leases import Lease, state_after_trying, take_posts
from bot.store.outbox_rows import delivery_from_row, delivery_values
from bot.store.rows import AnyRow
from bot.store.schema import (
    PLACE,
    Moment,
    deliveries,
    is_digest,
    is_owed,
    is_sending,
    stories,
    subscriptions,
)
from bot.store.stories import load_stories

OWED, SENDING, SENT, FAILED, GONE = (state.value for state in DeliveryState)

is_alone = ~is_digest
is_parked = (
    select(subscriptions.c.id)
    .where(
        *(subscriptions.c[name] == deliveries.c[name] for name in PLACE),
        subscriptions.c.parked != "",
    )
    .correlate(deliveries)
    .exists()
)
"""Whether the platform takes nothing at the destination of a delivery."""


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
    ) -> tuple[Owed, ...]:
        """Take deliveries due at ``now``, and those whose lease ran out; at most ``limit`` posts.

        They are on the disk as SENDING before this returns. Two workers never hold the same
        one: PostgreSQL skips rows that another transaction has locked, SQLite has one writer.
        Call until nothing comes: the next post of a destination is leased after this one.
        """
        asked = Lease(now, now + lease, platforms)
        async with self.database.writing() as connection:
            posts = await take_posts(self.database, connection, asked, limit=limit)
            if not posts:
                return ()
            ids = {row.story_id for rows in posts for row in rows}
            wanted = select(stories).where(stories.c.id.in_(ids))
            found = {story.id: story for story in await load_stories(connection, wanted)}
            answered = await _find_answered(connection, posts, found)
        return tuple(
            Owed(
                replace(delivery_from_row(first), state=DeliveryState.SENDING),
                found[first.story_id],
                others=tuple(found[row.story_id] for row in rest),
                reply_to=answered.get(first.id, ""),
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
        self, delivery_id: str, *, next_attempt_at: datetime, error: str, is_unclear: bool
    ) -> None:
        """Note a failed attempt; owed again from ``next_attempt_at`` on.

        Or later, where people said so meanwhile (see ``subscriptions.py``): then a digest
        that is not there for certain is made anew when its time has come.
        """
        again_at = literal(next_attempt_at, Moment)
        is_put_off = deliveries.c.next_attempt_at > again_at
        may_be_there = or_(deliveries.c.was_unclear, true() if is_unclear else false())
        await self._settle_failed(
            delivery_id,
            state=state_after_trying,
            next_attempt_at=case((is_put_off, deliveries.c.next_attempt_at), else_=again_at),
            unclear_since=case((may_be_there, deliveries.c.unclear_since), else_=null()),
            digest_id=case((and_(is_put_off, ~may_be_there), ""), else_=deliveries.c.digest_id),
            error=error,
        )

    @uninterrupted
    async def mark_failed(self, delivery_id: str, *, error: str) -> None:
        """Give up on it, keeping the reason; a later revision of its story is tried again."""
        await self._settle_failed(delivery_id, state=FAILED, error=error)

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

    async def _settle_failed(self, delivery_id: str, **values: Any) -> None:
        """Note a failed attempt; a lease that ran out and was settled stays settled."""
        attempts = deliveries.c.attempts + 1
        await self._settle(delivery_id, is_sending, attempts=attempts, lease_until=None, **values)

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
    One that is being sent only has its revision raised, for ``mark_sent`` to see; so has a
    post that is not edited: of a digest, or where the platform takes nothing. A first post
    that is owed already keeps its time, and is gathered or not as it was: the platform or
    people may have asked for that. Whom a post calls stays as it was where the post may be
    there already: its edits are drawn by that. What is gone stays gone. In order of ids, as
    every poll locks them, so that no two can wait for each other.
    """
    insert = database.insert(deliveries)
    new, old = insert.excluded, deliveries.c
    in_digest = and_(is_digest, old.state != FAILED)
    stays = or_(old.state == SENDING, in_digest, and_(old.sent_revision > 0, is_parked))
    keeps_time = or_(stays, old.state == OWED)
    edit_time = func.coalesce(literal(edits_at, Moment), new.next_attempt_at)
    again_at = case(
        (old.sent_revision > 0, edit_time),
        (old.next_attempt_at > new.next_attempt_at, old.next_attempt_at),
        else_=new.next_attempt_at,
    )
    is_new_post = and_(~stays, old.sent_revision == 0)
    is_not_there = and_(is_new_post, old.unclear_since.is_(None))
    upsert = insert.on_conflict_do_update(
        index_elements=[deliveries.c.id],
        set_={
            "revision": new.revision,
            "state": case((stays, old.state), else_=OWED),
            "attempts": case((stays, old.attempts), else_=0),
            "next_attempt_at": case((keeps_time, old.next_attempt_at), else_=again_at),
            "is_gathered": case((keeps_time, old.is_gathered), else_=new.is_gathered),
            "digest_id": case((stays, old.digest_id), else_=""),
            "ping": case((is_not_there, new.ping), else_=old.ping),
            "opens_thread": case((is_new_post, new.opens_thread), else_=old.opens_thread),
        },
        where=and_(new.revision > old.revision, old.state != GONE),
    )
    # Its story may have been opened by any poll before; it is there, and stays as it opened.
    opened_at = select(stories.c.opened_at).where(stories.c.id == bindparam("of_story"))
    await connection.execute(
        upsert.values(opened_at=opened_at.scalar_subquery()),
        [
            {**delivery_values(one), "of_story": one.story_id}
            for one in sorted(owed, key=lambda one: one.id)
        ],
    )


async def find_posts(
    connection: AsyncConnection, changed: Sequence[Story], *, at: datetime
) -> list[Delivery]:
    """What makes the posts of ``changed`` show them as they are, whoever wants them by now.

    Those on their way count as there: ``mark_sent`` sees that there is a later revision.
    """
    revisions = {story.id: story.revision for story in changed if story.version}
    if not revisions:
        return []
    is_there = or_(deliveries.c.sent_revision > 0, deliveries.c.state == SENDING)
    wanted = select(deliveries).where(
        deliveries.c.story_id.in_(revisions), is_there, deliveries.c.state != GONE, is_alone
    )
    return [
        replace(delivery_from_row(row), revision=revisions[row.story_id], next_attempt_at=at)
        for row in await connection.execute(wanted)
        if row.revision < revisions[row.story_id]
    ]


async def _find_answered(
    connection: AsyncConnection,
    posts: Sequence[Sequence[AnyRow]],
    found: dict[str, Story],
) -> dict[str, str]:
    """By the id of each first post that is a reply: the platform's id of the post it answers.

    None where that was given up or is gone; a digest answers nothing.
    """
    turned = {}
    for row, *others in posts:
        tie = found[row.story_id].tie
        if tie is not None and tie.is_turn and not others and not row.sent_revision:
            turned[row.id] = make_delivery_id(tie.story_id, delivery_from_row(row).destination)
    if not turned:
        return {}
    answered = select(deliveries.c.id, deliveries.c.message_ref).where(
        deliveries.c.id.in_(turned.values()), deliveries.c.state != GONE
    )
    refs = {row.id: row.message_ref for row in await connection.execute(answered)}
    return {reply: refs[first] for reply, first in turned.items() if first in refs}
