"""What strangers wrote shows as they wrote it and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.inert import (
    button_address_or_none,
    can_be_label,
    code,
    inert,
    link,
)
from bot.platforms.preview.markdown import Node, parse, tell
from bot.prose.addresses import address_or_none
from bot.prose.fitting import units
from bot.prose.inert import clean_text
from tests.platforms.discord.judge import nodes_of
from tests.platforms.hostile import links, texts

ENOUGH = 1_000_000


@pytest.mark.parametrize(
    ("hostile", "sent"),
    [
        ("*bold* _it_ ~~no~~", r"\*bold\* \_it\_ \~\~no\~\~"),
        ("`code` ||spoiler||", r"\`code\` \|\|spoiler\|\|"),
        ("@everyone <@1> <@&2> <#3>", r"\@everyone \<\@1\> \<\@\&2\> \<\#3\>".replace(r"\&", "&")),
        ("see https://evil.example", r"see https\:\/\/evil.example"),
        ("discord.gg/evil", r"discord.gg\/evil"),
        ("[read](https://evil.example)", r"\[read\]\(https\:\/\/evil.example\)"),
        ("# Heading", r"\# Heading"),
        ("-# small", r"\-\# small"),
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("> quote", r"\> quote"),
        ("1. item", r"1\. item"),
        ("2018 was 5.1 - fine + good.", "2018 was 5.1 - fine + good."),
        (
            "<t:1:R> </ban all:1> <:a:1> :smile:",
            r"\<t\:1\:R\> \<\/ban all\:1\> \<\:a\:1\> \:smile\:",
        ),
        ("AT&T and AT&amp;T", "AT&T and AT&amp;T"),
        ("¯\\_(ツ)_/¯", r"¯\\\_\(ツ\)\_\/¯"),
        ("one\ntwo\u202e\u200b", "one two"),
    ],
)
def test_each_sign_that_means_something_is_escaped(hostile: str, sent: str) -> None:
    assert inert(hostile, ENOUGH) == sent


@given(texts)
def test_a_reader_sees_the_cleaned_text_and_nothing_else(text: str) -> None:
    cleaned = clean_text(text)

    assert parse(inert(text, ENOUGH)) == ((Node("text", cleaned),) if cleaned else ())


@given(texts, st.integers(0, 300))
def test_what_is_cut_fits_and_shows_the_beginning(text: str, room: int) -> None:
    cleaned = clean_text(text)
    sent = inert(text, room)

    shown = tell(parse(sent))
    assert units(sent) <= room
    assert shown == cleaned or not shown or cleaned.startswith(shown.removesuffix("…"))


def test_a_cut_is_behind_a_word() -> None:
    assert inert("Huawei fails to get AT&T to sell its phones", 22) == "Huawei fails to get…"


def test_a_cut_leaves_an_emoji_whole() -> None:
    assert inert("華為華為👩‍💻手機", 7) == "華為華為…"


@given(texts, links)
def test_a_label_is_all_that_a_link_shows(label: str, address: str | None) -> None:
    sent = link(label, address, ENOUGH)

    target = address_or_none(address)
    round_brackets = str.maketrans("[]", "()")
    if target and can_be_label(label):
        (node,) = parse(sent)
        assert (node.kind, node.target) == ("link", target)
        assert tell([node]).translate(round_brackets) == clean_text(label).translate(round_brackets)
        assert all(child.kind == "text" for child in node.children)
    else:
        assert sent == inert(label, ENOUGH)


@given(st.lists(st.tuples(texts, links), max_size=4), texts)
def test_links_side_by_side_stay_apart(pairs: list[tuple[str, str | None]], between: str) -> None:
    said = f" {inert(between, 200)} "
    linked = said.join(link(label, address, 80) for label, address in pairs)

    nodes = nodes_of([f"### head {linked} tail\nbelow{said}"])
    asked = [address_or_none(address) for label, address in pairs if can_be_label(label)]
    assert {node.kind for node in nodes} <= {"heading", "text", "link"}
    assert [node.target for node in nodes if node.kind == "link"] == [one for one in asked if one]


@pytest.mark.parametrize(
    ("link_", "is_let_through"),
    [
        ("https://news.example/a", True),
        ("https://news.example/" + "a" * 491, True),
        ("https://news.example/" + "a" * 492, False),
        ("https://localhost/a", False),
        ("https://-a-.example/a", False),
        ("https://a_b.example/a", False),
        ("https://127.0.0.1/a", False),
    ],
)
def test_a_button_gets_only_addresses_that_no_check_refuses(
    link_: str, is_let_through: bool
) -> None:
    assert (button_address_or_none(link_) is not None) is is_let_through


@pytest.mark.parametrize("label", ["https://at.example says", "www.at.example", "discord.gg/x", ""])
def test_a_label_that_looks_like_an_address_is_no_link(label: str) -> None:
    assert link(label, "https://news.example/", 100) == inert(label, 100)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("[Update] Huawei", "[Update] Huawei"),
        ("a [b", "a (b"),
        ("a] b", "a) b"),
        ("[[a]]", "((a))"),
        ("](https", ")(https"),
    ],
)
def test_square_brackets_of_a_label_stay_where_they_are_in_pairs(label: str, shown: str) -> None:
    (node,) = parse(link(label, "https://news.example/", 100))

    assert (node.kind, tell([node])) == ("link", shown)


@given(texts)
def test_code_ends_where_it_should(text: str) -> None:
    (node,) = parse(code(text))

    assert node.kind == "code"
