"""Feeds: which addresses are polled, and when.

A feed has two addresses: ``url``, where it is polled, and ``given_url``, as the
configuration or a person named it. They part when a permanent redirect is adopted, and
the second is how the feed is recognised in the configuration afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SETTLED_BY_US
from bot.model import LONGEST_WAIT, Feed, FeedOrigin, FeedSpec, Told
from bot.store.columns import Moment
from bot.store.deciding import take_turn
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.feed_rows import feed_from_row, new_feed_values
from bot.store.feed_states import CHANGE
from bot.store.rows import AnyRow, Values
from bot.store.schema import feeds, is_polled
from bot.store.slices import slices

_UNTOLD: Values = {"told": Told.NOTHING.value, "told_at": None}

_ADD = insert(feeds)
_DUE_AGAIN = (
    update(feeds)
    .where(
        is_polled,
        feeds.c.failures > 0,
        feeds.c.trouble.in_(sorted(trouble.value for trouble in SETTLED_BY_US)),
        feeds.c.next_due_at > bindparam("new_due_at", type_=Moment),
    )
    .values(next_due_at=bindparam("new_due_at", type_=Moment))
)
_FEEDS = "feeds"  # the turn of who may add some: several processes start with one list
ADDED_AT_ONCE = 500  # the values of one feed take 2 KB on their way: of 10,000 at once, 20 MB


class SqlFeeds(DatabasePart):
    """The FeedStore port."""

    @uninterrupted
    async def find_feeds(self) -> tuple[Feed, ...]:
        """All feeds that are polled, by name; case does not matter, on either engine.

        Without their marks, which are half of what there is to read.
        """
        found = await _find(self.database, without_marks().where(is_polled))
        return tuple(sorted(found, key=lambda feed: (feed.name.casefold(), feed.id)))

    @uninterrupted
    async def find_ailing_feeds(self, *, quiet_before: datetime) -> tuple[Feed, ...]:
        """Polled feeds that somebody may have to be told of, by id, without their marks.

        Those that fail, those of which something was told, and those that have a rhythm but
        brought nothing since ``quiet_before``.
        """
        is_quiet = and_(feeds.c.gap_s.is_not(None), feeds.c.changed_at < quiet_before)
        is_ailing = or_(feeds.c.failures > 0, feeds.c.told != Told.NOTHING.value, is_quiet)
        return await _find(
            self.database, without_marks().where(is_polled, is_ailing).order_by(feeds.c.id)
        )

    @uninterrupted
    async def last_answer_or_none(self) -> datetime | None:
        """When any polled feed last gave a document or 304."""
        async with self.database.reading() as connection:
            wanted = select(func.max(feeds.c.answered_at)).where(is_polled)
            answered_at: datetime | None = await connection.scalar(wanted)
        return answered_at

    @uninterrupted
    async def find_due_feeds(
        self,
        now: datetime,
        *,
        limit: int,
        everything: bool = False,
        but_not_at: Collection[str] = (),
        buckets: Collection[int] | None = None,
    ) -> tuple[Feed, ...]:
        """Feeds due at ``now``, longest due first; ``everything``: also those not due.

        Behind them come those that are due later than anybody waits (``LONGEST_WAIT``).
        Hosts of ``but_not_at`` are left out, as they stand in addresses, with the port; with
        ``buckets`` feeds of other parts are too.
        """
        due = select(feeds).where(is_polled).order_by(feeds.c.next_due_at, feeds.c.id).limit(limit)
        if buckets is not None:
            due = due.where(feeds.c.bucket.in_(sorted(buckets)))
        for host in but_not_at:
            for scheme in ("http", "https"):
                due = due.where(~feeds.c.url.startswith(f"{scheme}://{host}/", autoescape=True))
        if everything:
            return await _find(self.database, due)
        # Two questions: with both in one, the index on due times would be read from end to end.
        found = await _find(self.database, due.where(feeds.c.next_due_at <= now))
        if len(found) < limit:
            lost = due.where(feeds.c.next_due_at > now + LONGEST_WAIT).limit(limit - len(found))
            found += await _find(self.database, lost)
        return found

    @uninterrupted
    async def sync_feeds(
        self,
        specs: Sequence[FeedSpec],
        *,
        now: datetime,
        spread: timedelta,
        retry_refused: bool = False,
    ) -> None:
        """Make the configured feeds be ``specs``; feeds that people added stay.

        A feed that left the list is retired, its memory kept. New ones and those that
        return fall due over ``spread`` from ``now`` on, in order; to ``retry_refused`` makes
        those due now that we refused ourselves the last time, whoever added them. An empty
        title, outlet or language takes nothing away that is known.
        """
        async with self.database.writing() as connection:
            await take_turn(connection, _FEEDS)
            # Locked by id, as polls lock them.
            every = without_marks().order_by(feeds.c.id).with_for_update()
            rows = (await connection.execute(every)).all()
            pairs = tuple(_recognise(rows, specs))
            arriving = [spec.url for spec, row in pairs if row is None or row.is_retired]
            step = spread / max(1, len(arriving))
            due = {url: now + place * step for place, url in enumerate(arriving)}
            changed = [_changes(row, spec, due.get(spec.url)) for spec, row in pairs if row]
            writes = ((CHANGE, _retire(rows, pairs)), (CHANGE, list(filter(None, changed))))
            for statement, values in writes:
                if values:
                    await connection.execute(statement, values)
            if retry_refused:
                await connection.execute(_DUE_AGAIN, {"new_due_at": now})
            for some in slices([spec for spec, row in pairs if row is None], ADDED_AT_ONCE):
                values = [
                    new_feed_values(spec, FeedOrigin.CONFIGURED, next_due_at=due[spec.url], now=now)
                    for spec in some
                ]
                await connection.execute(_ADD, values)

    @uninterrupted
    async def add_feed(
        self,
        spec: FeedSpec,
        *,
        origin: FeedOrigin,
        now: datetime,
        added_by: str = "",
        added_person: str = "",
    ) -> tuple[Feed, bool]:
        """Have ``spec`` polled, due at once; False beside it where it was polled already.

        A retired feed returns with its memory, and belongs to who brought it back. Both
        addresses are looked at, so that a feed that moved is not added once more under its
        old one.
        """
        by: Values = {"added_by": added_by, "added_person": added_person}
        async with self.database.writing() as connection:
            await take_turn(connection, _FEEDS)
            row = await _find_row_or_none(connection, spec.url)
            if row is None:
                values = new_feed_values(spec, origin, next_due_at=now, now=now, **by)
                written = await connection.execute(_ADD.returning(*feeds.c), values)
            elif row.is_retired:
                values = {"feed_id": row.id, "is_retired": False, "next_due_at": now}
                values |= {"origin": origin.value, "added_at": now, **by, **_UNTOLD}
                values |= _description(row, spec)
                written = await connection.execute(CHANGE.returning(*feeds.c), values)
            else:
                return feed_from_row(row), False
            return feed_from_row(written.one()), True

    @uninterrupted
    async def remove_feed(self, url: str) -> bool:
        """Retire the feed polled at ``url``, or given as ``url``; False if there is none."""
        async with self.database.writing() as connection:
            row = await _find_row_or_none(connection, url)
            if row is None or row.is_retired:
                return False
            await connection.execute(CHANGE, {"feed_id": row.id, "is_retired": True})
            return True

    @uninterrupted
    async def note_told(self, feed: Feed, told: Told, *, now: datetime) -> bool:
        """Note what was told of ``feed``; False where somebody else noted something meanwhile.

        So of several that are about to tell the same, one does. False too where the feed is
        not polled any more.
        """
        is_as_read = and_(
            feeds.c.id == feed.id,
            feeds.c.told == feed.told.value,
            feeds.c.told_at.is_not_distinct_from(literal(feed.told_at, Moment)),
            is_polled,
        )
        noted = update(feeds).where(is_as_read).values(told=told.value, told_at=now)
        async with self.database.writing() as connection:
            return (await connection.execute(noted)).rowcount > 0


def without_marks() -> Select[Any]:
    """All columns of ``feeds`` as ``feed_from_row`` takes them, but no marks."""
    is_marks = feeds.c.marks
    return select(*(null().label("marks") if c is is_marks else c for c in feeds.c))


async def _find(database: Database, wanted: Select[Any]) -> tuple[Feed, ...]:
    def find(connection: Connection) -> tuple[Feed, ...]:
        return tuple(map(feed_from_row, connection.execute(wanted)))

    return await database.read(find)


async def _find_row_or_none(connection: AsyncConnection, url: str) -> AnyRow | None:
    """The feed polled at ``url``, else the one given as ``url``."""
    either = select(feeds).where(or_(feeds.c.url == url, feeds.c.given_url == url))
    rows = (await connection.execute(either)).all()
    return max(rows, key=lambda row: row.url == url, default=None)


_Pair = tuple[FeedSpec, AnyRow | None]


def _recognise(rows: Sequence[AnyRow], specs: Sequence[FeedSpec]) -> Iterator[_Pair]:
    """Pair each spec with the row it means, None if it is new; no address, no row twice.

    The given address decides; then the one it moved to, for the day the configuration is
    corrected. A list that has both names one feed.
    """
    by_url = {row.url: row for row in rows}
    by_given = {row.given_url: row for row in rows}
    unique: dict[str, FeedSpec] = {}
    for spec in specs:
        unique.setdefault(spec.url, spec)
    taken = {by_given[url].id for url in unique if url in by_given}
    for url, spec in unique.items():
        row = by_given.get(url)
        if row is None and (row := by_url.get(url)) is not None:
            if row.id in taken:
                continue
            taken.add(row.id)
        yield spec, row


def _retire(rows: Sequence[AnyRow], pairs: Sequence[_Pair]) -> list[Values]:
    """The configured feeds that no spec means any more."""
    kept = {row.id for _, row in pairs if row is not None}
    return [
        {"feed_id": row.id, "is_retired": True}
        for row in rows
        if row.id not in kept and not row.is_retired and row.origin == FeedOrigin.CONFIGURED.value
    ]


def _changes(row: AnyRow, spec: FeedSpec, due_at: datetime | None) -> Values:
    """What ``spec`` changes of its feed, {} if nothing; ``due_at`` is set where it returns."""
    wanted = {"given_url": spec.url, "is_retired": False, **_description(row, spec)}
    wanted["next_due_at"] = due_at or row.next_due_at
    # The file brought it back, so the file may take it away again.
    wanted["origin"] = FeedOrigin.CONFIGURED.value if row.is_retired else row.origin
    wanted["added_by"] = "" if row.is_retired else row.added_by
    wanted["added_person"] = "" if row.is_retired else row.added_person
    wanted |= _UNTOLD if row.is_retired else {}
    is_same = all(getattr(row, name) == value for name, value in wanted.items())
    return {} if is_same else {"feed_id": row.id, **wanted}


def _description(row: AnyRow, spec: FeedSpec) -> Values:
    """Title, outlet and language as ``spec`` has them, or as they were."""
    return {
        "title": spec.title or row.title,
        "outlet": spec.outlet or row.outlet,
        "lang": spec.lang or row.lang,
    }
