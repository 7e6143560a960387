"""Polls: read what a feed's entries were, write everything a poll decided at once.

Polls that ask or commit at the same time share a query or a transaction, see batches.py.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from bot.ports import KnownEntry, PollOutcome
from bot.store.advice import is_away
from bot.store.batches import Batches
from bot.store.engines import Database, DatabasePart
from bot.store.feed_states import write_feed_states
from bot.store.filing import Edit, Fresh, add_entries, change_entries, mark_listed
from bot.store.haste import hasten_feeds
from bot.store.lookups import find_keyed
from bot.store.owing import find_posts, keep_wanted, owe_deliveries
from bot.store.rows import digest_key
from bot.store.stories import put_stories

LOOKED_UP_TOGETHER = 2_000
"""Keys a query; a few milliseconds, so that nobody waits long for the answers of others."""

WRITTEN_TOGETHER = 1_000
"""Entries and feeds a transaction; 50 ms, in which other processes wait for theirs."""

_STORIES = "stories"  # what outcomes claim that write any


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What ``find_known`` was asked."""

    feed_id: int
    keys: Collection[str]


class SqlPolls(DatabasePart):
    """The PollStore port, apart from the candidates (stories.py) and decisions (deciding.py)."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._lookups = Batches(
            self._look_up,
            weigh=lambda lookup: len(lookup.keys),
            most=LOOKED_UP_TOGETHER,
            is_for_all=is_away,
        )
        self._commits = Batches(
            self._write, weigh=_weigh, most=WRITTEN_TOGETHER, claim=_claim, is_for_all=is_away
        )

    async def find_known(self, feed_id: int, keys: Collection[str]) -> Mapping[str, KnownEntry]:
        """The entries of this feed that have any of ``keys``, by each key that hit."""
        return await self._lookups.ask(_Lookup(feed_id, keys)) if keys else {}

    async def commit_poll(self, outcome: PollOutcome) -> None:
        """Write all of ``outcome`` in one transaction; where nothing is new, in one UPDATE.

        Outcomes that come while others are being written share the next transaction. It is
        committed before any of their calls returns, and where one cannot be written, each is
        by itself: a call raises its own error and nobody else's.

        Committing the same outcome twice is as good as once: entries whose key is known are
        not added, a text that already stands is no edit, a delivery moves on only to a
        higher revision. Where nobody is subscribed any more nothing is owed. Commits of one
        feed happen one after the other, in the order of the calls: a transaction holds one of
        each feed, and the first thing it does is to lock the rows of its feeds, by id. Of
        outcomes that write stories it holds one, since the next may have been decided on what
        that changes.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read.
            Exception: for this and any other reason, nothing of it is written.
        """
        await self._commits.ask(outcome)

    async def _look_up(self, lookups: Sequence[_Lookup]) -> list[dict[str, KnownEntry]]:
        # All of it where the database is read: a large document has thousands of keys.
        return await self.database.read(partial(_find_known, self.database, lookups))

    async def _write(self, outcomes: Sequence[PollOutcome]) -> list[None]:
        # What a power cut takes here, the next poll brings again.
        await self.database.write(partial(write_outcomes, self.database, outcomes), durable=False)
        return [None] * len(outcomes)


def _find_known(
    database: Database, lookups: Sequence[_Lookup], connection: Connection
) -> list[dict[str, KnownEntry]]:
    asked = [{(lookup.feed_id, digest_key(key)): key for key in lookup.keys} for lookup in lookups]
    found = find_keyed(database, connection, sorted(set().union(*asked)))
    return [
        {key: found[keyed] for keyed, key in wanted.items() if keyed in found} for wanted in asked
    ]


def _weigh(outcome: PollOutcome) -> int:
    return 1 + len(outcome.new) + len(outcome.edited) + len(outcome.listed)


def _claim(outcome: PollOutcome) -> tuple[Hashable, ...]:
    writes_stories = bool(outcome.stories or outcome.deliveries)
    return (outcome.feed.id, _STORIES) if writes_stories else (outcome.feed.id,)


def write_outcomes(
    database: Database, outcomes: Sequence[PollOutcome], connection: Connection
) -> None:
    """Write ``outcomes``, of each feed one, in the order in which everybody locks rows."""
    write_feed_states(connection, outcomes)
    for outcome in outcomes:
        if outcome.stories:
            put_stories(database, connection, outcome.stories)
    fresh = [Fresh.of(outcome.feed.id, new) for outcome in outcomes for new in outcome.new]
    add_entries(database, connection, fresh)
    edits = [
        Edit(outcome.feed.id, edited, outcome.at)
        for outcome in outcomes
        for edited in outcome.edited
    ]
    change_entries(database, connection, edits)
    for outcome in outcomes:
        if outcome.listed:
            mark_listed(connection, outcome.listed, at=outcome.at)
        if outcome.stories or outcome.deliveries:
            _write_deliveries(database, connection, outcome)
        if outcome.haste is not None or outcome.revival is not None:
            hasten_feeds(connection, outcome)


def _write_deliveries(database: Database, connection: Connection, outcome: PollOutcome) -> None:
    there = find_posts(connection, outcome.stories, at=outcome.at)
    # A post that is there follows its story, whether its destination wants it or not.
    wanted = keep_wanted(connection, outcome.deliveries)
    owed = {one.id: one for one in (*there, *wanted)}
    if owed:
        owe_deliveries(database, connection, tuple(owed.values()), edits_at=outcome.edits_at)
