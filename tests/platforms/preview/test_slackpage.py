"""The page shows every message and view of Slack and lets no letter of it become markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.demo.slackcards import make_slack_samples
from bot.platforms.preview import SlackSample, make_slack_page, render_slack_sample
from bot.platforms.preview.times import say_slack_date
from tests.platforms.hostile import short_bombs
from tests.platforms.preview.reading import read
from tests.platforms.slack.judge import assert_blocks_taken

NOW = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
TAGS = {"html", "head", "meta", "title", "style", "body", "section", "h1", "p", "div", "svg"}
TAGS |= {"path", "circle", "span", "b", "i", "a", "strong", "em", "s", "code", "blockquote"}


def sample(*blocks: dict[str, Any]) -> SlackSample:
    names = {"C7": "news & <co>", "S7": "desk", "U7": "Ana"}
    return SlackSample("one", "One", "A message.", blocks, NOW, names=names)


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def drawn(*blocks: dict[str, Any]) -> str:
    return make_slack_page([sample(*blocks)], title="t")


def printed(one: SlackSample) -> str:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(render_slack_sample(one))
    return capture.get()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*b* ~s~ _i_", "<strong>b</strong> <s>s</s> <em>i</em>"),
        ("AT&amp;T &lt;b&gt;", "AT&amp;T &lt;b&gt;"),
        ("<#C7>", '<span class="named">#news &amp; &lt;co&gt;</span>'),
        ("<@U7>", '<span class="named">@Ana</span>'),
        ("<!subteam^S7>", '<span class="call">@desk</span>'),
        ("<!here>", '<span class="call">@here</span>'),
        ("<https://a.example/?a&amp;b|x>", '<a href="https://a.example/?a&amp;b"'),
        ("<!date^1515486300^{date_short_pretty} {time}|x>", "Today 8:25 AM"),
        ("`c`", "<code>c</code>"),
        (":wave:", '<span class="call">:wave:</span>'),
    ],
)
def test_mrkdwn_becomes_html(text: str, shown: str) -> None:
    assert shown in drawn(section(text))


@given(short_bombs, short_bombs)
def test_no_letter_of_a_message_becomes_markup(text: str, label: str) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": label}}
    page = read(drawn(section(text or "x"), {"type": "actions", "elements": [button]}))

    assert page.tags <= TAGS
    assert page.attributes <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "rel",
        "aria-hidden", "viewbox", "d", "cx", "cy", "r",
    }  # fmt: skip
    assert all(address.startswith(("https://", "http://")) for address in page.addresses)


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    html = make_slack_page(make_slack_samples(), title="t")

    assert "default-src 'none'" in html
    assert "<script" not in html
    assert "url(" not in read(html).style
    assert "@import" not in read(html).style


def test_every_sample_is_shown_in_both_themes_and_taken_by_slack() -> None:
    html = make_slack_page(make_slack_samples(), title="t")

    for one in make_slack_samples():
        assert f'id="{one.name}-light"' in html
        assert f'id="{one.name}-dark"' in html
        assert_blocks_taken(one.all_blocks, surface=one.surface)


def test_a_turn_names_the_thread_that_the_channel_sees_it_from() -> None:
    html = make_slack_page([replace(sample(section("x")), thread="A & B")], title="t")

    assert "replied to a thread: <span>A &amp; B</span>" in html


def test_a_modal_shows_its_fields_filled_in_and_its_buttons() -> None:
    (modal,) = (one for one in make_slack_samples() if one.surface == "modal")

    html, text = make_slack_page([modal], title="t"), printed(modal)
    assert '<span class="chip">deal off</span>' in html
    assert "#handset-news" in html
    assert '<span class="button primary">Save</span>' in html
    assert "── /alerts settings ──" in text
    assert "[ 22:00-07:00 ]" in text
    assert "[ Cancel ] [ Save ]" in text


def test_a_page_as_wide_as_a_phone_is_narrower() -> None:
    wide, narrow = (
        make_slack_page([sample(section("x"))], title="t", is_phone=is_phone)
        for is_phone in (False, True)
    )
    assert "width: 688px" in wide
    assert "width: 390px" in narrow


@pytest.mark.parametrize("one", make_slack_samples(), ids=lambda one: one.name)
def test_a_terminal_shows_the_words_of_the_page(one: SlackSample) -> None:
    words = set(printed(one).replace("[ ", "").replace(" ]", "").split())
    seen = read(make_slack_page([one], title="t")).words

    ours = {"──", "[x]", "[]", "[", "]", "•"}
    assert {word for word in words - ours if word.rstrip(",") not in seen} <= {"replied", "thread:"}


@pytest.mark.parametrize(
    ("seconds", "form", "said"),
    [
        (1515486300, "{date_short_pretty} {time}", "Today 8:25 AM"),
        (1515444120, "{date_short_pretty} {time}", "Yesterday 8:42 PM"),
        (1514786400, "{date_short}", "Jan 1"),
        (1483250400, "{date_short_pretty}", "Jan 1, 2017"),
        (1515482700, "{ago}", "an hour ago"),
        (1515486300, "{time_zone}", "{time_zone}"),
        (10**18, "{time}", "Invalid date"),
    ],
)
def test_dates_are_told_as_slack_tells_them(seconds: int, form: str, said: str) -> None:
    assert say_slack_date(seconds, form, NOW) == said


@given(st.integers(-(10**20), 10**20))
def test_any_number_is_a_date_or_none(seconds: int) -> None:
    assert say_slack_date(seconds, "{date_short_pretty} {time}", NOW)


@pytest.mark.parametrize(
    "block", [{"type": "video"}, {"type": "actions", "elements": [{"type": "x"}]}]
)
def test_what_we_never_send_is_no_preview(block: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be previewed"):
        drawn(block)
