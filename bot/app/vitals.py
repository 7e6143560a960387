"""Takes the bot's pulse: gathers what the probes and the numbers tell.

The store is asked every few seconds at most, however often somebody collects, and not for long:
a database that hangs is an answer too.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.app.parts import platforms_of
from bot.errors import DatabaseUnusable
from bot.ports import Clock, Gauges
from bot.settings import Settings
from bot.store import SqlStore, parse_url, sqlite_path_or_none
from bot.telemetry.collectors import Side
from bot.telemetry.metrics import Metrics
from bot.web.probes import Probes
from bot.web.readiness import MINUTE_S, Check, Limits, Vitals, check_all, check_loop

KEPT_S = 5.0
"""What the store said stands for so long at least, and for twenty times as long as asking took:
so that no scraper costs the database more than a twentieth of its time."""

KEPT_SHARE = 20

ASK_S = 3.0
"""For the store to answer; probes of Kubernetes and the like wait for as long, or shorter."""

LOOK_S = 2.0
"""How often it is looked whether people are heard."""

log = logging.getLogger(__name__)


class Pulse:
    """What is measured of a running bot.

    Args:
        sides: the platforms on which this process answers people.
        metrics: gets what is measured, for whoever collects it.
    """

    def __init__(
        self,
        settings: Settings,
        store: SqlStore,
        sides: Sequence[Side],
        metrics: Metrics,
        *,
        clock: Clock,
    ) -> None:
        health = settings.health
        self._limits = Limits(
            late_s=health.late_s,
            late_share=health.late_share,
            backlog_s=health.backlog_s,
            gateway_s=health.gateway_s,
            disk_free_bytes=health.disk_free_mb * 2**20,
        )
        self._posts_to = platforms_of(settings)
        self._file = sqlite_path_or_none(parse_url(settings.database.url))
        self._store = store
        self._sides = tuple(sides)
        self._metrics = metrics
        self._clock = clock
        self._asking: asyncio.Task[Gauges] | None = None
        self._asked_until = 0.0  # by the loop's time: what was said stands
        self._gauges: Gauges | None = None
        self._fault = ""
        self._unheard_since: dict[str, float | None] = {side.name: None for side in sides}

    @property
    def probes(self) -> Probes:
        """What is asked over HTTP."""
        return Probes(self.check_life, self.check_work, self.expose)

    def check_life(self) -> Check:
        """Whether the event loop keeps time."""
        monitor = self._metrics.monitor
        return check_loop(monitor.stalled_share(within_s=MINUTE_S) if monitor else 0.0)

    async def check_work(self) -> tuple[Check, ...]:
        """Every condition of readiness, noted with the metrics too."""
        await self._ask()
        now_s = asyncio.get_running_loop().time()
        self._look()
        free_bytes = _find_free(self._file)
        vitals = Vitals(
            gauges=self._gauges,
            fault=self._fault,
            posts_to=self._posts_to,
            unheard_s={
                name: 0.0 if since is None else now_s - since
                for name, since in self._unheard_since.items()
            },
            disk_free_bytes=free_bytes if self._limits.disk_free_bytes else None,
        )
        checks = check_all(vitals, self._limits)
        self._metrics.note_health(
            self._gauges,
            {one.name: one.is_good for one in checks},
            disk_free_bytes=free_bytes,
        )
        return checks

    async def expose(self, accept: str) -> tuple[bytes, str]:
        """All numbers as text, and its content type."""
        await self.check_work()
        return self._metrics.expose(accept)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Look now and then whether people are heard, as long as the block lasts."""
        looking = asyncio.create_task(self._keep_looking(), name="pulse")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait({looking})
            if self._asking is not None:
                await asyncio.wait({self._asking})

    async def _keep_looking(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(LOOK_S)

    def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for side in self._sides:
            since = self._unheard_since[side.name]
            self._unheard_since[side.name] = None if side.is_heard else since or now_s

    async def _ask(self) -> None:
        """Ask the store how it stands, unless it said so a moment ago; wait for it a little."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._asked_until:
            return
        if self._asking is None:
            self._asking = asyncio.create_task(self._load(), name="gauges")
            self._asking.add_done_callback(self._take)
        asking = self._asking
        await asyncio.wait({asking}, timeout=ASK_S)
        if not asking.done():
            self._gauges, self._fault = None, f"no answer within {ASK_S:g} s"

    async def _load(self) -> Gauges:
        loop = asyncio.get_running_loop()
        began = loop.time()
        late_after = timedelta(seconds=self._limits.late_s)
        with self._store.database.explained():
            gauges = await self._store.load_gauges(self._clock(), late_after=late_after)
        took_s = loop.time() - began
        self._asked_until = loop.time() + max(KEPT_S, KEPT_SHARE * took_s)
        return gauges

    def _take(self, asking: asyncio.Task[Gauges]) -> None:
        self._asking = None
        if asking.cancelled():
            return
        error = asking.exception()
        if error is None:
            self._gauges, self._fault = asking.result(), ""
            return
        self._gauges = None
        self._fault = str(error) if isinstance(error, DatabaseUnusable) else type(error).__name__
        if not isinstance(error, DatabaseUnusable | TimeoutError):
            log.error("the store could not be asked how it stands", exc_info=error)


def _find_free(file: Path | None) -> int | None:
    """Bytes free where ``file`` is, None where there is none or it cannot be told."""
    if file is None:
        return None
    try:
        return shutil.disk_usage(file.absolute().parent).free
    except OSError:
        return None
