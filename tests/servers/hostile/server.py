"""Serves every attack at a loopback address of its own, and keeps a canary beside them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from tests.servers.hostile.case import CANARY, Call, Case, head

CONTROL = "127.10.0.1"
"""Where it tells what happened: /canary and /asked, in JSON."""


def host_of(index: int) -> str:
    """The address of case number ``index``: a host of its own to whoever is polite by host."""
    return f"127.10.{1 + index // 250}.{1 + index % 250}"


class HostileServer:
    """All of ``cases`` at one port.

    Attributes:
        touched: connections to the canary, as "address: first line".
        asked: requests by name of the case.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = {host_of(index): case for index, case in enumerate(cases)}
        self._stack = AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()
        self._polls: Counter[str] = Counter()
        self.port = 0
        self.touched: list[str] = []
        self.asked: Counter[str] = Counter()

    async def open(self, port: int = 0) -> Self:
        """Listen at ``port``, 0 for any that is free."""
        self.port = await self._listen(CONTROL, port)
        for host, case in self._cases.items():
            await self._listen(host, self.port, certificate=case.certificate)
        for host in (CANARY, "127.0.0.1", "::1"):
            with contextlib.suppress(OSError):  # a machine without IPv6
                server = await asyncio.start_server(self._note, host, self.port)
                self._stack.callback(server.close)
        return self

    async def close(self) -> None:
        """End it, whatever is under way."""
        await self._stack.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, host: str, port: int, *, certificate: str = "") -> int:
        tls = None
        if certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(Path(__file__).with_name(certificate))
        server = await asyncio.start_server(self._serve, host, port, ssl=tls)
        self._stack.callback(server.close)
        return int(server.sockets[0].getsockname()[1])

    async def _note(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The canary: who comes here was led astray."""
        self.touched.append(writer.get_extra_info("sockname")[0])
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            start = await reader.readexactly(1)
            if start == b"\x16":  # TLS, where we speak none
                writer.write(head(status="400 No TLS here"))
                return
            request = start + await reader.readuntil(b"\r\n\r\n")
            await self._answer(request.decode("latin-1"), reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client went away, or spoke no HTTP
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(
        self, request: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host = writer.get_extra_info("sockname")[0]
        first, *lines = request.strip().split("\r\n")
        path = first.split(" ")[1]
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        case = self._cases.get(host)
        call = Call(
            count=self._polls[host],
            path=path,
            fields={name.lower(): value for name, value in fields.items()},
            host=host,
            port=self.port,
            reader=reader,
            writer=writer,
        )
        if case is None:
            told = {"/canary": self.touched, "/asked": self.asked}.get(path)
            await call.answer(json.dumps(told), "Content-Type: application/json")
            return
        self.asked[case.name] += 1
        if path == "/feed":
            self._polls[host] += 1
        await case.serve(call)
