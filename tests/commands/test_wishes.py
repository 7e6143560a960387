from __future__ import annotations

from contextlib import suppress
from datetime import time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import load_catalogue
from bot.commands.wishes import (
    Calling,
    find_near_time_zones,
    parse_calling,
    parse_clock,
    parse_companies,
    parse_events,
    parse_minute,
    parse_names,
    parse_quiet,
    parse_span,
    parse_time_zone,
)
from bot.errors import InputInvalid
from bot.model import Event, QuietHours
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT / "config")
ZONES = frozenset(available_timezones())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deals, bans", (Event.DEAL, Event.BAN)),
        ("Deal off; LAWSUITS", (Event.DEAL_OFF, Event.LAWSUIT)),
        ("deal, ban or sanction", (Event.DEAL, Event.BAN)),
        ("deals and bans", (Event.DEAL, Event.BAN)),
        ("deals bans", (Event.DEAL, Event.BAN)),
        ("deals off bans, leaks", (Event.DEAL_OFF, Event.BAN, Event.LEAK)),
        ("发布 禁令", (Event.LAUNCH, Event.BAN)),
        ("ban-or-sanction", (Event.BAN,)),
        ("发布，禁令", (Event.LAUNCH, Event.BAN)),
        ("partnerships", (Event.DEAL, Event.DEAL_OFF)),
        ("deals, deal", (Event.DEAL,)),
        ("earnings and market share & leaks", (Event.EARNINGS, Event.LEAK)),
        ("all", ()),
        ("None", ()),
    ],
)
def test_events_are_read_as_people_write_them(text: str, expected: tuple[Event, ...]) -> None:
    assert parse_events(text) == expected


@pytest.mark.parametrize("text", ["deals bnas", "deals offs", "deal ofs"])
def test_no_word_is_suggested_that_nobody_says(text: str) -> None:
    with pytest.raises(InputInvalid, match=r"^events: I don't know ") as refusal:
        parse_events(text)

    assert " or deals offs" not in str(refusal.value)
    assert "Did you mean deals offs" not in str(refusal.value)


@pytest.mark.parametrize("event", list(Event))
def test_every_event_is_known_by_its_label_and_its_value(event: Event) -> None:
    assert parse_events(event.label) == parse_events(event.value) == (event,)


def test_what_is_no_event_is_named_with_the_nearest_and_all_that_there_are() -> None:
    with pytest.raises(InputInvalid) as refusal:
        parse_events("deals, laucnhes")

    assert str(refusal.value).startswith(
        'events: I don\'t know "laucnhes". Did you mean launches? The kinds are deal, deal off,'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", Calling()),
        ("pairs", Calling(is_for_pairs=True)),
        ("deals, bans", Calling(events=(Event.DEAL, Event.BAN))),
        ("Pairs, launches", Calling(is_for_pairs=True, events=(Event.LAUNCH,))),
        ("nobody", None),
    ],
)
def test_whom_to_call_for_what_is_read(text: str, expected: Calling | None) -> None:
    assert parse_calling(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", time(9)),
        ("09:00", time(9)),
        ("9am", time(9)),
        ("9:30 p.m.", time(21, 30)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("0930", time(9, 30)),
        ("18h", time(18)),
        ("18h30", time(18, 30)),
        ("９：００", time(9)),
        ("9点", time(9)),
        ("24:00", time(0)),
        (":15", time(0, 15)),
        ("noon", time(12)),
    ],
)
def test_clocks_are_read_as_people_write_them(text: str, expected: time) -> None:
    assert parse_clock(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15", time(0, 15)),
        (":15", time(0, 15)),
        ("0:15", time(0, 15)),
        ("00:15", time(0, 15)),
        ("5", time(0, 5)),
        ("59", time(0, 59)),
        ("１５", time(0, 15)),
        ("9:30", time(9, 30)),
    ],
)
def test_the_minute_of_an_hour_is_read_as_people_write_it(text: str, expected: time) -> None:
    assert parse_minute(text) == expected


@pytest.mark.parametrize("text", ["75", ":75", "0:60", "", "soon", "-5"])
def test_what_is_no_minute_is_refused_as_one(text: str) -> None:
    with pytest.raises(InputInvalid, match=r"^at: .* Write a minute from 0 to 59, as in 15\.$"):
        parse_minute(text)


@pytest.mark.parametrize("text", ["", "25", "9:60", "13pm", "0am", "soon", "9:5:1", "-9", "am"])
def test_what_is_no_time_of_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputInvalid, match=r"^at: I can't read .* Write 9:00 or 9am\.$"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-07:00", QuietHours(time(22), time(7))),
        ("22-7", QuietHours(time(22), time(7))),
        ("from 10pm to 7am", QuietHours(time(22), time(7))),
        ("1 – 5:30", QuietHours(time(1), time(5, 30))),
        ("22:00至7:00", QuietHours(time(22), time(7))),
        ("none", None),
        ("-", None),
    ],
)
def test_quiet_hours_are_read_as_people_write_them(text: str, expected: QuietHours | None) -> None:
    assert parse_quiet(text) == expected


def test_quiet_hours_that_are_no_stretch_are_refused() -> None:
    with pytest.raises(InputInvalid, match=r'^quiet_hours: I can\'t read "22-25" as a stretch'):
        parse_quiet("22-25")
    with pytest.raises(InputInvalid, match=r"the whole day; /alerts pause"):
        parse_quiet("7-7:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", timedelta(hours=2)),
        ("90 minutes", timedelta(minutes=90)),
        ("for 3 days", timedelta(days=3)),
        ("1d 12h", timedelta(days=1, hours=12)),
        ("1 week and 1 day", timedelta(days=8)),
        ("2 months", timedelta(days=60)),
        ("3天", timedelta(days=3)),
        ("2个小时", timedelta(hours=2)),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, expected: timedelta) -> None:
    assert parse_span(text) == expected


@pytest.mark.parametrize("text", ["", "2", "h", "0d", "2 moons", "2h or so", "-2h"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputInvalid, match=r"^for: I can't read .* Write 90m, 2h, 3d or 1w\.$"):
        parse_span(text)


def test_a_span_of_more_than_a_year_is_meant_for_good() -> None:
    with pytest.raises(InputInvalid, match="over a year; leave it out for good"):
        parse_span("367 days")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("Beijing", "Asia/Shanghai"),
        ("ET", "America/New_York"),
        ("utc", "UTC"),
        ("UTC+8", "Etc/GMT-8"),
        ("gmt-05:00", "Etc/GMT+5"),
    ],
)
def test_time_zones_are_read_as_people_write_them(text: str, expected: str) -> None:
    assert parse_time_zone(text, ZONES) == expected


def test_a_time_zone_with_a_slip_is_suggested() -> None:
    with pytest.raises(InputInvalid, match=r"as a time zone\. Did you mean .*Europe/Berlin"):
        parse_time_zone("Belin", ZONES)


def test_only_what_is_nearly_a_time_zone_is_taken_for_a_slip() -> None:
    assert find_near_time_zones("Berln", ZONES) == ("Europe/Berlin",)
    assert find_near_time_zones("banana", ZONES) == ()


def test_companies_are_read_by_any_of_their_names() -> None:
    assert parse_companies("Huawei，at&t, 中兴", CATALOGUE) == ("huawei", "att", "zte")
    assert parse_companies("all", CATALOGUE) == ()


def test_a_company_with_a_slip_is_suggested() -> None:
    with pytest.raises(InputInvalid) as refusal:
        parse_companies("Huawei, Honour", CATALOGUE)

    assert str(refusal.value) == (
        'companies: I don\'t know "Honour". Did you mean Honor? '
        "/watch add makes any company known here."
    )


def test_names_stand_between_commas() -> None:
    assert parse_names(" Fair  Phone,, SHIFT，fairphone ") == ("Fair Phone", "SHIFT", "fairphone")
    assert parse_names("none") == ()


@given(st.text() | st.from_regex(r"[0-9apmhdw:.,+\- ]{0,12}", fullmatch=True))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for read in (
        parse_events,
        parse_calling,
        parse_clock,
        parse_quiet,
        parse_span,
        parse_names,
        lambda said: parse_time_zone(said, ZONES),
        lambda said: parse_companies(said, CATALOGUE),
    ):
        with suppress(InputInvalid):
            read(text)
