"""Lists that fit: each block loses rows from its end until all of them have room together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bot.prose.fitting import units

MAX_ROWS = 200
"""Rows of a list that are drawn at all; more never fit, and drawing them takes time."""

TOO_MUCH = "(there was more than a message holds)"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together, in a platform's own markup.

    Attributes:
        head: a line above them that stays as long as a row does, or "".
        rows: each a whole piece of markup that is never empty and never cut.
        more: how many rows there are besides.
        fence: before and behind the rows, each on its own line: "```" or "".
    """

    head: str
    rows: tuple[str, ...]
    more: int = 0
    fence: str = ""

    def say(self, small: Callable[[str], str]) -> str:
        """The block as text.

        Args:
            small: draws a line in small print.
        """
        fence = self.fence if self.rows else ""
        lines = [self.head, fence, *self.rows, fence]
        if self.more:
            lines.append(small(say_more(self.more)))
        return "\n".join(line for line in lines if line)


def say_more(count: int) -> str:
    """What stands below a list that was shortened: "+4 more"."""
    return f"+{count} more"


def fit(blocks: Iterable[Block], room: int, small: Callable[[str], str]) -> tuple[Block, ...]:
    """``blocks`` of at most ``room`` units together, the longest lists shortened first.

    Where even one row of each is too much, the last blocks are left out, and a line says so.

    Args:
        small: draws a line in small print; each line becomes longer by as much.
    """
    given = tuple(blocks)
    lengths = [[units(row) + 1 for row in block.rows] for block in given]
    kept = [len(block.rows) for block in given]
    total = sum(units(block.say(small)) + 1 for block in given)
    while total > room and max(kept, default=0) > 1:
        longest = max(range(len(given)), key=lambda at: (kept[at], at))
        kept[longest] -= 1
        dropped = len(given[longest].rows) - kept[longest]
        before = _more_units(given[longest].more + dropped - 1, small)
        after = _more_units(given[longest].more + dropped, small)
        total -= lengths[longest][kept[longest]] + before - after
    fitting = [
        replace(block, rows=block.rows[:count], more=block.more + len(block.rows) - count)
        for block, count in zip(given, kept, strict=True)
    ]
    if total <= room:
        return tuple(fitting)
    last = small(TOO_MUCH)
    while fitting and total + units(last) + 1 > room:
        total -= units(fitting.pop().say(small)) + 1
    return (*fitting, Block("", (last,)))


def _more_units(more: int, small: Callable[[str], str]) -> int:
    """Units of the line that says how many rows are left out, its break among them."""
    return units(small(say_more(more))) + 1 if more else 0
