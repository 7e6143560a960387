"""Decisions about stories: one at a time of those that may concern the same story.

Within a process a lock of its own sees to it. Between processes PostgreSQL does, with advisory
locks that end with a transaction: the one that writes what was decided. So where the locks are
lost, with their connection, nothing is written either. SQLite serves one process.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import CommitPoll, PollOutcome
from bot.store.engines import uninterrupted
from bot.store.polls import SqlPolls, write_outcomes

MOST_KEYS = 256
"""Who has more of them keeps everybody waiting instead: each key takes a place in the server's
table of locks, which has room for some thousands."""

# The keys come sorted, and are locked in that order: no two can wait for each other. They are
# those of a schema, as all advisory locks of a database are one set.
_LOCK_KEYS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' story', key)) "
    "FROM unnest(CAST(:keys AS bigint[])) AS key"
)
_SHARE = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(current_schema() || ' stories', 0))"
)
_LOCK_ALL = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' stories', 0))"
)
_TAKE_TURN = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || :name, 0))"
)


class SqlDeciding(SqlPolls):
    """Of the PollStore port what keeps decisions apart."""

    @asynccontextmanager
    async def deciding(self, keys: Collection[str]) -> AsyncIterator[CommitPoll]:
        """Let nobody else decide who has any of ``keys`` until what this gives was called.

        That commits what was decided, as ``commit_poll`` does, and with it the locks end; they
        stay where it raises ``StoriesMoved``. Takes one connection for as long; of a process one
        such block is entered at a time.
        """
        if self.database.is_sqlite or not keys:
            yield self.commit_poll
            return
        numbers = sorted({_number_of(key) for key in keys})
        async with self.database.reading() as connection:
            if len(numbers) > MOST_KEYS:
                await connection.execute(_LOCK_ALL)
            else:
                await connection.execute(_SHARE)
                await connection.execute(_LOCK_KEYS, {"keys": numbers})

            @uninterrupted
            async def commit(outcome: PollOutcome) -> None:
                async with connection.begin_nested():  # the locks are older
                    await connection.run_sync(partial(write_outcomes, self.database, [outcome]))
                await connection.commit()

            yield commit


async def take_turn(connection: AsyncConnection, name: str) -> None:
    """Let nobody else do what is called ``name`` until this transaction ends; its first words.

    For what adds rows that others may add too: rows that are not there yet cannot be locked.
    SQLite has one writer at a time.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(_TAKE_TURN, {"name": name})


def _number_of(key: str) -> int:
    digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
