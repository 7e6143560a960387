"""Filing: entries that polls bring, added or changed with their keys and old texts.

Of many feeds at once, in a number of statements that does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from bot.ports import EditedEntry, NewEntry
from bot.store.bulk import add_rows
from bot.store.columns import Moment
from bot.store.engines import Database
from bot.store.lookups import Keyed, find_seen
from bot.store.rows import Values, digest_key, digest_link_or_none, entry_values
from bot.store.schema import MAX_EDITS, entries, entry_edits, entry_keys, is_in_a_story
from bot.store.slices import slices

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

_TEXTS = ("link", "title", "summary", "text_hash")  # what an edit keeps of an entry
_KEEP_TEXT = insert(entry_edits).from_select(
    ["entry_id", "revision", *_TEXTS, "replaced_at"],
    select(
        entries.c.id,
        entries.c.revision,
        *(entries.c[name] for name in _TEXTS),
        bindparam("at", type_=Moment),
    ).where(entries.c.id == bindparam("of_entry")),
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new entry with its keys as the store keeps them, the decisive one first."""

    feed_id: int
    new: NewEntry
    keys: tuple[Keyed, ...]

    @classmethod
    def of(cls, feed_id: int, new: NewEntry) -> Self:
        """``new`` as ``feed_id`` published it."""
        return cls(feed_id, new, _keyed(feed_id, new.entry.keys))


@dataclass(frozen=True, slots=True)
class Edit:
    """An entry that ``feed_id`` edited; ``at`` is when it was polled."""

    feed_id: int
    edited: EditedEntry
    at: datetime


def add_entries(database: Database, connection: Connection, fresh: Sequence[Fresh]) -> None:
    """Add those that their feed has no key of; of two with one identity, the first."""
    if not fresh:
        return
    asked = [key for one in fresh for key in one.keys]
    seen = find_seen(database, connection, asked)
    unseen: dict[Keyed, Fresh] = {}
    for one in fresh:
        if seen.isdisjoint(one.keys):
            unseen.setdefault(one.keys[0], one)
    if unseen:
        values = [entry_values(feed_id, one.new, key=key) for (feed_id, key), one in unseen.items()]
        # With the key, to tell which id is whose: neither engine promises an order.
        returned = ("id", "feed_id", "key")
        rows = add_rows(database, connection, entries, values, returning=returned)
        ids = {(feed_id, key): entry_id for entry_id, feed_id, key in rows}
        _add_keys(database, connection, ((ids[key], one.keys) for key, one in unseen.items()))


def change_entries(database: Database, connection: Connection, edits: Sequence[Edit]) -> None:
    """Put the new texts in place and keep the old ones, ``MAX_EDITS`` of each entry.

    One may have been forgotten since the poll read it, and is new to the next.
    """
    for some in slices(edits):
        hashes = _find_hashes(connection, [edit.edited.id for edit in some])
        there = [edit for edit in some if edit.edited.id in hashes]
        if there:
            _change(connection, there, hashes)
            keys = (
                (edit.edited.id, _keyed(edit.feed_id, edit.edited.entry.keys)) for edit in there
            )
            _add_keys(database, connection, keys)


def mark_listed(connection: Connection, ids: Sequence[int], *, at: datetime) -> None:
    """Note that a document listed these entries."""
    for some in slices(ids):
        connection.execute(update(entries).where(entries.c.id.in_(some)).values(listed_at=at))


def _keyed(feed_id: int, keys: Iterable[str]) -> tuple[Keyed, ...]:
    return tuple((feed_id, digest_key(key)) for key in keys)


def _add_keys(
    database: Database, connection: Connection, written: Iterable[tuple[int, Iterable[Keyed]]]
) -> None:
    """Remember the keys of entries, by their ids; one that two share stays with the first."""
    rows = [
        {"feed_id": feed_id, "key": key, "entry_id": entry_id}
        for entry_id, keys in written
        for feed_id, key in keys
    ]
    if rows:
        add_rows(database, connection, entry_keys, rows)


def _find_hashes(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    wanted = select(entries.c.id, entries.c.text_hash).where(entries.c.id.in_(ids))
    return {row.id: row.text_hash for row in connection.execute(wanted)}


def _change(connection: Connection, edits: Sequence[Edit], hashes: dict[int, str]) -> None:
    revised = {
        edit.edited.id: edit.at
        for edit in edits
        if edit.edited.is_text_changed and edit.edited.text_hash != hashes[edit.edited.id]
    }
    if revised:
        connection.execute(_KEEP_TEXT, [{"of_entry": id_, "at": at} for id_, at in revised.items()])
    connection.execute(
        _CHANGE_ENTRY, [_edit_values(edit, revisions=edit.edited.id in revised) for edit in edits]
    )
    if revised:
        newest = select(entries.c.revision).where(entries.c.id == entry_edits.c.entry_id)
        connection.execute(
            delete(entry_edits).where(
                entry_edits.c.entry_id.in_(revised),
                entry_edits.c.revision < newest.scalar_subquery() - MAX_EDITS,
            )
        )


def _edit_values(edit: Edit, *, revisions: int) -> Values:
    """The row of an edited entry, and what ``_CHANGE_ENTRY`` takes beside it."""
    edited = edit.edited
    return {
        "entry_id": edited.id,
        "revisions": revisions,
        "story": edited.story_id,
        "body": edited.entry.body if edited.story_id else "",
        "guid": edited.entry.guid,
        "link": edited.entry.link,
        "link_key": digest_link_or_none(edited.entry.link),
        "title": edited.entry.title,
        "summary": edited.entry.summary,
        "reasons": edited.reasons,
        "filed_anew": edited.filed or None,
        "text_hash": edited.text_hash,
        "published_at": edited.published_at,
        "listed_at": edit.at,
    }
