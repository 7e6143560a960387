"""Chores that the leader gives out, and processes that know some of them."""

from __future__ import annotations

import asyncio

from bot.app.cluster import Joint
from bot.model import ProcessRole
from bot.scheduling.clock import utc_now
from bot.scheduling.cluster.board import Board
from bot.scheduling.cluster.chores import Chores
from bot.scheduling.cluster.giving import Giver
from bot.scheduling.engine import RoleChore
from bot.settings import load_settings
from bot.store import open_store
from tests.servers.postgres import PostgresServer

PATIENCE_S = 30.0


class Process:
    """Does chores of one role, those of these names."""

    def __init__(self, board: Board, *names: str) -> None:
        self.done: asyncio.Queue[str] = asyncio.Queue()
        self.stop = asyncio.Event()

        def make(name: str) -> RoleChore:
            async def work() -> None:
                self.done.put_nowait(name)

            return RoleChore(name, ProcessRole.DELIVER, 1.0, work)

        self._chores = Chores(board, [make(name) for name in names])

    async def run(self) -> None:
        await self._chores.run(self.stop, grace_s=5.0)


async def test_a_chore_that_an_older_process_does_not_know_waits_for_one_that_does(
    postgres: PostgresServer,
) -> None:
    with postgres.fresh_database() as url:
        settings = load_settings(environ={"NEWSBOT_DATABASE_URL": url})
        joint, newer = Joint(settings, utc_now), Joint(settings, utc_now)
        await joint.prepare()
        async with (
            await open_store(url) as store,
            joint.board,
            newer.board,
            asyncio.timeout(PATIENCE_S),
            asyncio.TaskGroup() as group,
        ):
            giver = Giver(store=store, board=newer.board, clock=utc_now)
            old, new = Process(joint.board, "known"), Process(newer.board, "known", "new")
            group.create_task(old.run())
            await giver.give_chore("new")
            await giver.give_chore("known")
            assert await old.done.get() == "known"
            old.stop.set()

            group.create_task(new.run())
            assert await new.done.get() == "new"
            new.stop.set()
