"""Polls: read what a feed's entries were, write everything a poll decided at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Insert,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import EditedEntry, KnownEntry, NewEntry, PollOutcome
from bot.store.columns import Moment
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.feeds import write_feed_state
from bot.store.owing import find_posts, keep_wanted, owe_deliveries
from bot.store.rows import (
    digest_key,
    digest_link_or_none,
    entry_values,
    key_values,
    known_from_row,
)
from bot.store.schema import (
    MAX_EDITS,
    entries,
    entry_edits,
    entry_keys,
    is_in_a_story,
)
from bot.store.slices import slices
from bot.store.stories import put_stories

# With the key, to tell which id is whose: neither engine promises an order, and keeping
# one costs a statement a row in SQLite.
_ADD_ENTRIES = insert(entries).returning(entries.c.id, entries.c.key)

_CHANGE_ENTRY = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values(
        revision=entries.c.revision + bindparam("revisions"),
        # Only a repair takes an entry out of its story, and it may have done so meanwhile.
        story_id=case((is_in_a_story, entries.c.story_id), else_=bindparam("story")),
        filed=func.coalesce(bindparam("filed_anew", type_=entries.c.filed.type), entries.c.filed),
    )
)


class SqlPolls(DatabasePart):
    """The PollStore port, apart from the candidates (see stories.py)."""

    @uninterrupted
    async def find_known(self, feed_id: int, keys: Collection[str]) -> Mapping[str, KnownEntry]:
        """The entries of this feed that have any of ``keys``, by each key that hit."""
        asked = {digest_key(key): key for key in keys}
        known = {}
        async with self.database.reading() as connection:
            for digests in slices(list(asked)):
                hits = (
                    select(
                        entry_keys.c.key,
                        entries.c.id,
                        entries.c.text_hash,
                        entries.c.published_at,
                        entries.c.listed_at,
                        entries.c.story_id,
                    )
                    .join(entries, entries.c.id == entry_keys.c.entry_id)
                    .where(entry_keys.c.feed_id == feed_id, entry_keys.c.key.in_(digests))
                )
                for row in await connection.execute(hits):
                    known[asked[row.key]] = known_from_row(row)
        return known

    @uninterrupted
    async def commit_poll(self, outcome: PollOutcome) -> None:
        """Write all of ``outcome`` in one transaction; where nothing is new, in one UPDATE.

        Committing the same outcome twice is as good as once: entries whose key is known are
        not added, a text that already stands is no edit, a delivery moves on only to a
        higher revision. Where nobody is subscribed any more nothing is owed. Commits of one
        feed happen one after the other, for the first thing each does is to lock the feed's
        row.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read.
            Exception: for this and any other reason, nothing of it is written.
        """
        feed_id = outcome.feed.id
        # What a power cut takes here, the next poll brings again.
        async with self.database.writing(durable=False) as connection:
            await write_feed_state(connection, outcome.feed)
            if outcome.stories:
                await put_stories(self.database, connection, outcome.stories)
            if outcome.new:
                await _add_entries(self.database, connection, feed_id, outcome.new)
            for edited in slices(outcome.edited):
                changed = await _change_entries(connection, edited, outcome.at)
                await _add_keys(self.database, connection, feed_id, [(e.id, e) for e in changed])
            for ids in slices(outcome.listed):
                await connection.execute(
                    update(entries).where(entries.c.id.in_(ids)).values(listed_at=outcome.at)
                )
            there = await find_posts(connection, outcome.stories, at=outcome.at)
            # A post that is there follows its story, whether its destination wants it or not.
            wanted = await keep_wanted(connection, outcome.deliveries)
            owed = {one.id: one for one in (*there, *wanted)}
            if owed:
                await owe_deliveries(
                    self.database, connection, tuple(owed.values()), edits_at=outcome.edits_at
                )


async def _add_entries(
    database: Database, connection: AsyncConnection, feed_id: int, new: Sequence[NewEntry]
) -> None:
    """Add those of ``new`` that the feed has no key of; of two with one identity, the first."""
    digests = [digest_key(key) for entry in new for key in entry.entry.keys]
    seen: set[bytes] = set()
    for some in slices(digests):
        seen.update(
            await connection.scalars(
                select(entry_keys.c.key).where(
                    entry_keys.c.feed_id == feed_id, entry_keys.c.key.in_(some)
                )
            )
        )
    unseen: dict[bytes, NewEntry] = {}
    for entry in new:
        if seen.isdisjoint(map(digest_key, entry.entry.keys)):
            unseen.setdefault(digest_key(entry.entry.keys[0]), entry)
    if unseen:
        values = [entry_values(feed_id, entry) for entry in unseen.values()]
        ids = {row.key: row.id for row in await connection.execute(_ADD_ENTRIES, values)}
        written = [(ids[key], entry) for key, entry in unseen.items()]
        await _add_keys(database, connection, feed_id, written)


async def _add_keys(
    database: Database,
    connection: AsyncConnection,
    feed_id: int,
    written: Iterable[tuple[int, NewEntry | EditedEntry]],
) -> None:
    """Remember the keys; one that two entries share stays with the first."""
    rows = key_values(feed_id, written)
    if rows:
        await connection.execute(database.insert(entry_keys).on_conflict_do_nothing(), rows)


async def _change_entries(
    connection: AsyncConnection, edited: Sequence[EditedEntry], at: datetime
) -> list[EditedEntry]:
    """Put the new texts in place and keep the old ones, ``MAX_EDITS`` of each entry.

    Gives those that are still there: one may have been forgotten since the poll read it, and
    is new to the next.
    """
    standing = await connection.execute(
        select(entries.c.id, entries.c.text_hash).where(entries.c.id.in_([e.id for e in edited]))
    )
    hashes = {row.id: row.text_hash for row in standing}
    there = [edit for edit in edited if edit.id in hashes]
    if not there:
        return []
    revised = {e.id for e in there if e.is_text_changed and e.text_hash != hashes[e.id]}
    if revised:
        await connection.execute(_keep_texts(revised, at))
    await connection.execute(
        _CHANGE_ENTRY,
        [
            {
                "entry_id": edit.id,
                "revisions": int(edit.id in revised),
                "story": edit.story_id,
                "body": edit.entry.body if edit.story_id else "",
                "guid": edit.entry.guid,
                "link": edit.entry.link,
                "link_key": digest_link_or_none(edit.entry.link),
                "title": edit.entry.title,
                "summary": edit.entry.summary,
                "reasons": edit.reasons,
                "filed_anew": edit.filed or None,
                "text_hash": edit.text_hash,
                "published_at": edit.published_at,
                "listed_at": at,
            }
            for edit in there
        ],
    )
    if revised:
        newest = select(entries.c.revision).where(entries.c.id == entry_edits.c.entry_id)
        await connection.execute(
            delete(entry_edits).where(
                entry_edits.c.entry_id.in_(revised),
                entry_edits.c.revision < newest.scalar_subquery() - MAX_EDITS,
            )
        )
    return there


def _keep_texts(ids: Collection[int], at: datetime) -> Insert:
    """Copy the texts of entries, as they stand, to their edits."""
    columns = ("link", "title", "summary", "text_hash")
    texts = select(
        entries.c.id,
        entries.c.revision,
        *(entries.c[name] for name in columns),
        literal(at, Moment),
    ).where(entries.c.id.in_(ids))
    return insert(entry_edits).from_select(["entry_id", "revision", *columns, "replaced_at"], texts)
