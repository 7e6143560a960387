"""Lists are shortened until they fit, and say how much is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack import blocks as make
from bot.platforms.slack.rows import Piece, Text, draw_pieces, fit_pieces
from bot.prose.lists import Block
from tests.platforms.slack.judge import texts_of

BUTTON = make.actions([make.button("Why", "why", "d1", number=0)])


def stories(count: int, *, size: int = 10, more: int = 0) -> Text:
    rows = tuple(f"{number:>{size}}" for number in range(count))
    return Text(Block("", rows, more), is_stories=True)


def test_a_long_text_is_parted_between_lines() -> None:
    rows = tuple("x" * 900 for _ in range(7))

    drawn = draw_pieces([Text(Block("*head*", rows))], most_blocks=50, room=12_000)

    assert [text.count("\n") for text in texts_of(drawn)] == [3, 2, 0]
    assert "\n".join(texts_of(drawn)) == "\n".join(("*head*", *rows))


def test_the_longest_of_several_lists_loses_its_end_first() -> None:
    drawn = draw_pieces([stories(4), BUTTON, stories(20, more=5)], most_blocks=15, room=12_000)

    assert len(drawn) == 15
    assert texts_of(drawn)[:4] == [f"{number:>10}" for number in range(4)]
    assert texts_of(drawn)[-1] == "+16 more"
    assert drawn[4] == BUTTON


def test_what_stands_as_it_is_stays_whatever_is_left_out() -> None:
    pieces: list[Piece] = [Text(Block("", (f"text {n}",))) for n in range(30)]

    drawn = draw_pieces([*pieces, BUTTON], most_blocks=10, room=12_000)

    assert len(drawn) == 10
    assert drawn[-1] == BUTTON
    assert texts_of(drawn)[-1] == "_(there was more than a message holds)_"


def test_room_is_shared_with_what_stands_as_it_is() -> None:
    room = 2_000
    drawn = draw_pieces([stories(30, size=100), BUTTON], most_blocks=50, room=room)

    assert room - 150 < make.weigh(drawn) <= room


@pytest.mark.parametrize("is_small", [True, False])
def test_small_print_is_a_context(is_small: bool) -> None:
    (block,) = Text(Block("", ("x",)), is_small=is_small).draw()

    assert block["type"] == ("context" if is_small else "section")


texts = st.builds(
    lambda head, rows, more, is_stories: Text(Block(head, tuple(rows), more), is_stories),
    st.sampled_from(["", "*head*"]),
    st.lists(st.sampled_from(["row", "x" * 700, "手" * 300, "a\nb"]), max_size=60),
    st.integers(0, 3),
    st.booleans(),
)


@given(st.lists(st.one_of(texts, st.just(BUTTON)), max_size=9), st.integers(9, 50))
def test_it_always_fits_and_counts_its_blocks_right(pieces: list[Piece], most: int) -> None:
    fitting = fit_pieces(pieces, most_blocks=most, room=3_500)
    drawn = draw_pieces(pieces, most_blocks=most, room=3_500)

    assert len(drawn) <= most
    assert make.weigh(drawn) <= 3_500
    assert drawn.count(BUTTON) == pieces.count(BUTTON)
    for piece in fitting:
        if isinstance(piece, Text):
            assert piece.count == len(piece.draw())
