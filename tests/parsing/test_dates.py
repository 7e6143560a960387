from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import feedparser.datetimes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing import clamp_published
from bot.parsing.dates import read_date

SEEN = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    """Year, month, day, and as many of hour, minute and second as matter."""
    year, month, day, *time = parts
    hour, minute, second = (*time, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("Wed, 26 Oct 2016 21:53:13", utc(2016, 10, 26, 21, 53, 13)),
        ("Wed, 26 Oct 2016 21:53:13+0900", utc(2016, 10, 26, 12, 53, 13)),
        ("Wed, 26 Oct 2016 21:53:13 GMT", utc(2016, 10, 26, 21, 53, 13)),
        ("26 Oct 16 21:53 EST", utc(2016, 10, 27, 2, 53)),
        ("Wednesday, 26 October 2016 21:53:13 -0330", utc(2016, 10, 27, 1, 23, 13)),
        ("Seg, 24 Set 2018 19:42:40 -0300", utc(2018, 9, 24, 22, 42, 40)),
        ("Di, 09 Jän 2018 08:30:00 +0100", utc(2018, 1, 9, 7, 30)),
        ("mar., 09 févr. 2018 08:30:00 +0100", utc(2018, 2, 9, 7, 30)),
        ("09 juin 2018 08:30:00 CEST", utc(2018, 6, 9, 6, 30)),
        ("09 juillet 2018 08:30:00 CEST", utc(2018, 7, 9, 6, 30)),
        ("January 9, 2018 8:30 pm PST", utc(2018, 1, 10, 4, 30)),
        ("Tue, Jan 9, 2018 12:05 a.m.", utc(2018, 1, 9, 0, 5)),
        ("2020/1/10 14:33:00", utc(2020, 1, 10, 14, 33)),
        ("2026-06-13 16:37:21  +0800", utc(2026, 6, 13, 8, 37, 21)),
        ("2018-01-09T08:30:00.123456+05:30", utc(2018, 1, 9, 3, 0)),
        ("2018-01-09T08:30:00-0530", utc(2018, 1, 9, 14, 0)),
        ("2018-01-09T08:30Z", utc(2018, 1, 9, 8, 30)),
        ("2018-01-09", utc(2018, 1, 9)),
        ("2018年1月9日 16:30 GMT+8", utc(2018, 1, 9, 8, 30)),
        ("07.02.2025", utc(2025, 2, 7)),
        ("7.2.2025 09:15", utc(2025, 2, 7, 9, 15)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", utc(2016, 12, 31, 23, 59, 59)),
        ("Fri, 31 Dec 9999 23:00:00 GMT", utc(9999, 12, 31, 23, 0)),
        ("Mon, 01 Jan 0001 00:00:00 GMT", utc(1, 1, 1)),
    ],
)
def test_dates_are_read_as_the_publisher_meant_them(written: str, means: datetime) -> None:
    assert read_date(written) == means


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "10/01/2020",  # 10 January or 1 October: nobody can tell
        "Wed, 32 Oct 2016 21:53:13 GMT",
        "2020/13/01 00:00:00",
        "26 Foo 2016 10:00:00",
        "0000-00-00 00:00:00",
        "Fri, 31 Dec 9999 23:00:00 -0500",
        "Wed, 26 Oct 2016 99:99:99 GMT",
    ],
)
def test_what_cannot_be_read_is_no_date(written: str) -> None:
    assert read_date(written) is None


def test_cst_is_china_s_time_in_a_chinese_feed_alone() -> None:
    written = "Tue, 09 Jan 2018 16:30:00 CST"

    assert read_date(written, is_chinese=True) == datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
    assert read_date(written) == datetime(2018, 1, 9, 22, 30, tzinfo=UTC)


def test_other_forms_are_taken_as_feedparser_reads_them() -> None:
    written = "Tue Jan 09 08:30:00 2018"
    reading = feedparser.datetimes._parse_date(written)

    assert read_date(written, otherwise=reading) == SEEN


@given(
    st.datetimes(
        min_value=utc(1970, 1, 2).replace(tzinfo=None),
        max_value=utc(2049, 12, 30).replace(tzinfo=None),
        timezones=st.integers(-12 * 4, 14 * 4).map(
            lambda quarters: timezone(timedelta(minutes=15 * quarters))
        ),
    )
)
def test_the_standard_forms_are_read_to_the_second(moment: datetime) -> None:
    exact = moment.replace(microsecond=0)

    assert read_date(format_datetime(moment)) == exact
    assert read_date(moment.isoformat()) == exact


@given(
    st.from_regex(
        r"(?:(?:[A-Z][a-z]{2}, )?[0-4]?[0-9] (?:Jan|Feb|Okt|Oct|Xyz) (?:2018|0001|9999) "
        r"|(?:2018|0001|9999)-[01][0-9]-[0-4][0-9]T)[0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
        r"(?: GMT|Z| ?[+-][0-9]{2}:?[0-9]{2})?",
        fullmatch=True,
    ),
    st.booleans(),
)
def test_a_space_around_a_date_changes_nothing(written: str, is_chinese: bool) -> None:
    """Without one the usual forms are read by a shorter way."""
    assert read_date(written, is_chinese=is_chinese) == read_date(
        f" {written}", is_chinese=is_chinese
    )


@given(st.text(st.sampled_from("0123456789-/.:,+ TZWedOctJanPM年月日年GMT")))
def test_no_text_is_too_odd_to_ask(written: str) -> None:
    read = read_date(written)

    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("published", "believed"),
    [
        (None, SEEN),
        (SEEN - timedelta(days=3), SEEN - timedelta(days=3)),
        (SEEN + timedelta(minutes=59), SEEN + timedelta(minutes=59)),
        (SEEN + timedelta(minutes=61), SEEN + timedelta(hours=1)),
        (datetime(9999, 12, 31, tzinfo=UTC), SEEN + timedelta(hours=1)),
        (datetime(1, 1, 1, tzinfo=UTC), SEEN - timedelta(days=1826)),
    ],
)
def test_a_date_is_believed_within_five_years_and_an_hour(
    published: datetime | None, believed: datetime
) -> None:
    assert clamp_published(published, seen_at=SEEN) == believed
