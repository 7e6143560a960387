"""Counts as bars of block letters in a block of code, where every letter is equally wide."""

from __future__ import annotations

from bot.commands.answer import Chart
from bot.platforms.slack.inert import escape_code, inert
from bot.platforms.slack.words import small
from bot.prose import bars
from bot.prose.lists import Block

_FENCE = "```"


def draw_chart(chart: Chart) -> Block:
    """A chart as text whose first line says what is counted."""
    if not chart.rows:
        return Block("", ())
    unit = bars.name_unit(chart.rows, inert(chart.unit, 100))
    rows = tuple(escape_code(row) for row in bars.draw_chart(chart.rows))
    return Block(small(unit) if unit else "", rows, fence=_FENCE)
