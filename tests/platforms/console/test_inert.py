"""Addresses reach a terminal in visible ASCII, and text in letters that it has."""

from __future__ import annotations

import pytest

from bot.platforms.console.inert import clean_url, encodable


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
