"""The audit log: who changed what in a workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, delete, insert, select

from bot.model import AuditRecord, Destination, Platform
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.outbox_rows import destination_values
from bot.store.schema import audit

KEPT = 1000
"""Records of one workspace; with each new one the oldest above it goes."""


class SqlAudit(DatabasePart):
    """The AuditStore port."""

    @uninterrupted
    async def add_audit(self, record: AuditRecord) -> None:
        """Keep ``record``; of each workspace the latest thousand are kept."""
        place = record.place
        too_old = _newest_first(place.platform, place.workspace).with_only_columns(audit.c.id)
        values = {"at": record.at, "said_by": record.user, "said": record.said}
        async with self.database.writing() as connection:
            await connection.execute(insert(audit), {**destination_values(place), **values})
            await connection.execute(delete(audit).where(audit.c.id.in_(too_old.offset(KEPT))))

    @uninterrupted
    async def find_audit(
        self, platform: Platform, workspace: str, *, limit: int
    ) -> tuple[AuditRecord, ...]:
        """What was changed in a workspace, newest first."""
        async with self.database.reading() as connection:
            rows = await connection.execute(_newest_first(platform, workspace).limit(limit))
            return tuple(
                AuditRecord(
                    at=row.at,
                    place=Destination(platform, workspace, row.channel, row.thread),
                    user=row.said_by,
                    said=row.said,
                )
                for row in rows
            )


def _newest_first(platform: Platform, workspace: str) -> Select[Any]:
    of_workspace = and_(audit.c.platform == platform.value, audit.c.workspace == workspace)
    return select(audit).where(of_workspace).order_by(audit.c.at.desc(), audit.c.id.desc())
