"""When a failed delivery is tried again, and when it is given up. Pure.

Given up is a message that fails by itself. While its platform is away, or takes nothing at
all, it waits however long that lasts: such attempts make the waits longer and no more.
"""

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


def count_general(rules: RetryRules) -> int:
    """The number up to which attempts are counted that say nothing against the message.

    With so many its waits are the longest, or it is the last but one before it is given up.
    """
    count = 1
    while _wait_s(rules, count) < rules.longest_wait_s and count < rules.max_attempts - 1:
        count += 1
    return min(count, rules.max_attempts - 1)


def next_attempt_or_none(
    rules: RetryRules,
    *,
    attempts: int,
    retry_after_s: float | None = None,
    is_general: bool = False,
    now: datetime,
) -> datetime | None:
    """When to try again after ``attempts`` failed ones (1 or more); None to give up.

    A delay the platform named is never undercut.

    Args:
        is_general: the last one says nothing against the message, so it is not given up.
    """
    if is_general and attempts > count_general(rules):
        wait_s = rules.longest_wait_s
    elif attempts >= rules.max_attempts:
        return None
    else:
        wait_s = _wait_s(rules, attempts)
    return now + timedelta(seconds=max(wait_s, retry_after_s or 0.0))


def _wait_s(rules: RetryRules, attempts: int) -> float:
    return min(rules.first_wait_s * 2.0 ** min(attempts - 1, 32), rules.longest_wait_s)
