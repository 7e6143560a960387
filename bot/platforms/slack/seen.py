"""Events that were heard already: Slack sends again what it believes unheard. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

KEPT_S = 3600.0
"""Seconds. Slack repeats an event at once, after a minute and after five.

Source: Slack documentation, "The Events API", error handling.
"""

MOST = 10_000
"""Events remembered at a time; beyond that the oldest are forgotten."""


@dataclass(slots=True)
class Seen:
    """Remembers ids for a while; times are seconds of a clock that never goes back."""

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
