from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.folding import fold, fold_phrase, is_letter

ODD = st.text(alphabet=st.sampled_from(list("aZ &-’ﬁß㍿İ\u00ad\u200b™ｱ５é\u0301中 ;amp\t")))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("HUAWEI", "huawei"),
        ("T-Mobile", "t mobile"),
        ("T\u2011Mobile", "t mobile"),
        ("AT&amp;T", "at&t"),
        ("AT &amp;amp; T", "at&t"),
        ("At & t", "at&t"),
        ("ＡＴ＆Ｔ", "at&t"),
        ("Verizon’s", "verizon's"),
        ("One\u00a0 Plus", "one plus"),
        ("Ra\u00adzr™", "razr"),
    ],
)
def test_one_name_is_always_written_the_same_way(written: str, folded: str) -> None:
    assert fold_phrase(written) == folded


def test_a_span_shows_the_original() -> None:
    text = "Said: ＡＴ &amp; Ｔ’s plan"
    folded = fold(text)
    start = folded.text.index("at&t")

    begin, end = folded.span(start, start + 4)

    assert text[begin:end] == "ＡＴ &amp; Ｔ"


@given(ODD | st.text())
def test_every_folded_character_comes_from_one_of_the_original(text: str) -> None:
    folded = fold(text)

    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)
    for place, char in enumerate(folded.text):
        begin, _ = folded.span(place, place + 1)
        assert char in fold(text[begin]).text


@given(ODD | st.text())
def test_folding_twice_adds_nothing_to_spaces_and_ampersands(text: str) -> None:
    folded = fold(text).text

    assert "  " not in folded
    assert " &" not in folded
    assert "& " not in folded


@pytest.mark.parametrize(("char", "lengthens"), [("a", True), ("7", True), ("ж", True)])
def test_letters_of_spaced_scripts_lengthen_a_name(char: str, lengthens: bool) -> None:
    assert is_letter(char) is lengthens


@pytest.mark.parametrize("char", ["定", "の", "ス", "가", "ก", "-", "'", " ", "。"])
def test_other_scripts_and_signs_do_not(char: str) -> None:
    assert not is_letter(char)
