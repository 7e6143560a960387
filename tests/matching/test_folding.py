from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import folding
from bot.matching.folding import fold, fold_phrase, is_letter, is_same_case, is_unspaced, mark

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
        ("OPPO™\ufe0f", "oppo"),
        ("Honor\ufe32Magic", "honor magic"),
        ("At & amp; t", "at&t"),
        ("Nubia\ud83d", "nubia\ufffd"),
        ("Straße ﬁne", "strasse fine"),
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


@given(ODD | st.text(), st.integers(min_value=1, max_value=30))
def test_the_front_of_a_folded_text_comes_from_where_it_came_from(text: str, length: int) -> None:
    folded = fold(text)
    front = folded.front(length)

    assert front.text == folded.text[:length]
    assert list(front.origin)[:length] == list(folded.origin)[:length]


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


@pytest.mark.parametrize(
    ("char", "unspaced"), [("定", True), ("가", True), ("ж", False), ("7", False)]
)
def test_unspaced_scripts_are_known(char: str, unspaced: bool) -> None:
    assert is_unspaced(char) is unspaced


def test_marks_stand_at_both_ends_of_every_word() -> None:
    assert mark("for at&t中").replace("\x1f", "|") == "|for| |at|&|t|中||"


@pytest.mark.parametrize(
    ("written", "name", "same"),
    [("ＡＴ＆Ｔ", "AT&T", True), ("T Mobile", "T-Mobile", True), ("At&t", "AT&T", False)],
)
def test_case_is_compared_by_letters_alone(written: str, name: str, same: bool) -> None:
    assert is_same_case(written, name) is same


def test_a_text_of_more_characters_than_are_remembered_is_folded_and_forgotten() -> None:
    unassigned = "".join(map(chr, range(0x40000, 0x50000)))

    assert fold(f"T\u2011MOBILE™{unassigned}T\u2011MOBILE™").text == f"t mobile{unassigned}t mobile"
    assert len(folding._CHARS) < len(unassigned)
