"""Retention: what is old enough is dropped, a little at a time.

Never what is owed to anybody, nor a story that something younger hangs on. The entries of a
story that is dropped stay until their feed has long ceased to list them, so that none of them
comes back as news; they say ``FORGOTTEN`` then, which no story is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Exists,
    Select,
    Table,
    Update,
    and_,
    delete,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from bot.model import TieKind
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.schema import (
    audit,
    deliveries,
    entries,
    feeds,
    is_in_a_story,
    is_owed,
    is_sending,
    mutes,
    stories,
)
from bot.store.slices import slices

FORGOTTEN = "forgotten"
"""In place of the id of a story that was dropped; ids have ten characters."""

STORIES_AT_ONCE = 8
ROWS_AT_ONCE = 400
"""In a transaction: some 10 ms, in which nobody else writes to SQLite."""


class SqlRetention(DatabasePart):
    """The RetentionStore port; each transaction is short, and what is cancelled waits for one."""

    async def forget_stories(self, before: datetime) -> int:
        """Drop stories not updated since ``before``, with what was delivered of them.

        Not those of which something is owed, nor those that a younger one turns or tells.
        """
        dropped = 0
        while some := await self._find_over(_select_over(before).limit(STORIES_AT_ONCE)):
            for story_id in some:
                await self._forget_deliveries(story_id, before)
            dropped += await self._drop(partial(_forget_stories, some, before))
        return dropped

    async def forget_entries_of_gone(self, before: datetime) -> int:
        """Drop entries of dropped stories that no feed listed since ``before``."""
        is_of_gone = and_(is_in_a_story, entries.c.story_id == FORGOTTEN)
        is_over = and_(is_of_gone, entries.c.listed_at < before)
        gone = delete(entries).where(entries.c.listed_at < before)  # still
        return await self._change_each(entries, is_over, gone)

    async def forget_audit(self, before: datetime) -> int:
        """Drop what was noted before that of who changed what."""
        return await self._change_each(audit, audit.c.at < before, delete(audit))

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
        emptied = update(feeds).where(is_over)
        emptied = emptied.values(marks=None, etag=None, last_modified=None, body_hash="", flaw="")
        return await self._change_each(feeds, is_over, emptied)

    async def _forget_deliveries(self, story_id: str, before: datetime) -> None:
        """Drop those of a story, unless that is told anew meanwhile."""
        is_old = and_(stories.c.id == story_id, stories.c.updated_at < before)
        lock = select(stories.c.id).where(is_old).with_for_update()
        # Its story is not asked for again: SQLite would look for each by that, and pass all others.
        gone = delete(deliveries).where(~is_owed, ~is_sending)
        is_of_it = deliveries.c.story_id == story_id
        await self._change_each(deliveries, is_of_it, gone, while_there=lock)

    async def _change_each(
        self,
        table: Table,
        is_over: ColumnElement[bool],
        change: Delete | Update,
        *,
        while_there: Select[Any] | None = None,
    ) -> int:
        """Make ``change`` to the rows of ``table`` that are over, in steps; to how many.

        They are looked for once: each step would pass all that stays again, and what is dead and
        not swept up yet.

        Args:
            change: says itself of which rows that are over no more when their step comes.
            while_there: nothing is done where this finds nothing.
        """
        changed = 0
        for ids in slices(await self._find_over(select(table.c.id).where(is_over)), ROWS_AT_ONCE):
            one = change.where(table.c.id.in_(ids))

            def step(connection: Connection, one: Delete | Update = one) -> int:
                if while_there is not None and connection.execute(while_there).first() is None:
                    return 0
                return connection.execute(one).rowcount

            changed += await self._drop(step)
        return changed

    @uninterrupted
    async def _find_over(self, wanted: Select[Any]) -> Sequence[Any]:
        return await self.database.read(lambda connection: connection.scalars(wanted).all())

    @uninterrupted
    async def _drop(self, drop: Callable[[Connection], int]) -> int:
        return await self.database.write(drop, durable=False)


def _select_over(before: datetime) -> Select[Any]:
    """The ids of stories that may go, longest untouched first."""
    is_over = and_(stories.c.updated_at < before, ~_has(is_owed), ~_has(is_sending))
    wanted = select(stories.c.id).where(is_over, ~_has_heirs(before))
    return wanted.order_by(stories.c.updated_at)


def _forget_stories(some: Sequence[str], before: datetime, connection: Connection) -> int:
    """Drop those of ``some`` that may go still, and what was delivered of them; how many."""
    asked = _select_over(before).where(stories.c.id.in_(some)).with_for_update()
    ids = connection.scalars(asked).all()
    connection.execute(delete(deliveries).where(deliveries.c.story_id.in_(ids)))
    forgotten = update(entries).where(is_in_a_story, entries.c.story_id.in_(ids))
    connection.execute(forgotten.values(story_id=FORGOTTEN, body="", filed=""))
    connection.execute(delete(stories).where(stories.c.id.in_(ids)))
    return len(ids)


def _has(is_to_come: ColumnElement[bool]) -> Exists:
    one: Select[Any] = select(literal_column("1")).select_from(deliveries)
    return exists(one.where(deliveries.c.story_id == stories.c.id, is_to_come))


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
