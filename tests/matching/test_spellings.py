from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.inflection import inflect, progressive
from bot.matching.spellings import find_spellings


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Fairphone", ()),
        ("Back Market", ("BackMarket",)),
        ("BackMarket", ("Back Market",)),
        (
            "Nothing Technology Ltd",
            ("Nothing Technology", "NothingTechnology", "Nothing"),
        ),
        ("Gap, Inc.", ("Gap",)),
        ("Orange S.A.", ("Orange",)),
        ("Limited", ()),
        ("nothing.tech", ("Nothing",)),
        ("www.back-market.co.uk", ("Back Market", "BackMarket")),
        ("Telefónica", ("Telefonica",)),
        ("Marks & Spencer", ("Marks and Spencer",)),
        ("1&1", ()),
        ("H&M", ()),
        ("小度", ()),
        ("ガラケー", ()),
        ("iPhone", ()),
    ],
)
def test_a_name_is_written_in_several_ways(name: str, expected: tuple[str, ...]) -> None:
    assert find_spellings(name) == expected


@given(st.text(max_size=60))
def test_any_text_has_spellings_with_something_in_them(name: str) -> None:
    found = find_spellings(name)

    assert name not in found
    assert all(any(map(str.isalnum, text)) for text in found)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("launch", ("launches", "launched")),
        ("ship", ("ships", "shipped")),
        ("open", ("opens", "opened")),
        ("tease", ("teases", "teased")),
        ("deny", ("denies", "denied")),
        ("roll out", ("rolls out", "rolled out")),
        ("axe", ("axes", "axed")),
        ("fix", ("fixes", "fixed")),
        ("eye", ("eyes", "eyed")),
        ("sue", ("sues", "sued")),
        ("agree", ("agrees", "agreed")),
        ("see", ("sees", "saw")),
        ("cut", ("cuts", "cut")),
        ("admit", ("admits", "admitted")),
    ],
)
def test_verbs_are_inflected(verb: str, expected: tuple[str, str]) -> None:
    assert inflect(verb) == expected


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("open", "opening"),
        ("raise", "raising"),
        ("cut", "cutting"),
        ("lay off", "laying off"),
        ("see", "seeing"),
    ],
)
def test_verbs_are_made_progressive(verb: str, expected: str) -> None:
    assert progressive(verb) == expected
