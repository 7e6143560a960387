"""Counts as bars of block letters, for any place where every letter is equally wide."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from bot.prose.fitting import ELLIPSIS
from bot.prose.inert import clean_text

MAX_BARS = 12
"""Rows that are drawn as bars below each other; more become columns side by side."""

MAX_COLUMNS = 31
"""Columns side by side, the last; so many letters fit the width of a phone."""

_BAR = 12  # letters of the longest bar
_HEIGHT = 4  # rows of the highest column
_LABEL = 14  # cells of a label
_LYING = " ▏▎▍▌▋▊▉█"
_STANDING = " ▁▂▃▄▅▆▇█"


def draw_chart(rows: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """``rows`` as bars where they are few, else as columns side by side, all in one piece."""
    if len(rows) <= MAX_BARS:
        return draw_bars(rows)
    return ("\n".join(draw_columns(rows)),)


def name_unit(rows: Sequence[tuple[str, float]], unit: str) -> str:
    """What is counted; above columns, which have no numbers, the highest count as well."""
    if len(rows) <= MAX_BARS:
        return unit
    highest = f"{say_number(max(count for _, count in rows))} at most"
    return f"{unit}, {highest}" if unit else highest


def draw_bars(rows: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """A bar a row: labels, bars and numbers each in a column.

    A bar is measured in eighths of a letter, so that 3.1 is longer than 3; what is not nothing
    shows one eighth at least.
    """
    most = max((count for _, count in rows), default=0.0)
    labels = [_clean(label) for label, _ in rows]
    width = min(_LABEL, max(map(cell_len, labels), default=0))
    bars = [_fill(count, most, _BAR, _LYING).rstrip() for _, count in rows]
    longest = max(map(len, bars), default=0)
    return tuple(
        f"{_in_cells(label, width)} {bar:<{longest}} {say_number(count)}"
        for label, bar, (_, count) in zip(labels, bars, rows, strict=True)
    )


def draw_columns(rows: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """A column for each of the last ``MAX_COLUMNS`` rows; a dot stands for nothing.

    Below them the first and the last label.
    """
    shown = rows[-MAX_COLUMNS:]
    most = max((count for _, count in shown), default=0.0)
    columns = [_fill(count, most, _HEIGHT, _STANDING) if count > 0 else "·" for _, count in shown]
    padded = [column.ljust(_HEIGHT) for column in columns]
    lines = ["".join(column[row] for column in padded) for row in reversed(range(_HEIGHT))]
    first, last = _clean(shown[0][0]), _clean(shown[-1][0])
    between = " " * max(1, len(shown) - cell_len(first) - cell_len(last))
    return (*(line for line in lines if line.strip()), f"{first}{between}{last}")


def say_number(count: float) -> str:
    """A count without a fraction where it has none or is large."""
    return f"{count:,.0f}" if count == round(count) or abs(count) >= 100 else f"{count:.1f}"


def _fill(count: float, most: float, letters: int, eighths: str) -> str:
    if count <= 0 or most <= 0:
        return ""
    filled = max(1, round(count / most * letters * 8))
    return eighths[8] * (filled // 8) + eighths[filled % 8].strip()


def _in_cells(label: str, width: int) -> str:
    """``label`` in exactly ``width`` cells; a Chinese letter takes two."""
    if cell_len(label) > width:
        label = set_cell_size(label, width - 1).rstrip() + ELLIPSIS
    return label + " " * (width - cell_len(label))


def _clean(label: str) -> str:
    return clean_text(label).replace("`", "'")
