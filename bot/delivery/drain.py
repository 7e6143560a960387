"""The drain: leases what is owed, sends it, and marks what became of it.

Nothing is sent that was not committed as SENDING first, so after a crash every
unclear delivery is found again and repeated under the same key.

Order. In a destination one call is made at a time, and first posts are made in the order
in which the store leases them: that of their stories (see store/deliveries.py for what
does not wait). A first post goes ahead of edits that were due before it, as these may
wait; else first come, first served. Destinations are served side by side, at most so many
of a platform; one that is slow keeps its own place only.

Fresh before backlog. Whoever owes something new calls ``wake``: what is due is leased at
once, the fresh first, and a tenth of the places is kept free for that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from logging import getLogger

from bot.delivery.office import PostOffice
from bot.delivery.outcomes import Drained
from bot.delivery.posting import Poster
from bot.errors import SendParked
from bot.model import Destination, Owed, Platform

PLACES = 200
"""Destinations of a platform that are served at a time. The slowest platform we post to takes
45 calls a second, so its places turn over within five seconds."""

KEPT_FREE = 10
"""One in so many places is kept for what is fresh."""

LOOK_AGAIN_S = 0.5
"""Posts that fell due are looked for this often while others are being made."""

REST_S = 0.05
"""After looking, it rests so long at least, while posts are being made, and ``REST_SHARE``
times as long as looking took: with a long backlog that is work for the database."""

REST_SHARE = 4

LAST_QUARTER = 0.25
"""With less than this share of a lease left no send is begun: it would be broken off."""

log = getLogger(__name__)


class Drain:
    """Sends owed deliveries: one destination in order, destinations side by side.

    Args:
        places: at most so many destinations of a platform are served at a time.
    """

    def __init__(self, office: PostOffice, *, places: int = PLACES) -> None:
        self._office = office
        self._senders = office.by_platform()
        self._places = places
        self._poster = Poster(office)
        self._news = asyncio.Event()  # woken, or a post was settled
        self._urgent: set[Platform] = set()  # where something fresh may be owed
        self._is_resting = False

    def wake(self) -> None:
        """Look at once: something new is owed. Without a drain at work, the next one does."""
        self._urgent.update(self._senders)
        self._news.set()

    def rest(self) -> None:
        """Let the drain at work finish what it has leased, and lease nothing more."""
        self._is_resting = True
        self._news.set()

    async def drain(self, *, places: int | None = None) -> Drained:
        """Send everything that is due now, and what falls due meanwhile.

        What failed is marked, never raised. When this is cancelled, sends under way are
        broken off; what became of them is unclear until their lease has run out.

        Args:
            places: fewer than it has otherwise.

        Raises:
            Exception: the store could not be asked what is owed.
        """
        self._is_resting = False
        lines = _Lines(self._places if places is None else places)
        total = Drained()
        try:
            while True:
                rested_at = await self._lease_all(lines)
                total += lines.collect()
                if not lines.is_busy and (self._is_resting or not self._urgent):
                    return total
                await self._pause(lines, rested_at)
        finally:
            await lines.break_off()

    async def _lease_all(self, lines: _Lines) -> float:
        """Lease for all that have places free; when it may be done again, by the loop's time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for platform, sender in self._senders.items():
            if not sender.is_up:  # what is owed there waits, and no attempt is wasted
                self._urgent.discard(platform)
                continue
            while not self._is_resting and (free := self._count_free(platform, lines)) > 0:
                self._urgent.discard(platform)
                if await self._lease_some(platform, free, lines) < free:
                    break
        now = loop.time()
        return now + max(REST_S, REST_SHARE * (now - began))

    def _count_free(self, platform: Platform, lines: _Lines) -> int:
        kept = 0 if platform in self._urgent else lines.places // KEPT_FREE
        return lines.places - kept - lines.count_busy(platform)

    async def _lease_some(self, platform: Platform, limit: int, lines: _Lines) -> int:
        """Lease and begin to send; how many were leased, those of a busy destination too."""
        now = self._office.clock()
        leased = await self._office.store.lease_deliveries(
            now, limit=limit, lease=self._office.lease, platforms=(platform,)
        )
        for owed in leased:
            is_in_hand = owed.delivery.id in lines.leased_until  # its lease is renewed
            lines.leased_until[owed.delivery.id] = now + self._office.lease
            if is_in_hand:
                lines.renew(owed)
            elif lines.add(owed):
                working = self._work_off(owed.delivery.destination, lines)
                lines.begin(asyncio.create_task(working, name=owed.delivery.id))
        return len(leased)

    async def _pause(self, lines: _Lines, rested_at: float) -> None:
        """Until something may have become leasable.

        That is at once when woken, if a place is free, or when nothing is under way; after
        its rest when a post was settled; and every ``LOOK_AGAIN_S`` in any case.
        """
        loop = asyncio.get_running_loop()
        look_at = loop.time() + LOOK_AGAIN_S
        while loop.time() < look_at and lines.is_busy:
            if not self._is_resting and self._has_place(lines):
                return
            try:
                async with asyncio.timeout_at(look_at):
                    await self._news.wait()
            except TimeoutError:
                return
            self._news.clear()
            look_at = min(look_at, rested_at)

    def _has_place(self, lines: _Lines) -> bool:
        """Whether there is one where something fresh may be owed."""
        return any(self._count_free(platform, lines) > 0 for platform in self._urgent)

    async def _work_off(self, destination: Destination, lines: _Lines) -> Drained:
        """Send what stands in the line of ``destination``, one by one, until it is empty."""
        total = Drained()
        while owed := lines.next_or_none(destination):
            total += await self._send(owed, lines)
            self._news.set()
        return total

    async def _send(self, owed: Owed, lines: _Lines) -> Drained:
        """Send ``owed``, whose turn it is; its lease is in hand until it is sent."""
        delivery = owed.delivery
        left = lines.leased_until[delivery.id] - self._office.clock()
        behind: tuple[Owed, ...] = ()
        try:
            # It waited so long that another process may have it by now, or soon.
            if left <= self._office.lease * LAST_QUARTER:
                return Drained()
            said = await self._poster.send(owed, timeout_s=left.total_seconds())
        finally:
            # What is leased from here on is owed once more, and not this again.
            del lines.leased_until[delivery.id]
        if isinstance(said, SendParked):  # no call more that must fail
            behind = lines.take_all(delivery.destination)
        try:
            return await self._poster.mark(owed, said, behind=behind)
        except Exception as error:  # noqa: BLE001 - it is logged there
            # The others must not be broken off for it; this one is repeated under the
            # same key when its lease has run out.
            self._poster.tell_unmarked(owed, error)
            return Drained(put_off=1 + len(behind))


class _Lines:
    """What one drain has in hand: a line and a task for each destination that is owed.

    Attributes:
        places: at most so many lines of a platform.
        leased_until: of every delivery that waits or is being sent, by its id.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.leased_until: dict[str, datetime] = {}
        self._lines: dict[Destination, list[Owed]] = {}
        self._busy: Counter[Platform] = Counter()
        self._tasks: set[asyncio.Task[Drained]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether anything waits or is being sent."""
        return bool(self._lines)

    def count_busy(self, platform: Platform) -> int:
        """Destinations of ``platform`` that are being served."""
        return self._busy[platform]

    def add(self, owed: Owed) -> bool:
        """Let it wait for its turn; whether nobody serves its destination yet."""
        destination = owed.delivery.destination
        is_new = destination not in self._lines
        if is_new:
            self._lines[destination] = []
            self._busy[destination.platform] += 1
        line = self._lines[destination]
        behind = (place for place, other in enumerate(line) if _goes_ahead(owed, other))
        line.insert(next(behind, len(line)), owed)
        return is_new

    def renew(self, owed: Owed) -> None:
        """Let it stand as it is now where it waits, if it does.

        Between two leases another process may have posted it, and with others.
        """
        line = self._lines.get(owed.delivery.destination, [])
        line[:] = [owed if one.delivery.id == owed.delivery.id else one for one in line]

    def begin(self, task: asyncio.Task[Drained]) -> None:
        """Wait for ``task`` at the end."""
        self._tasks.add(task)

    def next_or_none(self, destination: Destination) -> Owed | None:
        """Whose turn it is; None where nobody waits, and the destination is not served any more."""
        if line := self._lines[destination]:
            return line.pop(0)
        del self._lines[destination]
        self._busy[destination.platform] -= 1
        return None

    def take_all(self, destination: Destination) -> tuple[Owed, ...]:
        """All that wait for their turn there; they are in hand no more."""
        taken = tuple(self._lines[destination])
        self._lines[destination] = []
        for owed in taken:
            del self.leased_until[owed.delivery.id]
        return taken

    def collect(self) -> Drained:
        """What the tasks that ended did."""
        done = {task for task in self._tasks if task.done()}
        self._tasks -= done
        return sum((task.result() for task in done), Drained())

    async def break_off(self) -> None:
        """Cancel what is under way; nothing of it runs when this returns."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _goes_ahead(owed: Owed, other: Owed) -> bool:
    one, waiting = owed.delivery, other.delivery
    is_edited = bool(waiting.sent_revision) and not one.sent_revision
    return is_edited and waiting.next_attempt_at < one.next_attempt_at
