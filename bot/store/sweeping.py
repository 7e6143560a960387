"""Sweeping: where something fell due that nobody was told of.

Whoever owes something for now says so (``OwedHook``). Retries, digests, the end of a pause and
what a dead worker held fall due by themselves, and are found here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from bot.model import Destination, Platform
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.leases import ALONG_INDEXES, FRESH_FOR
from bot.store.outbox_rows import destination_from_row
from bot.store.schema import PLACE, deliveries, is_fresh, is_owed, is_sending

_PLACE = tuple(deliveries.c[name] for name in PLACE)
_KEY = (
    deliveries.c.platform
    + "/"
    + deliveries.c.workspace
    + "/"
    + deliveries.c.channel
    + "/"
    + deliveries.c.thread
)
"""What ``Destination.key`` is."""


class SqlSweeps(DatabasePart):
    """The part of the outbox that finds what fell due."""

    @uninterrupted
    async def find_due_places(
        self,
        now: datetime,
        platform: Platform,
        *,
        limit: int,
        but_not: Collection[str] = (),
        since: datetime | None = None,
    ) -> tuple[Destination, ...]:
        """Where on ``platform`` something may be posted at ``now``, news first.

        So of what is owed and due, and of what is being sent under a lease that ran out.

        Args:
            limit: deliveries of each kind that are looked at.
            but_not: keys of destinations that are seen to already.
            since: what was due by then is left out, so that a look costs little.
        """
        conditions = [deliveries.c.platform == platform.value]
        if but_not:
            conditions.append(_KEY.not_in(sorted(but_not)))
        expired = select(*_PLACE).where(is_sending, deliveries.c.lease_until <= now, *conditions)
        if since is not None:
            conditions.append(deliveries.c.next_attempt_at > since)
        due = select(*_PLACE).where(is_owed, deliveries.c.next_attempt_at <= now, *conditions)
        wanted = (
            due.where(is_fresh, deliveries.c.opened_at > now - FRESH_FOR)
            .order_by(deliveries.c.opened_at, deliveries.c.id)
            .limit(limit),
            due.order_by(deliveries.c.next_attempt_at).limit(limit),
            expired.limit(limit),
        )

        def find(connection: Connection) -> tuple[Destination, ...]:
            found: dict[Destination, None] = {}
            if not self.database.is_sqlite:
                connection.execute(ALONG_INDEXES)
            for one in wanted:
                found.update(dict.fromkeys(map(destination_from_row, connection.execute(one))))
            return tuple(found)

        return await self.database.read(find)
