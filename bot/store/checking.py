"""Checking: is a database sound, and is what is in it as the program takes for granted?

Reads only. Each law below names what its breach means and who mends it; a database that no
other program wrote to and no disk damaged breaks none of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError

from bot.model import LONGEST_WAIT
from bot.store.address import parse_url
from bot.store.columns import Moment
from bot.store.copying import snapshot
from bot.store.engines import Database
from bot.store.retention import FORGOTTEN
from bot.store.schema import (
    BUCKET_INDEX,
    deliveries,
    entries,
    entry_keys,
    feeds,
    is_digest,
    is_in_a_story,
    is_polled,
    is_sending,
    stories,
    story_coverage,
)
from bot.store.snapshots import plain_engine
from bot.store.store import SqlStore
from bot.store.tables import make_whole_schema

FILE = "the file"

LONG_EXPIRED = timedelta(days=1)
"""A lease is a minute; whoever held one that ended so long ago is not there any more."""

TOLD = 5
"""Differences or broken rows that are named; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One law, and how often it is broken.

    Attributes:
        name: what was looked at, in a word or two.
        count: breaches; 0 where all is well.
        meaning: what they are and what follows from them.
        remedy: who mends them, or what the operator is to do.
        is_harmless: the bot mends them itself, or they cost nothing.
    """

    name: str
    count: int = 0
    meaning: str = ""
    remedy: str = ""
    is_harmless: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the disk, and those of them that no row needs."""

    size: int
    free: int


@dataclass(frozen=True, slots=True)
class _Law:
    name: str
    breaches: Callable[[datetime], Select[int]]
    meaning: str
    remedy: str
    is_harmless: bool = False


RESTORE = "restore a backup, or ask the makers with the output of this command"


async def check(url: str, *, now: datetime) -> list[Checked]:
    """Look at everything in the database at ``url``, which is at this program's revision.

    Raises:
        DatabaseUnusable: it cannot be read.
    """
    found = await asyncio.to_thread(lambda: list(_look(url, now)))
    if found[0].name == FILE and found[0].count:
        return found  # what is in it cannot be told, and a repair of any of it would not last
    return [*found, await _check_words(url)]


def measure(url: str) -> Space:
    """What the database at ``url`` takes.

    Raises:
        DatabaseUnusable: it cannot be read.
    """
    with plain_engine(parse_url(url)) as engine, engine.connect() as connection:
        return measure_space(connection)


def _look(url: str, now: datetime) -> Iterator[Checked]:
    with plain_engine(parse_url(url)) as engine, snapshot(engine) as connection:
        if connection.dialect.name == "sqlite":
            file = _check_file(connection)
            yield file
            if file.count:
                return
            yield _check_references(connection)
        else:
            yield _check_constraints(connection)
        yield _check_schema(connection)
        for law in _LAWS:
            count = connection.scalar(law.breaches(now)) or 0
            yield Checked(law.name, count, law.meaning, law.remedy, law.is_harmless)
        yield _check_hosts(connection)


def measure_space(connection: Connection) -> Space:
    """What the database takes; of PostgreSQL our tables with their indexes."""
    if connection.dialect.name == "sqlite":
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return Space(pages * size, free * size)
    total = func.sum(func.pg_total_relation_size(literal_column("oid")))
    asked = (
        select(total)
        .select_from(text("pg_class"))
        .where(
            text("relkind = 'r' AND relnamespace = current_schema()::regnamespace"),
            literal_column("relname").in_(sorted(make_whole_schema().tables)),
        )
    )
    return Space(int(connection.scalar(asked) or 0), 0)


def _none_of(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return ~exists(select(literal_column("1")).select_from(table).where(*conditions))


def _count(table: Table, *conditions: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(table).where(*conditions)


def _at(moment: datetime) -> ColumnElement[datetime]:
    return bindparam(None, moment, type_=Moment)


def _leaderless(_: datetime) -> Select[int]:
    leader = deliveries.alias("leader")
    is_led = exists(
        select(literal_column("1"))
        .select_from(leader)
        .where(leader.c.id == deliveries.c.digest_id, leader.c.digest_id == leader.c.id)
    )
    is_to_come = deliveries.c.state.in_(["owed", "sending"])
    return _count(deliveries, is_digest, is_to_come, ~is_led)


_LAWS = (
    _Law(
        "entries without a key",
        lambda _: _count(entries, _none_of(entry_keys, entry_keys.c.entry_id == entries.c.id)),
        "their feed brings them again, and they are posted again",
        RESTORE,
    ),
    _Law(
        "entries of no story",
        lambda _: _count(
            entries,
            is_in_a_story,
            entries.c.story_id != FORGOTTEN,
            _none_of(stories, stories.c.id == entries.c.story_id),
        ),
        "they say that they are in a story that is not there; nothing is posted of them",
        "nobody needs to; `newsbot why` knows no reason for them",
        is_harmless=True,
    ),
    _Law(
        "stories without reports",
        lambda _: _count(
            stories, _none_of(story_coverage, story_coverage.c.story_id == stories.c.id)
        ),
        "polls that compare with them break off, and bring nothing",
        RESTORE,
    ),
    _Law(
        "posts without an id",
        lambda _: _count(
            deliveries, deliveries.c.sent_revision > 0, deliveries.c.message_ref == ""
        ),
        "posts that are there and that no edit can reach; an edit would be a second post",
        RESTORE,
    ),
    _Law(
        "digests without a leader",
        _leaderless,
        "stories that are to be posted together, by one that is not there: again and again",
        RESTORE,
    ),
    _Law(
        "leases long expired",
        lambda now: _count(
            deliveries, is_sending, deliveries.c.lease_until < _at(now - LONG_EXPIRED)
        ),
        "posts that were under way when a bot ended, a day or more ago",
        "the bot takes them up as soon as it runs, and looks for the posts first",
        is_harmless=True,
    ),
    _Law(
        "feeds due too late",
        lambda now: _count(feeds, is_polled, feeds.c.next_due_at > _at(now + LONGEST_WAIT)),
        "a clock that ran ahead put them off beyond any interval",
        "the bot asks them as soon as it runs",
        is_harmless=True,
    ),
)


def _check_file(connection: Connection) -> Checked:
    try:
        rows = connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars().all()
    except DatabaseError as error:  # too broken to be told how
        rows = [str(error.orig)]
    broken = [] if rows == ["ok"] else [" ".join(str(row).split()) for row in rows]
    return Checked(
        FILE,
        len(broken),
        f"it is damaged: {'; '.join(broken[:TOLD])}",
        "stop the bot and restore a backup; look at the disk",
    )


def _check_references(connection: Connection) -> Checked:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    of = Counter(f"{row[0]} of {row[2]}" for row in found)
    told = ", ".join(f"{count} {name}" for name, count in of.most_common(TOLD))
    return Checked(
        "references",
        len(found),
        f"rows that belong to rows that are not there: {told}",
        "another program wrote to the database; restore a backup",
    )


def _check_constraints(connection: Connection) -> Checked:
    names = sorted(make_whole_schema().tables)
    found = connection.execute(
        text(
            "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE NOT convalidated AND relnamespace = current_schema()::regnamespace"
            " AND relname = ANY(:names) ORDER BY conname"
        ),
        {"names": names},
    ).scalars()
    broken = list(found)
    return Checked(
        "references",
        len(broken),
        f"rules that PostgreSQL does not hold for all rows: {', '.join(broken[:TOLD])}",
        "run ALTER TABLE … VALIDATE CONSTRAINT for each",
    )


def _check_schema(connection: Connection) -> Checked:
    """The tables as they are and as the program knows them; those of others are no matter."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see migrate.py
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    whole = make_whole_schema()
    is_sqlite = connection.dialect.name == "sqlite"

    def is_ours(_item: object, name: str | None, kind: str, *_: object) -> bool:
        if kind == "index" and is_sqlite:
            return name != BUCKET_INDEX  # which Alembic would miss there
        return kind != "table" or name in whole.tables

    context = MigrationContext.configure(connection, opts={"include_object": is_ours})
    found = [_tell_difference(one) for one in compare_metadata(context, whole)]
    return Checked(
        "the tables",
        len(found),
        f"they are not as this program made them: {'; '.join(found[:TOLD])}",
        "undo what was changed by hand, or `newsbot db copy` the database to a new one",
    )


def _tell_difference(one: object) -> str:
    """A difference as Alembic gives it: what would have to be done, to what."""
    told = one[0] if isinstance(one, list) else one
    if not isinstance(told, tuple):
        return str(told)
    names = [getattr(part, "name", part) for part in told[1:4]]
    return " ".join(str(name) for name in (told[0], *names) if isinstance(name, str))


def _check_hosts(connection: Connection) -> Checked:
    asked = select(feeds.c.id, feeds.c.url).where(is_polled)
    broken = [f"#{row.id}" for row in connection.execute(asked) if not _host_or_empty(row.url)]
    return Checked(
        "feeds without a host",
        len(broken),
        f"addresses that nobody can ask: {', '.join(broken[:TOLD])}",
        "`newsbot feeds remove` takes them out",
    )


def _host_or_empty(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def _check_words(url: str) -> Checked:
    """Whether what people chose can be read: the bot reads all of it with every poll."""
    broken = []
    async with SqlStore(Database(parse_url(url))) as store:
        for name, load in (
            ("subscriptions", store.find_subscriptions),
            ("watches", store.find_watches),
            ("feeds", store.find_feeds),
        ):
            try:
                await load()
            except (ValueError, TypeError) as error:
                broken.append(f"{name} ({error})")
    return Checked(
        "words",
        len(broken),
        f"values that this program does not know, in {', '.join(broken)}; the bot breaks on them",
        "another program wrote to the database; restore a backup",
    )
