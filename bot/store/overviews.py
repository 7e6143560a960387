"""Overviews: how feeds are doing and what is owed, in few rows however much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from bot.model import DeliveryState, Feed, Platform, Story
from bot.model.condition import Condition
from bot.ports import Backlog, FeedQuery, Parked
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.feed_rows import feed_from_row
from bot.store.feeds import without_marks
from bot.store.outbox_rows import destination_from_row
from bot.store.schema import PLACE, deliveries, feeds, stories, subscriptions
from bot.store.standing import WORST_FIRST, condition, due_by_platform, is_polled_at_all
from bot.store.stories import load_stories
from bot.store.words import says

RECENT = 1_000
"""Stories among which the newest post is looked for, so that nobody reads all there ever were."""


class SqlOverviews(DatabasePart):
    """The OverviewStore port."""

    @uninterrupted
    async def count_conditions(self) -> Mapping[Condition, int]:
        """How many polled feeds are in each condition; broken ones count as failing."""
        place = condition.label("place")
        wanted = select(place, func.count()).where(is_polled_at_all).group_by(place)

        def count(connection: Connection) -> dict[Condition, int]:
            return {WORST_FIRST[place]: number for place, number in connection.execute(wanted)}

        return await self.database.read(count)

    @uninterrupted
    async def find_feeds_like(self, query: FeedQuery) -> tuple[Feed, ...]:
        """Polled feeds that answer ``query``, the worst first, then by name; without marks."""
        wanted = without_marks().where(is_polled_at_all)
        if query.condition is not None:
            wanted = wanted.where(condition == WORST_FIRST.index(query.condition))
        for word in query.words:
            wanted = wanted.where(or_(says(feeds.c.title, word), says(feeds.c.url, word)))
        name = func.lower(func.coalesce(func.nullif(feeds.c.title, ""), feeds.c.url))
        wanted = wanted.order_by(condition, feeds.c.failures.desc(), name, feeds.c.id)
        wanted = wanted.offset(query.skip).limit(query.limit)

        def find(connection: Connection) -> tuple[Feed, ...]:
            return tuple(map(feed_from_row, connection.execute(wanted)))

        return await self.database.read(find)

    @uninterrupted
    async def load_backlogs(self, now: datetime) -> tuple[Backlog, ...]:
        """What each platform is owed that has a place or a delivery, by name."""
        states = select(deliveries.c.platform, deliveries.c.state, func.count()).group_by(
            deliveries.c.platform, deliveries.c.state
        )
        places = select(
            subscriptions.c.platform,
            func.count(),
            func.sum(case((subscriptions.c.parked != "", 1), else_=0)),
        ).group_by(subscriptions.c.platform)

        def load(connection: Connection) -> tuple[Backlog, ...]:
            found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
            counts: defaultdict[str, dict[DeliveryState, int]] = defaultdict(dict)
            for platform, state, number in connection.execute(states):
                counts[platform][DeliveryState(state)] = number
                found[platform]["deliveries"] = counts[platform]
            for row in connection.execute(due_by_platform(now)):
                found[row.platform] |= {"due": row.number, "due_since": row.due_since}
            for platform, number, parked in connection.execute(places):
                found[platform] |= {"places": number, "parked": int(parked)}
            return tuple(Backlog(Platform(name), **found[name]) for name in sorted(found))

        return await self.database.read(load)

    @uninterrupted
    async def find_newest_posted(self) -> Mapping[Platform, Story | None]:
        """Of each platform that anybody subscribes on the newest story that was ever posted there.

        None where there is none among the ``RECENT`` newest stories of all.
        """
        subscribed = select(subscriptions.c.platform).distinct()

        def find(connection: Connection) -> dict[Platform, Story | None]:
            found: dict[Platform, Story | None] = {}
            for platform in sorted(connection.scalars(subscribed)):
                posted = load_stories(connection, _newest_posted(platform))
                found[Platform(platform)] = posted[0] if posted else None
            return found

        return await self.database.read(find)

    @uninterrupted
    async def find_parked(self, *, limit: int) -> tuple[Parked, ...]:
        """Places that the platform takes no posts for, the first subscribed first."""
        there = and_(*(deliveries.c[name] == subscriptions.c[name] for name in PLACE))
        waiting = (
            select(func.count())
            .select_from(deliveries)
            .where(there, deliveries.c.state == DeliveryState.OWED.value)
            .correlate(subscriptions)
            .scalar_subquery()
        )
        wanted = (
            select(
                *(subscriptions.c[name] for name in PLACE),
                subscriptions.c.parked,
                waiting.label("waiting"),
            )
            .where(subscriptions.c.parked != "")
            .order_by(subscriptions.c.id)
            .limit(limit)
        )

        def find(connection: Connection) -> tuple[Parked, ...]:
            return tuple(
                Parked(destination_from_row(row), row.parked, row.waiting)
                for row in connection.execute(wanted)
            )

        return await self.database.read(find)


def _newest_posted(platform: str) -> Select[Any]:
    """The newest story of the ``RECENT`` newest that was posted on ``platform``."""
    newest = stories.c.published_at.desc(), stories.c.id
    recent = select(stories.c.id).order_by(*newest).limit(RECENT)
    # Not EXISTS: PostgreSQL may make a join of that, and read all that was ever posted.
    post = (
        select(deliveries.c.id)
        .where(
            deliveries.c.story_id == stories.c.id,
            deliveries.c.platform == platform,
            deliveries.c.sent_revision > 0,
        )
        .limit(1)
        .correlate(stories)
        .scalar_subquery()
    )
    wanted = select(stories).where(stories.c.id.in_(recent), post.is_not(None))
    return wanted.order_by(*newest).limit(1)
