"""Look-ups: which entries have any of many keys, of many feeds at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, text

from bot.ports import KnownEntry
from bot.store.columns import moment_of
from bot.store.engines import Database
from bot.store.slices import slices

Keyed = tuple[int, bytes]
"""A key as the store keeps it: the feed's id, and the digest of what the publisher wrote."""

ASKED_AT_ONCE = 8_192  # a power of two; each takes two of the parameters that ``slices`` counts

# Which table comes first SQLite heeds: CROSS JOIN, https://sqlite.org/optoverview.html#crossjoin
_SEEN = """
SELECT known.feed_id, known.key
FROM {asked} CROSS JOIN entry_keys AS known
WHERE known.feed_id = asked.{feed_id} AND known.key = asked.{key}
"""
_KNOWN = """
SELECT known.feed_id, known.key, entries.id, entries.text_hash, entries.published_at,
    entries.listed_at, entries.story_id
FROM {asked} CROSS JOIN entry_keys AS known JOIN entries ON entries.id = known.entry_id
WHERE known.feed_id = asked.{feed_id} AND known.key = asked.{key}
"""
_UNNESTED = "unnest(CAST(:feed_ids AS integer[]), CAST(:keys AS bytea[])) AS asked (feed_id, key)"


def find_seen(database: Database, connection: Connection, asked: Sequence[Keyed]) -> set[Keyed]:
    """Those of ``asked`` that are known."""
    rows = _look_up(database, connection, _SEEN, asked)
    return {(feed_id, key) for feed_id, key in rows}


def find_keyed(
    database: Database, connection: Connection, asked: Sequence[Keyed]
) -> dict[Keyed, KnownEntry]:
    """The entries that have any of ``asked``, by each that hit."""
    return {
        (feed_id, key): KnownEntry(
            id=entry_id,
            text_hash=text_hash,
            published_at=moment_of(published_at),
            listed_at=moment_of(listed_at),
            story_id=story_id,
        )
        for feed_id, key, entry_id, text_hash, published_at, listed_at, story_id in _look_up(
            database, connection, _KNOWN, asked
        )
    }


def _look_up(
    database: Database, connection: Connection, question: str, asked: Sequence[Keyed]
) -> Iterable[Sequence[Any]]:
    """The rows that answer ``question``.

    Each key is one step down the primary key: with an IN of pairs SQLite reads all keys there
    are, and PostgreSQL plans each pair by itself. As texts, since SQLAlchemy takes longer to
    make a statement of a thousand parameters than SQLite to answer it.
    """
    for some in slices(asked, ASKED_AT_ONCE):
        if database.is_sqlite:
            padded = _fill_up(some)
            listed = f"(VALUES {', '.join(['(?, ?)'] * len(padded))}) AS asked"
            statement = question.format(asked=listed, feed_id="column1", key="column2")
            values = tuple(chain.from_iterable(padded))
            yield from connection.exec_driver_sql(statement, values)
        else:
            feed_ids, keys = zip(*some, strict=True)
            unnested = text(question.format(asked=_UNNESTED, feed_id="feed_id", key="key"))
            columns = {"feed_ids": list(feed_ids), "keys": list(keys)}
            yield from connection.execute(unnested, columns)


def _fill_up(asked: Sequence[Keyed]) -> list[Keyed]:
    """``asked`` with keys of no feed, up to a power of two: so SQLite knows its statements."""
    missing = (1 << (len(asked) - 1).bit_length()) - len(asked)
    return [*asked, *[(0, b"")] * missing]
