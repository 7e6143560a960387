"""Answers that are kept for a short time, and asked for again when they are too old."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

FRESH_S = 3.0
"""Seconds; an answer younger than this is not asked for again, whatever it says."""

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by key.

    Args:
        most: so many are kept; beyond that those go that were not looked at for longest.
        kept_s: seconds that one is good.
        timer: seconds that never go back.
    """

    def __init__(self, most: int, kept_s: float, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._answers: TTLCache[Hashable, tuple[float, T]] = TTLCache(most, kept_s, timer)

    async def find(
        self,
        key: Hashable,
        ask: Callable[[], Awaitable[T]],
        *,
        is_good: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """The answer, kept or asked for; what ``ask`` raises is not kept.

        Args:
            is_good: one that is not is asked for anew, unless it is fresh.
        """
        if kept := self._answers.get(key):
            asked_at, answer = kept
            if self._timer() - asked_at < FRESH_S or is_good(answer):
                return answer
        found = await ask()
        self._answers[key] = (self._timer(), found)
        return found

    def recall_or_none(self, key: Hashable) -> T | None:
        """The answer, if it is kept; nothing is asked."""
        kept = self._answers.get(key)
        return kept[1] if kept else None

    def forget(self, key: Hashable) -> None:
        """Ask anew the next time."""
        self._answers.pop(key, None)
