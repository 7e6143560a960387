"""Since when something waits, by name; kept as a note, so that it outlives the process.

A bot that cron starts for one round at a time would begin to wait anew at each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from bot.ports import Store


class Waits:
    """What waits under one note.

    Args:
        note: its name.
    """

    def __init__(self, store: Store, note: str) -> None:
        self._store = store
        self._note = note

    async def load(self) -> dict[str, datetime]:
        """All that waits, and since when."""
        noted = await self._store.load_note(self._note)
        return {name: datetime.fromisoformat(at) for name, at in json.loads(noted or "{}").items()}

    async def keep(self, names: Iterable[str], *, now: datetime) -> dict[str, datetime]:
        """Note that these wait, the new ones since ``now``, and that others do so no more.

        Returns:
            Since when each waits.
        """
        before = await self.load()
        kept = {name: before.get(name, now) for name in sorted(names)}
        if kept != before:
            noted = json.dumps({name: at.isoformat() for name, at in kept.items()})
            await self._store.save_note(self._note, noted)
        return kept
