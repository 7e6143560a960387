"""Rate limits: tiers by method and workspace, and posts by channel and workspace.

After the Slack documentation, "Rate limits": 1, 20, 50 and 100 requests a minute for tiers 1 to
4, by method, workspace and app; one post a second and channel; several hundred posts a minute
and workspace. Bursts are tolerated "within reason": how large is not published, the sizes here
are on the strict side.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}  # requests a minute
POSTING = 0  # the tier of chat.postMessage: special
SPECIAL = 5  # hundreds a minute


@dataclass
class _Bucket:
    """Lets ``size`` requests through at once, and ``per_s`` a second in the long run."""

    size: float
    per_s: float
    left: float
    at: float

    def wait_s(self, now: float) -> float:
        """Seconds until a request may pass; 0 if one may now."""
        self.left = min(self.size, self.left + (now - self.at) * self.per_s)
        self.at = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.per_s


@dataclass
class Limiter:
    """Counts requests and refuses those above the limits.

    Attributes:
        is_on: False lets everything pass.
        burst: posts to one channel that may come at once.
        team_per_min: posts to one workspace.
        socket_burst: connections that may be opened at once (tier 1 for the rest).
        overruns: 429 that the client caused, by method.
        injected: 429 given on purpose, by method.
        limited: what was refused, in order: (method, team id, channel id).
    """

    is_on: bool = True
    burst: int = 3
    team_per_min: int = 300
    socket_burst: int = 20
    overruns: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    limited: list[tuple[str, str, str]] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, method: str, tier: int, team: str, channel: str) -> int:
        """Count one request; 0 if it passes, or the whole seconds of its Retry-After."""
        if not self.is_on:
            return 0
        now = self.clock()
        if tier == POSTING:
            buckets = [
                self._bucket((method, team, channel), self.burst, 1.0),
                self._bucket((method, team, ""), self.team_per_min / 10, self.team_per_min / 60),
            ]
        else:
            per_min = TIERS.get(tier, 600)
            size = self.socket_burst if tier == 1 else per_min
            buckets = [self._bucket((method, team, ""), size, per_min / 60)]
        wait_s = max(bucket.wait_s(now) for bucket in buckets)
        if wait_s > 0:
            self.overruns[method] += 1
            self.limited.append((method, team, channel))
            return max(1, math.ceil(wait_s))
        for bucket in buckets:
            bucket.left -= 1
        return 0

    def _bucket(self, key: tuple[str, str, str], size: float, per_s: float) -> _Bucket:
        return self._buckets.setdefault(key, _Bucket(size, per_s, size, self.clock()))
