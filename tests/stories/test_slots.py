"""Headlines of one frame, told apart by what stands in the same place."""

from __future__ import annotations

import pytest

from bot.stories.slots import is_told_apart
from tests.stories.reports import HOUR, joins, only, report


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Outage hits Verizon customers in Dallas", "Outage hits Verizon customers in Portland"),
        ("AT&T to close 12 stores in the Midwest", "AT&T to close 30 stores in the Midwest"),
        ("Verizon wins a Navy contract for 5G bases", "Verizon wins an Army contract for 5G bases"),
        ("T-Mobile sued by Ohio over data breach", "T-Mobile sued by Texas over data breach"),
        (
            "Honor brings the Magic to Spain this spring",
            "Honor brings the Magic to Chile this spring",
        ),
    ],
)
def test_another_name_or_number_in_the_same_place_tells_apart(one: str, two: str) -> None:
    assert is_told_apart(one, [two])
    assert is_told_apart(two, [one])


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Outage hits Verizon customers in Dallas", "Outage hits Verizon customers in Dallas area"),
        ("AT&T drops the Huawei phone in the U.S.", "AT&T drops the Huawei phone in America"),
        ("ZTE shows its phone on Monday in Paris", "ZTE shows its phone on Tuesday in Paris"),
        ("AT&T walks away from Huawei deal", "AT&T backs out of Huawei deal"),
        ("AT&T Walks Away From Huawei Deal", "AT&T Walks Off From Huawei Deal"),
        ("Verizon buys Jane Doe's mast firm", "Verizon buys Jane Doe-led mast firm"),
        ("Huawei loses appeal", "Oppo names a new chief for its shops in Spain"),
        ("中兴手机在美国停售", "中兴手机在日本停售"),
    ],
)
def test_other_words_for_the_same_do_not(one: str, two: str) -> None:
    assert not is_told_apart(one, [two])


def test_one_title_that_says_the_same_is_enough() -> None:
    here, there = "Outage hits Verizon customers in Dallas", "Outage hits Verizon users in Portland"

    assert is_told_apart(here, [there])
    assert not is_told_apart(here, [there, f"{here} today"])


def test_a_report_of_another_place_opens_a_story_of_its_own() -> None:
    verdict = only(carriers=("verizon",))
    first = report("Outage hits Verizon customers in Dallas", verdict=verdict)
    second = report("Outage hits Verizon customers in Portland", after=HOUR, verdict=verdict)
    again = report("Outage hits Verizon customers in Dallas, Texas", after=HOUR, verdict=verdict)

    assert not joins(first, second)
    assert joins(first, again)
