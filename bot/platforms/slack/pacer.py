"""The pace of our requests to Slack: posts of a channel and of a workspace, and the methods' tiers.

Slack takes one post a second in a channel, "several hundred" a minute in a workspace, and of
each other method so many a minute in a workspace; it answers 429 with the seconds to wait. What
counts is when requests arrive, so a channel is free again a second after the answer.

Whoever would have to wait long is sent away with the time when its turn comes: meanwhile its
place serves others, of other workspaces too. Those sent away come back one after the other, at
the rate at which they are taken.

Where several processes post, each start takes a turn of theirs in common too (``Share``).

Source: Slack documentation, "Rate limits", Posting messages, and Web API method rate limit tiers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.delivery.pace import Schedule, Urgency
from bot.delivery.share import Share
from bot.errors import SendRefusedForNow
from bot.ports.shared import Budgets, Rate

POST = "chat.postMessage"

CHANNEL_GAP_S = 1.0
"""Seconds from the answer to a post until the next in its channel."""

PATIENCE_S = 5.0
"""So long a request waits in line at most; longer waits are a time to come back."""

SOONEST_S, LATEST_S, LATEST_EDIT_S = 2.0, 40.0, 900.0
"""Seconds until those come back who were sent away, if Slack did not name more. A younger post
of the channel is not made before one that comes back within 45 s; edits hold nothing back."""

SHARE = 8
"""Each so-manieth request is that of whoever waits longest, however little it matters."""

BURST = 10
"""Requests of a method that may start at once after a pause."""

RETRY_S = 30.0
"""Seconds to wait after a 429 that names none."""

PER_MIN = {
    "apps.connections.open": 1,
    "auth.test": 240,
    "bots.info": 50,
    "chat.delete": 50,
    "chat.getPermalink": 240,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.join": 50,
    "conversations.list": 20,
    "conversations.open": 50,
    "conversations.replies": 50,
    "team.info": 50,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "users.conversations": 50,
    "users.list": 20,
}
"""What Slack allows in a minute and a workspace, burst and all."""

TIER_4 = 100
"""Of all other methods that we use."""

MANY = 10_000
"""With so many channels in mind, those that are free are forgotten."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    """Somebody in line since then (seconds of the loop's clock)."""

    since: float
    slot: asyncio.Future[None]


class Gate:
    """Lets requests of one kind start: at a rate, the urgent first.

    Args:
        name: what is asked there, said to those who are sent away.
        is_single: none starts while one is under way, nor in the gap after its answer.
        share: of the turns of all processes; None where this is the only one.
    """

    def __init__(
        self,
        name: str,
        schedule: Schedule,
        *,
        is_single: bool = False,
        share: Share | None = None,
    ) -> None:
        self._name = name
        self._share = share
        self._schedule = schedule
        self._is_single = is_single
        self._under_way = 0
        self._lines: tuple[deque[_Waiter], ...] = tuple(deque() for _ in Urgency)
        self._given = 0
        self._back_at = 0.0  # when the last of those who were sent away comes back
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost if it were made anew."""
        now = asyncio.get_running_loop().time()
        is_free = not self._under_way and not any(self._lines)
        return is_free and self._schedule.opens_at(now) <= now

    async def start(self, urgency: Urgency) -> None:
        """Wait until a request may start; it must be finished.

        Raises:
            SendRefusedForNow: that would take long; ``is_paced``.
        """
        loop = asyncio.get_running_loop()
        if self._wait_s(loop.time(), urgency) > PATIENCE_S:
            raise self._send_away(loop.time(), urgency)
        slot: asyncio.Future[None] = loop.create_future()
        self._lines[urgency].append(_Waiter(loop.time(), slot))
        self._let_go(loop)
        try:
            async with asyncio.timeout(2 * PATIENCE_S):  # the more urgent may have come
                await slot
        except BaseException as error:
            if slot.done() and not slot.cancelled():  # it was given just now
                self.finish()
            if isinstance(error, TimeoutError):
                raise self._send_away(loop.time(), urgency) from None
            raise
        if self._share is not None:
            await self._take_turn(self._share, urgency)

    async def _take_turn(self, share: Share, urgency: Urgency) -> None:
        """Wait for a turn among all processes, for whoever has one in this.

        Raises:
            SendRefusedForNow: that would take long; ``is_paced``.
        """
        has_turn = False
        try:
            opens_in_s = await self._wait_for_turn(share)
            has_turn = opens_in_s is None
        finally:
            if not has_turn:
                self.finish()
        if opens_in_s is not None:
            now = asyncio.get_running_loop().time()
            raise self._send_away(now, urgency, at_least_s=opens_in_s)

    async def _wait_for_turn(self, share: Share) -> float | None:
        """None when a turn has come; the seconds until the next one where that is far away.

        Where an answer puts the next turn off, none is taken ahead of its time.
        """
        left_s = PATIENCE_S
        while True:
            given = await share.take(at_most_s=0.0 if self._is_single else left_s)
            if given.starts_in_s:
                await asyncio.sleep(given.starts_in_s[0])
                return None
            if not self._is_single or given.opens_in_s > left_s:
                return given.opens_in_s
            await asyncio.sleep(given.opens_in_s)
            left_s -= given.opens_in_s

    def finish(self) -> None:
        """The request was answered, or will not be."""
        loop = asyncio.get_running_loop()
        self._under_way -= 1
        if self._is_single:
            gap_s = self._schedule.gap(loop.time())
            self._schedule.hold(loop.time(), gap_s)
            if self._share is not None:
                self._share.hold_soon(gap_s)
        self._let_go(loop)

    def hold(self, seconds: float) -> None:
        """Slack says that nothing may start for ``seconds``; then it goes on more slowly."""
        self._schedule.slow_down(asyncio.get_running_loop().time(), seconds)
        if self._share is not None:
            self._share.hold_soon(seconds)

    @property
    def is_held(self) -> bool:
        """Whether nothing may start for some seconds."""
        now = asyncio.get_running_loop().time()
        return self._schedule.opens_at(now) > now + PATIENCE_S

    def _wait_s(self, now: float, urgency: Urgency) -> float:
        """Seconds until the turn of one more of this urgency, roughly."""
        ahead = sum(len(line) for line in self._lines[: urgency + 1])
        ahead += self._under_way if self._is_single else 0
        return self._schedule.opens_at(now) - now + ahead * self._schedule.gap(now)

    def _send_away(
        self, now: float, urgency: Urgency, *, at_least_s: float = 0.0
    ) -> SendRefusedForNow:
        latest_s = LATEST_EDIT_S if urgency is Urgency.EDIT else LATEST_S
        opens_in_s = max(self._schedule.opens_at(now) - now, at_least_s)
        waiting_s = sum(len(line) for line in self._lines) * self._schedule.gap(now)
        soonest_at = now + max(SOONEST_S, opens_in_s + waiting_s)
        self._back_at = max(self._back_at + self._schedule.gap(now), soonest_at)
        self._back_at = min(self._back_at, now + max(latest_s, opens_in_s))
        wait_s = self._back_at - now
        return SendRefusedForNow(
            f"slack: {self._name} has its turn in {wait_s:.0f} s",
            retry_after_s=wait_s,
            is_general=True,
            is_paced=True,
        )

    def _let_go(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let start whoever may, and come back when the next one may."""
        if self._timer is not None:
            return
        while line := self._find_line_or_none():
            if self._is_single and self._under_way:
                return  # ``finish`` comes back
            now = loop.time()
            opens_at = self._schedule.opens_at(now)
            if opens_at > now:
                self._timer = loop.call_at(opens_at, self._on_time, loop)
                return
            self._schedule.take(now)
            self._given += 1
            self._under_way += 1
            line.popleft().slot.set_result(None)

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


class Pacer:
    """Lets requests to Slack start, in all workspaces.

    Args:
        posts_per_min: to one workspace.
        channel_gap_s: from the answer to a post until the next in its channel.
        per_min: of each method, to one workspace; those it does not name are of tier 4.
        budgets: where several processes post, which keep one pace.
    """

    def __init__(
        self,
        posts_per_min: float = 240,
        *,
        channel_gap_s: float = CHANNEL_GAP_S,
        per_min: dict[str, int] | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        self._budgets = budgets
        self._posts_per_min = posts_per_min
        self._channel_gap_s = channel_gap_s
        self._per_min = PER_MIN if per_min is None else per_min
        self._methods: dict[tuple[str, str], Gate] = {}
        self._channels: dict[tuple[str, str], Gate] = {}

    @asynccontextmanager
    async def turn(
        self, method: str, *, workspace: str, channel: str = "", urgency: Urgency
    ) -> AsyncIterator[None]:
        """A request of ``method`` is made within.

        Args:
            channel: where it posts; of no effect for other methods.

        Raises:
            SendRefusedForNow: its turn comes later; ``is_paced``.
        """
        gates = [self._find_method(workspace, method)]
        if method == POST and channel:
            gates.insert(0, self._find_channel(workspace, channel))
        started: list[Gate] = []
        try:
            for gate in gates:
                await gate.start(urgency)
                started.append(gate)
            yield
        finally:
            for gate in started:
                gate.finish()

    def hold(self, method: str, *, workspace: str, channel: str, seconds: float) -> None:
        """Slack answered 429 and named ``seconds``.

        It does not say whose limit it was. A post's is taken for the channel's, and for the
        workspace's too if another channel is held already.
        """
        if method == POST and channel:
            own = self._find_channel(workspace, channel)
            others = (gate for key, gate in self._channels.items() if key[0] == workspace)
            is_wide = any(gate.is_held for gate in others if gate is not own)
            own.hold(seconds)
            if not is_wide:
                return
        self._find_method(workspace, method).hold(seconds)

    def _find_method(self, workspace: str, method: str) -> Gate:
        key = (workspace, method)
        if key not in self._methods:
            schedule = self._make_schedule(method)
            share = self._make_share(f"{workspace}/{method}", schedule)
            self._methods[key] = Gate(f"{method} in {workspace}", schedule, share=share)
        return self._methods[key]

    def _make_schedule(self, method: str) -> Schedule:
        most = self._posts_per_min if method == POST else self._per_min.get(method, TIER_4)
        burst = max(1, min(BURST, int(most / 4)))
        return Schedule(max(most - burst, 1) / 60, burst - 1)

    def _make_share(self, name: str, schedule: Schedule) -> Share | None:
        if self._budgets is None:
            return None
        return Share(self._budgets, f"slack/{name}", Rate(schedule.rate, schedule.burst))

    def _find_channel(self, workspace: str, channel: str) -> Gate:
        key = (workspace, channel)
        if key not in self._channels:
            if len(self._channels) >= MANY:
                self._channels = {at: one for at, one in self._channels.items() if not one.is_idle}
            schedule = Schedule(1 / self._channel_gap_s)
            self._channels[key] = Gate(
                f"a post in {workspace}/{channel}",
                schedule,
                is_single=True,
                share=self._make_share(f"{workspace}/{channel}/{POST}", schedule),
            )
        return self._channels[key]
