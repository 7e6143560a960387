from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.retry import RetryRules, next_attempt_or_none
from tests.builders import NOW

RULES = RetryRules(first_wait_s=2, longest_wait_s=60, max_attempts=8)


@pytest.mark.parametrize(("attempts", "wait_s"), [(1, 2), (2, 4), (5, 32), (6, 60), (7, 60)])
def test_waits_double_up_to_the_longest(attempts: int, wait_s: int) -> None:
    assert next_attempt_or_none(RULES, attempts=attempts, now=NOW) == NOW + timedelta(
        seconds=wait_s
    )


def test_the_last_attempt_is_the_last() -> None:
    assert next_attempt_or_none(RULES, attempts=8, now=NOW) is None


def test_a_delay_the_platform_names_is_never_undercut() -> None:
    at = next_attempt_or_none(RULES, attempts=1, retry_after_s=300, now=NOW)

    assert at == NOW + timedelta(seconds=300)
