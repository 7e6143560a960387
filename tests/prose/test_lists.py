"""Lists lose rows from their end until all have room, and say how many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.prose.fitting import units
from bot.prose.lists import TOO_MUCH, Block, fit


def small(line: str) -> str:
    return f"({line})"


def say(blocks: tuple[Block, ...]) -> str:
    return "\n".join(block.say(small) for block in blocks)


def test_a_block_is_its_head_its_rows_between_fences_and_how_many_more() -> None:
    assert Block("head", ("a", "b"), more=3, fence="```").say(small) == (
        "head\n```\na\nb\n```\n(+3 more)"
    )
    assert Block("head", (), fence="```").say(small) == "head"


def test_the_longest_list_is_shortened_first() -> None:
    short, long = Block("", ("x" * 9,) * 2), Block("", ("y" * 9,) * 9)

    fitting = fit((short, long), 75, small)

    assert fitting[0] == short
    assert fitting[1].rows == ("y" * 9,) * 4
    assert fitting[1].more == 5


def test_where_one_row_of_each_is_too_much_the_last_are_left_out() -> None:
    blocks = tuple(Block(f"head {number}", ("x" * 40,)) for number in range(5))

    fitting = fit(blocks, 150, small)

    assert fitting[:2] == blocks[:2]
    assert say(fitting[2:]) == small(TOO_MUCH)


blocks = st.builds(
    Block,
    st.sampled_from(["", "head"]),
    st.lists(st.text("ab😀", min_size=1, max_size=30), max_size=20).map(tuple),
    st.integers(0, 120),
    st.sampled_from(["", "```"]),
)


@given(st.lists(blocks, max_size=6), st.integers(60, 900))
def test_what_fits_has_room_and_no_row_is_lost_uncounted(some: list[Block], room: int) -> None:
    fitting = fit(some, room, small)

    assert units(say(fitting)) <= room
    is_whole = len(fitting) == len(some) and small(TOO_MUCH) not in say(fitting)
    if is_whole:
        for given_, kept in zip(some, fitting, strict=True):
            assert len(kept.rows) + kept.more == len(given_.rows) + given_.more
            assert given_.rows[: len(kept.rows)] == kept.rows
