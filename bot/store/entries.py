"""Entries as people ask for them: by story, by link, by words of a headline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from bot.ports import FiledEntry
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.rows import digest_link_or_none, filed_from_row
from bot.store.schema import entries, is_in_a_story, is_in_no_story
from bot.store.words import says

FORGET_AT_ONCE = 500  # entries a transaction, so that no poll waits long behind it

_ASKED = select(
    entries.c.id,
    entries.c.outlet,
    entries.c.title,
    entries.c.link,
    entries.c.seen_at,
    entries.c.published_at,
    entries.c.story_id,
    entries.c.reasons,
    entries.c.filed,
    entries.c.revision,
)


class SqlEntries(DatabasePart):
    """The share of the StoryStore port that is about single entries."""

    @uninterrupted
    async def find_entries_of(self, story_id: str, *, limit: int) -> tuple[FiledEntry, ...]:
        """The entries of a story in the order they were filed, the first ``limit``."""
        return await self._find(
            is_in_a_story, entries.c.story_id == story_id, order=entries.c.id, limit=limit
        )

    @uninterrupted
    async def find_entries_at(self, link: str, *, limit: int) -> tuple[FiledEntry, ...]:
        """Entries that link to the same article, newest first."""
        return await self._find(
            entries.c.link_key == digest_link_or_none(link),
            order=entries.c.id.desc(),
            limit=limit,
        )

    @uninterrupted
    async def find_entries_saying(
        self, words: Collection[str], *, in_story: bool, limit: int
    ) -> tuple[FiledEntry, ...]:
        """Entries with every one of ``words`` in their title, newest first."""
        if not words:
            return ()
        return await self._find(
            is_in_a_story if in_story else is_in_no_story,
            *(says(entries.c.title, word) for word in words),
            order=entries.c.id.desc(),
            limit=limit,
        )

    async def forget_entries(self, before: datetime) -> int:
        """Drop entries (their ids and edits too) not listed since ``before`` and in no story.

        In short transactions, so that polls can commit in between; whoever is cancelled waits
        for one of them only. A power cut may bring the last of them back.
        """
        forgotten = 0
        while True:
            dropped = await self._forget_some(before)
            forgotten += dropped
            if dropped < FORGET_AT_ONCE:
                return forgotten

    @uninterrupted
    async def _forget_some(self, before: datetime) -> int:
        oldest = (
            select(entries.c.id)
            .where(is_in_no_story, entries.c.listed_at < before)
            .order_by(entries.c.listed_at)
            .limit(FORGET_AT_ONCE)
        )
        gone = delete(entries).where(entries.c.id.in_(oldest))

        def forget(connection: Connection) -> int:
            return connection.execute(gone).rowcount

        return await self.database.write(forget, durable=False)

    async def _find(
        self, *conditions: ColumnElement[bool], order: ColumnElement[int], limit: int
    ) -> tuple[FiledEntry, ...]:
        wanted = _ASKED.where(*conditions).order_by(order).limit(limit)
        async with self.database.reading() as connection:
            return tuple(map(filed_from_row, await connection.execute(wanted)))
