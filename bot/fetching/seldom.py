"""What is said of each subject now and then, however often it happens. Pure."""

from __future__ import annotations

from typing import Final

EVERY_S: Final = 3_600.0
MOST: Final = 1_000
"""Subjects remembered; strangers name them, and can name a new one every time."""


class Seldom:
    """Remembers what was said, each subject for ``EVERY_S``."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}  # when; what was said last stands last

    def is_due(self, subject: str, *, now_s: float) -> bool:
        """Whether ``subject`` may be said; if so, it counts as said.

        Args:
            now_s: of a clock that is never set back.
        """
        said_at = self._said.get(subject)
        if said_at is not None and now_s - said_at < EVERY_S:
            return False
        self._said.pop(subject, None)
        self._said[subject] = now_s
        while len(self._said) > MOST:
            del self._said[next(iter(self._said))]
        return True
