"""Owing: what a poll or a repair writes into the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, bindparam, case, func, literal_column, or_, select, tuple_

from bot.model import Delivery, DeliveryState, Destination, Story
from bot.store.columns import Moment
from bot.store.engines import Database, make_insert
from bot.store.outbox_rows import (
    delivery_from_row,
    delivery_values,
    destination_from_row,
    destination_values,
)
from bot.store.schema import PLACE, deliveries, is_digest, stories, subscriptions
from bot.store.slices import slices

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

OWED, SENDING, _, FAILED, GONE = (state.value for state in DeliveryState)

PLACES_AT_ONCE = 500  # destinations a statement: PostgreSQL plans each by itself

is_alone = ~is_digest
is_parked = (
    select(subscriptions.c.id)
    .where(
        # Of the row that was to be inserted: SQLAlchemy has no correlation with an upsert's
        # own table, and would ask for any parked place that was ever owed something.
        *(subscriptions.c[name] == literal_column(f"excluded.{name}") for name in PLACE),
        subscriptions.c.parked != "",
    )
    .exists()
)
"""Whether the platform takes nothing at the destination of a delivery that is upserted."""

# Made once, as making them takes longer than running them.
_FIND_SUBSCRIBED = (
    select(*(subscriptions.c[name] for name in PLACE))
    .where(
        tuple_(*(subscriptions.c[name] for name in PLACE)).in_(bindparam("places", expanding=True))
    )
    .order_by(subscriptions.c.id)
    .with_for_update(read=True)
)
_FIND_POSTS = select(deliveries).where(
    deliveries.c.story_id.in_(bindparam("story_ids", expanding=True)),
    or_(deliveries.c.sent_revision > 0, deliveries.c.state == SENDING),
    deliveries.c.state != GONE,
    is_alone,
)


def keep_wanted(connection: Connection, owed: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Those of ``owed`` whose destination is subscribed; it stays so until this transaction ends.

    People may have left since it was decided who is owed. For the same reason a subscription
    is locked before anything that is owed to its destination, here and where it changes.
    """
    places = {
        tuple(destination_values(one.destination)[name] for name in PLACE): one.destination
        for one in owed
    }
    wanted: set[Destination] = set()
    for some in slices(sorted(places), PLACES_AT_ONCE):
        standing = connection.execute(_FIND_SUBSCRIBED, {"places": some})
        wanted.update(map(destination_from_row, standing))
    return tuple(one for one in owed if one.destination in wanted)


def owe_deliveries(
    database: Database,
    connection: Connection,
    owed: Sequence[Delivery],
    *,
    edits_at: datetime | None = None,
) -> None:
    """Add deliveries, or make those there owed once more for a higher revision.

    A post that is there is edited from ``edits_at`` on, and an edit that is owed already
    keeps its time: a burst makes one edit, and a trickle cannot put it off for ever.
    One that is being sent only has its revision raised, for ``mark_sent`` to see; so has a
    post that is not edited: of a digest that is or may be there, or where the platform takes
    nothing. A first post that is owed already keeps its time, and is gathered or not as it
    was: the platform or people may have asked for that. Whom a post calls stays as it was
    where the post may be there already: its edits are drawn by that. What is gone stays gone.
    In order of ids, as every poll locks them, so that no two can wait for each other.
    """
    connection.execute(
        _make_upsert(is_sqlite=database.is_sqlite),
        [
            {**delivery_values(one), "of_story": one.story_id, "edits_at": edits_at}
            for one in sorted(owed, key=lambda one: one.id)
        ],
    )
    database.tell_owed(connection, _find_due(owed, edits_at))


def _find_due(
    owed: Iterable[Delivery], edits_at: datetime | None
) -> Mapping[Destination, datetime]:
    """Where something is owed, and from when on at the earliest."""
    due: dict[Destination, datetime] = {}
    for one in owed:
        at = edits_at if one.sent_revision and edits_at is not None else one.next_attempt_at
        due[one.destination] = min(at, due.get(one.destination, at))
    return due


@cache  # making it costs more than running it
def _make_upsert(*, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """The statement of ``owe_deliveries``; beside a row it takes ``of_story``, ``edits_at``."""
    insert = make_insert(deliveries, is_sqlite=is_sqlite)
    new, old = insert.excluded, deliveries.c
    in_digest = and_(is_digest, or_(old.state != FAILED, old.unclear_since.is_not(None)))
    stays = or_(old.state == SENDING, in_digest, and_(old.sent_revision > 0, is_parked))
    keeps_time = or_(stays, old.state == OWED)
    edit_time = func.coalesce(bindparam("edits_at", type_=Moment), new.next_attempt_at)
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
    return upsert.values(opened_at=opened_at.scalar_subquery())


def find_posts(connection: Connection, changed: Sequence[Story], *, at: datetime) -> list[Delivery]:
    """What makes the posts of ``changed`` show them as they are, whoever wants them by now.

    Those on their way count as there: ``mark_sent`` sees that there is a later revision.
    """
    revisions = {story.id: story.revision for story in changed if story.version}
    if not revisions:
        return []
    return [
        replace(delivery_from_row(row), revision=revisions[row.story_id], next_attempt_at=at)
        for row in connection.execute(_FIND_POSTS, {"story_ids": list(revisions)})
        if row.revision < revisions[row.story_id]
    ]
