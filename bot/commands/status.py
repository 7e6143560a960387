"""How the bot is doing, in figures that a person or a script can read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.model import DeliveryState
from bot.ports import StoryStore


async def load_status(store: StoryStore, *, now: datetime) -> dict[str, Any]:
    """Counts of everything, with every delivery state named, ready for JSON.

    ``delivery_backlog_s`` is the age in seconds of the oldest delivery that is due.
    """
    counts = await store.load_counts(now)
    beat = await store.last_beat_or_none()
    return {
        "feeds": counts.feeds,
        "feeds_failing": counts.feeds_failing,
        "entries": counts.entries,
        "edits": counts.edits,
        "stories": counts.stories,
        "deliveries": {state.value: counts.deliveries.get(state, 0) for state in DeliveryState},
        "delivery_backlog_s": round(counts.backlog_s, 1),
        "last_tick_at": beat.isoformat() if beat else None,
    }
