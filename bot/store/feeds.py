"""Feeds: which addresses are polled, and when.

A feed has two addresses: ``url``, where it is polled, and ``given_url``, as the
configuration or a person named it. They part when a permanent redirect is adopted, and
the second is how the feed is recognised in the configuration afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Feed, FeedOrigin, FeedSpec
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.rows import AnyRow, Values, feed_from_row, feed_state, new_feed_values
from bot.store.schema import feeds, is_polled

_other = feeds.alias("other")
_ADD = insert(feeds)
_CHANGE = update(feeds).where(feeds.c.id == bindparam("feed_id"))  # what, the values say
_is_taken = exists().where(_other.c.url == bindparam("new_url"))  # be it by the feed itself
_WRITE_STATE = _CHANGE.values(url=case((_is_taken, feeds.c.url), else_=bindparam("new_url")))


class SqlFeeds(DatabasePart):
    """The FeedStore port."""

    @uninterrupted
    async def find_feeds(self) -> tuple[Feed, ...]:
        """All feeds that are polled, by name; case does not matter, on either engine."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(feeds).where(is_polled))
            return tuple(sorted(map(feed_from_row, rows), key=lambda f: (f.name.casefold(), f.id)))

    @uninterrupted
    async def find_due_feeds(
        self, now: datetime, *, limit: int, everything: bool = False
    ) -> tuple[Feed, ...]:
        """Feeds due at ``now``, longest due first; ``everything``: also those not due."""
        due = select(feeds).where(is_polled).order_by(feeds.c.next_due_at, feeds.c.id).limit(limit)
        if not everything:
            due = due.where(feeds.c.next_due_at <= now)
        async with self.database.reading() as connection:
            return tuple(map(feed_from_row, await connection.execute(due)))

    @uninterrupted
    async def sync_feeds(
        self, specs: Sequence[FeedSpec], *, now: datetime, spread: timedelta
    ) -> None:
        """Make the configured feeds be ``specs``; feeds that people added stay.

        A feed that left the list is retired, its memory kept. New ones and those that
        return fall due over ``spread`` from ``now`` on, in order. An empty title, outlet or
        language takes nothing away that is known.
        """
        async with self.database.writing() as connection:
            rows = (await connection.execute(select(feeds))).all()
            pairs = tuple(_recognise(rows, specs))
            arriving = [spec.url for spec, row in pairs if row is None or row.is_retired]
            step = spread / max(1, len(arriving))
            due = {url: now + place * step for place, url in enumerate(arriving)}
            changed = [_changes(row, spec, due.get(spec.url)) for spec, row in pairs if row]
            new = [
                new_feed_values(spec, FeedOrigin.CONFIGURED, next_due_at=due[spec.url])
                for spec, row in pairs
                if row is None
            ]
            writes = ((_CHANGE, _retire(rows, pairs)), (_CHANGE, list(filter(None, changed))))
            for statement, values in (*writes, (_ADD, new)):
                if values:
                    await connection.execute(statement, values)

    @uninterrupted
    async def add_feed(
        self, spec: FeedSpec, *, origin: FeedOrigin, now: datetime, added_by: str = ""
    ) -> tuple[Feed, bool]:
        """Have ``spec`` polled, due at once; False beside it where it was polled already.

        A retired feed returns with its memory, and belongs to who brought it back. Both
        addresses are looked at, so that a feed that moved is not added once more under its
        old one.
        """
        async with self.database.writing() as connection:
            row = await _find_row_or_none(connection, spec.url)
            if row is None:
                values = new_feed_values(spec, origin, next_due_at=now, added_by=added_by)
                written = await connection.execute(_ADD.returning(*feeds.c), values)
            elif row.is_retired:
                values = {"feed_id": row.id, "is_retired": False, "next_due_at": now}
                values |= {"origin": origin.value, "added_by": added_by}
                values |= _description(row, spec)
                written = await connection.execute(_CHANGE.returning(*feeds.c), values)
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
            await connection.execute(_CHANGE, {"feed_id": row.id, "is_retired": True})
            return True


async def write_feed_state(connection: AsyncConnection, feed: Feed) -> None:
    """Write what a poll learned of ``feed``, in one UPDATE.

    Its new address too, after a permanent redirect; unless another feed has that address,
    polled or retired: then this one keeps its old one.

    Raises:
        LookupError: the store has no such feed.
    """
    values = {"feed_id": feed.id, "new_url": feed.url, **feed_state(feed)}
    if (await connection.execute(_WRITE_STATE, values)).rowcount == 0:
        raise LookupError(f"{feed.url}: the store has no feed with the id {feed.id}")


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
    is_same = all(getattr(row, name) == value for name, value in wanted.items())
    return {} if is_same else {"feed_id": row.id, **wanted}


def _description(row: AnyRow, spec: FeedSpec) -> Values:
    """Title, outlet and language as ``spec`` has them, or as they were."""
    return {
        "title": spec.title or row.title,
        "outlet": spec.outlet or row.outlet,
        "lang": spec.lang or row.lang,
    }
