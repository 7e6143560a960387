"""Opens connections through the doors, and keeps those that may be used again for a while.

A name is looked up once, what comes back is vetted, and the socket is made for exactly such
an address, so the address vetted is the address connected to; TLS still sees the name.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from typing import Final

import aiohappyeyeballs
import httpx
from aiohappyeyeballs import AddrInfoType

from bot.errors import Trouble
from bot.fetching.doors import Resolver, VettingSocketFactory
from bot.fetching.guard import PORTS, literal_or_none
from bot.fetching.wire import Answer, Broken, Stale, Take, Wire

_NEXT_ADDRESS_AFTER_S: Final = 0.25
"""When a second address of a name is tried beside a first that is silent (RFC 8305 §8)."""

_Key = tuple[str, str, int]  # scheme, host, port


class Dial:
    """Asks servers over connections of its own; ``close`` it at the end.

    Args:
        resolver: gives the addresses of names, vetted.
        sockets: makes the socket for an address, and refuses where it must.
        tls: which certificates to trust.
        idle_s: seconds a connection is kept that nobody uses.
        most_idle: connections kept so; beyond it, the longest unused are closed.
    """

    def __init__(
        self,
        *,
        resolver: Resolver,
        sockets: VettingSocketFactory,
        tls: ssl.SSLContext,
        idle_s: float,
        most_idle: int,
    ) -> None:
        self._resolver = resolver
        self._sockets = sockets
        self._tls = tls
        self._idle_s = idle_s
        self._most_idle = most_idle
        self._wires: set[Wire] = set()
        self._idle: dict[Wire, tuple[_Key, float]] = {}  # the one unused longest stands first
        self._idle_at: dict[_Key, list[Wire]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def ask(self, url: httpx.URL, request: bytes, take: Take, *, repeats: bool) -> Answer:
        """Send ``request`` to the host of ``url`` and read the answer.

        Args:
            take: says where the body goes; see ``Take``.
            repeats: may be sent once more, where a kept connection turns out to be closed.

        Raises:
            Broken: no connection, or no answer that is HTTP.
            AddressRefused: from the resolver or the sockets.
            FeedError: whatever ``take`` or the body raised.
        """
        key = (url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])
        wire = self._take_idle(key) if repeats else None
        if wire is not None:
            try:
                return await self._ask(wire, key, request, take)
            except Stale:
                pass
        wire = await self._open(key)
        return await self._ask(wire, key, request, take)

    def close(self) -> None:
        """Hang up everywhere."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for wire in tuple(self._wires):
            wire.close()
        self._wires.clear()
        self._idle.clear()
        self._idle_at.clear()

    async def _ask(self, wire: Wire, key: _Key, request: bytes, take: Take) -> Answer:
        try:
            return await wire.ask(request, take)
        finally:
            if wire.is_free and wire in self._wires:
                self._keep(wire, key)
            else:
                self._wires.discard(wire)
                wire.close()

    async def _open(self, key: _Key) -> Wire:
        scheme, host, port = key
        is_literal = literal_or_none(host) is not None
        infos = [_info(host, port)] if is_literal else await self._look_up(host, port)
        connected = await self._connect(infos, port)
        wire = Wire()
        tls = self._tls if scheme == "https" else None
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: wire,
                sock=connected,
                ssl=tls,
                server_hostname=host.rstrip(".") if tls else None,
            )
        except ssl.SSLCertVerificationError as error:
            what = f"its TLS certificate is not valid ({error.verify_message.rstrip('.')})"
            raise Broken(what, Trouble.TLS) from error
        except ssl.SSLError as error:
            reason = (error.reason or "handshake failed").replace("_", " ").lower()
            raise Broken(f"no TLS connection could be made ({reason})", Trouble.TLS) from error
        except OSError as error:
            what = "TLS connection" if tls else "connection"
            raise Broken(f"no {what} could be made ({reason_of(error)})") from error
        self._wires.add(wire)
        return wire

    async def _look_up(self, host: str, port: int) -> list[AddrInfoType]:
        try:
            found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        except OSError as error:
            what = f"the name {host} could not be looked up ({reason_of(error)})"
            raise Broken(what, Trouble.NAME) from error
        if not found:
            raise Broken(f"the name {host} has no address", Trouble.NAME)
        return [_info(one["host"], one["port"]) for one in found]

    async def _connect(self, infos: list[AddrInfoType], port: int) -> socket.socket:
        """A connected socket to the first address that takes one."""
        try:
            if len(infos) > 1:
                return await aiohappyeyeballs.start_connection(
                    infos,
                    happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_S,
                    interleave=1,
                    socket_factory=self._sockets,
                )
            return await self._connect_one(infos[0])
        except OSError as error:
            raise Broken(f"no connection to port {port} ({reason_of(error)})") from error

    async def _connect_one(self, info: AddrInfoType) -> socket.socket:
        made = self._sockets(info)
        try:
            made.setblocking(False)
            await asyncio.get_running_loop().sock_connect(made, info[4])
        except BaseException:
            made.close()
            raise
        return made

    def _take_idle(self, key: _Key) -> Wire | None:
        while wires := self._idle_at.get(key):
            wire = wires[-1]
            self._drop(wire)
            if wire.is_free:
                return wire
            self._wires.discard(wire)
        return None

    def _keep(self, wire: Wire, key: _Key) -> None:
        now = asyncio.get_running_loop().time()
        self._idle[wire] = (key, now)
        self._idle_at.setdefault(key, []).append(wire)
        if len(self._idle) > self._most_idle:
            self._hang_up(next(iter(self._idle)))
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self._idle_s, self._hang_up_old)

    def _hang_up_old(self) -> None:
        """Close what nobody used for ``idle_s``; come back for the rest."""
        self._sweep = None
        loop = asyncio.get_running_loop()
        for wire, (_, kept_at) in tuple(self._idle.items()):
            if kept_at + self._idle_s > loop.time():
                self._sweep = loop.call_at(kept_at + self._idle_s, self._hang_up_old)
                return
            self._hang_up(wire)

    def _hang_up(self, wire: Wire) -> None:
        self._drop(wire)
        self._wires.discard(wire)
        wire.close()

    def _drop(self, wire: Wire) -> None:
        key, _ = self._idle.pop(wire)
        wires = self._idle_at[key]
        wires.remove(wire)
        if not wires:
            del self._idle_at[key]


def reason_of(error: OSError) -> str:
    """What the system calls it, on one line, without addresses."""
    if isinstance(error, socket.gaierror):
        return error.strerror or "look-up failed"
    # asyncio's own text repeats the address instead
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _info(address: str, port: int) -> AddrInfoType:
    if ":" in address:
        target = (address, port, 0, 0)
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", target
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)
