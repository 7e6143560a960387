"""Paces that processes share, in memory and by the loop's clock; for tests whose clock leaps."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from bot.ports.shared import Rate, Turns
from bot.store.shared import find_turns


class KeptBudgets:
    """The Budgets port for pacers of one loop, each as good as a process.

    Attributes:
        takes_s: how long an answer takes.
        is_away: it raises.
        taken: turns that were given.
    """

    def __init__(self, *, takes_s: float = 0.002) -> None:
        self.takes_s = takes_s
        self.is_away = False
        self.taken = 0
        self._next_us: defaultdict[str, int] = defaultdict(int)

    async def take_turns(
        self, name: str, rate: Rate, *, count: int = 1, at_most_s: float | None = None
    ) -> Turns:
        """Give the next turns, as the store does by one statement."""
        now_us = await self._ask()
        opens_in_us = self._next_us[name] - rate.early_us - now_us
        if at_most_s is not None and opens_in_us > at_most_s * 1e6:
            return find_turns(self._next_us[name], now_us, rate, count=0)
        self._next_us[name] = max(self._next_us[name], now_us) + count * rate.gap_us
        self.taken += count
        return find_turns(self._next_us[name], now_us, rate, count=count)

    async def hold_turns(self, name: str, rate: Rate, *, seconds: float) -> None:
        """Have no turn begin for so long."""
        now_us = await self._ask()
        held_us = round(seconds * 1e6) + rate.early_us
        self._next_us[name] = max(self._next_us[name], now_us + held_us)

    async def _ask(self) -> int:
        if self.is_away:
            raise OSError("the database is away")
        now_us = round(asyncio.get_running_loop().time() * 1e6)
        await asyncio.sleep(self.takes_s)
        return now_us
