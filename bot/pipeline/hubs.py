"""Hubs: feeds that offer one are pushed to us, besides being polled.

A hub is asked, verifies that it was us who asked, pushes until the lease ends, and is asked
again before that. How we stand with it is in the store: who was started anew goes on.
What is pushed is only as good as its signature; one that is wrong is taken and ignored. A hub
that signs what nobody can read is let go for a week.

Source: W3C WebSub (Recommendation of 23 January 2018).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

from bot.errors import FeedError, FeedUnreachable
from bot.model import Feed, Fetched, HubState, HubSubscription
from bot.pipeline.pushes import MAX_UNREADABLE, Pushes
from bot.pipeline.report import PollReport, PollResult
from bot.pipeline.signing import is_signed
from bot.ports import Clock, HubAsker, HubStore

LEASE_S: Final = 10 * 86_400.0
"""What we ask for; a hub decides for itself."""

LONGEST_LEASE_S: Final = 365 * 86_400.0
RENEW_AT: Final = 0.8  # of a lease
LEAST_RENEWAL_S: Final = 600.0
"""A hub is not asked again sooner, however short its leases are."""

AGAIN_S: Final = 600.0
AGAIN_CAP_S: Final = 86_400.0
"""A hub that did not take a question, or did not verify it, is asked again so much later: the
first time, and at most. In between the wait doubles."""

REFUSED_FOR: Final = timedelta(days=7)
LEASE_GRACE: Final = timedelta(days=1)
"""A hub whose lease ended may push for so long: its clock may be another, our renewal under way."""

LEAVE_TRIES: Final = 3
"""Questions to stop before a hub is left to its lease; what it pushes then is answered 410."""

AT_A_LOOK: Final = 60  # subscriptions of each kind; the rest comes at the next look
AT_ONCE: Final = 8
MAX_CHALLENGE: Final = 4_096  # characters

log = logging.getLogger(__name__)

Take = Callable[[Feed, Fetched], Awaitable[PollReport]]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a hub says or asks at our address; "" where it said nothing.

    Attributes:
        lease_s: for how many seconds it will push, None where that cannot be read.
    """

    mode: str
    topic: str
    challenge: str = ""
    lease_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pusher:
    """A hub that may push at one of our addresses.

    Attributes:
        hub: its own address.
        wait_s: seconds until its next document is taken, 0.0 for at once.
    """

    hub: str
    wait_s: float


class HubDesk:
    """Asks hubs, answers them, and hands on what they push.

    Args:
        take: files a pushed document; ``Poller.take``.
        base: where hubs reach us, without a slash at its end; the token is added to it.
    """

    def __init__(
        self, store: HubStore, asker: HubAsker, *, take: Take, base: str, clock: Clock
    ) -> None:
        self._store = store
        self._asker = asker
        self._take = take
        self._base = base
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        # kept by those who hold one or wait for it, and by nobody else
        self._taking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._pushes = Pushes()
        self._wake: Callable[[], None] = lambda: None

    def call_when_done(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called after a push that made posts due."""
        self._wake = wake

    async def tend(self) -> None:
        """Ask whatever hub is to be asked by now: a chore for every few seconds."""
        now = self._clock()
        self._pushes.forget_old(now)
        stale = await self._store.find_stale_hubs(limit=AT_A_LOOK)
        await self._side_by_side(self._leave(one) for one in stale)
        offers = await self._store.find_hub_offers(limit=AT_A_LOOK)
        await self._side_by_side(self._begin(feed) for feed in offers)
        left = {one.token for one in stale}
        are_all_known = len(stale) < AT_A_LOOK  # what we left is stale, or wanted once more
        due = await self._store.find_due_hubs(now, limit=AT_A_LOOK)
        await self._side_by_side(
            self._go_on(one)
            for one in due
            if one.token not in left and (are_all_known or one.state is not HubState.LEAVING)
        )

    async def answer(self, token: str, intent: Intent) -> str | None:
        """What to say to a hub that verifies a question of ours, or turns it down.

        Returns:
            The challenge, or "" for a refusal that was noted. None where we asked nothing of
            the kind: the hub is to be told that there is no such address.
        """
        asked = await self._store.find_hub_or_none(token)
        if asked is None or intent.topic != asked.topic or len(intent.challenge) > MAX_CHALLENGE:
            return None
        match intent.mode, asked.state:
            case "subscribe", HubState.ASKED | HubState.HELD if intent.challenge:
                is_done = await self._hold(asked, intent.lease_s)
                return intent.challenge if is_done else None
            case "unsubscribe", HubState.LEAVING if intent.challenge:
                await self._store.remove_hub(token)
                return intent.challenge
            case "denied", HubState.ASKED | HubState.HELD:
                await self._note_refusal(asked, intent.reason)
                return ""
        return None

    async def find_pusher_or_none(self, token: str) -> Pusher | None:
        """Who may push there; None where nobody may, who is to be told that this is over."""
        asked = await self._store.find_hub_or_none(token)
        if asked is None or asked.state not in {HubState.ASKED, HubState.HELD}:
            return None
        now = self._clock()
        if _is_over(asked, now):
            return None
        return Pusher(hub=asked.hub, wait_s=self._pushes.wait_s(token, now=now))

    async def receive(
        self, token: str, body: bytes, *, content_type: str, signature: str
    ) -> PollReport | None:
        """File what was pushed; pushes of one feed wait for each other.

        Returns:
            None where it was ignored: its signature is missing or wrong, or the hub has not
            been verified, or its lease is long over.
        """
        async with self._taking.setdefault(token, asyncio.Lock()):
            # read in here: it is as the push before this one has left it
            found = await self._store.find_hub_feed_or_none(token)
            if found is None:
                return None
            feed, subscription = found
            began = self._clock()
            if subscription.state is not HubState.HELD or _is_over(subscription, began):
                return None
            if not is_signed(body, signature, secret=subscription.secret):
                log.warning(
                    "%s: what %s pushed is not signed as it should be; ignored",
                    feed.name, subscription.hub,
                )  # fmt: skip
                return None
            try:
                report = await self._take(feed, Fetched(feed.url, body, content_type))
            except Exception:
                self._pushes.note(token, began=began, ended=self._clock(), is_readable=False)
                raise
            await self._note_push(subscription, report, began)
        if report.result is PollResult.CHANGED:
            self._wake()
        return report

    async def _note_push(self, held: HubSubscription, report: PollReport, began: datetime) -> None:
        is_readable = report.result is not PollResult.FAILED
        is_one_too_many = self._pushes.note(
            held.token, began=began, ended=self._clock(), is_readable=is_readable
        )
        if is_one_too_many:
            what = f"{MAX_UNREADABLE} documents in a row from {held.hub} could not be read"
            await self._let_go(held, f"{what}; the last: {report.error}")

    async def _begin(self, feed: Feed) -> None:
        """Ask the hub that ``feed`` names, under an address and a secret that are new."""
        asked = HubSubscription(
            feed_id=feed.id,
            hub=feed.hub,
            topic=feed.topic,
            token=secrets.token_urlsafe(32),
            secret=secrets.token_urlsafe(48),
            state=HubState.ASKED,
            asked_at=self._clock(),
            next_try_at=self._clock(),
            feed_url=feed.url,
        )
        asked = self._counted(asked)
        await self._store.save_hub(asked)  # first, as the hub may verify before it answers
        await self._ask(asked, leaves=False)

    async def _go_on(self, due: HubSubscription) -> None:
        """Renew what is held, and ask again what was not verified, or was refused a week ago."""
        state = HubState.HELD if due.state is HubState.HELD else HubState.ASKED
        asked = self._counted(replace(due, state=state))
        if await self._store.move_hub(asked, before=due.state):
            await self._ask(asked, leaves=False)

    async def _leave(self, stale: HubSubscription) -> None:
        """Ask the hub to stop; give that up after a few times, as its lease ends by itself."""
        is_asked = stale.state is HubState.LEAVING
        if is_asked and stale.next_try_at > self._clock():
            return
        if stale.state is HubState.REFUSED or (is_asked and stale.failures >= LEAVE_TRIES):
            await self._store.remove_hub(stale.token)
            return
        failures = stale.failures if is_asked else 0
        leaving = self._counted(replace(stale, state=HubState.LEAVING, failures=failures))
        if await self._store.move_hub(leaving, before=stale.state):
            await self._ask(leaving, leaves=True)

    def _counted(self, asked: HubSubscription) -> HubSubscription:
        """``asked`` with one question more, and the time of the next should nothing come of it."""
        now, failures = self._clock(), asked.failures + 1
        wait_s = min(AGAIN_S * 2.0 ** min(failures - 1, 16), AGAIN_CAP_S)
        next_try_at = now + timedelta(seconds=wait_s)
        return replace(asked, asked_at=now, next_try_at=next_try_at, failures=failures, error="")

    async def _ask(self, asked: HubSubscription, *, leaves: bool) -> None:
        callback = f"{self._base}/{asked.token}"
        try:
            await self._asker.ask(asked, leaves=leaves, callback=callback, lease_s=LEASE_S)
        except FeedError as error:
            await self._note_failure(asked, error)

    async def _note_failure(self, asked: HubSubscription, error: FeedError) -> None:
        if asked.state is HubState.LEAVING:
            log.info("%s; what it still pushes of %s is ignored", error, asked.feed_url)
        else:
            log.info("%s; it pushes nothing of %s, which is polled", error, asked.feed_url)
        now = await self._store.find_hub_or_none(asked.token)
        if now is None or now.asked_at != asked.asked_at or not now.failures:
            return  # it verified all the same, or was asked anew
        next_try_at = asked.next_try_at
        if isinstance(error, FeedUnreachable) and error.retry_after_s is not None:
            wished = self._clock() + timedelta(seconds=error.retry_after_s)
            next_try_at = max(next_try_at, wished)
        failed = replace(now, error=str(error), next_try_at=next_try_at)
        await self._store.move_hub(failed, before=now.state)

    async def _hold(self, asked: HubSubscription, lease_s: float | None) -> bool:
        now = self._clock()
        lease_s = min(LEASE_S if lease_s is None else lease_s, LONGEST_LEASE_S)
        held = replace(
            asked,
            state=HubState.HELD,
            lease_until=now + timedelta(seconds=lease_s),
            next_try_at=_renewal(now, lease_s),
            failures=0,
            error="",
        )
        if asked.state is not HubState.HELD:
            log.info("%s: pushed by %s from now on", asked.feed_url, asked.hub)
        return await self._store.move_hub(held, before=asked.state)

    async def _note_refusal(self, asked: HubSubscription, reason: str) -> None:
        said = "".join(c for c in reason if c.isprintable())[:200]
        await self._let_go(asked, f"{asked.hub} refused{f': {said}' if said else ''}")

    async def _let_go(self, asked: HubSubscription, error: str) -> None:
        """Have nothing to do with the hub for a week; what it pushes is answered 410."""
        log.info("%s; %s is polled as before", error, asked.feed_url)
        refused = replace(
            asked,
            state=HubState.REFUSED,
            lease_until=None,
            next_try_at=self._clock() + REFUSED_FOR,
            error=error,
        )
        await self._store.move_hub(refused, before=asked.state)

    async def _side_by_side(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        async def one(part: Coroutine[Any, Any, None]) -> None:
            async with self._places:
                try:
                    await part
                except Exception:  # the other hubs are no worse for it
                    log.exception("a hub could not be asked")

        async with asyncio.TaskGroup() as group:
            for part in work:
                group.create_task(one(part))


def _is_over(asked: HubSubscription, now: datetime) -> bool:
    return asked.lease_until is not None and now > asked.lease_until + LEASE_GRACE


def _renewal(now: datetime, lease_s: float) -> datetime:
    return now + timedelta(seconds=max(lease_s * RENEW_AT, LEAST_RENEWAL_S))
