"""What a screen would obey or hide never reaches it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prose.inert import MAX_MARKS, clean_text


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


def test_letters_that_nobody_sees_are_dropped() -> None:
    unseen = "Hua\u3164wei\u2800 \U000e0041\U000e0101Mate\u034f \u115f60"

    assert clean_text(unseen) == "Huawei Mate 60"


def test_a_joiner_that_joins_nothing_is_dropped() -> None:
    assert clean_text("👩\u200d💻\u200d and 👍\u200d 👩\u200d") == "👩\u200d💻 and 👍 👩"


def test_the_selector_that_makes_a_sign_an_emoji_stays() -> None:
    assert clean_text("\u260e\ufe0f 1\ufe0f\u20e3") == "\u260e\ufe0f 1\ufe0f\u20e3"
