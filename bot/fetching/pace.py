"""Politeness: how many requests at a time, how far apart, and who is left alone.

Knows hosts by name only and sends nothing. Time is the event loop's monotonic
clock, so a corrected wall clock neither stops nor floods anybody.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from bot.errors import FeedUnreachable, Trouble

MAX_HOSTS = 10_000
"""Hosts remembered; a redirect can name a new host at every poll."""


@dataclass(slots=True)
class Host:
    """What is remembered of one host; times are the event loop's, in seconds."""

    slots: asyncio.Semaphore
    next_start_at: float = 0.0
    quiet_until: float = 0.0
    users: int = 0  # waiting or asking; only a host without any may be forgotten


class Pace:
    """Gives out turns to ask a host.

    Args:
        per_host: requests in flight to one host.
        spacing_s: seconds between the starts of two requests to one host.
        in_all: requests in flight to all hosts.
        max_hosts: hosts remembered; beyond it, the longest idle are forgotten.
    """

    def __init__(
        self, *, per_host: int, spacing_s: float, in_all: int, max_hosts: int = MAX_HOSTS
    ) -> None:
        self._per_host = per_host
        self._spacing_s = spacing_s
        self._max_hosts = max_hosts
        self._all = asyncio.Semaphore(in_all)
        self._hosts: dict[str, Host] = {}  # the one used last stands last

    def turn(self, name: str, *, is_own: bool = False) -> AbstractAsyncContextManager[None]:
        """Wait until the host called ``name`` may be asked, and hold its place meanwhile.

        ``is_own``: a machine of the operator's, spared slots and spacing.

        Raises:
            FeedUnreachable: the host asked to be left alone; ``retry_after_s`` says how long,
                and ``was_asked`` is False.
        """
        return _Turn(self, name, is_own=is_own)

    async def enter(self, name: str, *, is_own: bool) -> Host:
        """Take a turn as ``turn`` does, and owe ``leave`` for it."""
        host = self._remember(name)
        host.users += 1
        has_slot = has_place = False
        try:
            if not is_own:
                has_slot = await host.slots.acquire()
            self._check_quiet(name, host)
            if not is_own:
                await self._wait_for_start(host)
            await self._all.acquire()
            has_place = True
            self._check_quiet(name, host)  # it may have spoken while we waited
        except BaseException:
            if has_place:
                self._all.release()
            if has_slot:
                host.slots.release()
            host.users -= 1
            raise
        return host

    def leave(self, host: Host, *, is_own: bool) -> None:
        """Give the turn back."""
        self._all.release()
        if not is_own:
            host.slots.release()
        host.users -= 1

    def leave_alone(self, name: str, seconds: float) -> None:
        """Give no turns at this host for so long."""
        host = self._remember(name)
        host.quiet_until = max(host.quiet_until, _now() + seconds)

    async def _wait_for_start(self, host: Host) -> None:
        now = _now()
        start_at = max(now, host.next_start_at)
        host.next_start_at = start_at + self._spacing_s
        if start_at > now:
            await asyncio.sleep(start_at - now)

    def _check_quiet(self, name: str, host: Host) -> None:
        if not host.quiet_until:  # most hosts never asked for it
            return
        left_s = host.quiet_until - _now()
        if left_s > 0:
            raise FeedUnreachable(
                f"{name}: asked to be left alone; not asked again for {left_s:.0f} s",
                retry_after_s=left_s,
                trouble=Trouble.BUSY,
                was_asked=False,
            )

    def _remember(self, name: str) -> Host:
        host = self._hosts.pop(name, None)
        if host is None:
            if len(self._hosts) >= self._max_hosts:
                self._forget_idle()
            host = Host(asyncio.Semaphore(self._per_host))
        self._hosts[name] = host
        return host

    def _forget_idle(self) -> None:
        """Make room for a tenth: hosts nobody uses, those without a wish of theirs first."""
        now = _now()
        idle = [name for name, host in self._hosts.items() if not host.users]
        idle.sort(key=lambda name: self._hosts[name].quiet_until > now)
        for name in idle[: max(1, self._max_hosts // 10)]:
            del self._hosts[name]


class _Turn(AbstractAsyncContextManager[None]):
    """One turn; a class of its own, as a generator costs twice as much at every fetch."""

    __slots__ = ("_host", "_is_own", "_name", "_pace")

    def __init__(self, pace: Pace, name: str, *, is_own: bool) -> None:
        self._pace = pace
        self._name = name
        self._is_own = is_own
        self._host: Host | None = None

    async def __aenter__(self) -> None:
        self._host = await self._pace.enter(self._name, is_own=self._is_own)

    async def __aexit__(self, *_: object) -> None:
        if self._host is not None:
            self._pace.leave(self._host, is_own=self._is_own)


def _now() -> float:
    return asyncio.get_running_loop().time()
