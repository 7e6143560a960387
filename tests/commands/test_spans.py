from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.spans import MAX_BACK, Span, find_span_or_none, tell_span

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # a Sunday


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def find(text: str) -> Span | None:
    found = find_span_or_none(text.casefold(), now=NOW)
    return found.span if found else None


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("anything this week?", day(11, 15)),
        ("what happened since Monday", day(11, 16)),
        ("since Sunday", day(11, 15)),
        ("since yesterday", day(11, 21)),
        ("today?", day(11, 22)),
        ("this month", day(11, 1)),
        ("since last week", day(11, 9)),
        ("since January", day(1, 1)),
        ("since 5 January", day(1, 5)),
        ("since December 24th", day(12, 24, 2025)),
        ("since 2026-03-05", day(3, 5)),
        ("last 3 days", NOW - timedelta(days=3)),
        ("in the past few hours", NOW - timedelta(hours=3)),
        ("48h", NOW - timedelta(hours=48)),
        ("2 weeks ago", NOW - timedelta(weeks=2)),
        ("the past week", NOW - timedelta(weeks=1)),
        ("seit Montag", day(11, 16)),
        ("diese Woche", day(11, 15)),
        ("letzte 3 Tage", NOW - timedelta(days=3)),
        ("vor zwei Wochen", NOW - timedelta(weeks=2)),
        ("desde el lunes", day(11, 16)),
        ("últimos 3 días", NOW - timedelta(days=3)),
        ("esta semana", day(11, 15)),
        ("这周", day(11, 15)),
        ("今天", day(11, 22)),
        ("最近三天", NOW - timedelta(days=3)),
        ("过去48小时", NOW - timedelta(hours=48)),
        ("自周一", day(11, 16)),
        ("2026年3月5日以来", day(3, 5)),
    ],
)
def test_a_span_without_an_end_reaches_to_now(text: str, since: datetime) -> None:
    assert find(text) == Span(since)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("bans last month", day(10, 1), day(11, 1)),
        ("last week", day(11, 9), day(11, 16)),
        ("yesterday", day(11, 21), day(11, 22)),
        ("on Friday", day(11, 20), day(11, 21)),
        ("in January", day(1, 1), day(2, 1)),
        ("in December", day(12, 1, 2025), day(1, 1)),
        ("last December", day(12, 1, 2025), day(1, 1)),
        ("5 March 2025", day(3, 5, 2025), day(3, 6, 2025)),
        ("this weekend", day(11, 21), day(11, 23)),
        ("letzten Monat", day(10, 1), day(11, 1)),
        ("gestern", day(11, 21), day(11, 22)),
        ("semana pasada", day(11, 9), day(11, 16)),
        ("上周", day(11, 9), day(11, 16)),
        ("上周五", day(11, 13), day(11, 14)),
        ("上个月", day(10, 1), day(11, 1)),
        ("昨天", day(11, 21), day(11, 22)),
        ("3月", day(3, 1), day(4, 1)),
    ],
)
def test_a_span_that_is_over_has_an_end(text: str, since: datetime, until: datetime) -> None:
    assert find(text) == Span(since, until)


@pytest.mark.parametrize(
    "text", ["", "latest?", "may verizon do that", "sun and moon", "xiaomi 12 m", "5g", "a week"]
)
def test_words_that_only_look_like_a_time_are_none(text: str) -> None:
    assert find(text) is None


def test_this_week_is_a_week_on_a_monday_just_after_midnight_too() -> None:
    monday = day(11, 23) + timedelta(minutes=3)

    found = find_span_or_none("this week", now=monday)

    assert found is not None
    assert found.span == Span(day(11, 16))
    assert tell_span(found.span, now=monday) == "since 16 November"


def test_a_day_that_no_month_has_is_not_taken_for_one() -> None:
    assert find("on 31 February") == Span(day(2, 1), day(3, 1))


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(NOW - timedelta(days=7)), "in the last 7 days"),
        (Span(NOW - timedelta(hours=36)), "in the last 36 hours"),
        (Span(NOW - timedelta(days=1)), "in the last 24 hours"),
        (Span(NOW - timedelta(hours=1)), "in the last hour"),
        (Span(day(11, 16)), "since 16 November"),
        (Span(day(11, 22)), "today"),
        (Span(day(12, 24, 2025)), "since 24 December 2025"),
        (Span(day(1, 1), day(2, 1)), "in January"),
        (Span(day(12, 1, 2025), day(1, 1)), "in December 2025"),
        (Span(day(11, 20), day(11, 21)), "on Friday, 20 November"),
        (Span(day(11, 9), day(11, 16)), "from 9 November to 15 November"),
        (Span(NOW - timedelta(seconds=61)), "since 22 November, 15:28 UTC"),
    ],
)
def test_a_span_is_told_as_people_say_it(span: Span, said: str) -> None:
    assert tell_span(span, now=NOW) == said


@given(
    st.text(max_size=80), st.integers(0, 2 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))
)
def test_any_text_has_a_span_within_reach_or_none(text: str, now: datetime) -> None:
    found = find_span_or_none(text.casefold(), now=now)

    if found is not None:
        assert found.span.since >= now - MAX_BACK
        assert tell_span(found.span, now=now)


@given(
    st.sampled_from(["last", "past", "vor", "hace", "最近", "since", "in the last", ""]),
    st.one_of(st.integers(0, 10**7).map(str), st.sampled_from(["few", "三", "zwei", "²", "٣"])),
    st.sampled_from(["days", "h", "weeks", "months", "years", "天", "个月", "Monat", "January"]),
)
def test_a_count_and_a_unit_never_reach_beyond_the_calendar(
    lead: str, count: str, unit: str
) -> None:
    found = find_span_or_none(f"{lead} {count} {unit}".casefold(), now=NOW)

    assert found is None or found.span.since >= NOW - MAX_BACK
