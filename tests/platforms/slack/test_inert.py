"""What strangers wrote shows as they wrote it and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.platforms.preview.markdown import Node, tell
from bot.platforms.preview.mrkdwn import parse
from bot.platforms.slack.inert import (
    bold,
    button_address_or_none,
    call_or_none,
    can_be_label,
    channel,
    code,
    inert,
    link,
    link_units,
    plain,
    unmark,
    user_or_none,
)
from bot.prose.addresses import address_or_none
from bot.prose.fitting import units
from bot.prose.inert import clean_text
from tests.platforms.hostile import links, texts
from tests.platforms.slack.judge import nodes_of

ENOUGH = 1_000_000


@pytest.mark.parametrize(
    ("hostile", "sent"),
    [
        ("AT&T and AT&amp;T", "AT&amp;T and AT&amp;amp;T"),
        ("<!channel> <@U1> <#C1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt;"),
        ("<https://evil.example|here>", "&lt;https://evil.example|here&gt;"),
        ("*bold* _it_ ~no~", "∗bold∗ ˍitˍ ∼no∼"),
        ("`code` and ```more```", "ˋcodeˋ and ˋˋˋmoreˋˋˋ"),
        ("a snake_case_name, 5*3, 5 * 3 * 2", "a snake_case_name, 5*3, 5 * 3 * 2"),
        ("华*为*", "华∗为∗"),
        (":wave: all", "꞉wave: all"),
        ("a:b:c:", "a꞉b꞉c:"),
        ("At 12:30, note: this", "At 12:30, note: this"),
        ("> quoted", "› quoted"),
        (">>> quoted", "››› quoted"),
        ("5 > 3", "5 &gt; 3"),
        ("@everyone #news", "@everyone #news"),
        ("one\ntwo\u202e\u200b", "one two"),
    ],
)
def test_each_sign_that_means_something_is_made_harmless(hostile: str, sent: str) -> None:
    assert inert(hostile, ENOUGH) == sent


@given(texts)
@example("*a*b*")
def test_a_reader_sees_look_alikes_of_the_cleaned_text_and_nothing_else(text: str) -> None:
    shown = unmark(clean_text(text))

    assert parse(inert(text, ENOUGH)) == ((Node("text", shown),) if shown else ())
    assert plain(text, ENOUGH) == shown


@given(texts)
def test_a_look_alike_stands_for_one_sign_each(text: str) -> None:
    back = str.maketrans("∗ˍ∼ˋ꞉›", "*_~`:>")

    assert unmark(clean_text(text)).translate(back) == clean_text(text).translate(back)


@given(texts, st.integers(0, 300))
def test_what_is_cut_fits_and_shows_the_beginning(text: str, room: int) -> None:
    sent = inert(text, room)

    shown, whole = tell(parse(sent)), unmark(clean_text(text))
    back = str.maketrans("∗ˍ∼ˋ꞉›", "*_~`:>")
    assert units(sent) <= room
    kept = shown.removesuffix("…").translate(back)
    assert shown == whole or whole.translate(back).startswith(kept)


def test_a_cut_counts_what_is_sent() -> None:
    assert inert("&&&&&&&&", 12) == "&amp;&amp;…"


@given(texts, links)
def test_a_label_is_all_that_a_link_shows(label: str, address: str | None) -> None:
    sent = link(label, address, ENOUGH)

    target = address_or_none(address)
    if target and can_be_label(label):
        (node,) = parse(sent)
        assert (node.kind, node.target) == ("link", target)
        assert node.children == (Node("text", unmark(clean_text(label)).replace("|", "∣")),)
        assert units(sent) == units(inert(label, ENOUGH)) + link_units(address)
    else:
        assert sent == inert(label, ENOUGH)


@given(st.lists(st.tuples(texts, links), max_size=4), texts)
def test_links_side_by_side_stay_apart(pairs: list[tuple[str, str | None]], between: str) -> None:
    said = f" {inert(between, 200)} "
    linked = said.join(link(label, address, 80) for label, address in pairs)

    nodes = nodes_of([f"*{linked}x*\n_below{said}x_"])
    asked = [address_or_none(address) for label, address in pairs if can_be_label(label)]
    assert {node.kind for node in nodes} <= {"strong", "emphasis", "text", "link", "break"}
    assert [node.target for node in nodes if node.kind == "link"] == [one for one in asked if one]


@given(texts)
def test_bold_and_code_end_where_they_should(text: str) -> None:
    said = bold(text, 3000)

    assert [node.kind for node in parse(said)] == (["strong"] if said else [])
    (node,) = parse(code(text, 3000))
    assert node.kind == "code"


@pytest.mark.parametrize("label", ["https://at.example says", "www.at.example", ""])
def test_a_label_that_looks_like_an_address_is_no_link(label: str) -> None:
    assert link(label, "https://news.example/", 100) == inert(label, 100)


def test_an_address_is_escaped_like_any_text() -> None:
    assert link("x", "https://a.example/?q=1&r=<2>|3", 9) == (
        "<https://a.example/?q=1&amp;r=%3C2%3E%7C3|x>"
    )


@pytest.mark.parametrize(
    ("address", "is_let_through"),
    [("https://news.example/a", True), ("https://localhost/", False), ("javascript:x", False)],
)
def test_a_button_gets_only_addresses_that_no_check_refuses(
    address: str, is_let_through: bool
) -> None:
    assert (button_address_or_none(address) is not None) is is_let_through


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (channel("C1"), "<#C1>"),
        (channel("1515486300.000100", "C1"), "the thread in <#C1>"),
        (channel("D1"), "our conversation"),
        (channel("C1> <!channel"), "C1&gt; &lt;!channel"),
        (user_or_none("U1"), "<@U1>"),
        (user_or_none("U1>"), None),
        (call_or_none("S1"), "<!subteam^S1>"),
        (call_or_none("here"), "<!here>"),
        (call_or_none("channel"), "<!channel>"),
        (call_or_none("everyone"), None),
        (call_or_none("S1|x"), None),
        (call_or_none(""), None),
    ],
)
def test_ids_are_named_only_where_they_are_ids(made: str | None, said: str | None) -> None:
    assert made == said
