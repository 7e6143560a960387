from __future__ import annotations

import pytest

from bot.prose.figures import iter_figures


def find(text: str) -> list[set[str]]:
    return [set(readings) for readings in iter_figures(text)]


@pytest.mark.parametrize(
    "text",
    [
        "37 million", "37M", "37m", "37-million", "37mln", "37,000,000", "37\u00a0000\u00a0000",
        "37.000.000", "thirty-seven million", "Thirty Seven Million", "3700万",
        "３７００万", "37 millones", "37 Millionen", "37 млн", "37 milhões", "三千七百万",
    ],
)  # fmt: skip
def test_one_number_is_written_in_many_ways(text: str) -> None:
    assert find(text) == [{"37000000"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1.35 billion, €1,2 Milliarden", [{"1350000000"}, {"1200000000"}]),
        ("4.98 and 1,234,567.89", [{"4.98"}, {"1234567.89"}]),
        ("20% or 20 percent", [{"20"}, {"20"}]),
        ("No. 2 on Feb. 18 at 2 p.m.", [{"2"}, {"18"}, {"2"}]),
        ("the 12th, twelve, a dozen", [{"12", "12th", "#12"}, {"12"}, {"12"}]),
        ("the third quarter, Q3, 3rd", [{"#3"}, {"q3", "#3"}, {"3", "3rd", "#3"}]),
        ("第三季度，三季度", [{"#3"}, {"3", "#3"}]),
        ("3,700万", [{"37000000", "37000"}]),
        ("a million phones", [{"1000000"}]),
        ("2.3亿部，1.2兆円", [{"230000000"}, {"1200000000000"}]),
        ("三家运营商，十二月，二〇一八年", [{"3"}, {"12"}, {"2018"}]),
        ("两百万部", [{"2000000"}]),
        ("2018-2019", [{"2018"}, {"2019"}]),
        ("Mate 10, Mate10", [{"10"}, {"10", "mate10"}]),
        ("P20 and 11R and a 14T on 5G", [{"p20"}, {"11r"}, {"14t"}, {"5g"}]),
        ("64GB or 64 GB", [{"64", "64gb"}, {"64"}]),
        ("dos millones, drei Milliarden", [{"2000000"}, {"3000000000"}]),
    ],
)
def test_numbers_are_found_in_reading_order(text: str, expected: list[set[str]]) -> None:
    assert find(text) == expected


@pytest.mark.parametrize(
    "text", ["one of them, a phone", "三星与一加", "一家公司", "Millions of phones", "", "at first"]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize("text", ["1.350", "1,350"])
def test_a_mark_before_three_digits_can_mean_both(text: str) -> None:
    assert find(text) == [{"1350", "1.35"}]


@pytest.mark.parametrize("piece", ["百", "1,", "兆", "a ", "1", "a1", "5万", "two "])
def test_any_length_of_anything_is_read(piece: str) -> None:
    assert all(find(piece * 5_000)) or piece == "a "
