"""Answers to commands as the console shows them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.commands.answer import (
    Answer,
    Card,
    ChannelRef,
    Chart,
    Choice,
    Choices,
    Facts,
    File,
    Heading,
    Hint,
    Lines,
    Link,
    Part,
    RoleRef,
    Stories,
    Tone,
    UserRef,
)
from bot.model import CONSOLE
from bot.platforms.console import render_answer, show
from tests.builders import NOW, message

MOMENT = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)


def draw(*parts: Part, tone: Tone = Tone.PLAIN, is_terminal: bool = False) -> list[str]:
    """The lines of an answer called "Done", its title apart."""
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=200, soft_wrap=True)
    answer = Answer("Done", parts, tone=tone)
    show(console, render_answer(answer, now=NOW, press=lambda choice: f"press {choice.action}"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        (Lines(("one", ("until ", MOMENT, "."))), ["one", "until 2018-01-09 08:30 UTC."]),
        (Lines(((ChannelRef("c1"), " ", ChannelRef("t1", parent="c1")),)), ["#c1 #c1/t1"]),
        (Lines(((ChannelRef(CONSOLE.channel), ": all"),)), ["this console: all"]),
        (Lines(((RoleRef("r1"), " and ", UserRef("u1")),)), ["@r1 and @u1"]),
        (
            Lines(((Link("a \x1b[31mred", "https://x.example/ü"),),)),
            ["a red <https://x.example/%C3%BC>"],
        ),
        (Facts((("Name", "value"), ("At", MOMENT))), ["Name: value", "At: 2018-01-09 08:30 UTC"]),
        (Heading("Why"), ["Why"]),
        (Hint("/news help", "lists commands"), ["/news help  lists commands"]),
        (Choices((Choice("undo", "d1", "Undo"),)), ["[Undo]  press undo"]),
        (File("feeds.opml", b"123", "text/x-opml"), ["feeds.opml, 3 bytes"]),
        (
            Chart((("any", 4.0), ("pair", 2.0)), "stories a day"),
            [f"any   {'█' * 30} 4", f"pair  {'█' * 15} 2", "stories a day"],
        ),
        (Chart((), "stories"), ["stories"]),
    ],
)
def test_each_part_is_shown(part: Part, lines: list[str]) -> None:
    assert draw(part) == ["Done", *lines]


def test_stories_are_listed_as_they_come_and_those_left_out_are_counted() -> None:
    shown = draw(Stories((message(headline="Second"), message(headline="First")), more=3))

    assert next(line for line in shown if "Second" in line or "First" in line).endswith("Second")
    assert shown[-1] == "+3 more"


def test_a_card_needs_no_title() -> None:
    shown = draw(Card(message()), Lines(("below",)))

    assert shown[0] == message().headline
    assert shown[-1] == "below"


def test_a_terminal_has_the_tone_in_colour_and_no_letter_of_a_stranger_acts() -> None:
    shown = "\n".join(draw(Lines(("\x1b]0;title\x07x",)), tone=Tone.REFUSED, is_terminal=True))

    assert "\x1b[31m▌" in shown
    assert "\x1b]0" not in shown
