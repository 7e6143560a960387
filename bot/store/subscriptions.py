"""Subscriptions: what each destination wants, and what becomes of its posts when that changes.

A delivery that is being sent at that moment cannot be called back. What it finds when its
attempt is over is written into its row here: a later time of its next attempt (``mark_retry``
keeps the later one), for ever where the platform takes nothing, or that nothing more is owed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    FOREVER,
    DeliveryState,
    Destination,
    Feedback,
    Mute,
    MuteKind,
    Platform,
    Subscription,
    make_delivery_id,
)
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.outbox_rows import (
    destination_values,
    feedback_from_row,
    feedback_values,
    mute_values,
    subscription_from_rows,
    subscription_values,
)
from bot.store.rows import AnyRow
from bot.store.schema import PLACE, deliveries, mutes, subscriptions
from bot.store.schema import feedback as said

OWED, SENDING, SENT, FAILED, GONE = (state.value for state in DeliveryState)

# Made once: every poll with news asks this.
_EVERY = select(subscriptions).order_by(subscriptions.c.id)
_EVERY_MUTE = (
    select(mutes)
    .join(subscriptions, subscriptions.c.id == mutes.c.subscription_id)
    .order_by(mutes.c.subscription_id, mutes.c.position)
)

_KEPT = frozenset(PLACE)
_HOLDING_BACK = frozenset({"paused_until", "parked"})

_is_first = deliveries.c.sent_revision == 0
_is_edit = deliveries.c.sent_revision > 0
_is_owed = deliveries.c.state == OWED
_is_sending = deliveries.c.state == SENDING
_is_certain = deliveries.c.unclear_since.is_(None)  # that it is not there


class SqlSubscriptions(DatabasePart):
    """The SubscriptionStore port."""

    @uninterrupted
    async def find_subscriptions(
        self, platform: Platform | None = None, workspace: str | None = None
    ) -> tuple[Subscription, ...]:
        """Every subscription with its mutes, or those of a platform or workspace, oldest first."""
        conditions = []
        if platform is not None:
            conditions.append(subscriptions.c.platform == platform.value)
        if workspace is not None:
            conditions.append(subscriptions.c.workspace == workspace)
        return await self.database.read(lambda connection: _load(connection, *conditions))

    @uninterrupted
    async def find_subscription_or_none(self, destination: Destination) -> Subscription | None:
        """The subscription of ``destination`` with its mutes."""
        async with self.database.reading() as connection:
            found = await connection.run_sync(_load, _is_at(subscriptions, destination))
        return found[0] if found else None

    @uninterrupted
    async def subscribe(
        self, subscription: Subscription, *, now: datetime, owed_at: datetime | None = None
    ) -> int:
        """Add ``subscription``, or let it take the place of its destination's.

        Its place in the order stays, and its mutes; without ``owed_at`` also a pause and what
        parked it. Where the platform takes posts again, those that are
        there are edited as far as their stories moved on meanwhile. Gives how many stories
        ``owed_at`` moved; what is being sent moves too if it fails, and is not counted.
        """
        moved = 0
        place = subscription.destination
        async with self.database.writing() as connection:
            before = await _lock_or_none(connection, place)
            if before is None:
                await self._add(connection, subscription, now=now)
            else:
                kept = _KEPT if owed_at is not None else _KEPT | _HOLDING_BACK
                values = subscription_values(subscription).items()
                changed = {name: value for name, value in values if name not in kept}
                is_it = subscriptions.c.id == before.id
                await connection.execute(update(subscriptions).where(is_it).values(changed))
            if owed_at is None:
                return moved
            await _lock_deliveries(connection, place)
            moved = await _put_off(connection, place, until=owed_at, attempts=0)
            if before is not None and before.parked and not subscription.parked:
                has_moved_on = deliveries.c.revision > deliveries.c.sent_revision
                missed = and_(
                    deliveries.c.state == SENT, has_moved_on, deliveries.c.digest_id == ""
                )
                await _change(
                    connection, place, missed, state=OWED, attempts=0, next_attempt_at=owed_at
                )
            await connection.run_sync(self.database.tell_owed, {place: owed_at})
        return moved

    @uninterrupted
    async def change_mutes(
        self,
        destination: Destination,
        *,
        now: datetime,
        add: Sequence[Mute] = (),
        drop: Collection[tuple[MuteKind, str]] = (),
    ) -> Subscription | None:
        """The subscription of ``destination`` with other mutes, in one step; None without one.

        Each of ``add`` comes last and takes the place of one of the same subject.
        """
        async with self.database.writing() as connection:
            row = await _lock_or_none(connection, destination)
            if row is None:
                return None
            (found,) = await connection.run_sync(_load, subscriptions.c.id == row.id)
            dropped = {*drop, *((one.kind, one.subject) for one in add)}
            stay = (one for one in found.mutes if (one.kind, one.subject) not in dropped)
            after = (*(one for one in stay if one.holds(now)), *add)
            if after != found.mutes:
                await connection.execute(delete(mutes).where(mutes.c.subscription_id == row.id))
                await _add_mutes(connection, row.id, after)
            (found,) = await connection.run_sync(_load, subscriptions.c.id == row.id)
        return found

    @uninterrupted
    async def unsubscribe(self, destination: Destination) -> bool:
        """Forget its subscription and what is owed there; False if there is none.

        What is there, is being sent or may be there is gone from here on: not edited, and
        not posted again should they come back.
        """
        gone = delete(subscriptions).where(_is_at(subscriptions, destination))
        async with self.database.writing() as connection:
            had_one = (await connection.execute(gone)).rowcount > 0
            await _lock_deliveries(connection, destination)
            owed = and_(_is_at(deliveries, destination), _is_owed, _is_first, _is_certain)
            await connection.execute(delete(deliveries).where(owed))
            may_be_there = or_(_is_edit, _is_sending, and_(_is_owed, ~_is_certain))
            await _change(connection, destination, may_be_there, state=GONE, lease_until=None)
        return had_one

    @uninterrupted
    async def park(self, destination: Destination, *, reason: str) -> Subscription | None:
        """Note that the platform takes no post there; what is owed waits for a person.

        Gives the subscription the first time. What a poll decided to owe before it knew is
        put off by the next call: each costs the platform one refusal.

        Raises:
            ValueError: ``reason`` is empty.
        """
        if not reason:
            raise ValueError(f"{destination.key}: parked for no reason")
        is_it = _is_at(subscriptions, destination)
        newly = update(subscriptions).where(is_it, subscriptions.c.parked == "")
        async with self.database.writing() as connection:
            await _lock_or_none(connection, destination)
            is_new = (await connection.execute(newly.values(parked=reason))).rowcount > 0
            found = await connection.run_sync(_load, is_it)
            await _lock_deliveries(connection, destination)
            if found:
                await _put_off(connection, destination, until=FOREVER, error=reason)
                await _change(
                    connection, destination, and_(_is_edit, _is_owed), state=SENT, error=reason
                )
                # It is settled when its attempt is over, see ``state_after_trying``.
                under_way = and_(_is_edit, _is_sending)
                await _change(connection, destination, under_way, next_attempt_at=FOREVER)
            else:
                under_way = or_(_is_owed, _is_sending)
                given_up = case((_is_first, FAILED), else_=GONE)
                await _change(
                    connection,
                    destination,
                    under_way,
                    state=given_up,
                    lease_until=None,
                    error=reason,
                )
        return found[0] if is_new else None

    @uninterrupted
    async def move(self, destination: Destination, *, to: Destination) -> Subscription | None:
        """Have its subscription stand at ``to``, with what is owed: the channel got another id.

        Gives it as it stands there; None where there is none, or one at ``to`` already. Posts
        that are there, or may be, are not edited any more.
        """
        async with self.database.writing() as connection:
            row = await _lock_or_none(connection, destination)
            if row is None or await _lock_or_none(connection, to) is not None:
                return None
            is_it = subscriptions.c.id == row.id
            place = destination_values(to)
            await connection.execute(update(subscriptions).where(is_it).values(place))
            await _lock_deliveries(connection, destination)
            owed = and_(_is_at(deliveries, destination), _is_owed, _is_first, _is_certain)
            wanted = select(deliveries.c.id, deliveries.c.story_id).where(owed)
            for delivery in (await connection.execute(wanted)).all():
                # An id is of one place; a digest that is not there is made anew.
                values = {**place, "id": make_delivery_id(delivery.story_id, to), "digest_id": ""}
                moved = update(deliveries).where(deliveries.c.id == delivery.id).values(values)
                await connection.execute(moved)
            may_be_there = or_(_is_edit, _is_sending, _is_owed)
            await _change(connection, destination, may_be_there, state=GONE, lease_until=None)
            (found,) = await connection.run_sync(_load, is_it)
        return found

    @uninterrupted
    async def add_feedback(self, feedback: Feedback) -> bool:
        """Keep it; False where this person said so of this story before."""
        add = self.database.insert(said).on_conflict_do_nothing().returning(said.c.said_by)
        async with self.database.writing() as connection:
            return await connection.scalar(add, feedback_values(feedback)) is not None

    @uninterrupted
    async def find_feedback(
        self, platform: Platform, workspace: str, *, limit: int
    ) -> tuple[Feedback, ...]:
        """What people of this workspace said, newest first."""
        wanted = (
            select(said)
            .where(said.c.platform == platform.value, said.c.workspace == workspace)
            .order_by(said.c.said_at.desc(), said.c.story_id, said.c.said_by)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return tuple(map(feedback_from_row, await connection.execute(wanted)))

    async def _add(
        self, connection: AsyncConnection, subscription: Subscription, *, now: datetime
    ) -> None:
        values = {**subscription_values(subscription), "subscribed_at": now}
        add = self.database.insert(subscriptions).values(values)
        # Somebody else may have added it in this moment; the later one counts.
        add = add.on_conflict_do_update(index_elements=PLACE, set_=values)
        number = await connection.scalar(add.returning(subscriptions.c.id))
        if number is None:
            raise LookupError(f"{subscription.destination.key}: the store gave its row no number")
        await connection.execute(delete(mutes).where(mutes.c.subscription_id == number))
        await _add_mutes(connection, number, subscription.mutes)


def _is_at(table: Table, destination: Destination) -> ColumnElement[bool]:
    values = destination_values(destination)
    return and_(*(table.c[name] == values[name] for name in PLACE))


def _load(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Subscription, ...]:
    """The subscriptions that meet ``conditions``, oldest first, in two statements."""
    wanted, theirs = _EVERY, _EVERY_MUTE
    if conditions:
        wanted, theirs = wanted.where(*conditions), theirs.where(*conditions)
    rows = (connection.execute(wanted)).all()
    if not rows:
        return ()
    muted: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for mute in connection.execute(theirs):
        muted[mute.subscription_id].append(mute)
    return tuple(subscription_from_rows(row, muted[row.id]) for row in rows)


async def _lock_or_none(connection: AsyncConnection, place: Destination) -> AnyRow | None:
    """The row of ``place``, ours until the transaction ends: no poll owes anything there."""
    wanted = select(subscriptions.c.id, subscriptions.c.parked).where(_is_at(subscriptions, place))
    return (await connection.execute(wanted.with_for_update())).one_or_none()


async def _add_mutes(
    connection: AsyncConnection, subscription_id: int, muted: Iterable[Mute]
) -> None:
    if rows := mute_values(subscription_id, muted):
        await connection.execute(insert(mutes), rows)


async def _lock_deliveries(connection: AsyncConnection, place: Destination) -> None:
    """Lock all deliveries to ``place``, in the order polls lock them."""
    wanted = select(deliveries.c.id).where(_is_at(deliveries, place)).order_by(deliveries.c.id)
    await connection.execute(wanted.with_for_update())


async def _put_off(
    connection: AsyncConnection, place: Destination, *, until: datetime, **values: Any
) -> int:
    """Have the first posts made at ``until``, as one; how many they are.

    Also those that are being sent, if they fail, which do not count. A digest that is not
    there for certain is made anew then, with what has come since.
    """
    values |= {"next_attempt_at": until, "is_gathered": True}
    anew = case((_is_certain, ""), else_=deliveries.c.digest_id)
    await _change(connection, place, and_(_is_first, _is_sending), **values)
    return await _change(connection, place, and_(_is_first, _is_owed), digest_id=anew, **values)


async def _change(
    connection: AsyncConnection, place: Destination, condition: ColumnElement[bool], **values: Any
) -> int:
    changed = update(deliveries).where(_is_at(deliveries, place), condition)
    return (await connection.execute(changed.values(values))).rowcount
