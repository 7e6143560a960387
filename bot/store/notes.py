"""Notes: single values with a name, for whoever must remember one."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select

from bot.model import Restored
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.schema import meta

BEAT = "beat"
"""The name of the scheduler's sign of life, in ISO 8601."""
RESTORED = "note:restored"
"""The name of what ``write_restored`` gives."""
_NOTE = "note:"  # before the names that others choose, so that they meet none of ours


def write_restored(restored: Restored) -> str:
    """What ``load_restored_or_none`` reads."""
    moments = asdict(restored).items()
    return json.dumps({name: moment.astimezone(UTC).isoformat() for name, moment in moments})


class SqlNotes(DatabasePart):
    """The NoteStore port, and the beat."""

    @uninterrupted
    async def load_note(self, name: str) -> str:
        """What was noted last under ``name``, "" if nothing was."""
        return await self._load(_NOTE + name)

    @uninterrupted
    async def save_note(self, name: str, value: str) -> None:
        """Note ``value`` under ``name``, in place of what was there."""
        await self._save(_NOTE + name, value, durable=True)

    @uninterrupted
    async def load_restored_or_none(self) -> Restored | None:
        """The last restore of this database from a backup; None if there was none."""
        noted = await self._load(RESTORED)
        if not noted:
            return None
        moments = json.loads(noted).items()
        return Restored(**{name: datetime.fromisoformat(moment) for name, moment in moments})

    @uninterrupted
    async def record_beat(self, now: datetime) -> None:
        """Note that the scheduler is alive."""
        await self._save(BEAT, now.astimezone(UTC).isoformat(), durable=False)

    @uninterrupted
    async def last_beat_or_none(self) -> datetime | None:
        """When the scheduler last said it was alive."""
        beat = await self._load(BEAT)
        return datetime.fromisoformat(beat) if beat else None

    async def _load(self, name: str) -> str:
        async with self.database.reading() as connection:
            value = await connection.scalar(select(meta.c.value).where(meta.c.name == name))
        return value or ""

    async def _save(self, name: str, value: str, *, durable: bool) -> None:
        upsert = self.database.insert(meta)
        upsert = upsert.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": upsert.excluded.value}
        )
        async with self.database.writing(durable=durable) as connection:
            await connection.execute(upsert, {"name": name, "value": value})
