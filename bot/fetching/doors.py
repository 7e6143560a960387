"""The doors to the network: names are resolved once, and only vetted addresses pass.

Dial connects to the addresses its resolver hands over and asks nobody again,
so the address vetted is the address connected to, while TLS and the Host header
still carry the name. Addresses written in figures skip the resolver; they are
vetted in ``check_url``, and once more where the socket is made.

Resolvers are those of aiohttp in shape, so that any of them fits; aiohttp itself is not
loaded for that, as it takes 6 MB.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from aiohappyeyeballs import AddrInfoType

from bot.errors import AddressRefused
from bot.fetching.guard import REMEMBERED, AllowedAddress, find_objection

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult

_LOOK_UPS = 32
"""Names looked up at a time. A dead name server holds a thread for many seconds, and the
event loop's own pool has as few as five, which others use too."""


class Resolver(Protocol):
    """Looks names up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = ..., /
    ) -> list[ResolveResult]:
        """The addresses of ``host``; OSError if there are none."""

    async def close(self) -> None:
        """No look-up comes after it."""


class SystemResolver:
    """The system's resolver, on threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="look-up")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """All addresses of ``host``, in the order the system prefers.

        Raises:
            OSError: there are none, or nobody could be asked.
        """
        infos = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM),
        )
        return [
            {
                "hostname": host,
                "host": str(address[0]),
                "port": port,
                "family": family,
                "proto": proto,
                "flags": socket.AI_NUMERICHOST,
            }
            for family, _, proto, _, address in infos
        ]

    async def close(self) -> None:
        """Let look-ups under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class VettingResolver:
    """Hands on those addresses of another resolver to which there is no objection."""

    def __init__(self, inner: Resolver, *, allow: tuple[AllowedAddress, ...]) -> None:
        self._inner = inner
        self._allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The vetted addresses of ``host``.

        Raises:
            AddressRefused: it has addresses, and none may be asked.
            OSError: it has none.
        """
        found = await self._inner.resolve(host, port, family)
        objections = [
            find_objection(ip_address(one["host"]), port, allow=self._allow) for one in found
        ]
        vetted = [one for one, objection in zip(found, objections, strict=True) if not objection]
        if found and not vetted:
            raise AddressRefused(f"{host}: {objections[0]} (fetch.allow_addresses); not asked")
        return vetted

    async def close(self) -> None:
        """Close the resolver behind it."""
        await self._inner.close()

    def lend(self) -> Resolver:
        """The resolver behind it, for a second one; it stays open when that one is closed."""
        return _Lent(self._inner)


class _Lent:
    """A resolver that somebody else closes."""

    def __init__(self, owned: Resolver) -> None:
        self._owned = owned

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What the owned one says."""
        return await self._owned.resolve(host, port, family)

    async def close(self) -> None:
        """Leave it open."""


class VettingSocketFactory:
    """Makes the socket for one address, the last thing that happens before connecting."""

    def __init__(self, *, allow: tuple[AllowedAddress, ...]) -> None:
        # by the text, as reading an address takes longer than making a socket for it
        self._find_objection = lru_cache(REMEMBERED)(partial(_find_objection, allow=allow))

    def __call__(self, info: AddrInfoType) -> socket.socket:
        """A socket for ``info``, as ``getaddrinfo`` describes it.

        Raises:
            AddressRefused: the address may not be asked.
        """
        family, kind, proto, _, address = info
        host, port = str(address[0]), int(address[1])
        if objection := self._find_objection(host, port):
            raise AddressRefused(f"{host}: {objection} (fetch.allow_addresses); not asked")
        return socket.socket(family, kind, proto)


def _find_objection(address: str, port: int, *, allow: tuple[AllowedAddress, ...]) -> str:
    return find_objection(ip_address(address), port, allow=allow)
