from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.grammar import find_company, parse_since
from bot.errors import InputInvalid
from bot.model import Alias, Catalogue, Company, Platform, Role
from tests.builders import NOW

CATALOGUE = Catalogue(
    companies={
        "honor": Company("honor", "Honor", Role.MAKER, (Alias("Honor"), Alias("荣耀"))),
        "att": Company("att", "AT&T", Role.CARRIER, (Alias("AT&T"), Alias("AT and T"))),
    }
)


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("36h", timedelta(hours=36)),
        ("7d", timedelta(days=7)),
        ("2 weeks", timedelta(weeks=2)),
        (" 90 Min ", timedelta(minutes=90)),
    ],
)
def test_spans_reach_back_from_now(said: str, back: timedelta) -> None:
    assert parse_since(said, now=NOW) == NOW - back


def test_a_date_is_its_first_moment() -> None:
    assert parse_since("2018-01-08", now=NOW) == datetime(2018, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("yesterday", datetime(2018, 1, 8, tzinfo=UTC)),
        ("Monday", datetime(2018, 1, 8, tzinfo=UTC)),
        ("since Tuesday", datetime(2018, 1, 2, tzinfo=UTC)),  # today is one
        ("last month", datetime(2017, 12, 1, tzinfo=UTC)),
        ("today", datetime(2018, 1, 9, tzinfo=UTC)),
        ("周一", datetime(2018, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_day_or_month_reaches_from_its_first_moment_to_now(said: str, day: datetime) -> None:
    assert parse_since(said, now=NOW) == day


@pytest.mark.parametrize("said", ["", "soon", "7", "7x", "999999w", "2018-13-40"])
def test_what_is_no_time_is_answered_with_what_to_write(said: str) -> None:
    with pytest.raises(InputInvalid, match=r"Write a span like 36h, 7d or 2w, or a date like"):
        parse_since(said, now=NOW)


@pytest.mark.parametrize("said", ["honor", "HONOR", " Honor ", "荣耀"])
def test_a_company_goes_by_id_name_and_alias_in_any_case(said: str) -> None:
    assert find_company(said, CATALOGUE) == "honor"


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(InputInvalid, match=r'I don\'t know "Honour"\. Did you mean Honor\?'):
        find_company("Honour", CATALOGUE)


def test_a_name_like_nothing_gets_no_wild_guess() -> None:
    with pytest.raises(InputInvalid, match=r'I don\'t know "qqqq"\. `newsbot companies`'):
        find_company("qqqq", CATALOGUE)


def test_in_a_chat_the_advice_is_what_can_be_done_there() -> None:
    with pytest.raises(InputInvalid, match=r"/watch add has it looked for from now on\."):
        find_company("qqqq", CATALOGUE, platform=Platform.DISCORD)
