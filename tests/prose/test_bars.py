"""Counts as bars that line up where every letter is equally wide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.prose.bars import MAX_COLUMNS, draw_bars, draw_chart, draw_columns, name_unit
from tests.platforms.hostile import short_bombs

counts = st.floats(0, 1e6, allow_nan=False)


def test_a_bar_is_measured_in_eighths() -> None:
    assert draw_bars([("a", 96), ("b", 48), ("c", 1), ("d", 0)]) == (
        "a ████████████ 96",
        "b ██████       48",
        "c ▏            1",
        "d              0",
    )


def test_a_long_label_is_cut_to_its_column() -> None:
    assert draw_bars([("a very long label", 1)]) == ("a very long l… ████████████ 1",)


def test_few_rows_are_bars_and_many_are_columns_in_one_piece() -> None:
    few, many = [("a", 1.0)] * 12, [("a", 1.0)] * 13

    assert len(draw_chart(few)) == 12
    assert len(draw_chart(many)) == 1


def test_columns_say_the_highest_count_since_they_have_no_numbers() -> None:
    many = [("a", 1.0), ("b", 1200.0)] * 7

    assert name_unit(many[:3], "stories") == "stories"
    assert name_unit(many, "stories") == "stories, 1,200 at most"
    assert name_unit(many, "") == "1,200 at most"


@given(st.lists(st.tuples(short_bombs, counts), min_size=1, max_size=50))
def test_lines_are_equally_wide_and_hold_no_backtick(rows: list[tuple[str, float]]) -> None:
    bars = draw_bars(rows)
    columns = draw_columns(rows)

    numbers = [len(line.rsplit(" ", 1)[-1]) for line in bars]
    assert len({cell_len(line) - n for line, n in zip(bars, numbers, strict=True)}) == 1
    assert {len(line) for line in columns[:-1]} == {min(len(rows), MAX_COLUMNS)}
    assert "`" not in "".join((*bars, *columns))
