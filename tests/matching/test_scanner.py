from __future__ import annotations

import pytest

from bot.matching.folding import fold
from bot.matching.scanner import Scanner


def test_open_ends_take_any_ending_and_find_all_keeps_what_overlaps() -> None:
    scanner = Scanner(["smartfon*", "nowy smartfon", "nowy"])

    found = scanner.find_all(fold("Nowy smartfonami"))

    assert [(hit.phrase, hit.start, hit.end) for hit in found] == [
        ("nowy", 0, 4),
        ("smartfon*", 5, 13),
    ]


def test_a_longer_phrase_that_is_part_of_a_word_hides_no_shorter_one() -> None:
    (hit,) = Scanner(["honor", "honor ma"]).find(fold("Honor Magic"))

    assert (hit.phrase, hit.end) == ("honor", 5)


def test_a_plural_counts_and_its_s_is_not_in_the_span() -> None:
    (hit,) = Scanner(["huawei"]).find(fold("Two Huaweis"))

    assert (hit.start, hit.end, hit.is_plural) == (4, 10, True)


@pytest.mark.parametrize("phrase", ["", "  ", "*", "**", "\u00ad", " -*"])
def test_an_empty_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="everywhere"):
        Scanner([phrase])


@pytest.mark.parametrize("text", ["opportunity", "shoppo", "oppo2", "oppoßs", "oppo\u0301", "оppo"])
def test_a_letter_digit_or_accent_beside_a_phrase_makes_it_another_word(text: str) -> None:
    assert Scanner(["oppo"]).find_all(fold(text)) == ()


@pytest.mark.parametrize(
    "text", ["为OPPO定制", "オッポoppoの", "오oppo", "ปoppo", "(oppo)", "oppo's", "“oppo”"]
)
def test_other_scripts_and_signs_beside_a_phrase_do_not(text: str) -> None:
    (hit,) = Scanner(["oppo"]).find_all(fold(text))

    assert text[hit.start : hit.end].casefold() == "oppo"


def test_findings_come_by_start_and_then_the_longest_first() -> None:
    scanner = Scanner(["honor of kings", "honor*", "honor", "of", "of kings", "kings"])

    found = scanner.find_all(fold("Honor of Kings"))

    assert [hit.phrase for hit in found] == [
        "honor of kings",
        "honor",
        "honor*",
        "of kings",
        "of",
        "kings",
    ]


def test_a_name_and_the_plural_of_another_may_be_the_same_word() -> None:
    found = Scanner(["boost", "boosts"]).find_all(fold("boosts"))

    assert [(hit.phrase, hit.is_plural) for hit in found] == [("boosts", False), ("boost", True)]


def test_phrases_are_folded_as_texts_are() -> None:
    (hit,) = Scanner(["Ｔ\u2011Mobile&amp;Co"]).find(fold("At T-Mobile & Co."))

    assert (hit.phrase, hit.start, hit.end) == ("t mobile&co", 3, 14)


def test_of_too_many_findings_those_that_end_first_are_kept() -> None:
    found = Scanner(["a", "a a"]).find_all(fold("a a a"), at_most=3)

    assert sorted((hit.start, hit.end) for hit in found) == [(0, 1), (0, 3), (2, 3)]
