"""Posts: a job for each destination that is owed something, done by whoever has the role.

Jobs come from two sides: with what is owed, in its transaction (``Owing``), and from whoever
leads, who looks for what fell due by itself (``Sweep``). While a job waits or is being done,
its lock keeps all others of its destination waiting, so posts there keep their order.

At most ``MOST_WAITING`` jobs of a platform wait at a time, as finding the next one takes
Procrastinate the longer the more there are; a backlog stays where it is, in the outbox, and
the sweep takes from it what is most urgent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.delivery.drain import PLACES
from bot.delivery.errand import Errands
from bot.model import Destination, Platform
from bot.ports import Clock, DeliveryStore
from bot.scheduling.clock import wait
from bot.scheduling.cluster.board import Board, Job
from bot.scheduling.cluster.names import POST_LOCK, POST_TASK, post_lock, post_queue

MOST_WAITING = 1_000
"""Jobs of a platform; the fastest takes 45 posts a second, so these last for 20 s."""

MOST_AT_ONCE = 500
"""Jobs that come with one transaction; a story of more channels leaves the others to the sweep."""

LATER = 0
"""The priority of what waited already; that of news is higher, see ``find_priority``."""

FRESH_FOR_S = 120
"""What came in so many seconds is done in the order it came; what comes later goes before it."""

LOOK_BACK = timedelta(seconds=5)
"""A look goes back behind the one before, since clocks of machines differ and commits take time."""

WHOLE_EVERY = timedelta(seconds=15)
"""So often everything is looked at that is due."""

UP_EVERY_S = 0.5
"""How often it is asked whether posts can be made on a platform."""

log = logging.getLogger(__name__)


def make_job(destination: Destination, *, priority: int) -> Job:
    """The job of posting what is due at ``destination``."""
    return Job(
        task=POST_TASK,
        queue=post_queue(destination.platform),
        lock=post_lock(destination),
        priority=priority,
        args={
            "platform": destination.platform.value,
            "workspace": destination.workspace,
            "channel": destination.channel,
            "thread": destination.thread,
        },
    )


def find_priority(now: datetime) -> int:
    """Of what comes to be owed at ``now``: a backlog must not keep news waiting."""
    return int(now.timestamp()) // FRESH_FOR_S


class Transaction(Protocol):
    """What is owed is written in it; see ``bot.store.engines.GuestTransaction``."""

    def write(
        self,
        in_thread: Callable[[Any], None],
        in_loop: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Have one of the two write in it too, on the driver's connection."""
        ...


class Owing:
    """Puts a job on the board for what comes to be owed, in the same transaction."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    def __call__(self, transaction: Transaction, due: Mapping[Destination, datetime]) -> None:
        """Put jobs for those of ``due`` whose time has come; the others are found when it has."""
        now = self._clock()
        places = [place for place, at in due.items() if at <= now][:MOST_AT_ONCE]
        priority = find_priority(now)
        jobs = [make_job(place, priority=priority) for place in places]
        transaction.write(
            lambda connection: self._board.put_within(connection, jobs),
            lambda connection: self._board.put_within_async(connection, jobs),
        )


class Sweep:
    """Puts jobs on the board for what is due and has none; for whoever leads.

    Args:
        platforms: where posts are made.
    """

    def __init__(
        self,
        board: Board,
        store: DeliveryStore,
        *,
        clock: Clock,
        platforms: Collection[Platform],
    ) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._platforms = tuple(sorted(platforms))
        self._looked_at: dict[Platform, datetime] = {}
        self._whole_at: dict[Platform, datetime] = {}
        self._thinned_at: dict[Platform, datetime] = {}

    async def look(self) -> int:
        """Look once; how many jobs were put on the board."""
        return sum([await self._look_at(platform) for platform in self._platforms])

    async def _look_at(self, platform: Platform) -> int:
        now = self._clock()
        await self._thin_out(platform, now)
        busy = await self._board.find_locks(post_queue(platform))
        room = MOST_WAITING - len(busy)
        if room <= 0:
            return 0
        whole_at = self._whole_at.get(platform)
        is_whole = whole_at is None or not timedelta(0) <= now - whole_at < WHOLE_EVERY
        places = await self._store.find_due_places(
            now,
            platform,
            limit=room,
            but_not=[lock.removeprefix(POST_LOCK) for lock in busy],
            since=None if is_whole else self._looked_at[platform] - LOOK_BACK,
        )
        jobs = [make_job(place, priority=LATER) for place in places[:room]]
        await self._board.put_all(jobs)
        self._looked_at[platform] = now
        if is_whole and len(places) < room // 2:  # a backlog is taken from at every look
            self._whole_at[platform] = now
        return len(jobs)

    async def _thin_out(self, platform: Platform, now: datetime) -> None:
        """Now and then, for a platform where nobody posts: each story brings jobs all the same."""
        thinned_at = self._thinned_at.get(platform)
        if thinned_at is None or not timedelta(0) <= now - thinned_at < WHOLE_EVERY:
            await self._board.thin_out(post_queue(platform))
            self._thinned_at[platform] = now


class Posts:
    """Does the jobs, on the platforms that are connected here.

    Args:
        places: destinations of a platform that are served at a time.
    """

    def __init__(self, board: Board, errands: Errands, *, places: int = PLACES) -> None:
        self._board = board
        self._errands = errands
        self._places = places
        board.add_task(POST_TASK, self._post_to)

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Post until ``stop``; what is being sent then may take ``grace_s`` to end."""
        resting = asyncio.create_task(self._rest(stop))
        try:
            async with asyncio.TaskGroup() as group:
                for platform in self._errands.platforms:
                    group.create_task(self._work(platform, stop, grace_s), name=f"post.{platform}")
        finally:
            resting.cancel()

    async def _rest(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._errands.rest()

    async def _work(self, platform: Platform, stop: asyncio.Event, grace_s: float) -> None:
        """Work while ``platform`` can be posted to; jobs are left to others while it cannot."""
        while not stop.is_set():
            if not self._errands.is_up(platform):
                await wait(stop, UP_EVERY_S)
                continue
            ending = asyncio.Event()
            watching = asyncio.create_task(self._watch(platform, stop, ending))
            try:
                await self._board.work(
                    [post_queue(platform)], places=self._places, stop=ending, grace_s=grace_s
                )
            finally:
                watching.cancel()

    async def _watch(self, platform: Platform, stop: asyncio.Event, ending: asyncio.Event) -> None:
        """Set ``ending`` when ``stop`` is set or ``platform`` is away."""
        while self._errands.is_up(platform) and not await wait(stop, UP_EVERY_S):
            pass
        ending.set()

    async def _post_to(self, platform: str, workspace: str, channel: str, thread: str) -> None:
        destination = Destination(Platform(platform), workspace, channel, thread)
        # They came with what is owed there, which is seen from here on.
        await self._board.drop_waiting(post_lock(destination))
        served = await self._errands.serve(destination)
        # Behind others; where it is lost, or the platform is away, the sweep finds what is due.
        if served.is_more and self._errands.is_up(destination.platform):
            await self._board.put(make_job(destination, priority=LATER))
