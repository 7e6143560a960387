"""Processes: who is at work on this database, and for which parts of the feeds there is work."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    delete,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)

from bot.model import BUCKETS, LONGEST_WAIT, Process, ProcessRole
from bot.store.columns import EPOCH, MICROSECOND, Moment
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.leases import ALONG_INDEXES
from bot.store.schema import feeds, is_polled
from bot.store.shared_tables import processes

KEPT = timedelta(days=1)
"""A process that said nothing for so long is not told of any more."""

_CLOCK = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


class SqlProcesses(DatabasePart):
    """The ProcessStore port. Beats go by the database's clock: machines differ by seconds."""

    @uninterrupted
    async def record_process(self, process: Process) -> None:
        """Note that ``process`` lives, and in which roles; forget those that are long dead."""
        now = _now(self.database, process.beat_at)
        upsert = self.database.insert(processes).values(
            name=process.name,
            roles=" ".join(sorted(process.roles)),
            host=process.host,
            started_at=process.started_at,
            beat_at=now,
        )
        upsert = upsert.on_conflict_do_update(
            index_elements=[processes.c.name],
            set_={"roles": upsert.excluded.roles, "beat_at": upsert.excluded.beat_at},
        )
        old = type_coerce(processes.c.beat_at, BigInteger) < now - KEPT // MICROSECOND
        async with self.database.writing(durable=False) as connection:
            await connection.execute(upsert)
            await connection.execute(delete(processes).where(old))

    @uninterrupted
    async def forget_process(self, name: str) -> None:
        """The process of this name ends."""
        async with self.database.writing(durable=False) as connection:
            await connection.execute(delete(processes).where(processes.c.name == name))

    @uninterrupted
    async def find_processes(self, now: datetime, *, within: timedelta) -> tuple[Process, ...]:
        """Processes that said within this time that they live, by name."""
        number = _now(self.database, now)
        is_alive = type_coerce(processes.c.beat_at, BigInteger) >= number - within // MICROSECOND
        async with self.database.reading() as connection:
            wanted = select(processes).where(is_alive).order_by(processes.c.name)
            return tuple(
                Process(
                    name=row.name,
                    roles=frozenset(map(ProcessRole, row.roles.split())),
                    host=row.host,
                    started_at=row.started_at,
                    beat_at=row.beat_at,
                )
                for row in await connection.execute(wanted)
            )

    @uninterrupted
    async def find_due_buckets(self, by: datetime) -> tuple[int, ...]:
        """The parts of the feeds in which any is due then; an index look-up or two for each."""
        asked = {"due_by": by, "lost_after": by + LONGEST_WAIT}

        def find(connection: Connection) -> tuple[int, ...]:
            if not self.database.is_sqlite:
                connection.execute(ALONG_INDEXES)
            return tuple(connection.scalars(_find_due_buckets(), asked))

        return await self.database.read(find)


@cache  # making it costs more than asking it
def _find_due_buckets() -> Select[tuple[int]]:
    """The parts in which a feed is due by ``due_by``, or after ``lost_after``."""
    every = (select(literal(number, Integer).label("bucket")) for number in range(BUCKETS))
    parts = union_all(*every).subquery("parts")

    def any_due(is_due: ColumnElement[bool]) -> ColumnElement[bool]:
        # Not EXISTS: PostgreSQL may make a join of that, and read all that is due.
        one = select(feeds.c.id).where(is_polled, feeds.c.bucket == parts.c.bucket, is_due)
        return one.limit(1).correlate(parts).scalar_subquery().is_not(None)

    is_due = any_due(feeds.c.next_due_at <= bindparam("due_by", type_=Moment))
    is_lost = any_due(feeds.c.next_due_at > bindparam("lost_after", type_=Moment))
    return select(parts.c.bucket).where(or_(is_due, is_lost)).order_by(parts.c.bucket)


def _now(database: Database, now: datetime) -> ColumnElement[int]:
    """The time in microseconds, by the database's clock; SQLite has none of its own."""
    if database.is_sqlite:
        return literal((now - EPOCH) // MICROSECOND, BigInteger)
    return literal_column(_CLOCK, BigInteger)
