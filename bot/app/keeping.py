"""What is old enough is dropped once a day, as the operator wishes it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.parts import close_after
from bot.ports import Clock, Store
from bot.settings import Settings

EVERY_S = 86_400.0
"""How often it is looked for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Drops what is over; its steps are short, and a stop waits for one of them at most."""

    store: Store
    settings: Settings
    clock: Clock

    async def drop_old(self) -> None:
        """Drop all that is old enough now; what is owed, or hung on by younger stories, stays.

        Stories that were quiet for long are looked up no more by reports, which drops nothing.
        """
        now, keep = self.clock(), self.settings.keep
        unlisted = _before(now, self.settings.poll.seen_days)
        await self.store.close_stories(now - close_after(self.settings))
        dropped = {
            "entries that no feed lists any more": await self.store.forget_entries(unlisted),
            "mutes that were over": await self.store.forget_mutes(now),
            "feeds' memory": await self.store.forget_marks(unlisted),
        }
        if keep.stories_days:
            stories = await self.store.forget_stories(_before(now, keep.stories_days))
            dropped["stories (keep.stories_days)"] = stories
        # Whatever the setting is by now: what it once dropped has entries that must go too.
        reports = await self.store.forget_entries_of_gone(unlisted)
        dropped["reports of dropped stories"] = reports
        if keep.audit_days:
            records = await self.store.forget_audit(_before(now, keep.audit_days))
            dropped["audit records (keep.audit_days)"] = records
        told = ", ".join(f"{count} {name}" for name, count in dropped.items() if count)
        if told:
            log.info("dropped %s", told)


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
