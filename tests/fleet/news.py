"""What is published, and the truth about it: every entry there ever was, and its news."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field
from random import Random

from tests.bench._corpus import make_headlines
from tests.servers.farm import ENTRIES, FarmHandle

MAKERS = ("Huawei", "Xiaomi", "OnePlus", "Motorola", "Oppo", "Honor", "Realme", "ZTE")
CARRIERS = ("AT&T", "Verizon", "T-Mobile", "Vodafone", "Orange", "Telefonica", "Telstra")
MARK = re.compile(r"\bX(\d+)Q\b")
"""By which a headline, a post and a story are known to be of one news."""

MOST_OUTLETS = 3
"""That tell of one news."""

MEMORY_S = 180.0
FRESH = ENTRIES * 3 // 5
"""A feed gets at most so many entries in ``MEMORY_S``: it lists the latest ``ENTRIES`` only, and
who comes late after a restart is to find them all."""


@dataclass
class News:
    """One thing that happened, which should be one story.

    Attributes:
        at: when it was first published, in seconds since 1970.
        feeds: who tells of it.
    """

    number: int
    title: str
    at: float
    feeds: list[int] = field(default_factory=list)


@dataclass
class Truth:
    """All there ever was.

    Attributes:
        titles: of each feed's entries as they are now, from its first one on.
        news: by number.
    """

    titles: list[list[str]]
    news: dict[int, News] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """How many there ever were."""
        return sum(map(len, self.titles))


class Newsroom:
    """Publishes in a farm, and keeps the truth."""

    def __init__(self, farm: FarmHandle, *, seed: int = 7) -> None:
        self._farm = farm
        self._random = Random(seed)
        self._coined = iter(make_headlines(100_000, ("Quenda",), seed=11))
        feeds = range(len(farm.urls))
        self.truth = Truth(
            [
                [f"Outlet {number} reports item {place}" for place in range(ENTRIES)]
                for number in feeds
            ]
        )
        self._recent: list[deque[float]] = [deque() for _ in feeds]
        self._retellings: list[tuple[float, News]] = []

    async def publish_on(
        self, stop: asyncio.Event, *, news_per_s: float, others_per_s: float
    ) -> None:
        """Publish until ``stop``; a fifth of the other entries are changed once, too."""
        began = time.monotonic()
        opened = others = 0
        while not stop.is_set():
            for_s = time.monotonic() - began
            news, more = int(for_s * news_per_s) - opened, int(for_s * others_per_s) - others
            opened, others = opened + news, others + more
            await self.publish(news=news, others=more)
            await asyncio.sleep(0.5)

    async def publish(self, *, news: int, others: int) -> None:
        """So many now, what is told by further outlets by now, and some changes."""
        now = time.time()
        shown: list[tuple[int, str]] = []
        for _ in range(news):
            shown += self._open(now)
        shown += self._retell(now)
        for _ in range(others):
            shown += [(feed, next(self._coined)) for feed in self._choose(1, (), now)]
        for feed, title in shown:
            self.truth.titles[feed].append(title)
            self._recent[feed].append(now)
        if shown:
            await self._farm.ask("publish", *shown)
        await self._amend(others // 5 + (self._random.random() < others % 5 / 5))

    def _open(self, now: float) -> list[tuple[int, str]]:
        """Some news; in half of all by several at once, so that they are decided at once too."""
        number = len(self.truth.news)
        maker, carrier = self._random.choice(MAKERS), self._random.choice(CARRIERS)
        title = f"{maker} to sell its X{number}Q phone through {carrier}: {next(self._coined)}"
        outlets = self._random.randint(1, MOST_OUTLETS)
        at_once = outlets if self._random.random() < 0.5 else 1
        told = News(number, title, now, self._choose(at_once, (), now))
        if not told.feeds:  # all have shown enough for now
            return []
        self.truth.news[number] = told
        for _ in range(outlets - at_once):
            self._retellings.append((now + self._random.uniform(1, 20), told))
        return [(feed, title) for feed in told.feeds]

    def _retell(self, now: float) -> list[tuple[int, str]]:
        due = [told for at, told in self._retellings if at <= now]
        self._retellings = [(at, told) for at, told in self._retellings if at > now]
        shown = []
        for told in due:
            for feed in self._choose(1, told.feeds, now):
                told.feeds.append(feed)
                shown.append((feed, f"Report: {told.title}"))
        return shown

    async def _amend(self, count: int) -> None:
        """Change titles of entries that are no news and are still listed."""
        changes = []
        for _ in range(count):
            feed = self._random.randrange(len(self.truth.titles))
            titles = self.truth.titles[feed]
            index = self._random.randrange(len(titles) - ENTRIES // 4, len(titles))
            if not MARK.search(titles[index]):
                titles[index] = next(self._coined)
                changes.append((feed, index, titles[index]))
        if changes:
            await self._farm.ask("amend", *changes)

    def _choose(self, count: int, but_not: tuple[int, ...] | list[int], now: float) -> list[int]:
        """Feeds that may show one entry more; fewer than asked for where there are none."""
        chosen: list[int] = []
        for _ in range(20 * count):
            feed = self._random.randrange(len(self.truth.titles))
            recent = self._recent[feed]
            while recent and recent[0] < now - MEMORY_S:
                recent.popleft()
            if len(recent) < FRESH and feed not in chosen and feed not in but_not:
                chosen.append(feed)
                if len(chosen) == count:
                    break
        return chosen
