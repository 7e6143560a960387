"""A line to PostgreSQL that can fall silent: what is sent over it arrives nowhere, unnoticed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg.conninfo import make_conninfo


class Line:
    """Carries bytes from a TCP port on loopback to the server listening at ``path``, and back.

    Attributes:
        is_silent: nothing is carried any more, and no connection ends for that.
    """

    def __init__(self, path: Path) -> None:
        self.is_silent = False
        self._path = path
        self._carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry_both, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._carrying:
            task.cancel()
        if self._carrying:
            await asyncio.wait(self._carrying)

    def lead(self, conninfo: str) -> str:
        """``conninfo``, of a database of that server, over this line."""
        host, port = self._server.sockets[0].getsockname()
        return make_conninfo(conninfo, host=host, port=port)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, out = await asyncio.open_unix_connection(self._path)
        for end, other in ((reader, out), (back, writer)):
            task = asyncio.create_task(self._carry(end, other))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(65_536):
                if not self.is_silent:
                    writer.write(some)
            if self.is_silent:  # not even an end is told
                await asyncio.Event().wait()
        finally:
            writer.close()
