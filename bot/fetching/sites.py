"""The sites whose pages we read: what each one's robots.txt says, and when it wants peace.

Feeds are made for programs and are asked by the rules of client.py alone; a page is
made for people, so its site is asked first. Source: RFC 9309.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from bot.errors import FeedError, FeedUnreachable, PageRefused
from bot.fetching.exchange import Exchange, Wish
from bot.fetching.failures import refused
from bot.fetching.guard import shown
from bot.fetching.hints import find_max_age
from bot.fetching.robots import MAX_BYTES, Rules
from bot.fetching.wire import Answer
from bot.ports import Clock

MAX_SITES: Final = 1_000
MAX_WEIGHT: Final = 8 * 2**20
"""Sites remembered, and bytes of all their files; a redirect can name a new site every time."""

MAX_REDIRECTS: Final = 5  # of a robots.txt, RFC 9309 §2.3.1.2
KEPT_S: Final = 86_400.0
"""A file holds for a day at most (RFC 9309 §2.4), and for less where its server says so."""

LEAST_KEPT_S: Final = 600.0
"""But it is never asked for more often than this; one that failed is tried again after it."""


@dataclass(slots=True)
class _Site:
    """What is remembered of one site; times are the event loop's, in seconds.

    Attributes:
        rules: None where its robots.txt could not be had: then nothing is read there.
        next_at: when its Crawl-delay lets the next page be asked for.
    """

    rules: Rules | None
    stale_at: float
    next_at: float
    quiet_until: float = 0.0

    @property
    def weight(self) -> int:
        return self.rules.weight if self.rules else 0


class Sites:
    """Knows which pages may be asked for, and when; ``close`` it at the end.

    Args:
        clock: for ``Retry-After`` and ``Expires`` dates, nothing else.
    """

    def __init__(self, exchange: Exchange, *, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._sites: dict[str, _Site] = {}  # the one used last stands last
        self._learning: dict[str, asyncio.Task[_Site]] = {}

    async def close(self) -> None:
        """Give up what is still being asked."""
        tasks = tuple(self._learning.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def admit(self, url: httpx.URL, *, until: float) -> None:
        """Wait for the site's leave to ask for the page at ``url``.

        The site's robots.txt is asked for at most once at a time, and to its end even if
        nobody waits for it any more: the next page will want it.

        Args:
            until: how long whoever asks will wait, in the event loop's seconds.

        Raises:
            PageRefused: its robots.txt forbids it or could not be had, its Crawl-delay ends
                after ``until``, or the site asked to be left alone.
        """
        origin = _origin(url)
        site = self._sites.get(origin)
        if site is None or site.stale_at <= _now():
            site = await asyncio.shield(self._learn_once(origin))
        self._sites[origin] = self._sites.pop(origin, site)
        if (left_s := site.quiet_until - _now()) > 0:
            raise _refusal(url, f"the site asked to be left alone for {left_s:.0f} s more")
        if site.rules is None:
            raise _refusal(url, "its site's robots.txt cannot be had, which forbids all")
        if not site.rules.allow(str(url)):
            raise _refusal(url, "its site's robots.txt forbids it")
        start_at = max(_now(), site.next_at)
        if start_at >= until:
            raise _refusal(
                url, f"its site wants {site.rules.delay_s:g} s between requests (Crawl-delay)"
            )
        site.next_at = start_at + site.rules.delay_s
        await asyncio.sleep(start_at - _now())

    def leave_alone(self, url: httpx.URL, seconds: float) -> None:
        """Ask for no page of this site for so long."""
        site = self._sites.get(_origin(url))
        if site is not None:
            site.quiet_until = max(site.quiet_until, _now() + seconds)

    def _learn_once(self, origin: str) -> asyncio.Task[_Site]:
        task = self._learning.get(origin)
        if task is None:
            task = asyncio.create_task(self._learn(origin), name=f"robots {origin}")
            self._learning[origin] = task
            task.add_done_callback(lambda _: self._learning.pop(origin, None))
        return task

    async def _learn(self, origin: str) -> _Site:
        before = self._sites.pop(origin, None)
        rules, kept_s = await self._ask(origin)
        now = _now()
        site = _Site(rules, stale_at=now + kept_s, next_at=now + (rules.delay_s if rules else 0.0))
        if before is not None:
            site.quiet_until = before.quiet_until
        self._sites[origin] = site
        for name in tuple(self._surplus()):
            del self._sites[name]
        return site

    async def _ask(self, origin: str) -> tuple[Rules | None, float]:
        """The rules of ``origin`` and for how many seconds they hold; None forbids all.

        An answer of 4xx, or more redirects than are followed, says that there is no file,
        which allows all (RFC 9309 §2.3.1.3). Of 429 we take only that we ask too often.
        A server that fails or is silent forbids all (§2.3.1.4).
        """
        limits = self._exchange.limits
        wish = Wish(
            fields={"Accept": "text/plain, */*;q=0.5"},
            deadline_s=limits.deadline_s,
            max_bytes=MAX_BYTES,
            cuts=True,
            max_redirects=MAX_REDIRECTS,
        )
        try:
            trail, answer = await self._exchange.follow(f"{origin}/robots.txt", wish)
            if answer.status == 200:
                rules = await asyncio.to_thread(Rules, answer.body)
                return rules, self._kept_s(answer)
            error = refused(
                trail.url,
                answer.status,
                answer.headers,
                now=self._clock(),
                quiet_floor_s=limits.quiet_floor_s,
            )
        except FeedUnreachable as unreachable:
            error = unreachable
        except FeedError:
            return None, LEAST_KEPT_S
        if error.status is not None and 300 <= error.status < 500 and error.status != 429:
            return Rules(), KEPT_S
        return None, max(error.retry_after_s or 0.0, LEAST_KEPT_S)

    def _kept_s(self, answer: Answer) -> float:
        max_age_s = find_max_age(answer.headers, now=self._clock())
        return KEPT_S if max_age_s is None else min(max(max_age_s, LEAST_KEPT_S), KEPT_S)

    def _surplus(self) -> Iterator[str]:
        """The sites that are too many, the longest unused first; never the last one."""
        count, weight = len(self._sites), sum(site.weight for site in self._sites.values())
        for name, site in self._sites.items():
            if count == 1 or (count <= MAX_SITES and weight <= MAX_WEIGHT):
                return
            yield name
            count, weight = count - 1, weight - site.weight


def _origin(url: httpx.URL) -> str:
    """Whose robots.txt speaks for ``url``: scheme, host and port (RFC 9309 §2.3)."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _refusal(url: httpx.URL, why: str) -> PageRefused:
    return PageRefused(f"{shown(url)}: {why}; left unread", site=_origin(url))


def _now() -> float:
    return asyncio.get_running_loop().time()
