"""How much of our time a hub takes: when it may push again, and when it pushed nonsense too often.

Reading a document costs more than sending it, and a hub decides for itself when it sends one.
So each feed's hub waits a little after every document, longer after one that took long, and
is let go after several in a row that could not be read. Pure: times come in, times go out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LEAST_GAP: Final = timedelta(seconds=1)
"""Between the end of a document's filing and the next of the same feed."""

GAP_PER_FILING: Final = 4
"""The gap is so many times what the filing took, where that is longer: so one feed's hub has a
fifth of one worker at most, whatever it sends."""

LONGEST_GAP: Final = timedelta(minutes=10)

MAX_UNREADABLE: Final = 3
"""Documents in a row that cannot be read, after which nothing more is taken for a week."""

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A failure counts no longer than that, when nothing comes after it."""


@dataclass(frozen=True, slots=True)
class _Past:
    open_at: datetime
    unreadable: int


class Pushes:
    """What the hubs of some feeds pushed lately, by the tokens they push with.

    In memory alone: whoever starts anew has no worse a hub than before, for three documents.
    """

    def __init__(self) -> None:
        self._past: dict[str, _Past] = {}

    def __len__(self) -> int:
        return len(self._past)

    def wait_s(self, token: str, *, now: datetime) -> float:
        """Seconds until the next document is taken, 0.0 for at once."""
        past = self._past.get(token)
        return 0.0 if past is None else max(0.0, (past.open_at - now).total_seconds())

    def note(self, token: str, *, began: datetime, ended: datetime, is_readable: bool) -> bool:
        """A document was filed, or could not be.

        Returns:
            Whether this is one too many that cannot be read; the count then begins anew.
        """
        gap = min(max(LEAST_GAP, GAP_PER_FILING * (ended - began)), LONGEST_GAP)
        past = self._past.get(token)
        unreadable = 0 if is_readable else 1 + (past.unreadable if past else 0)
        is_over = unreadable >= MAX_UNREADABLE
        self._past[token] = _Past(ended + gap, 0 if is_over else unreadable)
        return is_over

    def forget_old(self, now: datetime) -> None:
        """Forget whom there is nothing to hold against any more."""
        self._past = {
            token: past
            for token, past in self._past.items()
            if now < past.open_at + (FORGOTTEN_AFTER if past.unreadable else timedelta())
        }
