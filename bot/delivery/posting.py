"""One post: drawn as its place may see it, sent, and marked with what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from bot.delivery.office import PostOffice
from bot.delivery.outcomes import Drained, Later, Said, Settled
from bot.delivery.retry import count_general, next_attempt_or_none
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
    Story,
    Subscription,
)
from bot.model.timing import find_due
from bot.ports import tracing

NOTICE_S = 45.0
"""Telling people that their subscription is parked may take so long: an answer that does not
come, the time in which it may have been told all the same, and a second try."""

REDRAWN_S = 60.0
"""What could not be drawn can hardly be drawn in a moment; longer than others wait for a post."""

log = logging.getLogger(__name__)


class Poster:
    """Sends what is leased and marks it."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._senders = office.by_platform()
        self._took_s: dict[str, float] = {}  # of what was sent and is not marked yet

    async def send(self, owed: Owed, *, timeout_s: float) -> Said:
        """Draw and send ``owed`` within ``timeout_s`` seconds; what goes wrong is the answer."""
        clock = asyncio.get_running_loop().time
        began = clock()
        with _traced(owed):
            said = await self._send(owed, timeout_s=timeout_s)
        self._took_s[owed.delivery.id] = clock() - began
        return said

    async def mark(self, owed: Owed, said: Said, *, behind: Sequence[Owed] = ()) -> Drained:
        """Write down what became of ``owed``.

        Args:
            behind: leased ones of the same destination that are not sent any more, as the
                destination is parked; () for any other ``said``.
        """
        took_s = self._took_s.pop(owed.delivery.id, 0.0)
        with _traced(owed):
            drained = await self._mark(owed, said, behind=behind)
        if self._office.on_settled is not None:
            self._office.on_settled(Settled(owed, said, drained, took_s))
        return drained

    async def _send(self, owed: Owed, *, timeout_s: float) -> Said:
        delivery, is_drawn = owed.delivery, False
        try:
            async with asyncio.timeout(timeout_s):
                drawn = await self._draw(owed)
                if isinstance(drawn, Later):
                    return drawn
                is_drawn = True
                sender = self._senders[delivery.destination.platform]
                return await sender.send(*drawn, reply_to=owed.reply_to)
        except SendError as error:
            return error
        except TimeoutError:
            late = f"in {timeout_s:g} s"
            if is_drawn:
                return SendUnclear(f"no answer {late}; the post may have arrived")
            return _not_drawn(f"not drawn {late}")
        except Exception as error:  # noqa: BLE001 - it is logged there
            is_away = not is_drawn and self._office.is_away(error)
            return _log_broken(delivery, error, is_drawn=is_drawn, is_away=is_away)

    async def _mark(self, owed: Owed, said: Said, *, behind: Sequence[Owed]) -> Drained:
        match said:
            case str():
                # A delivery ahead of its story (a second process wrote the story back) is
                # settled with it; else it would be owed again at once, for ever.
                shown = max(owed.story.revision, owed.delivery.revision)
                await self._office.store.mark_sent(
                    owed.delivery.id,
                    revision=shown,
                    message_ref=said,
                    edits_at=self._office.clock() + self._office.gather,
                )
                _log_posted(owed, said)
                return Drained(sent=1)
            case PostGone():
                log.info("%s: %s", owed.delivery.destination.key, said)
                await self._office.store.mark_gone(owed.delivery.id, error=str(said))
                return Drained(gone=1)
            case Later():
                return await self._wait(owed, said)
            case SendParked():
                return await self._park((owed, *behind), said)
            case SendRefused():
                return await self._give_up(owed, said)
            case _:
                return await self._put_off(owed, said)

    def tell_unmarked(self, owed: Owed, error: Exception) -> None:
        """Log that ``owed`` could not be marked; in a line where the database is away."""
        if self._office.is_away(error):
            log.warning("delivery %s was not marked: the database is away", owed.delivery.id)
        else:
            log.error("delivery %s could not be marked", owed.delivery.id, exc_info=error)

    async def _draw(self, owed: Owed) -> tuple[Delivery, Message | Digest] | Later:
        """What the post shows: its stories as the people of its place may see them.

        With it the delivery, which calls whom any of these stories calls. What is owed with
        others stays a digest though one of them be left: that one may not be the leader's.

        Raises:
            SendRefused, PostGone: there is nothing to be shown, or nobody wants it.
        """
        delivery = owed.delivery
        place, is_first = delivery.destination, not delivery.sent_revision
        told = [story for story in (owed.story, *owed.others) if not (is_first and story.is_merged)]
        if not told:
            raise SendRefused(f"story {owed.story.id} was merged into another before it was posted")
        subscription = await self._find_subscription(place) if is_first else None
        if subscription and (later := self._find_later_or_none(subscription)):
            return later
        if self._office.view is not None:
            told = [await self._office.view(story, place) for story in told]
        if subscription is not None:
            told = _without_muted(told, subscription, now=self._office.clock())
        if not told:
            raise PostGone(f"story {owed.story.id} was muted there before it was posted")
        if not owed.others:
            return delivery, self._office.render(told[0])
        if subscription is not None:
            delivery = replace(delivery, ping=_find_ping(told, subscription))
        return delivery, Digest(await self._render_all(told))

    async def _find_subscription(self, place: Destination) -> Subscription:
        """Who wants a first post there.

        Raises:
            PostGone: nobody does; a poll that had asked before may owe it all the same.
        """
        found = await self._office.store.find_subscription_or_none(place)
        if found is None:
            raise PostGone(f"{place.key} is subscribed no more")
        return found

    def _find_later_or_none(self, subscription: Subscription) -> Later | None:
        """When a first post is wanted where people paused, or the platform takes nothing.

        What is owed from then on is put off by them; a poll that had asked before is not.
        """
        now = self._office.clock()
        until = subscription.paused_until
        if subscription.parked:
            why = subscription.parked
        elif until is not None and now < until:
            why = f"paused until {until.isoformat()}"
        else:
            return None
        return Later(find_due(subscription, now=now).at, why)

    async def _render_all(self, told: Sequence[Story]) -> tuple[Message, ...]:
        """One after the other, and others' work in between."""
        messages = []
        for story in told:
            messages.append(self._office.render(story))
            await asyncio.sleep(0)
        return tuple(messages)

    async def _wait(self, owed: Owed, later: Later) -> Drained:
        """Keep it until people want it; no attempt was made."""
        log.info("%s: %s; posted from %s on", owed.delivery.destination.key, later.why, later.at)
        await self._office.store.mark_retry(
            owed.delivery.id,
            next_attempt_at=later.at,
            error=later.why,
            is_unclear=False,
            count_to=0,
            leased_until=owed.leased_until,
        )
        return Drained(put_off=1)

    async def _wait_for_turn(self, owed: Owed, error: SendRefusedForNow) -> Drained:
        """Keep it until the platform's pace allows it.

        One attempt is counted and no more: so younger posts wait for it (see store/leases.py).
        """
        wait_s = error.retry_after_s or self._office.rules.first_wait_s
        log.debug("%s: %s", owed.delivery.destination.key, error)
        await self._office.store.mark_retry(
            owed.delivery.id,
            next_attempt_at=self._office.clock() + timedelta(seconds=wait_s),
            error=str(error),
            is_unclear=False,
            count_to=min(1, count_general(self._office.rules)),
            leased_until=owed.leased_until,
        )
        return Drained(put_off=1)

    async def _put_off(self, owed: Owed, error: SendError) -> Drained:
        delivery = owed.delivery
        if isinstance(error, SendRefusedForNow) and error.is_paced:
            return await self._wait_for_turn(owed, error)
        is_general = isinstance(error, SendRefusedForNow) and error.is_general
        again_at = next_attempt_or_none(
            self._office.rules,
            attempts=delivery.attempts + 1,
            retry_after_s=getattr(error, "retry_after_s", None),
            is_general=is_general,
            now=self._office.clock(),
        )
        if again_at is None:
            return await self._give_up(owed, error)
        log.warning("%s: %s; next attempt at %s", delivery.destination.key, error, again_at)
        await self._office.store.mark_retry(
            delivery.id,
            next_attempt_at=again_at,
            error=str(error),
            is_unclear=_is_unclear(error),
            count_to=count_general(self._office.rules) if is_general else None,
            leased_until=owed.leased_until,
        )
        return Drained(put_off=1)

    async def _give_up(self, owed: Owed, error: SendError) -> Drained:
        log.error("%s: %s; given up", owed.delivery.destination.key, error)
        await self._office.store.mark_failed(
            owed.delivery.id,
            error=str(error),
            is_unclear=_is_unclear(error),
            leased_until=owed.leased_until,
        )
        return Drained(failed=1)

    async def _park(self, held: Sequence[Owed], error: SendParked) -> Drained:
        """Put all that is ``held`` for a destination back, then keep it there for a person.

        In this order, and with a time: a crash in between leaves nothing behind that nobody
        looks at again.
        """
        again_at = self._office.clock() + timedelta(seconds=self._office.rules.longest_wait_s)
        for owed in held:
            await self._office.store.mark_retry(
                owed.delivery.id,
                next_attempt_at=again_at,
                error=str(error),
                is_unclear=_is_unclear(error) and owed is held[0],
                count_to=0,
                leased_until=owed.leased_until,
            )
        destination = held[0].delivery.destination
        parked = await self._office.store.park(destination, reason=str(error))
        if parked is not None:
            log.warning("%s: %s; parked until somebody resumes it", destination.key, error)
            await self._tell_parked(parked)
        return Drained(put_off=len(held))

    async def _tell_parked(self, subscription: Subscription) -> None:
        if self._office.on_parked is None:
            return
        try:
            async with asyncio.timeout(NOTICE_S):
                await self._office.on_parked(subscription)
        except Exception:
            log.exception("nobody could be told that %s is parked", subscription.destination.key)


def _traced(owed: Owed) -> AbstractContextManager[None]:
    return tracing(story=owed.story.id, delivery=owed.delivery.id)


def _log_posted(owed: Owed, message_ref: str) -> None:
    place, which = owed.delivery.destination.key, " ".join(story.id for story in owed.others)
    if owed.delivery.sent_revision:
        log.info("%s: edited post %s", place, message_ref)
    elif which:
        log.info("%s: posted as %s, together with %s", place, message_ref, which)
    else:
        log.info("%s: posted as %s", place, message_ref)


def _without_muted(
    told: Sequence[Story], subscription: Subscription, *, now: datetime
) -> list[Story]:
    """What is wanted still: what waits for hours may have been muted meanwhile."""
    return [story for story in told if subscription.find_mute_or_none(story, now=now) is None]


def _find_ping(told: Sequence[Story], subscription: Subscription) -> str:
    ping = subscription.ping
    return ping.role if ping and any(map(ping.is_for, told)) else ""


def _log_broken(
    delivery: Delivery, error: Exception, *, is_drawn: bool, is_away: bool
) -> SendError:
    """What a defect of ours means: in drawing one story it must not hold up all the others."""
    if is_drawn:
        log.error("delivery %s to %s broke", delivery.id, delivery.destination.key, exc_info=error)
        return SendError(_in_a_line(error))
    if is_away:
        log.warning("delivery %s was not drawn: the database is away", delivery.id)
        return _not_drawn("the database was away")
    log.error("delivery %s could not be drawn", delivery.id, exc_info=error)
    return _not_drawn(_in_a_line(error))


def _not_drawn(why: str) -> SendRefusedForNow:
    """No call was made, so nobody needs to look for the post."""
    return SendRefusedForNow(why, retry_after_s=REDRAWN_S)


def _is_unclear(error: SendError) -> bool:
    """Whether the post may be there all the same."""
    if isinstance(error, SendParked | SendRefused):
        return error.is_unclear
    return not isinstance(error, SendRefusedForNow)


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
