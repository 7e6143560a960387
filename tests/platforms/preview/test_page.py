"""The page shows every message and lets no letter of it become markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.cards import make_samples
from bot.platforms.preview import Sample, make_page
from bot.platforms.preview.times import say_moment
from tests.platforms.hostile import short_bombs
from tests.platforms.preview.reading import read

NOW = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
SHELL = {"html", "head", "meta", "title", "style", "body", "section", "h1", "p", "div"}
MARKS = {"span", "b", "i", "a", "strong", "em", "u", "s", "code", "blockquote"}


def sample(*components: dict[str, Any]) -> Sample:
    return Sample("one", "One", "A message.", components, NOW, names={"7": "news & <co>"})


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def test_the_page_holds_each_message_twice_and_loads_nothing() -> None:
    page = read(make_page(make_samples(), title="Preview"))

    assert page.words.count("walks away from deal to sell Huawei's Mate 10 Pro") >= 4
    assert page.tags <= SHELL | MARKS
    assert all(address.startswith("https://") for address in page.addresses)
    assert not re.search(r"url\(|@import", page.style)


def test_a_page_for_the_phone_is_narrower() -> None:
    one = sample(text("x"))

    assert "width: 390px" in make_page([one], title="x", is_phone=True)
    assert "width: 688px" in make_page([one], title="x")


def test_the_words_of_an_ordinary_message_stand_above_its_buttons() -> None:
    button = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Why"}]}
    page = make_page([replace(sample(button), content="### Huawei <b>\n-# <@&7>")], title="x")

    assert page.index("Huawei &lt;b&gt;") < page.index("@news &amp; &lt;co&gt;") < page.index("Why")


def test_names_and_times_are_filled_in() -> None:
    page = read(make_page([sample(text("<#7> <t:1515486600:R>"))], title="x"))

    assert "#news & <co> a minute ago" not in page.words
    assert "#news & <co> now" in page.words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "now"),
        (-60, "a minute ago"),
        (-7200, "2 hours ago"),
        (3600, "in an hour"),
        (-3 * 86400, "3 days ago"),
    ],
)
def test_relative_times_are_told_from_the_reader(seconds: int, said: str) -> None:
    assert say_moment(int(NOW.timestamp()) + seconds, "R", NOW) == said


def test_a_moment_out_of_reach_is_no_error() -> None:
    assert say_moment(10**16, "f", NOW) == "Invalid date"


@given(st.one_of(short_bombs, st.text(max_size=60)), st.sampled_from("<>&\"'{}%"))
def test_no_letter_of_a_message_becomes_markup(said: str, sign: str) -> None:
    hostile = f"{said}{sign}<script>alert(1)</script>{{{{ 7*7 }}}}<b onclick=x>"
    button = {"type": 2, "style": 2, "label": hostile}
    file = {"type": 13, "file": {"url": f"attachment://{hostile}"}}
    shown = [text(hostile), {"type": 1, "components": [button]}, file]
    page = read(make_page([sample(*shown)], title=hostile))

    assert "script" not in page.tags
    assert "onclick" not in page.attributes
    assert page.words.count("{{ 7*7 }}") >= 5
