"""Hubs: which feeds are pushed to us, and how we stand with those who push them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select

from bot.model import Feed, HubState, HubSubscription
from bot.store.engines import Database, DatabasePart, uninterrupted
from bot.store.feed_rows import feed_from_row, hub_from_row, hub_values
from bot.store.feeds import without_marks
from bot.store.schema import feeds, hub_subscriptions, is_polled

_with_address = (hub_subscriptions, feeds.c.url.label("feed_url"))
_is_of_feed = hub_subscriptions.c.feed_id == feeds.c.id
_is_elsewhere = or_(
    hub_subscriptions.c.hub != feeds.c.hub, hub_subscriptions.c.topic != feeds.c.topic
)


class SqlHubs(DatabasePart):
    """The HubStore port."""

    @uninterrupted
    async def find_hub_offers(self, *, limit: int) -> tuple[Feed, ...]:
        """Polled feeds that name a hub and a topic and are not subscribed to just these."""
        wanted = (
            without_marks()
            .outerjoin(hub_subscriptions, _is_of_feed)
            .where(
                is_polled,
                feeds.c.hub != "",
                feeds.c.topic != "",
                or_(hub_subscriptions.c.feed_id.is_(None), _is_elsewhere),
            )
            .order_by(feeds.c.id)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return tuple(map(feed_from_row, await connection.execute(wanted)))

    @uninterrupted
    async def find_stale_hubs(self, *, limit: int) -> tuple[HubSubscription, ...]:
        """Subscriptions of feeds that are retired, or name another hub or topic or none.

        Those whose hub was not asked for longest come first.
        """
        wanted = (
            select(*_with_address)
            .join(feeds, _is_of_feed)
            .where(or_(~is_polled, _is_elsewhere))
            .order_by(hub_subscriptions.c.asked_at, hub_subscriptions.c.feed_id)
            .limit(limit)
        )
        return await _find(self.database, wanted)

    @uninterrupted
    async def find_due_hubs(self, now: datetime, *, limit: int) -> tuple[HubSubscription, ...]:
        """Subscriptions whose hub is to be asked by ``now``, longest due first."""
        wanted = (
            select(*_with_address)
            .join(feeds, _is_of_feed)
            .where(hub_subscriptions.c.next_try_at <= now)
            .order_by(hub_subscriptions.c.next_try_at, hub_subscriptions.c.feed_id)
            .limit(limit)
        )
        return await _find(self.database, wanted)

    @uninterrupted
    async def find_hub_or_none(self, token: str) -> HubSubscription | None:
        """The subscription with this token."""
        wanted = select(*_with_address).join(feeds, _is_of_feed).where(_has(token))
        found = await _find(self.database, wanted)
        return found[0] if found else None

    @uninterrupted
    async def find_hub_feed_or_none(self, token: str) -> tuple[Feed, HubSubscription] | None:
        """The feed that is pushed under this token, with its subscription; while it is polled."""
        wanted = select(feeds).join(hub_subscriptions, _is_of_feed).where(is_polled, _has(token))
        async with self.database.reading() as connection:
            row = (await connection.execute(wanted)).one_or_none()
            hub = (
                await connection.execute(
                    select(*_with_address).join(feeds, _is_of_feed).where(_has(token))
                )
            ).one_or_none()
        return None if row is None or hub is None else (feed_from_row(row), hub_from_row(hub))

    @uninterrupted
    async def save_hub(self, subscription: HubSubscription) -> None:
        """Keep ``subscription``, in place of the one its feed had."""
        upsert = self.database.insert(hub_subscriptions)
        upsert = upsert.on_conflict_do_update(
            index_elements=[hub_subscriptions.c.feed_id],
            set_={
                c.name: upsert.excluded[c.name] for c in hub_subscriptions.c if not c.primary_key
            },
        )
        async with self.database.writing() as connection:
            await connection.execute(upsert, hub_values(subscription))

    @uninterrupted
    async def move_hub(self, subscription: HubSubscription, *, before: HubState) -> bool:
        """Keep it as ``save_hub`` does, but only where its token stands at ``before``."""
        values = hub_values(subscription)
        change = hub_subscriptions.update().where(
            _has(subscription.token), hub_subscriptions.c.state == before.value
        )
        async with self.database.writing() as connection:
            return (await connection.execute(change.values(values))).rowcount > 0

    @uninterrupted
    async def remove_hub(self, token: str) -> bool:
        """Forget the subscription with this token; False if there is none."""
        async with self.database.writing() as connection:
            gone = await connection.execute(delete(hub_subscriptions).where(_has(token)))
            return gone.rowcount > 0


async def _find(database: Database, wanted: Select[Any]) -> tuple[HubSubscription, ...]:
    async with database.reading() as connection:
        return tuple(map(hub_from_row, await connection.execute(wanted)))


def _has(token: str) -> ColumnElement[bool]:
    return hub_subscriptions.c.token == token
