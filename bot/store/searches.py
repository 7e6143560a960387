"""Searches: the stories that somebody asks for, and how many there are of each pair."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from bot.model import Role, Scope, Story, TieKind
from bot.ports import CompanyPair, StoryQuery
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.rows import WATCHED
from bot.store.schema import stories, story_companies, story_coverage
from bot.store.stories import is_told, load_stories
from bot.store.words import says


class SqlSearches(DatabasePart):
    """The part of the StoryStore port that looks for stories by what they are."""

    @uninterrupted
    async def find_stories(self, query: StoryQuery) -> tuple[Story, ...]:
        """Stories that answer ``query``, those of feeds' first polls too, newest first."""
        wanted = select(stories).where(*_conditions(query))
        wanted = wanted.order_by(stories.c.published_at.desc(), stories.c.id).limit(query.limit)
        async with self.database.reading() as connection:
            return await connection.run_sync(load_stories, wanted)

    @uninterrupted
    async def count_pairs(self, query: StoryQuery) -> Mapping[CompanyPair, int]:
        """How many of the stories that answer ``query`` name each maker with each carrier."""
        # Found first and by themselves, or SQLite begins with every maker that was ever named.
        found = select(stories.c.id).where(*_conditions(query)).cte("found")
        found = found.prefix_with("MATERIALIZED")
        maker, carrier = (
            select(story_companies.c.story_id, story_companies.c.company)
            .where(story_companies.c.role == role.value)
            .subquery(role.value)
            for role in (Role.MAKER, Role.CARRIER)
        )
        wanted = (
            select(maker.c.company, carrier.c.company, func.count())
            .select_from(found)
            .join(maker, maker.c.story_id == found.c.id)
            .join(carrier, carrier.c.story_id == found.c.id)
            .group_by(maker.c.company, carrier.c.company)
        )

        def count(connection: Connection) -> dict[CompanyPair, int]:
            return {(of, by): number for of, by, number in connection.execute(wanted)}

        return await self.database.read(count)

    @uninterrupted
    async def find_turns(self, story_ids: Collection[str], *, limit: int) -> tuple[Story, ...]:
        """Stories that turn any of these, in order of opening, the first ``limit``."""
        if not story_ids:
            return ()
        wanted = (
            select(stories)
            .where(
                stories.c.tie_story_id.in_(story_ids),
                stories.c.tie.not_in(["", TieKind.MERGED.value]),
            )
            .order_by(stories.c.opened_at, stories.c.id)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return await connection.run_sync(load_stories, wanted)


def _conditions(query: StoryQuery) -> Iterator[ColumnElement[bool]]:
    """What holds for every story that answers ``query``."""
    is_watched = and_(
        story_companies.c.role == WATCHED, story_companies.c.company.in_(query.watched)
    )
    yield stories.c.published_at >= query.since
    yield or_(stories.c.is_relevant, _names(is_watched))
    yield is_told
    if query.companies:
        yield _names_any(query.companies)
    for company in query.also:
        yield _names_any([company])
    if query.scope is Scope.PAIR:
        yield stories.c.is_pair
    elif query.scope is not Scope.ANY:
        role = Role.MAKER if query.scope is Scope.MAKERS else Role.CARRIER
        yield _names(story_companies.c.role == role.value)
    if query.until is not None:
        yield stories.c.published_at < query.until
    if query.behind is not None:
        published_at, story_id = query.behind
        yield stories.c.published_at <= published_at  # so that the index is walked from there
        yield or_(stories.c.published_at < published_at, stories.c.id > story_id)
    if query.events:
        yield stories.c.event.in_([event.value for event in query.events])
    if query.outlet:
        yield _reported(says(story_coverage.c.outlet, query.outlet))
    yield from map(_says, query.words)


def _names(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return stories.c.id.in_(select(story_companies.c.story_id).where(condition))


def _names_any(companies: Collection[str]) -> ColumnElement[bool]:
    return _names(story_companies.c.company.in_(companies))


def _reported(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the story has a report for which ``condition`` holds."""
    reports = select(story_coverage.c.story_id).where(
        story_coverage.c.story_id == stories.c.id, condition
    )
    return reports.exists()


def _says(word: str) -> ColumnElement[bool]:
    """Whether ``word`` stands in what people read of a story, or in the title of a report."""
    return or_(
        says(stories.c.headline, word),
        says(stories.c.summary, word),
        _reported(says(story_coverage.c.title, word)),
    )
