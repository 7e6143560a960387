"""The drain: leases what is owed, sends it, and marks what became of it.

Nothing is sent that was not committed as SENDING first, so after a crash every
unclear delivery is found again and repeated under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.retry import RetryRules, next_attempt_or_none
from bot.errors import SendError, SendRefused, SendRefusedForNow, SendUnclear
from bot.model import Destination, Message, Owed, Platform, Story
from bot.ports import Clock, DeliveryStore, Sender

BATCH = 100
"""Deliveries leased at a time."""

LOOK_AGAIN_S = 0.5
"""Posts for others are leased this often while a destination is slow to take its own."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(
            self.sent + other.sent, self.put_off + other.put_off, self.failed + other.failed
        )


class Drain:
    """Sends owed deliveries: one destination in order, destinations side by side.

    Args:
        senders: one for each platform that is connected.
        render: makes the platform-neutral message of a story.
        view: gives a story as the people of a destination may see it; as it is by default.
        lease: how long a delivery may be under way before another process may take it;
            a send that takes longer is given up as unclear.
        gather: how long an edit waits that fell due while its post was being sent.
    """

    def __init__(
        self,
        *,
        store: DeliveryStore,
        senders: Iterable[Sender],
        render: Callable[[Story], Message],
        clock: Clock,
        view: Callable[[Story, Destination], Awaitable[Story]] | None = None,
        rules: RetryRules | None = None,
        lease: timedelta = timedelta(seconds=60),
        gather: timedelta = timedelta(0),
    ) -> None:
        self._store = store
        self._senders: Mapping[Platform, Sender] = {one.platform: one for one in senders}
        self._render = render
        self._view = view
        self._clock = clock
        self._rules = rules or RetryRules()
        self._lease = lease
        self._gather = gather

    async def drain(self) -> Drained:
        """Send everything that is due now, and what falls due meanwhile.

        What failed is marked, never raised. When this is cancelled, sends under way are
        broken off; what became of them is unclear until their lease has run out.

        Raises:
            Exception: the store could not be asked what is owed.
        """
        total = Drained()
        turns: defaultdict[Destination, asyncio.Lock] = defaultdict(asyncio.Lock)
        leased_until: dict[str, datetime] = {}
        under_way: set[asyncio.Task[Drained]] = set()
        try:
            while True:
                now = self._clock()
                for owed in await self._store.lease_deliveries(now, limit=BATCH, lease=self._lease):
                    is_waiting = owed.delivery.id in leased_until  # its lease is renewed
                    leased_until[owed.delivery.id] = now + self._lease
                    if not is_waiting:
                        turn = turns[owed.delivery.destination]
                        sending = self._send_in_turn(owed, turn, leased_until)
                        under_way.add(asyncio.create_task(sending, name=owed.delivery.id))
                if not under_way:
                    return total
                done, under_way = await asyncio.wait(under_way, timeout=LOOK_AGAIN_S)
                total = sum((task.result() for task in done), total)
        finally:
            for task in under_way:
                task.cancel()
            if under_way:
                await asyncio.wait(under_way)

    async def _send_in_turn(
        self, owed: Owed, turn: asyncio.Lock, leased_until: dict[str, datetime]
    ) -> Drained:
        """Send ``owed`` when its destination is free; its lease is in hand until it is sent."""
        async with turn:
            left_s = (leased_until[owed.delivery.id] - self._clock()).total_seconds()
            try:
                # It waited so long that another process may have it by now.
                if left_s <= 0:
                    return Drained()
                said = await self._send(owed, timeout_s=left_s)
            finally:
                # What is leased from here on is owed once more, and not this again.
                del leased_until[owed.delivery.id]
            try:
                return await self._mark(owed, said)
            except Exception:
                # The others must not be broken off for it; this one is repeated under the
                # same key when its lease has run out.
                log.exception("delivery %s could not be marked", owed.delivery.id)
                return Drained(put_off=1)

    async def _send(self, owed: Owed, *, timeout_s: float) -> str | SendError:
        """The id of the post, or why there is none."""
        delivery, story = owed.delivery, owed.story
        sender = self._senders.get(delivery.destination.platform)
        if sender is None:
            return self._not_connected(delivery.destination.platform)
        if story.is_merged and not delivery.sent_revision:
            return SendRefused(f"story {story.id} was merged into another before it was posted")
        try:
            if self._view is not None:  # before the time of the send: nothing is unclear yet
                story = await self._view(story, delivery.destination)
            async with asyncio.timeout(timeout_s):
                message = self._render(story)
                return await sender.send(delivery, message, reply_to=owed.reply_to)
        except SendError as error:
            return error
        except TimeoutError:
            return SendUnclear(f"no answer in {timeout_s:g} s; the post may have arrived")
        except Exception as error:
            # A defect in drawing one story must not hold up all the others.
            log.exception("story %s could not be sent to %s", story.id, delivery.destination.key)
            return SendError(f"{type(error).__name__}: {error}")

    async def _mark(self, owed: Owed, said: str | SendError) -> Drained:
        match said:
            case str():
                # A delivery ahead of its story (a second process wrote the story back) is
                # settled with it; else it would be owed again at once, for ever.
                shown = max(owed.story.revision, owed.delivery.revision)
                await self._store.mark_sent(
                    owed.delivery.id,
                    revision=shown,
                    message_ref=said,
                    edits_at=self._clock() + self._gather,
                )
                return Drained(sent=1)
            case SendRefused():
                return await self._give_up(owed, said)
            case _:
                return await self._put_off(owed, said)

    def _not_connected(self, platform: Platform) -> SendError:
        return SendRefusedForNow(
            f"{platform} is not connected; set its token",
            retry_after_s=self._rules.longest_wait_s,
        )

    async def _put_off(self, owed: Owed, error: SendError) -> Drained:
        delivery = owed.delivery
        again_at = next_attempt_or_none(
            self._rules,
            attempts=delivery.attempts + 1,
            retry_after_s=getattr(error, "retry_after_s", None),
            now=self._clock(),
        )
        if again_at is None:
            return await self._give_up(owed, error)
        log.warning("%s: %s; next attempt at %s", delivery.destination.key, error, again_at)
        await self._store.mark_retry(delivery.id, next_attempt_at=again_at, error=str(error))
        return Drained(put_off=1)

    async def _give_up(self, owed: Owed, error: SendError) -> Drained:
        log.error("%s: %s; given up", owed.delivery.destination.key, error)
        await self._store.mark_failed(owed.delivery.id, error=str(error))
        return Drained(failed=1)
