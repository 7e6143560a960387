"""Counts as bars that line up where every letter is equally wide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.commands.answer import Chart
from bot.platforms.discord.charts import MAX_COLUMNS, draw_bars, draw_chart, draw_columns
from tests.platforms.discord.hostile import short_bombs

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


def test_many_rows_stand_side_by_side_between_the_first_and_the_last_label() -> None:
    rows = tuple((f"{day} Dec", float(day % 4)) for day in range(1, 17))

    assert draw_chart(Chart(rows, "stories a day")).said == (
        "-# stories a day, 3 at most\n```\n"
        "  █   █   █   █ \n"
        " ▅█  ▅█  ▅█  ▅█ \n"
        "▃██ ▃██ ▃██ ▃██ \n"
        "███·███·███·███·\n"
        "1 Dec     16 Dec\n```"
    )


def test_a_chart_of_nothing_shows_nothing() -> None:
    assert draw_chart(Chart((), "stories")).said == ""


@given(st.lists(st.tuples(short_bombs, counts), min_size=1, max_size=50))
def test_lines_are_equally_wide_and_hold_no_backtick(rows: list[tuple[str, float]]) -> None:
    bars = draw_bars(rows)
    columns = draw_columns(rows)

    numbers = [len(line.rsplit(" ", 1)[-1]) for line in bars]
    assert len({cell_len(line) - n for line, n in zip(bars, numbers, strict=True)}) == 1
    assert {len(line) for line in columns[:-1]} == {min(len(rows), MAX_COLUMNS)}
    assert "`" not in "".join((*bars, *columns))
