"""One post: drawn as its place may see it, sent, and marked with what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.delivery.retry import RetryRules, next_attempt_or_none
from bot.errors import (
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
)
from bot.model import (
    Delivery,
    Destination,
    Digest,
    Message,
    Owed,
    Platform,
    Story,
    Subscription,
)
from bot.ports import Clock, DeliveryStore, Sender, SubscriptionStore

NOTICE_S = 30.0
"""Telling people that their subscription is parked may take so long; their post waits for it."""

REDRAWN_S = 60.0
"""What could not be drawn can hardly be drawn in a moment; longer than others wait for a post."""

Said = str | SendError
"""The id of a post, or why there is none."""

View = Callable[[Story, Destination], Awaitable[Story]]
Hook = Callable[[Subscription], Awaitable[None]]

log = logging.getLogger(__name__)


class Outbox(DeliveryStore, SubscriptionStore, Protocol):
    """What is owed, and what those who are owed it want."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did, counted in posts: a digest is one.

    Attributes:
        gone: nothing is owed for them any more: people deleted the post, or muted the story.
    """

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    gone: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(
            self.sent + other.sent,
            self.put_off + other.put_off,
            self.failed + other.failed,
            self.gone + other.gone,
        )


class Poster:
    """Sends what is leased and marks it; see ``Drain`` for the arguments."""

    def __init__(
        self,
        *,
        store: Outbox,
        senders: Mapping[Platform, Sender],
        render: Callable[[Story], Message],
        clock: Clock,
        view: View | None,
        rules: RetryRules,
        gather: timedelta,
        on_parked: Hook | None,
    ) -> None:
        self._store = store
        self._senders = senders
        self._render = render
        self._view = view
        self._clock = clock
        self._rules = rules
        self._gather = gather
        self._on_parked = on_parked

    async def send(self, owed: Owed, *, timeout_s: float) -> Said:
        """Send ``owed`` within ``timeout_s`` seconds; whatever goes wrong is the answer."""
        delivery = owed.delivery
        try:
            delivery, message = await self._draw(owed)
        except SendError as error:
            return error
        except Exception as error:
            # A defect in drawing one story must not hold up all the others. No call was
            # made, so nobody needs to look for the post.
            log.exception("delivery %s could not be drawn", delivery.id)
            return SendRefusedForNow(_in_a_line(error), retry_after_s=REDRAWN_S)
        try:
            async with asyncio.timeout(timeout_s):
                sender = self._senders[delivery.destination.platform]
                return await sender.send(delivery, message, reply_to=owed.reply_to)
        except SendError as error:
            return error
        except TimeoutError:
            return SendUnclear(f"no answer in {timeout_s:g} s; the post may have arrived")
        except Exception as error:
            log.exception("delivery %s to %s broke", delivery.id, delivery.destination.key)
            return SendError(_in_a_line(error))

    async def mark(self, owed: Owed, said: Said, *, behind: Sequence[Owed] = ()) -> Drained:
        """Write down what became of ``owed``.

        Args:
            behind: leased ones of the same destination that are not sent any more, as the
                destination is parked; () for any other ``said``.
        """
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
            case PostGone():
                log.info("%s: %s", owed.delivery.destination.key, said)
                await self._store.mark_gone(owed.delivery.id, error=str(said))
                return Drained(gone=1)
            case SendParked():
                return await self._park((owed, *behind), said)
            case SendRefused():
                return await self._give_up(owed, said)
            case _:
                return await self._put_off(owed, said)

    async def _draw(self, owed: Owed) -> tuple[Delivery, Message | Digest]:
        """What the post shows: its stories as the people of its place may see them.

        With it the delivery, which calls whom any of these stories calls.

        Raises:
            SendRefused, PostGone: there is nothing to be shown.
        """
        delivery = owed.delivery
        place, is_first = delivery.destination, not delivery.sent_revision
        told = [story for story in (owed.story, *owed.others) if not (is_first and story.is_merged)]
        if not told:
            raise SendRefused(f"story {owed.story.id} was merged into another before it was posted")
        if self._view is not None:
            told = [await self._view(story, place) for story in told]
        subscription = await self._store.find_subscription_or_none(place) if is_first else None
        if subscription is not None:
            told = _without_muted(told, subscription, now=self._clock())
        if not told:
            raise PostGone(f"story {owed.story.id} was muted there before it was posted")
        if subscription is not None and owed.others:
            delivery = replace(delivery, ping=_find_ping(told, subscription))
        messages = tuple(map(self._render, told))
        return delivery, messages[0] if len(messages) == 1 else Digest(messages)

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
        await self._store.mark_retry(
            delivery.id,
            next_attempt_at=again_at,
            error=str(error),
            is_unclear=not isinstance(error, SendRefusedForNow),
        )
        return Drained(put_off=1)

    async def _give_up(self, owed: Owed, error: SendError) -> Drained:
        log.error("%s: %s; given up", owed.delivery.destination.key, error)
        await self._store.mark_failed(owed.delivery.id, error=str(error))
        return Drained(failed=1)

    async def _park(self, held: Sequence[Owed], error: SendParked) -> Drained:
        """Put all that is ``held`` for a destination back, then keep it there for a person.

        In this order, and with a time: a crash in between leaves nothing behind that nobody
        looks at again.
        """
        again_at = self._clock() + timedelta(seconds=self._rules.longest_wait_s)
        for owed in held:
            await self._store.mark_retry(
                owed.delivery.id, next_attempt_at=again_at, error=str(error), is_unclear=False
            )
        destination = held[0].delivery.destination
        parked = await self._store.park(destination, reason=str(error))
        if parked is not None:
            log.warning("%s: %s; parked until somebody resumes it", destination.key, error)
            await self._tell_parked(parked)
        return Drained(put_off=len(held))

    async def _tell_parked(self, subscription: Subscription) -> None:
        if self._on_parked is None:
            return
        try:
            async with asyncio.timeout(NOTICE_S):
                await self._on_parked(subscription)
        except Exception:
            log.exception("nobody could be told that %s is parked", subscription.destination.key)


def _without_muted(
    told: Sequence[Story], subscription: Subscription, *, now: datetime
) -> list[Story]:
    """What is wanted still: what waits for hours may have been muted meanwhile."""
    return [story for story in told if subscription.find_mute_or_none(story, now=now) is None]


def _find_ping(told: Sequence[Story], subscription: Subscription) -> str:
    ping = subscription.ping
    return ping.role if ping and any(map(ping.is_for, told)) else ""


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
