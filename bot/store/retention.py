"""Retention: what is old enough is dropped, a little at a time.

Never what is owed to anybody, nor a story that something younger hangs on. The entries of a
story that is dropped stay until their feed has long ceased to list them, so that none of them
comes back as news; they say ``FORGOTTEN`` then, which no story is called.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import (
    Connection,
    Exists,
    and_,
    delete,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from bot.model import DeliveryState, TieKind
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.schema import (
    audit,
    deliveries,
    entries,
    feeds,
    is_in_a_story,
    mutes,
    stories,
)

FORGOTTEN = "forgotten"
"""In place of the id of a story that was dropped; ids have ten characters."""

STORIES_AT_ONCE = 8
DELIVERIES_AT_ONCE = 400
ENTRIES_AT_ONCE = 400
ROWS_AT_ONCE = 1_000
"""Of each kind, in a transaction: some 10 ms, in which nobody else writes to SQLite."""

_TO_COME = (DeliveryState.OWED.value, DeliveryState.SENDING.value)


class SqlRetention(DatabasePart):
    """The RetentionStore port; each transaction is short, and what is cancelled waits for one."""

    async def forget_stories(self, before: datetime) -> int:
        """Drop stories not updated since ``before``, with what was delivered of them.

        Not those of which something is owed, nor those that a younger one turns or tells.
        """
        return await self._drop_all(lambda connection: _forget_stories(connection, before))

    async def forget_entries_of_gone(self, before: datetime) -> int:
        """Drop entries of dropped stories that no feed listed since ``before``."""
        oldest = (
            select(entries.c.id)
            .where(is_in_a_story, entries.c.story_id == FORGOTTEN, entries.c.listed_at < before)
            .limit(ENTRIES_AT_ONCE)
        )
        gone = delete(entries).where(entries.c.id.in_(oldest))
        return await self._drop_all(lambda connection: connection.execute(gone).rowcount)

    async def forget_audit(self, before: datetime) -> int:
        """Drop what was noted before that of who changed what."""
        oldest = select(audit.c.id).where(audit.c.at < before).limit(ROWS_AT_ONCE)
        gone = delete(audit).where(audit.c.id.in_(oldest))
        return await self._drop_all(lambda connection: connection.execute(gone).rowcount)

    async def forget_mutes(self, before: datetime) -> int:
        """Drop mutes that ended before that; they silence nothing any more."""
        gone = delete(mutes).where(mutes.c.until < before)
        return await self._drop(lambda connection: connection.execute(gone).rowcount)

    async def forget_marks(self, before: datetime) -> int:
        """Drop what was remembered to read feeds by that are polled no more; how many feeds.

        Of those not polled since ``before``. Their rows stay, as entries hang on them: one that
        returns is read whole, and what it lists is history.
        """
        is_over = and_(feeds.c.is_retired, feeds.c.polled_at < before, feeds.c.body_hash != "")
        oldest = select(feeds.c.id).where(is_over).limit(ROWS_AT_ONCE)
        emptied = update(feeds).where(feeds.c.id.in_(oldest))
        emptied = emptied.values(marks=None, etag=None, last_modified=None, body_hash="", flaw="")
        return await self._drop_all(lambda connection: connection.execute(emptied).rowcount)

    async def _drop_all(self, drop: Callable[[Connection], int]) -> int:
        dropped = 0
        while count := await self._drop(drop):
            dropped += max(count, 0)
        return dropped

    @uninterrupted
    async def _drop(self, drop: Callable[[Connection], int]) -> int:
        return await self.database.write(drop, durable=False)


def _forget_stories(connection: Connection, before: datetime) -> int:
    """Drop some; how many, or -1 where only deliveries of some were dropped, 0 at the end."""
    is_over = and_(stories.c.updated_at < before, ~_has_owed(), ~_has_heirs(before))
    oldest = select(stories.c.id).where(is_over).order_by(stories.c.updated_at)
    ids = connection.scalars(oldest.limit(STORIES_AT_ONCE).with_for_update()).all()
    if not ids:
        return 0
    some = select(deliveries.c.id).where(deliveries.c.story_id.in_(ids)).limit(DELIVERIES_AT_ONCE)
    gone = connection.execute(delete(deliveries).where(deliveries.c.id.in_(some))).rowcount
    if gone >= DELIVERIES_AT_ONCE:
        return -1
    forgotten = update(entries).where(is_in_a_story, entries.c.story_id.in_(ids))
    connection.execute(forgotten.values(story_id=FORGOTTEN, body="", filed=""))
    connection.execute(delete(stories).where(stories.c.id.in_(ids)))
    return len(ids)


def _has_owed() -> Exists:
    return exists(
        select(literal_column("1"))
        .select_from(deliveries)
        .where(deliveries.c.story_id == stories.c.id, deliveries.c.state.in_(_TO_COME))
    )


def _has_heirs(before: datetime) -> Exists:
    """Whether a story that stays hangs on it.

    What turns it stays perhaps, as something hangs on that in its turn, or is owed: so it goes
    first, and this one in a later step. What was merged into it and is old has nothing to tell.
    """
    heir = stories.alias("heir")
    is_to_stay = or_(heir.c.updated_at >= before, heir.c.tie != TieKind.MERGED.value)
    return exists(
        select(literal_column("1"))
        .select_from(heir)
        .where(heir.c.tie_story_id == stories.c.id, is_to_stay)
    )
