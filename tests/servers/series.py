"""A loopback server that plays successive snapshots of feeds, one after the other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web


@dataclass
class Series:
    """One feed's snapshots and how far its reader has come."""

    snapshots: Sequence[bytes]
    readable: Sequence[bool]  # False for a snapshot that is no feed and can leave no trace
    position: int = 0
    served: set[int] = field(default_factory=set)

    @property
    def etag(self) -> str:
        digest = hashlib.sha256(self.snapshots[self.position]).hexdigest()[:16]
        return f'"{self.position}-{digest}"'


class SeriesServer:
    """Serves each series at ``/NAME``; goes on only when its reader has kept what it got.

    A reader shows that by sending back the snapshot's ETag, which a reader that
    commits validators together with entries can only do once the entries are safe. A
    snapshot that is no feed is passed over once it has been served.
    """

    def __init__(self, series: Mapping[str, Series]) -> None:
        self.series = dict(series)
        self.finished = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._answers = asyncio.Semaphore(0)
        self._kept: set[str] = set()
        self.port = 0

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{self.port}/{name}" for name in self.series]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def wait_for_answers(self, count: int) -> None:
        """Until ``count`` more snapshots have been served, counted from now."""
        while not self._answers.locked():
            await self._answers.acquire()
        for _ in range(count):
            await self._answers.acquire()

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        series = self.series[name]
        last = len(series.snapshots) - 1
        is_kept = request.headers.get("If-None-Match") == series.etag
        is_passed = not series.readable[series.position] and series.position in series.served
        if (is_kept or is_passed) and series.position < last:
            series.position += 1
            is_kept = False
        if is_kept:
            self._kept.add(name)
            if len(self._kept) == len(self.series):
                self.finished.set()
            return web.Response(status=304, headers={"ETag": series.etag})
        series.served.add(series.position)
        self._answers.release()
        return web.Response(
            body=series.snapshots[series.position],
            content_type="application/rss+xml",
            headers={"ETag": series.etag},
        )


def load_series(folder: Path, *, readable: Mapping[str, Sequence[bool]]) -> dict[str, Series]:
    """Every series below ``folder``, snapshots in order of their file names."""
    found = {}
    for name in sorted(readable):
        files = sorted((folder / name).glob("*.xml"))
        found[name] = Series([file.read_bytes() for file in files], readable[name])
    return found
