"""When a failed delivery is tried again, and when it is given up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryRules:
    """The operator's bounds.

    Attributes:
        first_wait_s: seconds before the second attempt; doubles from there.
        longest_wait_s: no wait is longer, unless the platform named one.
        max_attempts: attempts at one revision before it is given up.
    """

    first_wait_s: float = 2.0
    longest_wait_s: float = 900.0
    max_attempts: int = 50


def next_attempt_or_none(
    rules: RetryRules, *, attempts: int, retry_after_s: float | None = None, now: datetime
) -> datetime | None:
    """When to try again after ``attempts`` failed ones (1 or more); None to give up.

    A delay the platform named is never undercut.
    """
    if attempts >= rules.max_attempts:
        return None
    wait_s = min(rules.first_wait_s * 2.0 ** min(attempts - 1, 32), rules.longest_wait_s)
    return now + timedelta(seconds=max(wait_s, retry_after_s or 0.0))
