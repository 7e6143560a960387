"""Moments on lines of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.prose.moments import tell_age, tell_moment, tell_time

NOON = datetime(2018, 1, 9, 12, 0, tzinfo=UTC)


def test_a_time_of_today_goes_without_its_day_and_any_other_with_it() -> None:
    assert tell_time(NOON, now=NOON + timedelta(hours=11)) == "12:00 UTC"
    assert tell_time(NOON, now=NOON - timedelta(hours=13)) == "09 Jan 12:00 UTC"
    assert tell_time(NOON + timedelta(days=300), now=NOON) == "05 Nov 12:00 UTC"


def test_another_year_is_told() -> None:
    assert tell_time(NOON, now=NOON + timedelta(days=365)) == "09 Jan 2018 12:00 UTC"
    assert tell_moment(NOON + timedelta(days=365), now=NOON) == "09 Jan 2019 12:00 UTC"


def test_days_are_those_of_utc() -> None:
    late = datetime(2018, 1, 9, 1, 0, tzinfo=timezone(timedelta(hours=2)))

    assert tell_moment(late, now=NOON) == "08 Jan 23:00 UTC"
    assert tell_time(late, now=NOON) == "08 Jan 23:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7_199, "119 min ago"),
        (7_200, "2 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_ages_are_counted_in_the_unit_that_fits(seconds: int, said: str) -> None:
    assert tell_age(timedelta(seconds=seconds)) == said
