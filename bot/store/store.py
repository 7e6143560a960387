"""The store, whole, made of parts over one database."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from bot.store.address import parse_url
from bot.store.audit import SqlAudit
from bot.store.deciding import SqlDeciding
from bot.store.deliveries import SqlDeliveries
from bot.store.engines import Database, OwedHook
from bot.store.entries import SqlEntries
from bot.store.feeds import SqlFeeds
from bot.store.gauges import SqlGauges
from bot.store.hubs import SqlHubs
from bot.store.migrate import check_database, upgrade_database
from bot.store.overviews import SqlOverviews
from bot.store.processes import SqlProcesses
from bot.store.repairs import SqlRepairs
from bot.store.retention import SqlRetention
from bot.store.searches import SqlSearches
from bot.store.stories import SqlStories
from bot.store.subscriptions import SqlSubscriptions
from bot.store.sweeping import SqlSweeps
from bot.store.watches import SqlWatches


class SqlStore(
    SqlFeeds,
    SqlHubs,
    SqlDeciding,
    SqlSubscriptions,
    SqlDeliveries,
    SqlSweeps,
    SqlStories,
    SqlSearches,
    SqlEntries,
    SqlRepairs,
    SqlWatches,
    SqlGauges,
    SqlAudit,
    SqlOverviews,
    SqlRetention,
    SqlProcesses,
):
    """The Store port on SQLite or PostgreSQL; close it with ``aclose`` or ``async with``."""

    async def aclose(self) -> None:
        """Close every connection; the store is of no use afterwards."""
        await self.database.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


async def open_store(
    url: str, *, migrate: bool = True, on_owed: OwedHook | None = None
) -> SqlStore:
    """Open the database at ``url`` (see ``engines.parse_url``), upgraded first if ``migrate``.

    Args:
        on_owed: told of everything that comes to be owed, within its transaction.

    Raises:
        DatabaseUnusable: the address is wrong, the database cannot be opened or is newer
            than this program; or it is older and ``migrate`` is False.
    """
    database = Database(parse_url(url), on_owed=on_owed)
    try:
        await (upgrade_database(database) if migrate else check_database(database))
    except BaseException:
        await database.aclose()
        raise
    return SqlStore(database)
