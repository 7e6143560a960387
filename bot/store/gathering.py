"""Gathering: which deliveries are posted together, as a digest.

Where the first in a destination is gathered, all others there that are gathered and due
come with it, as one post, but no more than ``MOST``: the next ones are the next post. Which
they are is written down (``digest_id``) before the post is made, and stays so until it is
there or certainly is not: after a crash the same post is looked for, or made. One that may
be there by itself already joins no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import DeliveryState, TieKind, make_delivery_id
from bot.store.engines import Database
from bot.store.outbox_rows import destination_from_row
from bot.store.rows import AnyRow
from bot.store.schema import PLACE, deliveries, is_owed, stories
from bot.store.slices import slices

OWED, SENDING = DeliveryState.OWED.value, DeliveryState.SENDING.value

MOST = 100
"""Stories in one digest; a reader has no use for more, and nor has a platform."""


def awaits_post(one: FromClause) -> Exists:
    """Whether ``one`` turns a story whose post in the same destination is still to come."""
    turn, first = stories.alias(), deliveries.alias()
    return (
        select(literal_column("1"))
        .select_from(turn)
        .join(first, first.c.story_id == turn.c.tie_story_id)
        .where(
            turn.c.id == one.c.story_id,
            turn.c.tie != TieKind.MERGED.value,
            same_place(first, one),
            first.c.sent_revision == 0,
            first.c.state.in_([OWED, SENDING]),
        )
        .correlate(one)
        .exists()
    )


def same_place(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether both are to the same destination."""
    return and_(*(one.c[name] == other.c[name] for name in PLACE))


async def with_members(
    database: Database, connection: AsyncConnection, heads: Sequence[AnyRow], now: datetime
) -> list[tuple[AnyRow, ...]]:
    """Each of ``heads`` with those that its post shows besides, the leader first.

    Left out is a digest of which somebody else has a row locked: it is whole in a moment.
    """
    gathering = [row.id for row in heads if _leads_others(row)]
    if not gathering:
        return [(row,) for row in heads]
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for some in slices(gathering):
        asked = {"heads": some, "now": now}
        for row in await connection.execute(_select_members(), asked):
            found[row.head_id].append(row)
    digests = {head: _whole(rows) for head, rows in found.items()}
    if not database.is_sqlite:
        held: set[str] = set()
        for ids in slices(sorted(row.id for rows in digests.values() for row in rows)):
            free = (
                select(deliveries.c.id)
                .where(deliveries.c.id.in_(ids), is_owed)
                .order_by(deliveries.c.id)
                .with_for_update(skip_locked=True)
            )
            held.update(await connection.scalars(free))
        digests = {
            head: rows for head, rows in digests.items() if held.issuperset(r.id for r in rows)
        }
    gathered = frozenset(gathering)
    posts = [digests.get(row.id, ()) if row.id in gathered else (row,) for row in heads]
    return [post for post in posts if post]


def _leads_others(row: AnyRow) -> bool:
    """Whether the post of ``row`` is, or may become, a digest.

    One that may be there already, alone, is not looked for as a digest.
    """
    if row.sent_revision:
        return False
    return bool(row.digest_id) or (row.is_gathered and row.unclear_since is None)


@cache
def _select_members() -> Select[Any]:
    """Those that may be posted together with each of ``heads``, it too, in order of opening.

    A digest that is written down comes whole.
    """
    head, member = deliveries.alias("head"), deliveries.alias("member")
    is_written_down = and_(head.c.digest_id != "", member.c.digest_id == head.c.digest_id)
    may_join = and_(
        head.c.digest_id == "",
        member.c.digest_id == "",
        member.c.is_gathered,
        member.c.unclear_since.is_(None),
        member.c.next_attempt_at <= bindparam("now"),
    )
    # The first of all is the head: turns that wait may have been opened before it.
    is_behind = case((member.c.id == head.c.id, 0), else_=1)
    in_order = (is_behind, member.c.opened_at, member.c.story_id)
    found = (
        select(
            member.c.id,
            head.c.id.label("head_id"),
            head.c.digest_id,
            func.row_number().over(partition_by=head.c.id, order_by=in_order).label("number"),
        )
        .select_from(head)
        .join(member, same_place(head, member))
        .where(
            head.c.id.in_(bindparam("heads", expanding=True)),
            member.c.state == OWED,
            member.c.sent_revision == 0,
            or_(is_written_down, may_join),
        )
        .subquery("found")
    )
    turn = stories.alias("turn")
    return (
        select(
            deliveries,
            found.c.head_id,
            awaits_post(deliveries).label("awaits_post"),
            turn.c.tie_story_id,
        )
        .join(found, found.c.id == deliveries.c.id)
        .join(turn, turn.c.id == deliveries.c.story_id)
        .where(or_(found.c.number <= MOST, found.c.digest_id != ""))
        .order_by(deliveries.c.opened_at, deliveries.c.story_id)
    )


def _whole(rows: Sequence[AnyRow]) -> tuple[AnyRow, ...]:
    """Those of ``rows`` that may be posted; a turn with the post that it turns."""
    if rows[0].digest_id:
        return tuple(rows)
    chosen = {row.id for row in rows if not row.awaits_post}
    waiting = [row for row in rows if row.awaits_post]
    while joining := [row for row in waiting if _turned_id(row) in chosen]:
        chosen.update(row.id for row in joining)
        waiting = [row for row in waiting if row.id not in chosen]
    return tuple(row for row in rows if row.id in chosen)


def _turned_id(row: AnyRow) -> str:
    """The id of the delivery, to the same destination, of the story that this one turns."""
    return make_delivery_id(row.tie_story_id, destination_from_row(row))
