"""Signs of life: beats while a bot runs, and a last word when it stops in good order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import ProcessRole
from bot.ports import Store
from bot.prose.moments import tell_age
from bot.scheduling.jobs import BEAT_S

log = logging.getLogger(__name__)

ALIVE_WITHIN = timedelta(seconds=4 * BEAT_S)
"""A running bot notes that it is alive more often than this; one that was killed says nothing."""

_STOPPED_NOTE = "stopped at"


@dataclass(frozen=True, slots=True)
class Life:
    """What a bot last said of itself, None where it never did."""

    beat_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def has_stopped(self) -> bool:
        """Whether it said so, and no other has spoken since."""
        if self.stopped_at is None:
            return False
        return self.beat_at is None or self.beat_at <= self.stopped_at

    def is_running(self, now: datetime) -> bool:
        """Whether it gave a sign of life in the last minute, and did not stop after it."""
        if self.beat_at is None or self.has_stopped:
            return False
        return now - self.beat_at <= ALIVE_WITHIN

    def tell_last_sign(self, now: datetime) -> str:
        """Say "stopped 40 s ago" or "last sign of life 3 min ago"; "" if there never was one."""
        if self.stopped_at is not None and self.has_stopped:
            return f"stopped {tell_age(now - self.stopped_at)}"
        return f"last sign of life {tell_age(now - self.beat_at)}" if self.beat_at else ""


async def load_life(store: Store) -> Life:
    """What the bot on this database last said of itself."""
    noted = await store.load_note(_STOPPED_NOTE)
    stopped_at = datetime.fromisoformat(noted) if noted else None
    return Life(await store.last_beat_or_none(), stopped_at)


async def note_stop(store: Store, now: datetime) -> None:
    """The bot stops; its beats are over, unless others go on.

    Never raises: nothing of the work depends on it.
    """
    try:
        others = await store.find_processes(now, within=ALIVE_WITHIN)
        if any(ProcessRole.SCHEDULE in other.roles for other in others):
            return
        await store.save_note(_STOPPED_NOTE, now.isoformat())
    except Exception:
        log.exception("it could not be noted that the bot stopped; it seems to run for a minute")
