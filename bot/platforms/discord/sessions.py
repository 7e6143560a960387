"""Shards, and when the session of one may begin.

Discord splits the servers of a large bot over several connections: server and shard belong
together by arithmetic. Sessions begin so many at a time every five seconds, over the whole bot.

Source: Discord documentation, "Gateway", Sharding, and Session Start Limit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from discord.http import Route

from bot.delivery.pace import Schedule, Urgency
from bot.delivery.share import Share
from bot.platforms.discord.rest import Rest
from bot.ports.shared import Budgets, Rate

APART_S = 7.0
"""Seconds between two sessions that count together: Discord's five, and what the first may take
longer than the second to connect."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` connections, by its number from 0."""

    number: int
    count: int

    def has(self, guild_id: int) -> bool:
        """Whether it hears of this server; direct messages come to the first."""
        return (guild_id >> 22) % self.count == self.number

    @property
    def told(self) -> str:
        """What is added to a line on it; "" where it is the only one."""
        return "" if self.count == 1 else f" (shard {self.number} of {self.count})"


WHOLE = Shard(0, 1)
"""All servers over one connection."""


class Sessions:
    """Spaces out the sessions of this process, and of others.

    Args:
        budgets: of all processes that speak for the bot; None where this is the only one.

    Attributes:
        at_once: so many may begin together, as Discord said last.
    """

    def __init__(self, budgets: Budgets | None = None, *, apart_s: float = APART_S) -> None:
        self.at_once = 1
        self._budgets = budgets
        self._rate = Rate(1 / apart_s)
        self._shares: dict[int, Share] = {}
        self._schedules: dict[int, Schedule] = {}
        self._lines: dict[int, asyncio.Lock] = {}

    def find_line(self, shard: Shard) -> asyncio.Lock:
        """Held while ``shard`` begins a session; others whose turns are the same come after it."""
        return self._lines.setdefault(shard.number % self.at_once, asyncio.Lock())

    async def wait_for_turn(self, shard: Shard) -> None:
        """Wait until the session of ``shard`` may begin."""
        key = shard.number % self.at_once
        if self._budgets is not None:
            name = f"discord/sessions/{key}"
            share = self._shares.setdefault(key, Share(self._budgets, name, self._rate))
            (wait_s,) = (await share.take()).starts_in_s
        else:
            schedule = self._schedules.setdefault(key, Schedule(self._rate.per_s))
            now = asyncio.get_running_loop().time()
            at = max(now, schedule.opens_at(now))
            schedule.take(at)
            wait_s = at - now
        await asyncio.sleep(wait_s)


async def load_gateway(rest: Rest) -> dict[str, Any]:
    """What Discord says of the gateway: sessions that are left today, and shards it advises.

    Asking tells too whether the REST API takes the token.

    Raises:
        discord.DiscordException, aiohttp.ClientError, OSError, SendError: no answer.
    """
    async with rest.traffic.call(Urgency.FRESH):
        told: dict[str, Any] = await rest.client.http.request(Route("GET", "/gateway/bot"))
    return told
