"""Where the tokens of workspaces are kept: slack_sdk's tables, read and written by its store.

It finds a workspace by its organization too, which a destination does not name; so that search
is made here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import (
    AsyncSQLAlchemyInstallationStore,
    SQLAlchemyInstallationStore,
)
from sqlalchemy import and_, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.platforms.slack.installing import to_its_end

log = logging.getLogger(__name__)


class Installations(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store, with one installation of each workspace: the latest.

    Each transaction ends before a cancellation of who asked for it is obeyed.

    Args:
        told: called when one was added.
    """

    def __init__(self, client_id: str, engine: AsyncEngine, *, told: Callable[[], None]) -> None:
        super().__init__(client_id, engine, logger=log)
        self._told = told

    async def async_save(self, installation: Installation) -> None:
        """Keep it, and forget those before it of the same workspace or organization."""
        await to_its_end(self._save(installation))

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep the next token of an installation."""
        await to_its_end(super().async_save_bot(bot))

    async def find_bots(self, workspace: str) -> tuple[Bot, ...]:
        """Which tokens may be for ``workspace``: its own first, then organizations'."""
        return await to_its_end(self._find_bots(workspace))

    async def count(self) -> int:
        """How many workspaces and organizations there are."""
        return await to_its_end(self._count())

    async def remove(self, bot: Bot, *, before: datetime) -> None:
        """Forget what the workspace or organization of ``bot`` installed before ``before``.

        Args:
            before: UTC without an offset, as slack_sdk writes it.
        """
        await to_its_end(self._remove(bot, before))

    async def _save(self, installation: Installation) -> None:
        await super().async_save(installation)
        bot = installation.to_bot()
        await self._remove(bot, find_time(bot))
        self._told()

    async def _find_bots(self, workspace: str) -> tuple[Bot, ...]:
        c = self.bots.c
        wanted = (
            select(self.bots)
            .where(c.client_id == self.client_id, c.bot_token.is_not(None))
            .where(or_(c.team_id == workspace, c.team_id.is_(None)))
            .order_by(c.team_id.is_(None), c.installed_at.desc(), c.id.desc())
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return tuple(SQLAlchemyInstallationStore.build_bot_entity(row) for row in rows)

    async def _count(self) -> int:
        c = self.bots.c
        places = select(func.count(distinct(func.coalesce(c.team_id, c.enterprise_id)))).where(
            c.client_id == self.client_id, c.bot_token.is_not(None)
        )
        async with self.engine.connect() as connection:
            return int(await connection.scalar(places) or 0)

    async def _remove(self, bot: Bot, before: datetime) -> None:
        async with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                c = table.c
                is_it = and_(c.team_id.is_(None), c.enterprise_id == bot.enterprise_id)
                if bot.team_id is not None:
                    is_it = c.team_id == bot.team_id
                is_it = and_(is_it, c.client_id == self.client_id, c.installed_at < before)
                await connection.execute(table.delete().where(is_it))


def find_time(kept: Bot) -> datetime:
    """When it was installed, as slack_sdk writes it."""
    return datetime.fromtimestamp(kept.installed_at, tz=UTC).replace(tzinfo=None)
