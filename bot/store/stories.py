"""Stories: written whole by a poll, read whole by everybody, never one query a story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
)

from bot.errors import StoriesMoved
from bot.model import DeliveryState, Story, TieKind
from bot.ports import Choose, Counts
from bot.store.columns import Moment
from bot.store.engines import Database, DatabasePart, make_insert, uninterrupted
from bot.store.rows import (
    Values,
    company_values,
    coverage_values,
    story_from_rows,
    story_values,
    term_values,
)
from bot.store.schema import (
    deliveries,
    entries,
    entry_edits,
    feeds,
    is_polled,
    meta,
    stories,
    story_companies,
    story_coverage,
    story_terms,
)
from bot.store.slices import slices

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

LOOKED_UP_AT_ONCE = 96  # terms a statement; SQLite joins 500 SELECTs at most
READ_AT_ONCE = 500  # stories a statement, or a transaction that indexes them
PADDED_TO = 16  # terms a statement, or a multiple of it
TERM_RULE = "term_rule"  # the name in ``meta`` of the rule that stories are kept by

# Made once, as making them takes longer than running them.
_STORY_IDS: BindParameter[Any] = bindparam("story_ids", expanding=True)
_FIND_STANDING = (
    select(stories.c.id, stories.c.version, stories.c.tie)
    .where(stories.c.id.in_(_STORY_IDS))
    .order_by(stories.c.id)
    .with_for_update()
)
_FIND_REPORTS, _FIND_COMPANIES = (
    select(table)
    .where(table.c.story_id.in_(_STORY_IDS))
    .order_by(table.c.story_id, table.c.position)
    for table in (story_coverage, story_companies)
)
_PARTS = (story_coverage, story_companies, story_terms)
_DELETE = {table: delete(table).where(table.c.story_id.in_(_STORY_IDS)) for table in _PARTS}
_INSERT = {table: insert(table) for table in _PARTS}

is_told = stories.c.tie != TieKind.MERGED.value
"""Whether a story is told by itself; one that was merged is told by another."""


class SqlStories(DatabasePart):
    """The StoryStore port but for its searches, and the candidates a poll asks for."""

    @uninterrupted
    async def find_candidates(
        self,
        terms: Collection[str],
        *,
        ids: Collection[str] = (),
        since: datetime,
        per_term: int,
        choose: Choose | None = None,
    ) -> tuple[Story, ...]:
        """Stories that a report may belong to, newest update first.

        A term is one short walk along its index, so the cost does not grow with what is
        kept. Where all terms together are on many stories, ``choose`` keeps them from being
        read: a few ids are much cheaper than a story.
        """
        if not terms and not ids:
            return ()
        walk = partial(_walk, terms=terms, since=since, per_term=per_term)

        def find(connection: Connection) -> list[Story]:
            found = walk(connection)
            chosen = {story_id for _, story_id in chain.from_iterable(found.values())}
            if choose is not None:
                chosen = set(choose(found))
            return _load_with_turns(connection, chosen | set(ids), since=since)

        by_id = sorted(await self.database.read(find), key=lambda story: story.id)
        return tuple(sorted(by_id, key=lambda story: story.updated_at, reverse=True))

    @uninterrupted
    async def index_stories(self, *, since: datetime, rule: int) -> int:
        """Keep the stories updated since then under their terms, by ``rule``; how many they are.

        Nothing is done where that was done by the same rule before. For the start of a
        program that finds stories by other terms than the one before it. In several
        transactions, each of which leaves whole stories; the rule is noted after the last.
        """
        is_open = and_(stories.c.updated_at >= since, is_told)
        async with self.database.reading() as connection:
            known = await connection.scalar(select(meta.c.value).where(meta.c.name == TERM_RULE))
            if known == str(rule):
                return 0
            ids = (await connection.scalars(select(stories.c.id).where(is_open))).all()
        for some in slices(ids, READ_AT_ONCE):
            async with self.database.writing() as connection:
                # Locked, by id as everybody locks them: polls of other processes write them,
                # and others that start index them too.
                wanted = select(stories).where(stories.c.id.in_(some)).order_by(stories.c.id)
                kept = await connection.run_sync(load_stories, wanted.with_for_update())
                await connection.execute(
                    delete(story_terms).where(story_terms.c.story_id.in_(some))
                )
                rows = chain.from_iterable(map(term_values, kept))
                await connection.run_sync(_put_rows, story_terms, rows)
        mark = self.database.insert(meta)
        mark = mark.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": mark.excluded.value}
        )
        async with self.database.writing() as connection:
            await connection.execute(mark, {"name": TERM_RULE, "value": str(rule)})
        return len(ids)

    @uninterrupted
    async def close_stories(self, before: datetime) -> int:
        """Keep stories not updated since ``before`` under no term; how many rows that freed."""
        async with self.database.writing() as connection:
            closed = delete(story_terms).where(story_terms.c.updated_at < before)
            return (await connection.execute(closed)).rowcount

    @uninterrupted
    async def find_story_or_none(self, story_id: str) -> Story | None:
        """The story with this id."""
        async with self.database.reading() as connection:
            wanted = select(stories).where(stories.c.id == story_id)
            found = await connection.run_sync(load_stories, wanted)
        return found[0] if found else None

    @uninterrupted
    async def find_stories_by_id(self, ids: Collection[str]) -> tuple[Story, ...]:
        """The stories that have any of ``ids``, newest first."""
        wanted = (
            select(stories)
            .where(stories.c.id.in_(ids))
            .order_by(stories.c.published_at.desc(), stories.c.id)
        )
        async with self.database.reading() as connection:
            return await connection.run_sync(load_stories, wanted)

    @uninterrupted
    async def load_counts(self, now: datetime) -> Counts:
        """How much of everything there is, in two statements."""
        is_owed = deliveries.c.state == DeliveryState.OWED.value
        totals = select(
            _count(feeds).where(is_polled).scalar_subquery().label("feeds"),
            _count(feeds).where(is_polled, feeds.c.failures > 0).scalar_subquery().label("failing"),
            _count(entries).scalar_subquery().label("entries"),
            _count(entry_edits).scalar_subquery().label("edits"),
            _count(stories).scalar_subquery().label("stories"),
            select(func.min(deliveries.c.next_attempt_at))
            .where(is_owed, deliveries.c.next_attempt_at <= now)
            .scalar_subquery()
            .label("due_since"),
        )
        by_state = select(deliveries.c.state, func.count().label("number")).group_by(
            deliveries.c.state
        )
        async with self.database.reading() as connection:
            row = (await connection.execute(totals)).one()
            states = {row.state: row.number for row in await connection.execute(by_state)}
        return Counts(
            feeds=row.feeds,
            feeds_failing=row.failing,
            entries=row.entries,
            edits=row.edits,
            stories=row.stories,
            deliveries={state: states.get(state.value, 0) for state in DeliveryState},
            backlog_s=(now - row.due_since).total_seconds() if row.due_since else 0.0,
        )


def put_stories(database: Database, connection: Connection, changed: Sequence[Story]) -> None:
    """Make the store hold ``changed`` as they stand, in eight statements at most.

    In order of ids, as every poll locks them, so that no two can wait for each other.

    Raises:
        StoriesMoved: one of them was written by somebody else since it was read.
    """
    changed = _find_unwritten(connection, sorted(changed, key=lambda story: story.id))
    if not changed:
        return
    upsert = _make_upsert(is_sqlite=database.is_sqlite)
    connection.execute(upsert, [story_values(story) for story in changed])
    ids = [story.id for story in changed]
    for table, values in (
        (story_coverage, coverage_values),
        (story_companies, company_values),
        (story_terms, term_values),
    ):
        connection.execute(_DELETE[table], {"story_ids": ids})
        _put_rows(connection, table, chain.from_iterable(map(values, changed)))


@cache
def _make_upsert(*, is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    insert = make_insert(stories, is_sqlite=is_sqlite)
    changed = {c.name: insert.excluded[c.name] for c in stories.c if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=[stories.c.id], set_=changed)


def _find_unwritten(connection: Connection, changed: Sequence[Story]) -> list[Story]:
    """Those of ``changed`` that do not stand so already, with their rows locked.

    Raises:
        StoriesMoved: one was written by somebody else since it was read.
    """
    turned = {story.tie.story_id for story in changed if story.tie and not story.version}
    ids = sorted({story.id for story in changed} | turned)
    rows = {row.id: row for row in connection.execute(_FIND_STANDING, {"story_ids": ids})}
    for story_id in turned:
        if story_id in rows and rows[story_id].tie == TieKind.MERGED.value:
            raise StoriesMoved(f"story {story_id} was merged since it was turned; decided anew")
    versions = {story_id: row.version for story_id, row in rows.items()}
    moved = [story for story in changed if versions.get(story.id, 0) != story.version]
    if moved:  # or the same outcome is committed once more
        wanted = select(stories).where(stories.c.id.in_([story.id for story in moved]))
        stand = {story.id: story for story in load_stories(connection, wanted)}
        for story in moved:
            if stand.get(story.id) != replace(story, version=story.version + 1):
                raise StoriesMoved(f"story {story.id} was written since it was read; decided anew")
    return [story for story in changed if versions.get(story.id, 0) == story.version]


def load_stories(connection: Connection, wanted: Select[Any]) -> tuple[Story, ...]:
    """The stories ``wanted`` selects, in its order; three statements however many they are."""
    rows = (connection.execute(wanted)).all()
    if not rows:
        return ()
    ids = [row.id for row in rows]
    reports = defaultdict(list)
    for report in connection.execute(_FIND_REPORTS, {"story_ids": ids}):
        reports[report.story_id].append(report)
    named: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in connection.execute(_FIND_COMPANIES, {"story_ids": ids}):
        roles = named[row.story_id]
        roles[row.role] = (*roles.get(row.role, ()), row.company)
    return tuple(story_from_rows(row, reports[row.id], named[row.id]) for row in rows)


def _walk(
    connection: Connection, *, terms: Collection[str], since: datetime, per_term: int
) -> dict[str, list[tuple[datetime, str]]]:
    """The places of the stories kept under each of ``terms``, see ``_find_kept``."""
    found: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for some in _padded(sorted(terms), LOOKED_UP_AT_ONCE):
        asked: Values = {f"term_{number}": term for number, term in enumerate(some)}
        asked |= {"since": since, "per_term": per_term}
        for row in connection.execute(_find_kept(len(some)), asked):
            found[row.term].append((row.updated_at, row.story_id))
    return found


def _load_with_turns(
    connection: Connection, ids: Collection[str], *, since: datetime
) -> list[Story]:
    """The stories that have ``ids``, and those updated since then that turn any of them."""
    loaded: dict[str, Story] = {}
    for some in slices(sorted(ids), READ_AT_ONCE):
        turns = and_(stories.c.tie_story_id.in_(some), stories.c.updated_at >= since)
        wanted = select(stories).where(or_(stories.c.id.in_(some), turns))
        loaded |= {story.id: story for story in load_stories(connection, wanted)}
    return list(loaded.values())


def _put_rows(connection: Connection, table: Table, values: Iterable[Values]) -> None:
    rows = list(values)
    if rows:
        connection.execute(_INSERT[table], rows)


@lru_cache(maxsize=LOOKED_UP_AT_ONCE // PADDED_TO)  # making it costs more than asking it
def _find_kept(count: int) -> Select[tuple[str, datetime, str]]:
    """The places of the stories kept under each of ``count`` terms, the newest of each.

    Parameters: ``term_0`` and so on, ``since``, ``per_term``.
    """
    newest = (
        select(story_terms)
        .where(
            story_terms.c.term == bindparam(f"term_{number}"),
            story_terms.c.updated_at >= bindparam("since", type_=Moment),
        )
        .order_by(story_terms.c.updated_at.desc(), story_terms.c.story_id.desc())
        .limit(bindparam("per_term", type_=Integer))
        .subquery()
        for number in range(count)
    )
    found = union_all(*(select(each) for each in newest)).subquery()
    return select(found.c.term, found.c.updated_at, found.c.story_id)


def _padded(terms: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """``terms`` in pieces of at most ``most``, filled up to a multiple of ``PADDED_TO``.

    So there are few statements, each made once; no story is kept under "".
    """
    for start in range(0, len(terms), most):
        some = terms[start : start + most]
        yield (*some, *[""] * (-len(some) % PADDED_TO))


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table)
