"""Who is polled next: feeds by due time, at most so many at once, in all and of one host.

Pure: no clock, no store. Whoever asks brings the time and the feeds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush

from bot.model import Feed, host_of


class DueQueue:
    """Feeds that wait for their time, and the places of those under way.

    A feed whose host has all the places it may have is passed over and keeps nobody
    waiting; it comes next at its host, before those that fell due later.

    It is filled anew at every look into the store, which alone knows what is due: feeds that
    were removed, or put off, are gone with that. ``note_look`` before the look keeps out what
    the store said of a feed before its poll ended.

    Args:
        places: feeds under way at the same time.
        places_per_host: of those, of one host.
        lent: feeds under way beyond these that only wait for a slow server, see ``lend``.
    """

    def __init__(self, *, places: int, places_per_host: int, lent: int = 0) -> None:
        self._places = places
        self._most_lent = lent
        self._lent: set[int] = set()
        self._per_host = places_per_host
        self._waiting: list[tuple[datetime, int, Feed]] = []  # a heap; no id stands in it twice
        self._passed_over: dict[str, deque[tuple[datetime, int, Feed]]] = {}  # by host, full ones
        self._under_way: set[int] = set()
        self._hosts: Counter[str] = Counter()  # of those under way
        self._seen_under_way: set[int] = set()  # at any moment since the last look began

    @property
    def under_way(self) -> int:
        """Feeds that have a place."""
        return len(self._under_way)

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self._places - len(self._under_way) + len(self._lent)

    def __len__(self) -> int:
        """Feeds that wait for nothing but their time and a place in all."""
        return len(self._waiting)

    def note_look(self) -> None:
        """The store is asked now; what it says of feeds under way from here on is too old."""
        self._seen_under_way = set(self._under_way)

    def refill(self, feeds: Iterable[Feed]) -> None:
        """Let these wait, none of them twice, and nobody else; see ``note_look``."""
        old = self._seen_under_way
        self._waiting = [(one.next_due_at, one.id, one) for one in feeds if one.id not in old]
        heapify(self._waiting)
        self._passed_over = {}

    def drop(self, is_unwanted: Callable[[Feed], bool]) -> None:
        """Let those that are unwanted wait no more; polls under way stay so."""
        waiting = [*self._waiting, *(one for some in self._passed_over.values() for one in some)]
        self._waiting = [one for one in waiting if not is_unwanted(one[2])]
        heapify(self._waiting)
        self._passed_over = {}

    def take_or_none(self, now: datetime) -> Feed | None:
        """The feed that is longest due and may be polled now; it has a place from here on."""
        if self.free <= 0:
            return None
        while self._waiting and self._waiting[0][0] <= now:
            first = heappop(self._waiting)
            feed = first[2]
            host = host_of(feed.url)
            if self._hosts[host] >= self._per_host:
                self._passed_over.setdefault(host, deque()).append(first)
                continue
            self._hosts[host] += 1
            self._under_way.add(feed.id)
            self._seen_under_way.add(feed.id)
            return feed
        return None

    def lend(self, feed: Feed) -> None:
        """Let another have the place of one that is under way for long, as far as there is room.

        It still counts for its host. So servers that stall take up no places for long.
        """
        if feed.id in self._under_way and len(self._lent) < self._most_lent:
            self._lent.add(feed.id)

    def give_back(self, feed: Feed) -> None:
        """Its poll ended: the place is free, and the next of its host waits like all others."""
        self._under_way.remove(feed.id)
        self._lent.discard(feed.id)
        host = host_of(feed.url)
        if self._hosts[host] > 1:
            self._hosts[host] -= 1
        else:
            del self._hosts[host]  # hosts without a poll are forgotten
        if passed_over := self._passed_over.get(host):
            heappush(self._waiting, passed_over.popleft())
            if not passed_over:
                del self._passed_over[host]

    def next_due_at_or_none(self) -> datetime | None:
        """When ``take_or_none`` may give something; None while only an end or a look helps."""
        if self.free <= 0 or not self._waiting:
            return None
        return self._waiting[0][0]

    def find_crowded(self, feeds: Collection[Feed]) -> tuple[str, ...]:
        """Hosts of which no more need be read than ``feeds``, which were due first.

        () where those under way and these fill all places anyway.
        """
        counts = self._hosts + Counter(
            host_of(feed.url) for feed in feeds if feed.id not in self._under_way
        )
        if sum(min(count, self._per_host) for count in counts.values()) >= self._places:
            return ()
        return tuple(host for host, count in counts.items() if count >= self._per_host)
