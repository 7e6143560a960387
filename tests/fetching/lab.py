"""What the fetching tests share: limits for loopback, and names that resolve by script."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.fetching import FetchLimits, HttpFetcher, parse_allowed
from tests.builders import NOW

USER_AGENT = "newsbot/0 (news alerts; +https://bot.example/about)"

LOOPBACK = (parse_allowed("127.0.0.0/8"),)

CERTIFICATE = Path(__file__).parents[1] / "servers" / "wire.pem"
"""Key and certificate of wire.example, signed by itself, made for these tests."""


def limits(**changes: Any) -> FetchLimits:
    """Limits that open loopback and wait for nothing."""
    values = {
        "user_agent": USER_AGENT,
        "allow": LOOPBACK,
        "per_host_spacing_s": 0.0,
        **changes,
    }
    return FetchLimits(**values)


class ScriptedResolver(AbstractResolver):
    """Answers each look-up of a name with the next of its scripted answers, then the last."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = answers
        self.calls: list[str] = []
        self.is_closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        script = self._answers[host]
        addresses = script[min(self.calls.count(host), len(script) - 1)]
        self.calls.append(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        self.is_closed = True


LOCAL_NAMES = {"wire.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}


@asynccontextmanager
async def fetcher(*, now: datetime = NOW, **changes: Any) -> AsyncIterator[HttpFetcher]:
    """A fetcher with ``limits(**changes)``; ``resolver`` and ``tls`` are passed on."""
    given = {name: changes.pop(name) for name in ("resolver", "tls") if name in changes}
    async with HttpFetcher(limits(**changes), clock=lambda: now, **given) as opened:
        yield opened
