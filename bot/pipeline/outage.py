"""Whether our own network was away: what failed for want of it is asked as soon as it is back.

No clock and no I/O: told of what polls brought, asked when a good answer is committed. Without
this, feeds come back only at the end of their back-off, hours after the network did. What is
known here is of one process; one that starts is told what the store knows from before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.errors import Trouble
from bot.model import Feed
from bot.model.condition import OFFLINE_HOSTS
from bot.pipeline.due import PollRules
from bot.ports import Revival

NO_WAY = frozenset({Trouble.NAME, Trouble.CONNECTION, Trouble.SLOW})
"""How a poll fails where there is no network."""

EDGE = timedelta(minutes=1)
"""Answers that were under way when the network went are committed after the first failures."""

RELAPSE = timedelta(hours=1)
"""A network that goes again so soon after it came back was never well: it is one outage."""

SCOUTS_EVERY = timedelta(minutes=5)
"""While nobody answers, a feed at each of a few hosts is asked so often: by their back-off alone
it could be a day until one of them finds the network back."""

SCOUTS_FOR = timedelta(days=2)
"""No longer than this: it may be that all of them are gone."""

REVIVAL_SPREAD = timedelta(seconds=30)
"""The feeds are asked one after the other over this time, not all in one second."""


class Outage:
    """Counts the hosts that begin to fail while nobody answers.

    Only where a feed fails for the first time: those that have been dead for long prove
    nothing, and what is asked again in vain must not set off the next revival.

    Args:
        since: nobody has answered since then, by what is known from before this start.
    """

    def __init__(self, since: datetime | None = None) -> None:
        self._since = since  # the first failure after the last good answer
        self._is_sure = since is not None
        self._hosts: set[str] = set()
        self._last: tuple[datetime, datetime] | None = None  # from when to when the last one was
        self._scouts: dict[str, tuple[int, datetime]] = {}  # by host: who, and asked when

    @property
    def is_sure(self) -> bool:
        """Whether nobody answers; until the next good answer."""
        return self._is_sure

    def note_failure(self, failed: Feed, *, rules: PollRules, now: datetime) -> Feed:
        """``failed``, how a feed is after a poll that gave nothing; due sooner if it is a scout."""
        if failed.trouble not in NO_WAY:
            return failed
        host = urlsplit(failed.url).hostname or ""
        if failed.failures == 1:
            self._since = self._since or failed.failing_since
            self._hosts.add(host)
            self._is_sure = self._is_sure or len(self._hosts) >= OFFLINE_HOSTS
        if not self._is_sure or self._since is None or now - self._since > SCOUTS_FOR:
            return failed
        return self._send_out(failed, host, rules=rules, now=now)

    def _send_out(self, failed: Feed, host: str, *, rules: PollRules, now: datetime) -> Feed:
        """``failed``, due soon where no other is the scout of its host, and scouts are wanted."""
        out = {at: scout for at, scout in self._scouts.items() if scout[1] > now}
        self._scouts = {at: scout for at, scout in out.items() if scout[0] != failed.id}
        if host in self._scouts or len(self._scouts) >= OFFLINE_HOSTS:
            return failed
        soon = now + max(SCOUTS_EVERY, timedelta(seconds=rules.min_interval_s))
        due_at = min(soon, failed.next_due_at)
        self._scouts[host] = failed.id, due_at
        return replace(failed, next_due_at=due_at)

    def take_revival_or_none(self, now: datetime) -> Revival | None:
        """What is to be committed with a good answer; it ends what was counted before it.

        It counts as done from here on, so that of polls that commit at the same time one
        carries it; one that is not committed is to be given back.
        """
        since, is_sure = self._since, self._is_sure
        if since is None:
            return None
        self._since, self._is_sure, self._hosts, self._scouts = None, False, set(), {}
        if not is_sure:
            return None
        if self._last is not None and timedelta(0) <= since - self._last[1] <= RELAPSE:
            since = self._last[0]
        since = min(since, now)  # a clock that ran ahead was set right
        self._last = (since, now)
        return Revival(
            failing_since=since - EDGE, troubles=NO_WAY, due_at=now, spread=REVIVAL_SPREAD
        )

    def give_back(self, revival: Revival) -> None:
        """``revival`` was not committed: the next good answer carries another in its place."""
        since = revival.failing_since + EDGE
        self._since = since if self._since is None else min(self._since, since)
        self._is_sure = True
