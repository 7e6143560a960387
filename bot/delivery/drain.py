"""The drain: leases what is owed, sends it, and marks what became of it.

Nothing is sent that was not committed as SENDING first, so after a crash every
unclear delivery is found again and repeated under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.delivery.retry import RetryRules, next_attempt_or_none
from bot.errors import SendError, SendRefused, SendRefusedForNow
from bot.model import Destination, Message, Owed, Platform, Story
from bot.ports import Clock, DeliveryStore, Sender

BATCH = 100
"""Deliveries leased at a time."""

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
        lease: how long a delivery may be under way before another process may take it.
    """

    def __init__(
        self,
        *,
        store: DeliveryStore,
        senders: Iterable[Sender],
        render: Callable[[Story], Message],
        clock: Clock,
        rules: RetryRules | None = None,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self._store = store
        self._senders: Mapping[Platform, Sender] = {one.platform: one for one in senders}
        self._render = render
        self._clock = clock
        self._rules = rules or RetryRules()
        self._lease = lease

    async def drain(self) -> Drained:
        """Send everything that is due now; what failed is marked, never raised."""
        total = Drained()
        while owed := await self._store.lease_deliveries(
            self._clock(), limit=BATCH, lease=self._lease
        ):
            queues: defaultdict[Destination, list[Owed]] = defaultdict(list)
            for one in owed:
                queues[one.delivery.destination].append(one)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._send_all(queue)) for queue in queues.values()]
            total = sum((task.result() for task in tasks), total)
        return total

    async def _send_all(self, queue: Sequence[Owed]) -> Drained:
        total = Drained()
        for owed in queue:
            total += await self._send(owed)
        return total

    async def _send(self, owed: Owed) -> Drained:
        delivery, story = owed.delivery, owed.story
        sender = self._senders.get(delivery.destination.platform)
        if sender is None:
            return await self._put_off(owed, self._not_connected(delivery.destination.platform))
        try:
            ref = await sender.send(delivery, self._render(story))
        except SendRefused as error:
            return await self._give_up(owed, error)
        except SendError as error:
            return await self._put_off(owed, error)
        except Exception as error:
            # A defect in drawing one story must not hold up all the others.
            log.exception("story %s could not be sent to %s", story.id, delivery.destination.key)
            return await self._put_off(owed, SendError(f"{type(error).__name__}: {error}"))
        await self._store.mark_sent(
            delivery.id, revision=story.revision, message_ref=ref, now=self._clock()
        )
        return Drained(sent=1)

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
