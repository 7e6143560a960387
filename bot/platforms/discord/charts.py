"""Counts as bars of block letters in a code block, where every letter is equally wide."""

from __future__ import annotations

from bot.commands.answer import Chart
from bot.platforms.discord.inert import inert
from bot.prose import bars
from bot.prose.lists import Block

_FENCE = "```"


def draw_chart(chart: Chart) -> Block:
    """A chart as a block whose first line says what is counted."""
    if not chart.rows:
        return Block("", ())
    unit = bars.name_unit(chart.rows, inert(chart.unit, 100))
    return Block(f"-# {unit}" if unit else "", bars.draw_chart(chart.rows), fence=_FENCE)
