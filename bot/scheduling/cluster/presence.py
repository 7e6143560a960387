"""Who is at work: each process says every few seconds that it lives, and in which roles."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from bot.model import Process, ProcessRole
from bot.ports import Clock, ProcessStore
from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish
from bot.scheduling.ticks import Ticks

BEAT_EVERY_S = 4.0

AT_WORK_WITHIN = timedelta(seconds=15)
"""Who said nothing for so long is dead, or as good as that; others share its work."""

WORD_S = 1.0

log = logging.getLogger(__name__)


def this_process(roles: frozenset[ProcessRole], *, now: datetime) -> Process:
    """This process, under a name that tells where to look for it."""
    host = socket.gethostname()
    name = f"{host}:{os.getpid()}:{secrets.token_hex(2)}"
    return Process(name, roles, host, started_at=now, beat_at=now)


class Presence:
    """Says that ``process`` lives while this is entered, and in its roles while it runs.

    Without roles it starts or stops: no work is left to it, and the database is not replaced
    under it.
    """

    def __init__(
        self, store: ProcessStore, process: Process, *, clock: Clock, absence: Absence
    ) -> None:
        self.process = process
        self._store = store
        self._clock = clock
        self._absence = absence
        self._roles: frozenset[ProcessRole] = frozenset()
        self._ticks = Ticks(absence)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Say so first; whatever the database holds is to be read after that."""
        await self._beat()
        self._ticks.start([(self._beat, BEAT_EVERY_S)])
        return self

    async def __aexit__(self, *_: object) -> None:
        if under_way := await self._ticks.stop():
            await finish(under_way, grace_s=WORD_S)
        self._ticks.close()
        await self._say(self._leave())

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:  # noqa: ARG002  # a Part's
        """Have the roles until ``stop``."""
        self._roles = self.process.roles
        await self._say(self._beat())
        try:
            await stop.wait()
        finally:
            self._roles = frozenset()
            await self._say(self._beat())

    async def _beat(self) -> None:
        async with self._turn:  # or an earlier one could have the last word
            beaten = replace(self.process, roles=self._roles, beat_at=self._clock())
            await self._store.record_process(beaten)
        self._absence.note_back()

    async def _leave(self) -> None:
        await self._store.forget_process(self.process.name)

    async def _say(self, saying: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(WORD_S):
                await saying
        except Exception as error:
            if not (isinstance(error, TimeoutError) or self._absence.note(error)):
                log.exception("it could not be noted what this process does")
