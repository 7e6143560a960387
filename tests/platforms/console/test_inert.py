"""What a terminal would obey or hide never reaches it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.console.inert import MAX_MARKS, clean_text, clean_url, encodable


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("\x1b[31mred\x1b[0m alert", "red alert"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("before \x1b]0;left open", "before 0;left open"),
        ("\x1bcwiped", "wiped"),
        ("one\r\n\x85\u2028forged", "one forged"),
        ("\u202eevil\u202c \u2066turned\u2069 \u200fround", "evil turned round"),
        ("Hua\u200bwei\ufeff Ma\u00adte", "Huawei Mate"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("tab\tand   spaces ", "tab and spaces"),
        ("lone \ud800 surrogate", "lone surrogate"),
    ],
)
def test_text_is_made_inert(hostile: str, plain: str) -> None:
    assert clean_text(hostile) == plain


def test_quotes_of_a_misread_feed_do_not_swallow_the_text_behind_them() -> None:
    assert clean_text("\x9b31m and \x9dthe rest") == "31m and the rest"


@pytest.mark.parametrize(
    "text",
    ["AT&T", "华为手机无缘AT&T", "Điện thoại", "👩‍💻 and 👍🏽", "[bold]markup[/bold] :smile:"],
)
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert clean_text(text) == text


def test_a_joiner_between_letters_is_dropped() -> None:
    assert clean_text("Hua\u200dwei") == "Huawei"


def test_piled_up_accents_are_capped() -> None:
    cleaned = clean_text("z" + "\u0324" * 40 + "a")

    assert cleaned == "z" + "\u0324" * MAX_MARKS + "a"


@given(st.text())
def test_no_text_keeps_a_control_or_a_line_break(text: str) -> None:
    cleaned = clean_text(text)

    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert cleaned == clean_text(cleaned)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/p?q=1&r=%20#x", "https://a.example/p?q=1&r=%20#x"),
        ("https://a.example/手", "https://a.example/%E6%89%8B"),
        ("https://a.example/\x1b\\\x07 b", "https://a.example/%1B\\%07%20b"),
        ("https://a.example/\u202egpj", "https://a.example/%E2%80%AEgpj"),
        ("https://a.example/\ud800", "https://a.example/?"),
    ],
)
def test_addresses_are_visible_ascii(url: str, expected: str) -> None:
    assert clean_url(url) == expected


def test_what_an_encoding_lacks_becomes_a_question_mark() -> None:
    assert encodable("Émile: 手机", "latin-1") == "Émile: ??"
