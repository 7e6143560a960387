"""What came of things, in words of small sets: labels for whoever counts."""

from __future__ import annotations

from typing import Final

from bot.delivery.outcomes import Later, Said
from bot.errors import (
    FeedError,
    FeedUnreachable,
    FeedUnreadable,
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
    Trouble,
)

POSTPONED: Final = "postponed"
"""Nobody was asked, as a host wants to be left alone, or too many documents were being read."""

CAUSES: Final = tuple(trouble.value.replace(" ", "_") for trouble in Trouble if trouble)
"""Why a feed gave nothing; see ``bot.errors.Trouble``."""

DOCUMENT, UNCHANGED = "document", "unchanged"
FETCHES: Final = (DOCUMENT, UNCHANGED, POSTPONED, *CAUSES)

READ = "read"
PARSES: Final = (READ, POSTPONED, *CAUSES)

POSTED, EDITED, WAITING = "posted", "edited", "waiting"
_ERRORS: Final[dict[type[SendError], str]] = {
    SendRefusedForNow: "refused_for_now",
    SendUnclear: "unclear",
    SendParked: "parked",
    SendRefused: "refused",
    PostGone: "gone",
}
DELIVERIES: Final = (
    POSTED, EDITED, WAITING, *_ERRORS.values(), "broken",
)  # fmt: skip
"""See ``bot.errors.SendError``; waiting is for its turn, or for the time that people want it at."""


def outcome_of_failure(error: FeedError) -> str:
    """What a failed fetch or parse is counted as."""
    if isinstance(error, FeedUnreachable) and not error.was_asked:
        return POSTPONED
    if isinstance(error, FeedUnreadable) and not error.was_read:
        return POSTPONED
    return error.trouble.value.replace(" ", "_")


def outcome_of_delivery(said: Said, *, is_edit: bool) -> str:
    """What a delivery that was tried is counted as, one of ``DELIVERIES``."""
    if isinstance(said, str):
        return EDITED if is_edit else POSTED
    if isinstance(said, Later) or (isinstance(said, SendRefusedForNow) and said.is_paced):
        return WAITING
    return _ERRORS.get(type(said), "broken")
