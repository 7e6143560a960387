"""Leases: which deliveries may be sent now, and in which order.

Order. A destination gets its posts in the order their stories were opened: a delivery
that is not posted yet waits while an older one of the same destination is due or being
sent, so one call leases at most one first post a destination. One that failed is waited
for too while it is tried again every few seconds, so that a platform's bad minute mixes
nothing up; but one message that is refused again and again must not silence a channel, and
comes late, behind younger ones. An edit does not wait, and holds nothing back, since the post
it changes has its place already. A story that turns an earlier one is posted into its thread,
so it waits until that post is there or was given up, and holds back nothing until then.

Among destinations, those that are owed a story opened a moment ago come first, so that
news is not late where a backlog drains; then those that wait longest.

What is posted together with the first in a destination is settled in gathering.py.

What is asked here is asked after every few posts, so nothing reads all that is owed: the
queue is walked along an index until there is enough, and each step is a look-up or two.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Select,
    Tuple,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FOREVER, DeliveryState, Destination, Platform
from bot.store.columns import Moment
from bot.store.engines import Database
from bot.store.gathering import awaits_post, same_place, with_members
from bot.store.outbox_rows import destination_from_row, destination_values
from bot.store.rows import AnyRow, Values
from bot.store.schema import PLACE, deliveries, is_fresh, is_owed, is_sending
from bot.store.slices import slices

OWED, SENDING = DeliveryState.OWED.value, DeliveryState.SENDING.value

is_forever = deliveries.c.next_attempt_at == literal(FOREVER, Moment)
"""Whether it waits for a person."""

state_after_trying = case(
    (and_(deliveries.c.sent_revision > 0, is_forever), DeliveryState.SENT.value), else_=OWED
)
"""Of a delivery that was being sent and is not any more.

It is owed again; but where the destination was parked meanwhile, its edits wait for ever,
which is to say that nobody makes them.
"""

WAITED_FOR_ATTEMPTS = 5
"""A post that failed so often is waited for; with waits that double from 2 s, a minute."""

WAITED_FOR = timedelta(seconds=45)
"""No post is waited for whose next attempt is further away: the platform named a time."""

FRESH_FOR = timedelta(seconds=120)
"""So long a story is news that overtakes what other destinations are owed."""

LOOKED_THROUGH = 4
"""For each post that is wanted, so many of the fresh are looked at; some share a destination."""

ALONG_INDEXES = select(
    *(func.set_config(f"enable_{way}", "off", True) for way in ("sort", "bitmapscan", "seqscan"))
)
"""For the rest of a transaction in PostgreSQL: it counts on statistics, and a queue is never
what it was when they were taken; 10,000 deliveries owed since then took it 4 s to sort."""


# Statements are made once: making the largest takes SQLAlchemy as long as SQLite ten answers.
_EXPIRED = (
    select(deliveries.c.id)
    .where(is_sending, deliveries.c.lease_until <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_IS_AT = tuple(deliveries.c[name] == bindparam(name) for name in PLACE)
_EXPIRED_AT = _EXPIRED.where(*_IS_AT)
_TAKE = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=SENDING,
        lease_until=bindparam("until"),
        was_unclear=deliveries.c.unclear_since.is_not(None),
        unclear_since=case(
            (
                deliveries.c.sent_revision == 0,
                func.coalesce(deliveries.c.unclear_since, bindparam("since", type_=Moment)),
            ),
            else_=deliveries.c.unclear_since,
        ),
    )
)
_PUT_TOGETHER = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("member"))
    .values(digest_id=bindparam("leader"))
)


@dataclass(frozen=True, slots=True)
class Lease:
    """What is asked for.

    Attributes:
        until: what is taken may be taken by others from then on.
        platforms: None for all.
        at: only what is owed there; None for everywhere.
    """

    now: datetime
    until: datetime
    platforms: Collection[Platform] | None
    at: Destination | None = None

    @property
    def values(self) -> Values:
        """What the statements below are given of it."""
        if self.platforms is None:
            return {"now": self.now}
        return {"now": self.now, "platforms": sorted(one.value for one in self.platforms)}


async def take_posts(
    database: Database, connection: AsyncConnection, lease: Lease, *, limit: int
) -> list[tuple[AnyRow, ...]]:
    """Make the next ``limit`` posts SENDING; their rows as they were, those of a digest together.

    First those whose lease ran out are owed again: their worker may have died.
    """
    if lease.at is not None:
        return await _take_at(database, connection, lease, lease.at, limit=limit)
    if not database.is_sqlite:
        await connection.execute(ALONG_INDEXES)
    await _free_expired(connection, lease.now)
    taken: list[tuple[AnyRow, ...]] = []

    async def take(most: int, *, beside: Collection[str] | None = None) -> None:
        wanted = _select_leasable(is_beside=beside is not None, is_on=lease.platforms is not None)
        asked = {**lease.values, "until": lease.now + WAITED_FOR, "most": most, "beside": beside}
        if beside is None:
            del asked["beside"]
        heads = (await connection.execute(wanted, asked)).all()
        posts = await with_members(database, connection, heads, lease.now)
        await _mark_sending(connection, posts, lease)
        taken.extend(posts)

    fresh: dict[Destination, str] = {}
    asked = {**lease.values, "after": lease.now - FRESH_FOR, "most": LOOKED_THROUGH * limit}
    wanted = _select_fresh(is_on=lease.platforms is not None)
    for row in await connection.execute(wanted, asked):
        fresh.setdefault(destination_from_row(row), row.id)
    if fresh:
        await take(limit, beside=list(fresh.values())[:limit])
    if len(taken) < limit:
        await take(limit - len(taken))
    return _in_order(taken)


async def _take_at(
    database: Database,
    connection: AsyncConnection,
    lease: Lease,
    place: Destination,
    *,
    limit: int,
) -> list[tuple[AnyRow, ...]]:
    """The same of one destination: the first post whose turn it is, then edits that are due.

    What is owed there lies together in an index, in the order of its stories, so neither the
    backlog of others nor old statistics make this slow.
    """
    where = destination_values(place)
    await _free_expired(connection, lease.now, where)
    asked = {**where, "now": lease.now, "until": lease.now + WAITED_FOR}
    heads = list(await connection.execute(_select_next_at(is_first=True), {**asked, "most": 1}))
    if (left := limit - len(heads)) > 0:
        edits = _select_next_at(is_first=False)
        heads += await connection.execute(edits, {**asked, "most": left})
    posts = await with_members(database, connection, heads, lease.now)
    await _mark_sending(connection, posts, lease)
    return posts


async def _free_expired(
    connection: AsyncConnection, now: datetime, where: Values | None = None
) -> None:
    """Others may have them locked: they are settling them, so nothing is done to those.

    Args:
        where: only at this place.
    """
    expired = _EXPIRED if where is None else _EXPIRED_AT
    ids = (await connection.scalars(expired, {**(where or {}), "now": now})).all()
    for some in slices(ids):
        free = update(deliveries).where(deliveries.c.id.in_(some))
        await connection.execute(free.values(state=state_after_trying, lease_until=None))


@cache
def _select_fresh(*, is_on: bool) -> Select[Any]:
    """First posts of stories opened a moment ago that wait for nothing but older ones to go.

    Args:
        is_on: only those to ``platforms``.
    """
    return (
        select(deliveries.c.id, *(deliveries.c[name] for name in PLACE))
        .where(
            is_fresh,
            deliveries.c.opened_at > bindparam("after"),
            deliveries.c.next_attempt_at <= bindparam("now"),
            *_on(deliveries, is_on=is_on),
            ~_has_one_under_way(deliveries),
            ~awaits_post(deliveries),
        )
        .order_by(deliveries.c.opened_at, deliveries.c.id)
        .limit(bindparam("most"))
    )


@cache
def _select_leasable(*, is_beside: bool, is_on: bool) -> Select[Any]:
    """Edits, and first posts that have no older one before them; locked, longest due first.

    PostgreSQL looks at a row again when it gets the lock, so no two workers take the same.

    Args:
        is_beside: only to the destinations of the deliveries ``beside``.
        is_on: only to ``platforms``.
    """
    wanted = select(deliveries)
    if is_beside:
        fresh = deliveries.alias("fresh")
        is_asked = fresh.c.id.in_(bindparam("beside", expanding=True))
        wanted = wanted.join(fresh, same_place(deliveries, fresh)).where(is_asked)
    return (
        wanted.where(
            is_owed,
            deliveries.c.next_attempt_at <= bindparam("now"),
            *_on(deliveries, is_on=is_on),
            or_(deliveries.c.sent_revision > 0, _is_next()),
        )
        .order_by(
            deliveries.c.next_attempt_at,
            deliveries.c.opened_at,
            deliveries.c.story_id,
            deliveries.c.id,
        )
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=deliveries)
    )


@cache
def _select_next_at(*, is_first: bool) -> Select[Any]:
    """First posts or edits that are due at one place, in the order of their stories; locked."""
    sent = deliveries.c.sent_revision
    conditions = [sent < 1, _is_next()] if is_first else [sent > 0]
    return (
        select(deliveries)
        .where(is_owed, *_IS_AT, deliveries.c.next_attempt_at <= bindparam("now"), *conditions)
        .order_by(deliveries.c.opened_at, deliveries.c.story_id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=deliveries)
    )


def _is_next() -> ColumnElement[bool]:
    """Whether no older first post of its destination is to be made before it."""
    older = deliveries.alias("older")
    has_older = (
        select(literal_column("1"))
        .select_from(older)
        .where(
            same_place(older, deliveries),
            older.c.state == OWED,
            older.c.sent_revision < 1,  # not "= 0", as the index of the fresh has it
            or_(
                older.c.next_attempt_at <= bindparam("now"),
                and_(
                    older.c.attempts.between(1, WAITED_FOR_ATTEMPTS),
                    older.c.next_attempt_at <= bindparam("until"),
                ),
            ),
            _age(older) < _age(deliveries),
            ~awaits_post(older),
        )
        .correlate(deliveries)
        .exists()
    )
    # The cheapest way to say no comes first: most have an older one before them.
    return and_(~has_older, ~_has_one_under_way(deliveries), ~awaits_post(deliveries))


def _has_one_under_way(one: FromClause) -> Exists:
    """Whether an older first post is being sent to the destination of ``one``."""
    sending = deliveries.alias("sending")
    return (
        select(literal_column("1"))
        .select_from(sending)
        .where(
            same_place(sending, one),
            sending.c.state == SENDING,
            sending.c.sent_revision == 0,
            _age(sending) < _age(one),
        )
        .correlate(one)
        .exists()
    )


def _age(one: FromClause) -> Tuple:
    """What the posts of a destination are ordered by."""
    return tuple_(one.c.opened_at, one.c.story_id)


def _on(one: FromClause, *, is_on: bool) -> list[ColumnElement[bool]]:
    return [one.c.platform.in_(bindparam("platforms", expanding=True))] if is_on else []


async def _mark_sending(
    connection: AsyncConnection, posts: Sequence[Sequence[AnyRow]], lease: Lease
) -> None:
    """Write down what is taken, and what is posted together."""
    for ids in slices([row.id for rows in posts for row in rows]):
        asked = {"ids": ids, "since": lease.now, "until": lease.until}
        await connection.execute(_TAKE, asked)
    led = [
        {"member": row.id, "leader": rows[0].id}
        for rows in posts
        if len(rows) > 1
        for row in rows
        if not row.digest_id
    ]
    if led:
        await connection.execute(_PUT_TOGETHER, led)


def _in_order(posts: Sequence[tuple[AnyRow, ...]]) -> list[tuple[AnyRow, ...]]:
    """Destinations as they come, the posts of each in the order of their stories."""
    places: dict[tuple[str, ...], list[tuple[AnyRow, ...]]] = {}
    for post in posts:
        place = tuple(getattr(post[0], name) for name in PLACE)
        places.setdefault(place, []).append(post)
    return [
        post
        for some in places.values()
        for post in sorted(some, key=lambda post: (post[0].opened_at, post[0].story_id))
    ]
