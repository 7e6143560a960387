"""When posts are due: quiet hours, digests and pauses on the clocks of many zones."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.model import CONSOLE, FOREVER, QuietHours, Rhythm, Subscription
from bot.model.timing import Due, find_due, find_zone
from tests.builders import NOW

NEW_YORK = "America/New_York"
NIGHT = QuietHours(time(22), time(7))
NOON = QuietHours(time(12), time(13, 30))


def utc(text: str) -> datetime:
    """An instant written as "2018-01-09 08:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_is_live_is_due_at_once_and_by_itself() -> None:
    assert find_due(Subscription(CONSOLE), now=NOW) == Due(NOW, is_gathered=False)


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "due"),
    [
        (NIGHT, "UTC", "2018-01-09 23:15", "2018-01-10 07:00"),
        (NIGHT, "UTC", "2018-01-10 06:59:59", "2018-01-10 07:00"),
        (NIGHT, "UTC", "2018-01-09 22:00", "2018-01-10 07:00"),  # the first moment of it
        (NIGHT, NEW_YORK, "2018-01-09 08:30", "2018-01-09 12:00"),  # 03:30 there
        (NOON, "Asia/Shanghai", "2018-01-09 05:00", "2018-01-09 05:30"),
    ],
)
def test_what_falls_into_quiet_hours_is_gathered_until_they_end(
    quiet: QuietHours, zone: str, now: str, due: str
) -> None:
    subscription = Subscription(CONSOLE, quiet=quiet, time_zone=zone)

    assert find_due(subscription, now=utc(now)) == Due(utc(due), is_gathered=True)


@pytest.mark.parametrize(
    ("quiet", "now"),
    [
        (NIGHT, "2018-01-09 07:00"),  # the first moment after it
        (NIGHT, "2018-01-09 21:59:59"),
        (NOON, "2018-01-09 23:00"),
        (QuietHours(time(9), time(9)), "2018-01-09 09:00"),  # no time at all
    ],
)
def test_outside_quiet_hours_posts_are_live(quiet: QuietHours, now: str) -> None:
    due = find_due(Subscription(CONSOLE, quiet=quiet), now=utc(now))

    assert due == Due(utc(now), is_gathered=False)


@pytest.mark.parametrize(
    ("end", "now", "due"),
    [
        # In 2018 New York's clocks jumped from 02:00 to 03:00 on 11 March, 07:00 UTC,
        (time(2, 30), "2018-03-11 05:00", "2018-03-11 07:30"),  # 02:30 was 03:30
        (time(7), "2018-03-11 05:00", "2018-03-11 11:00"),
        # and went from 02:00 back to 01:00 on 4 November, 06:00 UTC.
        (time(1, 30), "2018-11-04 04:00", "2018-11-04 06:30"),  # the second 01:30
        (time(7), "2018-11-04 04:00", "2018-11-04 12:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_in_nights_when_clocks_change(
    end: time, now: str, due: str
) -> None:
    quiet = QuietHours(time(22), end)

    assert find_due(Subscription(CONSOLE, quiet=quiet, time_zone=NEW_YORK), now=utc(now)) == Due(
        utc(due), is_gathered=True
    )


def test_quiet_hours_that_begin_in_a_jump_of_the_clocks_begin_after_it() -> None:
    quiet = QuietHours(time(2, 30), time(4))

    due = find_due(
        Subscription(CONSOLE, quiet=quiet, time_zone=NEW_YORK), now=utc("2018-03-11 07:05")
    )

    assert due == Due(utc("2018-03-11 08:00"), is_gathered=True)  # 03:05 to 04:00


@pytest.mark.parametrize(
    ("at", "zone", "now", "due"),
    [
        (time(9, 40), "UTC", "2018-01-09 08:30", "2018-01-09 08:40"),
        (time(9, 0), "UTC", "2018-01-09 08:30:01", "2018-01-09 09:00"),
        (time(9, 30), "UTC", "2018-01-09 08:30", "2018-01-09 08:30"),  # this very minute
        (time(9, 30), "UTC", "2018-01-09 08:30:01", "2018-01-09 09:30"),
        (time(9, 0), "Asia/Kolkata", "2018-01-09 08:00", "2018-01-09 08:30"),  # 14:00 there
        # Lord Howe's clocks go half an hour back at 15:00 UTC; at 15:20 they show 01:50.
        (time(9, 20), "Australia/Lord_Howe", "2018-03-31 14:30", "2018-03-31 15:50"),
    ],
)
def test_an_hourly_digest_comes_at_its_minute(at: time, zone: str, now: str, due: str) -> None:
    subscription = Subscription(CONSOLE, rhythm=Rhythm.HOURLY, at=at, time_zone=zone)

    assert find_due(subscription, now=utc(now)) == Due(utc(due), is_gathered=True)


@pytest.mark.parametrize(
    ("at", "zone", "now", "due"),
    [
        (time(9), "UTC", "2018-01-09 08:30", "2018-01-09 09:00"),
        (time(8), "UTC", "2018-01-09 08:30", "2018-01-10 08:00"),
        (time(8, 30), "UTC", "2018-01-09 08:30", "2018-01-09 08:30"),
        (time(9), NEW_YORK, "2018-07-09 12:00", "2018-07-09 13:00"),
        (time(9), "Asia/Tokyo", "2018-01-09 08:30", "2018-01-10 00:00"),
        (time(2, 30), NEW_YORK, "2018-03-11 05:00", "2018-03-11 07:30"),  # there was no 02:30
        (time(1, 30), NEW_YORK, "2018-11-04 05:40", "2018-11-04 06:30"),  # the second 01:30
        (time(9), "Pacific/Apia", "2011-12-29 20:00", "2011-12-30 19:00"),  # 30 December was not
    ],
)
def test_a_daily_digest_comes_at_its_time(at: time, zone: str, now: str, due: str) -> None:
    subscription = Subscription(CONSOLE, rhythm=Rhythm.DAILY, at=at, time_zone=zone)

    assert find_due(subscription, now=utc(now)) == Due(utc(due), is_gathered=True)


@pytest.mark.parametrize(
    ("rhythm", "at", "now", "due"),
    [
        (Rhythm.DAILY, time(23), "2018-01-09 21:00", "2018-01-10 07:00"),
        (Rhythm.DAILY, time(23), "2018-01-10 02:00", "2018-01-10 07:00"),  # not a day later
        (Rhythm.DAILY, time(23), "2018-01-10 08:00", "2018-01-11 07:00"),
        (Rhythm.HOURLY, time(9, 30), "2018-01-09 21:40", "2018-01-10 07:00"),
        (Rhythm.HOURLY, time(9, 30), "2018-01-10 06:45", "2018-01-10 07:00"),
        (Rhythm.HOURLY, time(9, 30), "2018-01-10 07:01", "2018-01-10 07:30"),
    ],
)
def test_a_digest_whose_time_is_quiet_comes_when_that_is_over(
    rhythm: Rhythm, at: time, now: str, due: str
) -> None:
    subscription = Subscription(CONSOLE, rhythm=rhythm, at=at, quiet=NIGHT)

    assert find_due(subscription, now=utc(now)) == Due(utc(due), is_gathered=True)


@pytest.mark.parametrize("rhythm", list(Rhythm))
@pytest.mark.parametrize(
    ("until", "due"),
    [("2018-01-09 14:00", "2018-01-09 14:00"), ("2018-01-09 23:00", "2018-01-10 07:00")],
)
def test_what_comes_in_a_pause_is_one_post_at_its_end(rhythm: Rhythm, until: str, due: str) -> None:
    paused = Subscription(CONSOLE, rhythm=rhythm, quiet=NIGHT, paused_until=utc(until))

    assert find_due(paused, now=NOW) == Due(utc(due), is_gathered=True)


def test_a_pause_that_is_over_is_none() -> None:
    paused = Subscription(CONSOLE, paused_until=NOW)

    assert find_due(paused, now=NOW) == Due(NOW, is_gathered=False)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("stopped", [{"paused_until": FOREVER}, {"parked": "the channel is gone"}])
def test_what_only_a_person_ends_has_no_end(zone: str, stopped: dict[str, str]) -> None:
    quiet = QuietHours(time(0), time(23, 59))
    subscription = Subscription(CONSOLE, quiet=quiet, time_zone=zone, **stopped)  # type: ignore[arg-type]

    assert find_due(subscription, now=NOW) == Due(FOREVER, is_gathered=True)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "../../etc/passwd", "America", "a\0b", "/etc/passwd", "ü" * 300]
)
def test_a_zone_that_is_not_known_is_utc(name: str) -> None:
    assert find_zone(name) is UTC


def test_a_zone_that_is_known_is_found() -> None:
    assert find_zone(NEW_YORK) == ZoneInfo(NEW_YORK)


# Properties

ZONES = (
    "UTC", NEW_YORK, "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Europe/London", "no/such",
)  # fmt: skip
WALLS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
CHANGES = (  # of the clocks of New York, London, São Paulo and Lord Howe
    "2018-03-11 07:00", "2018-11-04 06:00", "2018-03-25 01:00", "2018-02-18 02:00",
    "2018-11-04 03:00", "2018-03-31 15:00",
)  # fmt: skip
NEAR = st.timedeltas(timedelta(hours=-26), timedelta(hours=26))
MOMENTS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=4_000)).map(lambda span: NOW + span),
    st.builds(lambda change, near: utc(change) + near, st.sampled_from(CHANGES), NEAR),
)


def awake_for(quiet: QuietHours) -> timedelta:
    """How much of a day is not quiet."""
    start, end = (timedelta(hours=t.hour, minutes=t.minute) for t in (quiet.start, quiet.end))
    return timedelta(days=1) - (end - start) % timedelta(days=1)


@given(
    now=MOMENTS,
    rhythm=st.sampled_from(Rhythm),
    at=WALLS,
    zone=st.sampled_from(ZONES),
    quiet=st.none() | st.builds(QuietHours, WALLS, WALLS),
)
@example(utc("2018-03-11 06:59"), Rhythm.DAILY, time(2, 30), NEW_YORK, None)
@example(utc("2018-11-04 05:30"), Rhythm.DAILY, time(1, 15), NEW_YORK, None)
def test_a_post_comes_within_a_day_and_never_in_the_past_or_in_quiet_hours(
    now: datetime, rhythm: Rhythm, at: time, zone: str, quiet: QuietHours | None
) -> None:
    assume(quiet is None or awake_for(quiet) >= timedelta(hours=2))

    due = find_due(
        Subscription(CONSOLE, rhythm=rhythm, at=at, time_zone=zone, quiet=quiet), now=now
    )

    wall = due.at.astimezone(find_zone(zone)).time()
    assert now <= due.at <= now + timedelta(hours=25)
    assert due.is_gathered or due.at == now
    if quiet and quiet.start < quiet.end:
        assert not quiet.start <= wall < quiet.end
    if quiet and quiet.start > quiet.end:
        assert quiet.end <= wall < quiet.start


@given(
    now=MOMENTS,
    later=st.timedeltas(timedelta(0), timedelta(hours=30)),
    rhythm=st.sampled_from([Rhythm.HOURLY, Rhythm.DAILY]),
    at=WALLS,
    zone=st.sampled_from(ZONES),
    quiet=st.none() | st.builds(QuietHours, WALLS, WALLS),
)
def test_what_comes_earlier_is_in_no_later_digest(
    *, now: datetime, later: timedelta, rhythm: Rhythm, at: time, zone: str,
    quiet: QuietHours | None,
) -> None:  # fmt: skip
    subscription = Subscription(CONSOLE, rhythm=rhythm, at=at, time_zone=zone, quiet=quiet)

    first = find_due(subscription, now=now)
    second = find_due(subscription, now=now + later)

    assert first.at <= second.at
    assert now + later > first.at or first == second  # what comes before it is due joins it
