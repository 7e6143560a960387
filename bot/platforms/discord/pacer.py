"""The pace of our requests: Discord's limit over everything a bot asks, and who goes first.

Discord allows a bot 50 requests a second over all routes but those of interactions; what
goes beyond is answered 429 and counts towards a ban of the address. discord.py obeys the
limits of single routes and has nothing for this one.

What counts is when requests arrive. So they start evenly (``Schedule``), and as a network or a
busy machine may hold some back and let them go in one burst, a request that may have arrived
within the last second counts until it cannot any more (``Window``). Where several processes
speak for the bot, each start takes a turn of theirs in common as well (``Share``).

Source: Discord documentation, "Rate Limits", Global Rate Limit and Invalid Request Limit.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from bot.delivery.pace import Schedule, Urgency
from bot.delivery.share import Share

SLACK = 4
"""Requests that may start at once to make up for a stall of this program, 0.09 s of them. That no
second has too many all the same is the window's affair."""

SHARE = 8
"""Each so-manieth slot goes to whoever waits longest, however little it matters."""

ALLOWED = 50
"""Requests that may arrive in a second, at the usual rate."""

USUAL_RATE = 45

COUNTED_S = 1.04
"""Seconds for which a request counts from its arrival on; the last bit is for what the estimate
of its arrival may be wrong by."""

RISE = 0.001
"""Part of its distance to each longer time by which the shortest answer time rises."""

MAX_UNANSWERED = 200
"""Requests without an answer at a time: what a second holds while answers take 4 s. Where they
take longer, further ones would only pile up."""

LATE = 3
"""So many gaps after its time a turn among all processes is lost; with those that are just in
time no second has more requests than Discord allows."""

TURNS_AT_ONCE = 5
"""Turns that are asked for together, if so many wait: 0.11 s of them, as what waits in another
process, however urgent it be, comes behind them."""


@dataclass(slots=True)
class Window:
    """How many requests may have arrived in the last second. Pure, in seconds of the same clock.

    A request arrives somewhere between its start and its answer. Of the time between, the
    shortest there is counts as spent after the arrival, so only what exceeds that is doubt.

    Attributes:
        allowed: requests in a second.
    """

    allowed: int
    _waiting: dict[int, float] = field(default_factory=dict)  # start by number
    _counted_until: list[float] = field(default_factory=list)  # a heap
    _shortest_s: float = math.inf
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def unanswered(self) -> int:
        """Requests that started and were not answered."""
        return len(self._waiting)

    def start(self, now: float) -> int:
        """A request starts; the number to ``finish`` it by."""
        number = next(self._numbers)
        self._waiting[number] = now
        return number

    def finish(self, number: int, now: float) -> None:
        """It was answered, or will not be."""
        took_s = now - self._waiting.pop(number)
        rise_s = (took_s - self._shortest_s) * RISE
        self._shortest_s = min(took_s, self._shortest_s + max(rise_s, 0.0))
        heappush(self._counted_until, now - self._shortest_s + COUNTED_S)

    def opens_at(self, now: float) -> float:
        """When one more may start; infinite if not before some request is answered."""
        while self._counted_until and self._counted_until[0] <= now:
            heappop(self._counted_until)
        ends = [self._counts_until(start, now) for start in self._waiting.values()]
        if len(self._counted_until) + sum(end > now for end in ends) < self.allowed:
            return now
        return min((end for end in (*self._counted_until[:1], *ends) if end > now), default=now)

    def _counts_until(self, start: float, now: float) -> float:
        """Of an unanswered request: for ever, unless answers just take so long."""
        is_usual = now - start <= self._shortest_s < math.inf
        return start + COUNTED_S if is_usual and self._shortest_s > COUNTED_S else math.inf


class Pacer:
    """Lets requests start at a rate, the urgent first.

    Args:
        rate: requests a second.
        max_unanswered: no further one starts while so many wait for their answer.
        share: of the turns of all processes; None where this is the only one.
    """

    def __init__(
        self, rate: float, *, max_unanswered: int = MAX_UNANSWERED, share: Share | None = None
    ) -> None:
        self._share = share
        self._turns: deque[tuple[float, float]] = deque()  # from and until when, by the loop
        self._asking: asyncio.Task[None] | None = None
        self._schedule = Schedule(rate, burst=SLACK)
        self._window = Window(max(ALLOWED, math.ceil(rate * ALLOWED / USUAL_RATE)))
        self._max_unanswered = max_unanswered
        self._lines: tuple[deque[_Waiter], ...] = tuple(deque() for _ in Urgency)
        self._given = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def unanswered(self) -> int:
        """Requests that started and were not finished."""
        return self._window.unanswered

    async def start(self, urgency: Urgency) -> int:
        """Wait until a request may start; the number by which it must be finished."""
        loop = asyncio.get_running_loop()
        slot: asyncio.Future[int] = loop.create_future()
        self._lines[urgency].append(_Waiter(loop.time(), slot))
        self._let_go(loop)
        try:
            return await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():  # it was given just now
                self.finish(slot.result())
            raise

    def finish(self, number: int) -> None:
        """The request was answered, or will not be."""
        loop = asyncio.get_running_loop()
        self._window.finish(number, loop.time())
        self._let_go(loop)

    def slow_down(self, seconds: float) -> None:
        """Discord says that we are too fast and should wait ``seconds``."""
        self._schedule.slow_down(asyncio.get_running_loop().time(), seconds)
        if self._share is not None:
            self._turns.clear()
            self._share.hold_soon(seconds)

    def close(self) -> None:
        """Ask for no turns any more."""
        if self._asking is not None:
            self._asking.cancel()

    def _let_go(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give out the slots that are open, and come back when the next one is."""
        if self._timer is not None:
            return
        while self.unanswered < self._max_unanswered and (line := self._find_line_or_none()):
            now = loop.time()
            opens_at = max(self._schedule.opens_at(now), self._window.opens_at(now))
            if opens_at > now:
                if opens_at < math.inf:
                    self._timer = loop.call_at(opens_at, self._on_time, loop)
                return
            if not self._has_turn(loop, now):
                return
            self._schedule.take(now)
            self._given += 1
            line.popleft().slot.set_result(self._window.start(now))

    def _has_turn(self, loop: asyncio.AbstractEventLoop, now: float) -> bool:
        """Whether a request may start as far as other processes go; else it comes back.

        A turn that was not taken in time is lost: many of them at once would be a burst.
        """
        if self._share is None:
            return True
        while self._turns and self._turns[0][1] < now:
            self._turns.popleft()
        if not self._turns:
            if self._asking is None:
                self._asking = loop.create_task(self._ask(self._share, loop), name="turns")
            return False
        if self._turns[0][0] > now:
            self._timer = loop.call_at(self._turns[0][0], self._on_time, loop)
            return False
        self._turns.popleft()
        return True

    async def _ask(self, share: Share, loop: asyncio.AbstractEventLoop) -> None:
        """Take turns for those who wait, one by one while we are to be slow."""
        is_slow = self._schedule.gap(loop.time()) > 1.5 / self._schedule.rate
        waiting = sum(len(line) for line in self._lines)
        try:
            asked_at, gap_s = loop.time(), 1 / share.rate.per_s
            given = await share.take(count=1 if is_slow else min(waiting, TURNS_AT_ONCE) or 1)
            now = loop.time()  # the turns were given at some moment between the two
            for start_s in given.starts_in_s:
                until = max(asked_at + LATE * gap_s, now + gap_s / 2)
                self._turns.append((now + start_s, until + start_s))
        finally:
            self._asking = None
        self._let_go(loop)

    def _on_time(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._let_go(loop)

    def _find_line_or_none(self) -> deque[_Waiter] | None:
        """The line whose first goes next; those who left are dropped."""
        for line in self._lines:
            while line and line[0].slot.done():
                line.popleft()
        lines = [line for line in self._lines if line]
        if not lines:
            return None
        if self._given % SHARE == SHARE - 1:
            return min(reversed(lines), key=lambda line: line[0].since)
        return lines[0]


@dataclass(frozen=True, slots=True)
class _Waiter:
    """Somebody in line since then (seconds of the loop's clock)."""

    since: float
    slot: asyncio.Future[int]
