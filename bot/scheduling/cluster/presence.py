"""Who is at work: each process says every few seconds that it lives, and in which roles."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Process, ProcessRole
from bot.ports import Clock, ProcessStore
from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish
from bot.scheduling.ticks import Ticks

BEAT_EVERY_S = 4.0

ALIVE_WITHIN = timedelta(seconds=15)
"""Who said nothing for so long is dead, or as good as that; others share its work."""

LAST_WORD_S = 1.0

log = logging.getLogger(__name__)


def this_process(roles: frozenset[ProcessRole], *, now: datetime) -> Process:
    """This process, under a name that tells where to look for it."""
    host = socket.gethostname()
    name = f"{host}:{os.getpid()}:{secrets.token_hex(2)}"
    return Process(name, roles, host, started_at=now, beat_at=now)


class Presence:
    """Says that ``process`` lives, until it stops."""

    def __init__(
        self, store: ProcessStore, process: Process, *, clock: Clock, absence: Absence
    ) -> None:
        self._store = store
        self._process = process
        self._clock = clock
        self._absence = absence

    async def run(self, stop: asyncio.Event, *, grace_s: float) -> None:
        """Say so every ``BEAT_EVERY_S`` seconds, and at the end that it goes."""
        ticks = Ticks(self._absence)
        ticks.start([(self._beat, BEAT_EVERY_S)])
        try:
            await stop.wait()
        finally:
            if under_way := await ticks.stop():
                await finish(under_way, grace_s=grace_s)
            ticks.close()
            await self._leave()

    async def _beat(self) -> None:
        await self._store.record_process(replace(self._process, beat_at=self._clock()))
        self._absence.note_back()

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self._store.forget_process(self._process.name)
        except Exception as error:
            if not (isinstance(error, TimeoutError) or self._absence.note(error)):
                log.exception("it could not be noted that this process ends")
