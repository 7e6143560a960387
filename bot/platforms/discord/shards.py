"""The connections of this process to the gateway: one client for each of its shards.

Each has a supervisor of its own, so that one that fails takes no other with it. discord.py's
AutoShardedClient would have them in one client, which ends as a whole when one session does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.platforms.discord.client import NewsClient
from bot.platforms.discord.interactions import Reception
from bot.platforms.discord.rest import Rest
from bot.platforms.discord.sessions import Sessions, Shard, load_gateway
from bot.platforms.discord.supervisor import NeedsShards, Patience, Supervisor, tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Division:
    """Which shards there are, and which of them this process has.

    Attributes:
        count: in all; 0 for as many as Discord advises.
        numbers: those of this process; () for all.
    """

    count: int = 0
    numbers: tuple[int, ...] = ()

    def find_shards(self, advised: int) -> tuple[Shard, ...]:
        """The shards of this process, of so many as ``advised`` where nobody chose."""
        count = self.count or advised
        return tuple(Shard(number, count) for number in self.numbers or range(count))


class Shards:
    """Keeps the shards of this process connected.

    Attributes:
        supervisors: one a shard; () until it is known how many there are.
    """

    def __init__(
        self,
        *,
        token: str,
        rest: Rest,
        reception: Reception,
        make_client: Callable[[Shard], NewsClient],
        division: Division,
        sessions: Sessions,
        patience: Patience | None = None,
    ) -> None:
        self.supervisors: tuple[Supervisor, ...] = ()
        self._token = token
        self._rest = rest
        self._reception = reception
        self._make_client = make_client
        self._division = division
        self._sessions = sessions
        self._patience = patience or Patience()
        if division.count:
            self._supervise(division.find_shards(division.count))

    @property
    def is_up(self) -> bool:
        """Whether commands arrive, from all servers of these shards."""
        return bool(self.supervisors) and all(one.is_up for one in self.supervisors)

    def find_client(self, guild_id: int) -> NewsClient | None:
        """The client that hears of a server; None while there is none, or elsewhere."""
        for supervisor in self.supervisors:
            if supervisor.shard.has(guild_id):
                return supervisor.client
        return None

    async def run(self) -> None:
        """Keep all connected until this is cancelled.

        When it returns, nothing that people asked for is under way any more.
        """
        try:
            while True:
                if not self._division.count:
                    self._supervise(self._division.find_shards(await self._ask_count()))
                if not await self._run_all():
                    return
                await asyncio.sleep(self._patience.longest_s)
        finally:
            await self._reception.break_off()

    async def _run_all(self) -> bool:
        """Run all supervisors; they end only where Discord wants more of them."""
        needs_more = False
        try:
            async with asyncio.TaskGroup() as group:
                for supervisor in self.supervisors:
                    group.create_task(supervisor.run(), name=f"gateway{supervisor.shard.told}")
        except* NeedsShards as errors:
            needs_more = True
            log.warning("discord: %s; asking how many there should be", errors.exceptions[0])
        return needs_more

    def _supervise(self, shards: tuple[Shard, ...]) -> None:
        def supervise(shard: Shard) -> Supervisor:
            return Supervisor(
                token=self._token,
                rest=self._rest,
                make_client=lambda: self._make_client(shard),
                sessions=self._sessions,
                shard=shard,
                is_count_ours=not self._division.count,
                patience=self._patience,
            )

        self.supervisors = tuple(map(supervise, shards))

    async def _ask_count(self) -> int:
        """How many shards Discord advises, 1 for all but large bots."""
        wait_s = self._patience.first_s
        while True:
            await self._rest.wait_until_up()
            try:
                advised = int((await load_gateway(self._rest)).get("shards", 1))
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may do better
                if self._rest.is_up:
                    log.warning("discord: %s; next attempt in %.1f s", tell(error), wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, self._patience.longest_s)
            else:
                return max(1, advised)
