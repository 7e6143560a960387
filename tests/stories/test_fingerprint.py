"""Telling words, figures and models: one notation for what is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.fingerprint import MAX_WORDS, find_figures, has_han, make_words


def test_words_come_title_first_and_none_twice() -> None:
    words = make_words("Huawei loses carrier", "The carrier walked away from Huawei on Monday.")

    assert words == ("huawei", "los", "carrier", "walk")


def test_endings_and_stop_words_do_not_hide_that_words_are_one() -> None:
    assert make_words("Verizon launches phones") == make_words("Verizon launched the phone")
    assert make_words("Companies were hacking") == make_words("company hacked")


@pytest.mark.parametrize("written", ["37 million", "37M", "37-million", "37mn", "3700万"])
def test_a_count_is_one_token_however_it_is_written(written: str) -> None:
    assert "37m" in make_words(f"Breach hits {written} accounts")
    assert find_figures(f"Breach hits {written} accounts") == {"37m"}


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("$1.35 billion", "$1.35b"),
        ("$1.35bn", "$1.35b"),
        ("US$1,350 million", "$1.35b"),
        ("13.5亿美元", "$1.35b"),
        ("350 million dollars", "$350m"),
        ("€14bn", "€14b"),
        ("1500元", "¥1500"),
        ("40 per cent", "40%"),
        ("4.5%", "4.5%"),
        ("$0.50", "$0.5"),
    ],
)
def test_money_and_shares_have_one_notation(written: str, token: str) -> None:
    assert find_figures(f"Fine of {written} for Example") == {token}
    assert token in make_words(f"Fine of {written} for Example")


def test_plain_numbers_and_screens_are_no_figures() -> None:
    assert find_figures("OnePlus 11 has a 4K screen and 16 GB") == frozenset()


def test_model_numbers_stay_whole() -> None:
    words = make_words("OnePlus 11R beats Find N2")

    assert {"11r", "n2"} <= set(words)
    assert "11" not in words


def test_han_text_gives_pairs_of_characters_without_particles() -> None:
    assert make_words("华为的手机") == ("华为", "手机")
    assert has_han("华为")
    assert not has_han("Huawei")


def test_katakana_is_a_word() -> None:
    assert "スマートフォン" in make_words("新型スマートフォンを発売")


def test_addresses_and_dates_tell_nothing() -> None:
    assert make_words("Phones https://wire.example/a-b", "2018年1月9日 Jan. 9, 2018") == ("phon",)


def test_the_language_of_a_feed_adds_its_stop_words() -> None:
    assert "der" in make_words("Der Anbieter")
    assert make_words("Der Anbieter", lang="de-AT") == ("anbieter",)


def test_words_are_bounded() -> None:
    assert len(make_words(" ".join(f"word{n}x" for n in range(99)))) == MAX_WORDS


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gives_words_without_failing_and_always_the_same(title: str, summary: str) -> None:
    words = make_words(title, summary)

    assert words == make_words(title, summary)
    assert len(set(words)) == len(words) <= MAX_WORDS
    find_figures(title)
