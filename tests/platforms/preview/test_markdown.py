"""Discord's markdown is read as its clients read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.preview import parse, tell
from tests.platforms.hostile import short_bombs


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("plain words", ["text"]),
        (
            "**a** *b* _c_ __d__ ~~e~~",
            "strong text emphasis text emphasis text underline text strike",
        ),
        ("# a", ["heading"]),
        ("#a", ["text"]),
        ("-# a", ["small"]),
        ("- a\n1. b", ["item", "item"]),
        ("> a", ["quote"]),
        ("a > b - c # d", ["text"]),
        ("`a` ||b||", "code text spoiler"),
        ("```\na\n```", ["fence"]),
        ("<@1> <@&2> <#3>", "user text role text channel"),
        ("</news recent:4> <t:5:R> <:a_b:6>", "command text timestamp text emoji"),
        ("@everyone @here", "everyone text everyone"),
        ("see https://a.example/x now", "text address text"),
        ("[a](https://a.example)", ["link"]),
        ("[a](https://a.example) \\] [b](https://b.example)", "link text link"),
        ("\\*a\\* \\<@1\\> https\\:\\/\\/a.example", ["text"]),
        ("[unpaired \\[ label](https://a.example)", "text address"),
    ],
)
def test_each_mark_is_seen(text: str, kinds: str | list[str]) -> None:
    expected = kinds.split() if isinstance(kinds, str) else kinds

    assert [node.kind for node in parse(text)] == expected


def test_a_link_has_its_target_and_its_label() -> None:
    (node,) = parse("[AT\\&T **says**](https://a.example/%28x%29)")

    assert node.target == "https://a.example/%28x%29"
    assert tell([node]) == "AT&T says"


@given(st.one_of(short_bombs, st.text(max_size=80)))
def test_any_text_is_read_to_its_end(text: str) -> None:
    parse(text)


def test_marks_within_marks_do_not_exhaust_the_stack() -> None:
    assert parse("> " * 2000)
