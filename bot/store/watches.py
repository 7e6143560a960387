"""Watches: which companies people look for besides those of the catalogue.

Whatever changes them raises one counter in the same transaction, so that a poll can tell
with one small question that nothing changed.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy import (
    Connection,
    Insert,
    Integer,
    Text,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.matching import watch_key
from bot.model import Platform, Watch
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.rows import watch_from_row, watch_values
from bot.store.schema import meta, story_companies, watches

ASKED_EVERY_S = 1.0
"""What other processes change is known so late at most; what is changed here, at once."""

_COUNTER = "watches"
_READ_COUNTER = select(meta.c.value).where(meta.c.name == _COUNTER)


class SqlWatches(DatabasePart):
    """The WatchStore port."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._revision = 0
        self._stands_until = 0.0  # by the loop's time
        self._changes = 0  # made by this process

    @uninterrupted
    async def find_watches(self) -> tuple[Watch, ...]:
        """Every watch of every workspace, in order of adding."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(watches).order_by(watches.c.id))
            return tuple(map(watch_from_row, rows))

    async def watches_revision(self) -> int:
        """A number that grows with every change to any watch; 0 before the first.

        Every poll that brings something asks; the database is asked every ``ASKED_EVERY_S``.
        """
        asked_at = asyncio.get_running_loop().time()
        if asked_at < self._stands_until:
            return self._revision
        return await self._ask_revision(asked_at)

    @uninterrupted
    async def _ask_revision(self, asked_at: float) -> int:
        def read(connection: Connection) -> int:
            return int(connection.scalar(_READ_COUNTER) or 0)

        changes = self._changes
        revision = await self.database.read(read)
        if changes == self._changes:  # else it may be what was read before the change
            self._revision, self._stands_until = revision, asked_at + ASKED_EVERY_S
        return revision

    def _note_change(self) -> None:
        """Have the next one asked: this process committed a change."""
        self._changes += 1
        self._stands_until = 0.0

    @uninterrupted
    async def save_watch(
        self, watch: Watch, *, now: datetime, renamed: tuple[str, str] | None = None
    ) -> None:
        """Add ``watch``, or let it take the place of its workspace's watch of that name.

        ``renamed`` are the company's id until now, under which others may go on watching
        it, and its new one: stories keep the first and get the second.
        """
        upsert = self.database.insert(watches)
        kept = ("id", "platform", "workspace", "slug", "added_at")
        upsert = upsert.on_conflict_do_update(
            index_elements=["platform", "workspace", "slug"],
            set_={c.name: upsert.excluded[c.name] for c in watches.c if c.name not in kept},
        )
        async with self.database.writing() as connection:
            await connection.execute(upsert, {**watch_values(watch), "added_at": now})
            if renamed is not None:
                await connection.execute(_name_too(*renamed))
            await _count_change(self.database, connection)
        self._note_change()

    @uninterrupted
    async def remove_watch(self, platform: Platform, workspace: str, name: str) -> bool:
        """Forget the workspace's watch of ``name``; False if there is none."""
        gone = delete(watches).where(
            watches.c.platform == platform.value,
            watches.c.workspace == workspace,
            watches.c.slug == watch_key(name),
        )
        async with self.database.writing() as connection:
            if (await connection.execute(gone)).rowcount == 0:
                return False
            await _count_change(self.database, connection)
        self._note_change()
        return True


def _name_too(old: str, new: str) -> Insert:
    """Have every story that names ``old`` name ``new`` as well, at the end of its role."""
    other = story_companies.alias("other")
    is_same = (other.c.story_id == story_companies.c.story_id) & (
        other.c.role == story_companies.c.role
    )
    last = select(func.max(other.c.position)).where(is_same).scalar_subquery()
    has_both = exists().where(is_same, other.c.company == new)
    rows = select(story_companies.c.story_id, story_companies.c.role, last + 1, literal(new)).where(
        story_companies.c.company == old, ~has_both
    )
    return insert(story_companies).from_select(["story_id", "role", "position", "company"], rows)


async def _count_change(database: Database, connection: AsyncConnection) -> None:
    counter = database.insert(meta)
    counter = counter.on_conflict_do_update(
        index_elements=[meta.c.name],
        set_={"value": cast(cast(meta.c.value, Integer) + 1, Text)},
    )
    await connection.execute(counter, {"name": _COUNTER, "value": "1"})
