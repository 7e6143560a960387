"""Events that were heard already: Slack sends again what it believes unheard.

It may send it to another process, so where there are several they remember together.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.ports.shared import SeenEvents

KEPT_S = 3600.0
"""Seconds. Slack repeats an event at once, after a minute and after five.

Source: Slack documentation, "The Events API", error handling.
"""

MOST = 10_000
"""Events remembered at a time; beyond that the oldest are forgotten."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Seen:
    """Remembers ids for a while. Pure; times are seconds of a clock that never goes back."""

    _at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def note(self, event_id: str, now: float) -> bool:
        """Whether ``event_id`` is new, which it is no longer then; one without an id is new."""
        while self._at and next(iter(self._at.values())) <= now - KEPT_S:
            self._at.popitem(last=False)
        if not event_id:
            return True
        if event_id in self._at:
            return False
        self._at[event_id] = now
        if len(self._at) > MOST:
            self._at.popitem(last=False)
        return True


class Hearing:
    """Tells what is new to all processes.

    Args:
        shared: None where this is the only process.
    """

    def __init__(
        self, shared: SeenEvents | None, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._seen = Seen()
        self._shared = shared
        self._clock_s = clock_s

    async def is_new(self, event_id: str) -> bool:
        """Whether ``event_id`` is new, which it is no longer then; one without an id is new.

        What the others heard cannot be asked while the database is away: then it is new.
        """
        if not self._seen.note(event_id, self._clock_s()):
            return False
        if self._shared is None or not event_id:
            return True
        try:
            return await self._shared.note_event(f"slack/{event_id}", now=datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - better answered twice than never
            log.warning("slack: whether an event is new is not known: %s", type(error).__name__)
            return True
