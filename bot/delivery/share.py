"""A pace that this process keeps together with others.

Where the others cannot be asked, since the database is away, nothing begins: too many at once
would be the price of going on, and what is to be posted waits in that database anyway.
"""

from __future__ import annotations

import asyncio
import logging

from bot.ports.shared import Budgets, Rate, Turns

AGAIN_S = 1.0
"""After so long a database that did not answer is asked again."""

log = logging.getLogger(__name__)


class Share:
    """One process's part in the pace called ``name``."""

    def __init__(self, budgets: Budgets, name: str, rate: Rate) -> None:
        self.rate = rate
        self._budgets = budgets
        self._name = name
        self._holding: set[asyncio.Task[None]] = set()

    async def take(self, *, count: int = 1, at_most_s: float | None = None) -> Turns:
        """The next ``count`` turns; none where the first is more than ``at_most_s`` away.

        It comes back when the database does.
        """
        is_told = False
        while True:
            try:
                return await self._budgets.take_turns(
                    self._name, self.rate, count=count, at_most_s=at_most_s
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing may begin
                if not is_told:
                    log.warning(
                        "the pace of %s is not known (%s); nothing is asked there until the "
                        "database answers",
                        self._name,
                        type(error).__name__,
                    )
                is_told = True
            await asyncio.sleep(AGAIN_S)

    def hold_soon(self, seconds: float) -> None:
        """Have no turn begin for ``seconds`` but those that were given already.

        It is written while the caller goes on; of no effect where the database is away.
        """
        task = asyncio.create_task(self._hold(seconds), name="hold")
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)

    async def _hold(self, seconds: float) -> None:
        try:
            await self._budgets.hold_turns(self._name, self.rate, seconds=seconds)
        except Exception as error:
            log.debug("the pace of %s could not be held", self._name, exc_info=error)
