"""Until when somebody wants something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.untils import parse_until
from bot.commands.wishes import MAX_SPAN
from bot.errors import InputInvalid

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
"""9:30 in Berlin."""


def read(text: str) -> str:
    """The end that ``text`` names, by the clocks of Berlin."""
    until = parse_until(text, now=TUESDAY, zone=BERLIN)
    assert until.tzinfo is UTC
    return f"{until.astimezone(BERLIN):%a %d %H:%M}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", "Tue 09 11:30"),
        ("for 3 days", "Fri 12 09:30"),
        ("until 9:00", "Wed 10 09:00"),
        ("Until 10", "Tue 09 10:00"),
        ("till 9pm", "Tue 09 21:00"),
        ("until noon", "Tue 09 12:00"),
        ("until tomorrow", "Wed 10 00:00"),
        ("until tomorrow at 9:00", "Wed 10 09:00"),
        ("until 9am tomorrow", "Wed 10 09:00"),
        ("until today 18:00", "Tue 09 18:00"),
        ("until Monday", "Mon 15 00:00"),
        ("until Tuesday", "Tue 16 00:00"),
        ("until Tuesday 18:00", "Tue 09 18:00"),
        ("until 9:00 on Friday", "Fri 12 09:00"),
        ("until 2018-01-20, 8:15", "Sat 20 08:15"),
        ("bis morgen", "Wed 10 00:00"),
        ("到明天 9点", "Wed 10 09:00"),
        ("直到周五", "Fri 12 00:00"),
    ],
)
def test_ends_are_read_by_the_clocks_of_their_zone(text: str, expected: str) -> None:
    assert read(text) == expected


def test_an_end_that_the_clocks_jump_over_moves_on_with_them() -> None:
    before = datetime(2018, 3, 24, 12, tzinfo=UTC)

    assert parse_until("until tomorrow 2:30", now=before, zone=BERLIN) == datetime(
        2018, 3, 25, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tomorrow", "for: did you mean “until tomorrow”? Write how long, as in 2h or 3d, or"),
        ("9:00", "for: did you mean “until 9:00”?"),
        ("Monday 9am", "for: did you mean “until Monday 9am”?"),
        ("until today 9:00", 'for: "until today 9:00" is over already.'),
        ("until 2018-01-09", 'for: "until 2018-01-09" is over already.'),
        ("until 2019-02-01", 'for: "until 2019-02-01" is over a year away; leave it out for good.'),
        ("until 2018-02-31", 'for: I can\'t read "until 2018-02-31" as a time. Write how long'),
        ("until 25:00", 'for: I can\'t read "until 25:00" as a time.'),
        ("until 2h", 'for: I can\'t read "until 2h" as a time.'),
        ("until the launch", 'for: I can\'t read "until the launch" as a time.'),
        ("a while", 'for: I can\'t read "a while" as a span of time. Write 90m, 2h, 3d or 1w.'),
    ],
)
def test_what_is_no_end_is_refused_with_one_that_is(text: str, said: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        read(text)

    assert str(caught.value).startswith(said)


@given(
    st.lists(
        st.sampled_from(
            ["until", "tomorrow", "Mon", "9999-12-31", "0001-01-01", "9:00", "天", "2h"]
        )
        | st.text(max_size=4),
        max_size=5,
    ).map(" ".join)
)
def test_whatever_is_typed_is_an_end_ahead_or_refused(text: str) -> None:
    try:
        until = parse_until(text, now=TUESDAY, zone=BERLIN)
    except InputInvalid:
        return
    assert timedelta() < until - TUESDAY <= MAX_SPAN
