"""Polls that start at their due times.

The feeds themselves wait in the store, ordered by due time. A look reads those of the next
moments into a queue, and one timer starts each of them when its time has come: a hundred
thousand feeds cost one indexed query a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import BUCKETS, Feed, bucket_of
from bot.pipeline.report import FeedPoller, PollReport
from bot.ports import Clock, FeedStore
from bot.scheduling.absence import Absence
from bot.scheduling.queue import DueQueue

TICK_S = 1.0
"""How often the store is asked which feeds fall due. A feed that was made due meanwhile is
polled at most this late, unless somebody wakes us."""

AHEAD = timedelta(seconds=1.5)
"""So far ahead feeds are read: until the next tick, and for as long as that may be held up."""

LOOK_FOR = 256
"""Feeds to be read at a look, at least. If more are due, the next look comes when few are left."""

QUIET_AFTER_DEFECT = timedelta(seconds=60)
"""A poll that broke on a defect of ours is not repeated sooner, as its due time stands."""

QUIET_AFTER_ABSENCE = timedelta(seconds=5)
"""Nor is one that could not be written as the database was away; the server was asked for it."""

LEND_AFTER_S = 1.0
"""A poll under way for so long waits for a slow server or reader: another has its place."""

MOST_LENT = 64
"""Places lent at a time: with those of their own these stay below the connections there may be."""

log = logging.getLogger(__name__)


class Polls:
    """Polls due feeds, at most ``concurrency`` at a time; ``look`` every ``TICK_S`` seconds.

    Polls of one host get a quarter of these places, since they mostly wait for their turns
    at it: fifty search feeds of one site must not keep every other feed waiting.

    Args:
        look_soon: has ``look`` called at once, unless it is under way.
        told: called after each poll that did not break.
        absence: what is known of the database being away.

    Attributes:
        worst_lateness_s: the longest that a due feed had to wait for its poll since
            ``begin``, in seconds.
    """

    def __init__(
        self,
        *,
        store: FeedStore,
        poller: FeedPoller,
        clock: Clock,
        concurrency: int,
        look_soon: Callable[[], None],
        told: Callable[[PollReport], None],
        absence: Absence | None = None,
    ) -> None:
        self._store = store
        self._poller = poller
        self._clock = clock
        self._concurrency = concurrency
        self._look_soon = look_soon
        self._told = told
        self._absence = absence or Absence()
        self._buckets: frozenset[int] | None = None  # None for all
        self._queue = self.make_queue()
        self._is_cut = False  # the last look left feeds in the store that are due as well
        self._is_resting = False
        self._timer: asyncio.TimerHandle | None = None  # for the first of the queue
        self._under_way: dict[asyncio.Task[None], Feed] = {}
        self._quiet_until: dict[int, datetime] = {}
        self._running_since = clock()
        self.worst_lateness_s = 0.0

    def begin(self) -> None:
        """Look and poll from now on."""
        self._is_resting = False
        self._queue = self.make_queue()
        self._running_since = self._clock()

    def rest(self) -> set[asyncio.Task[None]]:
        """Start no more polls; those under way, for whoever waits for them."""
        self._is_resting = True
        self._set_timer()
        return set(self._under_way)

    def keep_to(self, buckets: Collection[int]) -> None:
        """Poll feeds of these parts alone from now on; the others have somebody else."""
        before, self._buckets = self._buckets, frozenset(buckets)
        if before == self._buckets:
            return
        if before is None or not before <= self._buckets:
            self._queue.drop(lambda feed: bucket_of(feed.url) not in buckets)
        self._look_soon()

    def find_under_way(self, bucket: int) -> set[asyncio.Task[None]]:
        """The polls of feeds in ``bucket``."""
        return {task for task, feed in self._under_way.items() if bucket_of(feed.url) == bucket}

    def make_queue(self) -> DueQueue:
        """An empty one, with the places there are."""
        places = self._concurrency
        return DueQueue(places=places, places_per_host=max(1, places // 4), lent=MOST_LENT)

    async def look(self) -> None:
        """Read what is due by the next look, and start what is due now."""
        now = self._clock()
        self._quiet_until = {i: until for i, until in self._quiet_until.items() if now < until}
        if self._buckets is not None and not self._buckets:
            return
        by = now + AHEAD
        known = self._queue.under_way + len(self._quiet_until)
        limit = known + max(LOOK_FOR, 2 * self._concurrency)
        self._is_cut = False  # should the store fail
        self._queue.note_look()
        buckets = self._buckets
        # Whoever has all parts asks for none of them: an index is in the order of due times.
        asked = buckets if buckets is not None and len(buckets) < BUCKETS else None
        feeds = await self._store.find_due_feeds(by, limit=limit, buckets=asked)
        self._absence.note_back()
        is_cut = len(feeds) == limit
        if is_cut and (crowded := self._queue.find_crowded(feeds)):
            others = await self._store.find_due_feeds(
                by, limit=limit, buckets=asked, but_not_at=crowded
            )
            is_cut = len(others) == limit
            feeds = tuple({feed.id: feed for feed in (*feeds, *others)}.values())
        if buckets != self._buckets:
            return  # whoever changed them had another look come
        kept = (feed for feed in feeds if feed.id not in self._quiet_until)
        # One that is due later was put off by a clock that ran ahead.
        self._queue.refill(f if f.next_due_at <= by else replace(f, next_due_at=now) for f in kept)
        self._is_cut = is_cut
        self._start_due()

    async def poll_or_none(self, feed: Feed) -> PollReport | None:
        """Poll; a defect of ours is logged, and must not stop the other feeds."""
        try:
            return await self._poller.poll(feed)
        except Exception as error:
            quiet = QUIET_AFTER_ABSENCE
            if not self._absence.note(error):
                log.exception("polling %s broke; tried again in a minute", feed.name)
                quiet = QUIET_AFTER_DEFECT
            self._quiet_until[feed.id] = self._clock() + quiet
            return None

    def _start_due(self) -> None:
        """Start the polls whose time has come, as far as there are places for them."""
        if self._is_resting:
            return
        now = self._clock()
        while feed := self._queue.take_or_none(now):
            due_at = max(feed.next_due_at, self._running_since)
            self.worst_lateness_s = max(self.worst_lateness_s, (now - due_at).total_seconds())
            self._under_way[asyncio.create_task(self._poll(feed), name="poll")] = feed
        if self._is_cut and self._queue.free and len(self._queue) < self._concurrency:
            self._is_cut = False  # once is enough
            self._look_soon()
        self._set_timer(now)

    def _set_timer(self, now: datetime | None = None) -> None:
        """Come back when the next feed falls due; None for never again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_at = self._queue.next_due_at_or_none()
        if now is not None and due_at is not None:
            wait_s = (due_at - now).total_seconds()
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._start_due)

    def _lend_place(self, feed: Feed) -> None:
        self._queue.lend(feed)
        self._start_due()

    async def _poll(self, feed: Feed) -> None:
        lending = asyncio.get_running_loop().call_later(LEND_AFTER_S, self._lend_place, feed)
        try:
            report = await self.poll_or_none(feed)
        finally:
            lending.cancel()
            self._queue.give_back(feed)
            task = asyncio.current_task()
            assert task is not None
            del self._under_way[task]
        if report is not None:
            self._told(report)
        self._start_due()
