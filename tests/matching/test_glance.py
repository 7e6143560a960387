from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.matching.folding import fold
from bot.matching.scanner import Scanner, make_glance

PHRASES = ["huawei", "at&t", "t-mobile", "oppo", "smartfon*", "honor", "élan", "华为", "o2", "x-*"]
SCANNER, GLANCE = Scanner(PHRASES), make_glance(PHRASES)

PIECES = [
    *("Huawei", "at", "AT", "t", "T", "&", "&amp;", "&AMP;", "＆", "&#38;", "&#038;", "amp;", "；"),
    *(
        "Mobile",
        "mobiles",
        "oppo",
        "OPPO",
        "ｏｐｐｏ",
        "smartfon",
        "owy",
        "élan",
        "ÉLAN",
        "e\u0301",
    ),
    *(" ", "  ", "-", "–", "‑", "\u00ad", "\u200b", "™", "’", "'", "`", "_", "\x1f", "\t", "\n"),
    *("华为", "为", "オ", "ß", "İ", "s", "2", "o", "x", ".", "“", "(", "\ud800", "ſ", "K", "Ꭰ"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30)


@given(TEXTS)
@example("AT&amp;amp;T")
@example("at &#38; T")
@example("He is at T-Mobile")
def test_a_phrase_that_the_scanner_finds_is_never_missed(text: str) -> None:
    if SCANNER.find_all(fold(text)):
        assert GLANCE.may_hold(text)


@given(TEXTS, st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=3))
def test_that_holds_for_any_phrase(text: str, phrases: list[str]) -> None:
    phrases = [phrase for phrase in phrases if fold(phrase).text.strip().strip("*")]
    if phrases and Scanner(phrases).find_all(fold(f"{text} {phrases[0]} {text}")):
        assert make_glance(phrases).may_hold(f"{text} {phrases[0]} {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Village bakes its longest apple tart",
        "An opportunity for honorable people; it’s “new” – and costs 5 €",
        "the smart fond of 2",
        "Attack at noon: two matt phones",
    ],
)
def test_a_text_without_any_is_told_at_once(text: str) -> None:
    assert not GLANCE.may_hold(text)


@pytest.mark.parametrize("text", ["在北京发布新手机", "".join(map(chr, range(0x430, 0x450)))])
def test_other_scripts_are_left_to_the_scanner(text: str) -> None:
    assert GLANCE.may_hold(text)


def test_a_phrase_of_signs_alone_may_be_anywhere() -> None:
    assert make_glance(["+", "oppo"]).may_hold("nothing here")
