"""A hub that pushes a feed's new documents to us (WebSub), as we stand with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class HubState(StrEnum):
    """How far the asking went."""

    ASKED = "asked"  # we asked; the hub has not verified that it was us
    HELD = "held"  # verified: it pushes until the lease ends
    REFUSED = "refused"  # it said no, or its answers make no sense
    LEAVING = "leaving"  # we asked it to stop


@dataclass(frozen=True, slots=True)
class HubSubscription:
    """What one feed's hub was asked for; a feed has one hub at a time.

    Attributes:
        topic: the address that the hub knows the feed by.
        token: the last part of the address that the hub calls, which nobody can guess.
        secret: the hub signs with it what it pushes. No secret leaves the store but to the
            hub; neither stands in a log.
        asked_at: when the hub was asked last.
        lease_until: until when it pushes, None before it said so.
        next_try_at: when it is to be asked, again or to go on.
        failures: questions in a row that it did not take.
        error: one line on the last of them, or "".
        feed_url: where the feed is polled, as the store tells with the rest; not kept twice.

    Source: W3C WebSub §5.1 (subscriber sends request), §5.3 (hub verifies intent).
    """

    feed_id: int
    hub: str
    topic: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: HubState
    asked_at: datetime
    next_try_at: datetime
    lease_until: datetime | None = None
    failures: int = 0
    error: str = ""
    feed_url: str = field(default="", compare=False)
