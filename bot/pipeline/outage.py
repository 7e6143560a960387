"""Whether our own network was away: what failed for want of it is asked as soon as it is back.

No clock and no I/O: told of what polls brought, asked when a good answer is committed. Without
this, feeds come back only at the end of their back-off, hours after the network did. What is
known here is of one process; one that starts is told what the store knows from before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.errors import Trouble
from bot.model import Feed
from bot.model.condition import OFFLINE_HOSTS
from bot.ports import Revival

NO_WAY = frozenset({Trouble.NAME, Trouble.CONNECTION, Trouble.SLOW})
"""How a poll fails where there is no network."""

EDGE = timedelta(minutes=1)
"""Answers that were under way when the network went are committed after the first failures."""

RELAPSE = timedelta(hours=1)
"""A network that goes again so soon after it came back was never well: it is one outage."""

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

    def note_failure(self, failed: Feed) -> None:
        """``failed`` is how a feed is after a poll that gave nothing."""
        if failed.failures != 1 or failed.trouble not in NO_WAY:
            return
        self._since = self._since or failed.failing_since
        if not self._is_sure:
            self._hosts.add(urlsplit(failed.url).hostname or "")
            self._is_sure = len(self._hosts) >= OFFLINE_HOSTS

    def take_revival_or_none(self, now: datetime) -> Revival | None:
        """What is to be committed with a good answer; it ends what was counted before it.

        It counts as done from here on, so that of polls that commit at the same time one
        carries it; one that is not committed is to be given back.
        """
        since, is_sure = self._since, self._is_sure
        if since is None:
            return None
        self._since, self._is_sure, self._hosts = None, False, set()
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
