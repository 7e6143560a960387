"""An errand: one destination is served until nothing is due there, by the one who has the errand.

Where many workers share an outbox, each posts to a destination only while it alone has the
errand there, so what is leased here is posted in order, and nobody else looks. What the store
says of a delivery counts all the same: an errand may be given twice after its worker hung.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from logging import getLogger

from bot.delivery.drain import LAST_QUARTER
from bot.delivery.office import PostOffice
from bot.delivery.outcomes import Drained
from bot.delivery.posting import Poster
from bot.errors import SendParked
from bot.model import Destination, Owed, Platform

AT_A_TIME = 4
"""Posts that are leased together: the next first post, and edits."""

LONGEST = timedelta(seconds=10)
"""After that an errand ends, though more be due: others wait for the place it takes."""

log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """What came of an errand.

    Attributes:
        is_more: more may be due there already.
    """

    drained: Drained
    is_more: bool


class Errands:
    """Posts to one destination at a time each; any number of them side by side."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._senders = office.by_platform()
        self._is_resting = False
        self._poster = Poster(office)

    @property
    def platforms(self) -> frozenset[Platform]:
        """Where it posts."""
        return frozenset(self._senders)

    def is_up(self, platform: Platform) -> bool:
        """Whether posts can be made there now; what is owed waits while they cannot."""
        return self._senders[platform].is_up

    def rest(self) -> None:
        """Let errands under way finish what they have leased, and lease nothing more."""
        self._is_resting = True

    async def serve(self, destination: Destination) -> Served:
        """Post what is due at ``destination``, until nothing is or it took ``LONGEST``.

        What failed is marked, never raised. When this is cancelled, what was being sent is
        unclear until its lease has run out.

        Raises:
            Exception: the store could not be asked what is owed.
        """
        total, is_more = Drained(), True
        until = self._office.clock() + LONGEST
        while is_more and self._office.clock() < until:
            if self._is_resting or not self.is_up(destination.platform):
                break
            now = self._office.clock()
            leased = await self._office.store.lease_deliveries(
                now, limit=AT_A_TIME, lease=self._office.lease, at=destination
            )
            is_more = bool(leased)
            for place, owed in enumerate(leased):
                drained, is_parked = await self._send(owed, behind=leased[place + 1 :])
                total += drained
                if is_parked:
                    break
        return Served(total, is_more)

    async def _send(self, owed: Owed, *, behind: tuple[Owed, ...]) -> tuple[Drained, bool]:
        """Send and mark ``owed``; with it whether the destination is parked now."""
        assert owed.leased_until is not None
        left = owed.leased_until - self._office.clock()
        if left <= self._office.lease * LAST_QUARTER:  # others may have it by now, or soon
            return Drained(), False
        said = await self._poster.send(owed, timeout_s=left.total_seconds())
        is_parked = isinstance(said, SendParked)
        try:
            return await self._poster.mark(
                owed, said, behind=behind if is_parked else ()
            ), is_parked
        except Exception as error:  # noqa: BLE001 - it is logged there
            self._poster.tell_unmarked(owed, error)
            return Drained(put_off=1), is_parked
