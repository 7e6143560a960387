from __future__ import annotations

from datetime import timedelta

import pytest

from bot.delivery.retry import RetryRules, count_general, next_attempt_or_none
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


@pytest.mark.parametrize(("attempts", "wait_s"), [(1, 2), (6, 60), (7, 60), (8, 60), (99, 60)])
def test_what_says_nothing_against_the_message_never_gives_it_up(
    attempts: int, wait_s: int
) -> None:
    at = next_attempt_or_none(RULES, attempts=attempts, is_general=True, now=NOW)

    assert at == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(("most", "counted"), [(1, 0), (2, 1), (3, 2), (6, 5), (7, 6), (50, 6)])
def test_such_attempts_are_counted_until_waits_are_the_longest_and_never_to_the_last(
    most: int, counted: int
) -> None:
    rules = RetryRules(first_wait_s=2, longest_wait_s=60, max_attempts=most)

    assert count_general(rules) == counted


def test_with_few_attempts_allowed_a_platform_that_is_away_is_not_asked_all_the_time() -> None:
    rules = RetryRules(first_wait_s=2, longest_wait_s=60, max_attempts=2)

    again = next_attempt_or_none(rules, attempts=2, is_general=True, now=NOW)

    assert again == NOW + timedelta(seconds=60)
