from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fetching.hints import DAY_S, find_max_age, find_retry_after
from tests.builders import NOW


def http_date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (http_date(300), 300.0),
        (http_date(-300), 0.0),
        ("Tuesday, 09-Jan-18 08:35:00 GMT", 300.0),  # RFC 850
        ("Tue Jan  9 08:35:00 2018", 300.0),  # asctime
        ("99999999999999999999", DAY_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY_S),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, expected: float | None) -> None:
    assert find_retry_after({"retry-after": value}, now=NOW) == expected


def test_dates_are_measured_from_the_servers_own_clock() -> None:
    headers = {"retry-after": http_date(7300), "date": http_date(7200)}

    assert find_retry_after(headers, now=NOW) == 100.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Cache-Control": "public"}, None),
        ({"Cache-Control": "max-age=600"}, 600.0),
        ({"Cache-Control": "Public , MAX-AGE = 600 , must-revalidate"}, 600.0),
        ({"Cache-Control": 'max-age="600"'}, 600.0),
        ({"Cache-Control": "max-age=600, max-age=10"}, 600.0),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "max-age=600", "Age": "500"}, 100.0),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0.0),
        ({"Cache-Control": "max-age=600", "Age": "x"}, 600.0),
        ({"Cache-Control": "max-age=31536000"}, DAY_S),
        ({"Cache-Control": "max-age=-1"}, 0.0),
        ({"Cache-Control": "max-age"}, 0.0),
        ({"Cache-Control": "no-cache, max-age=600"}, 0.0),
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=600'}, 600.0),
        ({"Cache-Control": "max-age=600, no-store"}, 0.0),
        ({"Cache-Control": "max-age=600", "Expires": http_date(60)}, 600.0),
        ({"Expires": http_date(60)}, 60.0),
        ({"Expires": http_date(60), "Date": http_date(40)}, 20.0),
        ({"Expires": "0"}, 0.0),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
    ],
)
def test_freshness_is_what_a_private_cache_would_take(
    headers: dict[str, str], expected: float | None
) -> None:
    assert find_max_age(httpx.Headers(headers), now=NOW) == expected


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "age", "date"]), st.text()))
def test_no_header_breaks_the_reader_or_its_bounds(headers: dict[str, str]) -> None:
    found = find_max_age(headers, now=NOW)

    assert found is None or 0.0 <= found <= DAY_S


@settings(deadline=None)
@given(st.text(), st.text())
def test_no_delay_breaks_the_reader_or_its_bounds(value: str, date: str) -> None:
    found = find_retry_after({"retry-after": value, "date": date}, now=NOW)

    assert found is None or 0.0 <= found <= DAY_S
