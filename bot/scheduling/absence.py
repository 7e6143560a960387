"""A database that is away: told of once, and once more when it is back."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

IsAway = Callable[[BaseException], bool]
"""Whether an error says that the database does not answer at all."""


class Absence:
    """What a process knows of its database being away; shared by all that work in it.

    Args:
        is_away: recognises it by what was raised.
    """

    def __init__(self, is_away: IsAway = lambda _: False) -> None:
        self._is_away = is_away
        self._is_told = False

    def note(self, error: BaseException) -> bool:
        """Whether ``error`` was the database's absence; what is not must be told by the caller."""
        if not self._is_away(error):
            return False
        if not self._is_told:
            said = " ".join(str(error.__cause__ or error).split())
            log.warning(
                "the database (database.url) does not answer: %s; the work goes on when it does",
                said,
            )
            self._is_told = True
        else:
            log.debug("the database is still away", exc_info=error)
        return True

    def note_back(self) -> None:
        """The database answered."""
        if self._is_told:
            self._is_told = False
            log.warning("the database answers again")
