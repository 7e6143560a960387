"""Joins the engine of several processes; loaded only where the database is PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.app.chores import ALL_TIMINGS
from bot.delivery.errand import Errands
from bot.delivery.office import PostOffice
from bot.model import Platform, ProcessRole
from bot.pipeline.report import FeedPoller
from bot.ports import Clock
from bot.scheduling.absence import Absence
from bot.scheduling.cluster.board import Board
from bot.scheduling.cluster.board import is_away as is_board_away
from bot.scheduling.cluster.chores import Chores
from bot.scheduling.cluster.engine import Cluster, Part
from bot.scheduling.cluster.giving import Giver
from bot.scheduling.cluster.leader import Leader
from bot.scheduling.cluster.polling import Shifts
from bot.scheduling.cluster.posts import Owing, Posts, Sweep
from bot.scheduling.cluster.presence import Presence
from bot.scheduling.cluster.schema import upgrade_job_tables
from bot.scheduling.cluster.seat import Seat
from bot.scheduling.engine import RoleChore, Timing
from bot.settings import Settings
from bot.store import SqlStore, conninfo_of, current_revision, is_away
from bot.store.shared import SqlShared

SWEEP_EVERY_S = 1.0

SHARED_KEPT = timedelta(hours=1)
"""No platform sends an event again after that, or holds us back for so long."""


class Joint:
    """The board of one process, before and while its store is open.

    Args:
        timings: what the leader has done now and then.

    Attributes:
        owing: to be called by the store with what comes to be owed.
        absence: what is known of the database being away.
    """

    def __init__(
        self, settings: Settings, clock: Clock, timings: Sequence[Timing] = ALL_TIMINGS
    ) -> None:
        self.conninfo = conninfo_of(settings.database.url)
        self.absence = Absence(lambda error: is_away(error) or is_board_away(error))
        self.board = Board(self.conninfo, self.absence)
        self.owing = Owing(self.board, clock)
        self._settings = settings
        self._clock = clock
        self._timings = tuple(timings)

    async def prepare(self) -> None:
        """Make the tables of jobs, or bring them up to date; before the store is opened.

        Raises:
            DatabaseUnusable: it cannot be done.
        """
        await current_revision(self._settings.database.url)  # has the words for one that is away
        await upgrade_job_tables(self.conninfo)

    def find_seat(self, name: str, parts: Sequence[int], count: int) -> Seat:
        """The seat of this name, or some of ``count`` parts, which one process has at a time."""
        return Seat(self.conninfo, name, absence=self.absence, parts=parts, count=count)

    @asynccontextmanager
    async def open_engine(
        self,
        presence: Presence,
        store: SqlStore,
        poller: FeedPoller,
        office: PostOffice,
        chores: Sequence[RoleChore],
    ) -> AsyncIterator[Cluster]:
        """What the process of ``presence`` does in its roles.

        Args:
            office: what posts are made with.
            chores: what this process can do of ``ALL_TIMINGS``.
        """
        settings, clock, board, absence = self._settings, self._clock, self.board, self.absence
        process, roles = presence.process, presence.process.roles
        async with board:
            parts: list[Part] = [presence]
            shifts, posts = None, []
            if ProcessRole.SCHEDULE in roles:
                parts.append(self._make_leader(store))
            if ProcessRole.POLL in roles:
                shifts = Shifts(
                    store=store,
                    board=board,
                    poller=poller,
                    clock=clock,
                    name=process.name,
                    concurrency=settings.fetch.concurrency,
                    absence=absence,
                )
            if ProcessRole.DELIVER in roles:
                posts.append(Posts(board, Errands(office)))
            if ours := [chore for chore in chores if chore.role in roles]:
                parts.append(Chores(board, ours))
            yield Cluster(parts, shifts=shifts, posts=posts)

    def _make_leader(self, store: SqlStore) -> Leader:
        clock, board = self._clock, self.board
        giver = Giver(store=store, board=board, clock=clock)
        sweep = Sweep(board, store, clock=clock, platforms=tuple(Platform))

        async def look() -> None:
            await sweep.look()

        async def forget_shared() -> None:
            await SqlShared(store.database).forget_shared(clock() - SHARED_KEPT)

        every = [
            *giver.chores(self._timings),
            (look, SWEEP_EVERY_S),
            (forget_shared, SHARED_KEPT.total_seconds()),
        ]
        return Leader(self.conninfo, every, absence=self.absence)
