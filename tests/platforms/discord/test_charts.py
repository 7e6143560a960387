"""Counts as bars in a block of code."""

from __future__ import annotations

from bot.commands.answer import Chart
from bot.platforms.discord.blocks import say_block
from bot.platforms.discord.charts import draw_chart


def test_many_rows_stand_side_by_side_between_the_first_and_the_last_label() -> None:
    rows = tuple((f"{day} Dec", float(day % 4)) for day in range(1, 17))

    assert say_block(draw_chart(Chart(rows, "stories a day"))) == (
        "-# stories a day, 3 at most\n```\n"
        "  █   █   █   █ \n"
        " ▅█  ▅█  ▅█  ▅█ \n"
        "▃██ ▃██ ▃██ ▃██ \n"
        "███·███·███·███·\n"
        "1 Dec     16 Dec\n```"
    )


def test_a_chart_of_nothing_shows_nothing() -> None:
    assert say_block(draw_chart(Chart((), "stories"))) == ""
