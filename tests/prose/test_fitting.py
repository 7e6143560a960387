"""Texts are cut where it hurts least, and never come out longer than they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prose.fitting import cut, units
from tests.platforms.hostile import texts


@pytest.mark.parametrize(("text", "length"), [("abc", 3), ("手机", 2), ("😀", 2), ("e\u0301", 2)])
def test_length_is_counted_in_utf_16(text: str, length: int) -> None:
    assert units(text) == length


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("Huawei fails to get AT&T", 24, "Huawei fails to get AT&T"),
        ("Huawei fails to get AT&T", 20, "Huawei fails to get…"),
        ("Huawei, fails", 9, "Huawei…"),
        ("華為華為👩\u200d💻手機", 7, "華為華為…"),
        ("Flag 🇺🇸🇺🇸", 8, "Flag…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("abc", -5, ""),
    ],
)
def test_a_cut_is_behind_a_word_or_a_whole_sign(text: str, room: int, kept: str) -> None:
    assert cut(text, room) == kept


def test_room_counts_what_is_drawn() -> None:
    assert cut("&&&&", 12, lambda text: text.replace("&", "&amp;")) == "&amp;&amp;…"


@given(texts, st.integers(-3, 200))
def test_what_is_cut_fits(text: str, room: int) -> None:
    kept = cut(text, room)

    assert units(kept) <= max(room, 0)
    assert kept == text or not kept or text.startswith(kept.removesuffix("…"))
