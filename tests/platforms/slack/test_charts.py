"""Counts as bars in a block of code."""

from __future__ import annotations

from bot.commands.answer import Chart
from bot.platforms.slack.charts import draw_chart
from bot.platforms.slack.words import small


def test_a_chart_says_what_it_counts_and_escapes_its_labels() -> None:
    chart = Chart((("AT&T", 10.0), ("<b>`", 5.0)), "stories a day")

    assert draw_chart(chart).say(small) == (
        "_stories a day_\n```\nAT&amp;T ████████████ 10\n&lt;b&gt;' ██████       5\n```"
    )


def test_a_chart_of_nothing_shows_nothing() -> None:
    assert draw_chart(Chart((), "stories")).say(small) == ""
