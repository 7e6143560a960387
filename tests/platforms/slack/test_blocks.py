"""Blocks are those that the library makes, and what Slack would refuse is never made."""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.blocks.blocks import Block as LibraryBlock

from bot.platforms.slack import blocks as make
from bot.platforms.slack.drawn import Block
from tests.platforms.slack.judge import assert_blocks_taken


def plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def said(text: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=text, verbatim=True)


CONFIRM = make.confirm("Sure?", "It goes.", yes="Drop", no="Leave it")
ASKED = ConfirmObject(
    title=plain("Sure?"),
    text=plain("It goes."),
    confirm=plain("Drop"),
    deny=plain("Leave it"),
    style="danger",
)
BUTTONS = [
    ButtonElement(text=plain("Why"), action_id="n1:why:0", value="d1"),
    ButtonElement(
        text=plain("Drop"), action_id="n1:drop:1", value="d1", style="danger", confirm=ASKED
    ),
    ButtonElement(text=plain("Read"), action_id="n1:link:2", url="https://a.example/"),
]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (make.section("*x*"), SectionBlock(text=said("*x*"), expand=True)),
        (make.context("a", "b"), ContextBlock(elements=[said("a"), said("b")])),
        (make.header("5 stories"), HeaderBlock(text=plain("5 stories"))),
        (make.divider(), DividerBlock()),
        (
            make.actions(
                [
                    make.button("Why", "why", "d1", number=0),
                    make.button("Drop", "drop", "d1", number=1, confirm=CONFIRM),
                    make.link_button("Read", "https://a.example/", number=2),
                ],
                block_id=make.make_block_id("d1"),
            ),
            ActionsBlock(elements=BUTTONS, block_id="n1:d1"),
        ),
    ],
)
def test_a_block_is_that_of_the_library(ours: Block, theirs: LibraryBlock) -> None:
    theirs.validate_json()

    assert ours == theirs.to_dict()
    assert_blocks_taken([ours])


def test_labels_and_titles_are_cut() -> None:
    button = make.button("word " * 40, "why", "d1", number=0)
    ask = make.confirm("t " * 90, "x " * 300, yes="yes " * 20, no="no " * 20)

    assert len(button["text"]["text"]) <= 75
    assert len(make.header("word " * 60)["text"]["text"]) <= 150
    lengths = [len(ask[part]["text"]) for part in ("title", "text", "confirm", "deny")]
    assert all(got <= most for got, most in zip(lengths, (100, 300, 30, 30), strict=True))


def test_a_label_of_nothing_is_the_name_of_the_action() -> None:
    assert make.button("\u200b", "why", "d1", number=0)["text"]["text"] == "why"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: make.section(""),
        lambda: make.section("\n"),
        lambda: make.section("x" * 3001),
        lambda: make.section("😀" * 1501),
        make.context,
        lambda: make.context(*("x" * 11)),
        lambda: make.actions([]),
        lambda: make.actions([make.button("x", "y", "z", number=n) for n in range(26)]),
        lambda: make.actions([make.button("x", "y", "z", number=0)], block_id="x" * 256),
        lambda: make.button("x", "y", "", number=0),
        lambda: make.button("x", "y", "z" * 2001, number=0),
        lambda: make.button("x", "y" * 255, "z", number=0),
        lambda: make.link_button("x", "https://a.example/" + "a" * 3000, number=0),
    ],
)
def test_what_slack_refuses_is_never_made(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"\d"):
        wrong()


def test_all_that_is_said_has_weight_and_names_of_types_have_none() -> None:
    button = make.button("Why", "why", "d1", number=0, confirm=CONFIRM)

    assert make.weigh([make.section("*x*")]) == 3
    assert make.weigh([make.actions([button], block_id="n1:d1")]) == sum(
        map(len, ("Why", "n1:why:0", "d1", "Sure?", "It goes.", "Drop", "Leave it", "n1:d1"))
    )
