"""Rate limits: a bucket for each route and place, and one limit over all.

After the Discord documentation, "Rate Limits". How many requests a bucket holds is not
published; 5 in 5 seconds for posts to a channel is what is seen.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

POSTS = (5, 5.0)


@dataclass(frozen=True)
class Verdict:
    """What the limiter says of a request.

    Attributes:
        headers: for the answer, whatever it is.
        retry_after_s: None when the request may pass.
        scope: "user", "global" or "shared", of a refusal.
    """

    headers: Mapping[str, str]
    retry_after_s: float | None = None
    scope: str = "user"

    def refusal(self) -> tuple[dict[str, str], dict[str, object]]:
        """Headers and JSON of the 429."""
        assert self.retry_after_s is not None
        headers = dict(self.headers) | {
            "Retry-After": str(math.ceil(self.retry_after_s)),
            "X-RateLimit-Scope": self.scope,
        }
        if self.scope == "global":
            headers = {
                "Retry-After": headers["Retry-After"],
                "X-RateLimit-Global": "true",
                "X-RateLimit-Scope": "global",
            }
        said = (
            "The resource is being rate limited."
            if self.scope == "shared"
            else "You are being rate limited."
        )
        return headers, {
            "message": said,
            "retry_after": round(self.retry_after_s, 3),
            "global": self.scope == "global",
        }


@dataclass
class _Bucket:
    ends_at: float = 0.0
    used: int = 0


@dataclass
class Limiter:
    """Counts requests and refuses those above the limits.

    Attributes:
        is_on: False lets everything pass, with no headers.
        limits: (requests, seconds) by operation; ``default`` for the others.
        global_per_s: over all requests but interactions and webhooks.
        is_sliding: whether the global limit holds for any second, or from a first request on.
        overruns: 429 that the client caused, by "bucket" and "global".
        injected: 429 given on purpose, by scope.
        invalid: answers 401, 403 and 429 (shared scope not counted), as Discord counts them
            before it bans an address (10,000 in 10 minutes).
    """

    is_on: bool = True
    default: tuple[int, float] = POSTS
    limits: dict[str, tuple[int, float]] = field(default_factory=dict)
    global_per_s: int = 50
    is_sliding: bool = False
    overruns: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    invalid: Counter[int] = field(default_factory=Counter)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._recent: deque[float] = deque()
        self._window_ends_at = 0.0
        self._window_used = 0

    def take(self, operation: str, place: str, *, is_exempt: bool) -> Verdict:
        """Count one request of ``operation`` at ``place`` (channel, guild or webhook).

        ``is_exempt`` requests (interactions, their webhooks) do not count globally.
        """
        if not self.is_on:
            return Verdict({})
        now = self.clock()
        if not is_exempt and (wait := self._take_global(now)) > 0:
            self.overruns["global"] += 1
            return Verdict({}, wait, "global")
        return self._take_bucket(operation, place, now)

    def _take_global(self, now: float) -> float:
        if self.is_sliding:
            while self._recent and self._recent[0] <= now - 1:
                self._recent.popleft()
            if len(self._recent) >= self.global_per_s:
                return self._recent[0] + 1 - now
            self._recent.append(now)
            return 0.0
        if now >= self._window_ends_at:
            self._window_ends_at, self._window_used = now + 1, 0
        if self._window_used >= self.global_per_s:
            return self._window_ends_at - now
        self._window_used += 1
        return 0.0

    def _take_bucket(self, operation: str, place: str, now: float) -> Verdict:
        size, window_s = self.limits.get(operation, self.default)
        bucket = self._buckets.setdefault((operation, place), _Bucket())
        if now >= bucket.ends_at:
            bucket.ends_at, bucket.used = now + window_s, 0
        is_over = bucket.used >= size
        bucket.used += not is_over
        after = bucket.ends_at - now
        headers = {
            "X-RateLimit-Limit": str(size),
            "X-RateLimit-Remaining": str(size - bucket.used),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": bucket_hash(operation),
        }
        if is_over:
            self.overruns["bucket"] += 1
            return Verdict(headers, after, "user")
        return Verdict(headers)

    def count_answer(self, status: int, scope: str = "") -> None:
        """Count an answer that Discord would hold against the bot's address."""
        if status in {401, 403} or (status == 429 and scope != "shared"):
            self.invalid[status] += 1


def bucket_hash(operation: str) -> str:
    """The opaque name of an operation's bucket."""
    return hashlib.sha256(operation.encode()).hexdigest()[:32]
