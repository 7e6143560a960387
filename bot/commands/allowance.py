"""How many plain questions a person gets answered: the same on every platform. Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from bot.commands.answer import Answer, refuse

QUESTIONS, WINDOW_S = 5, 30.0
"""A person gets so many answers in so many seconds; the next question is told so, once in as
many seconds, and what is beyond is left unanswered."""

PEOPLE = 10_000
"""Askers remembered at a time."""


@dataclass(slots=True)
class Allowance:
    """Who asked how often lately; times are seconds of a clock that never goes back."""

    asked: dict[str, deque[float]] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)

    def take(self, user: str, now: float) -> bool:
        """Whether ``user`` gets an answer now, which counts if so."""
        times = self.asked.setdefault(user, deque())
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= QUESTIONS:
            return False
        times.append(now)
        if len(self.asked) > PEOPLE:
            self.asked = {who: at for who, at in self.asked.items() if at[-1] > now - WINDOW_S}
            self.told = {who: at for who, at in self.told.items() if at > now - WINDOW_S}
        return True

    def tell(self, user: str, now: float) -> float:
        """Seconds until ``user``, who got no answer now, gets one; 0 where that was said lately."""
        if now - self.told.get(user, -WINDOW_S) < WINDOW_S:
            return 0.0
        self.told[user] = now
        return self.asked[user][0] + WINDOW_S - now


def refuse_haste(wait_s: float) -> Answer:
    """What somebody is told who has to wait ``wait_s`` seconds."""
    return refuse(
        f"That is too fast for me: I answer {QUESTIONS} questions in {WINDOW_S:.0f} seconds. "
        f"Ask again in {math.ceil(wait_s)} s; what you ask before that is not answered"
    )
