"""Lists that fit: each block loses rows from its end until all of them have room together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.model import Message, Tie
from bot.platforms.discord.inert import code, inert
from bot.platforms.discord.limits import units
from bot.platforms.discord.words import (
    count_outlets,
    dotted,
    headline_link,
    marks_of,
    moment,
    names_of,
)

MAX_ROWS = 200
"""Rows of a list that are drawn at all; more never fit, and drawing them takes time."""

MAX_ROW = 420  # units of a headline with its address, in a list
_LAST_LINE = "-# (there was more than a message holds)"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together.

    Attributes:
        head: a line above them that stays as long as a row does, or "".
        rows: each a whole piece of markdown that is never cut.
        more: how many rows there are besides.
        fence: before and behind the rows, each on its own line: "```" or "".
    """

    head: str
    rows: tuple[str, ...]
    more: int = 0
    fence: str = ""

    @property
    def said(self) -> str:
        """The block in markdown."""
        fence = self.fence if self.rows else ""
        lines = [self.head, fence, *self.rows, fence]
        if self.more:
            lines.append(f"-# +{self.more} more")
        return "\n".join(line for line in lines if line)


def fit(blocks: Iterable[Block], room: int) -> tuple[Block, ...]:
    """``blocks`` of at most ``room`` units together, the longest lists shortened first.

    Where even one row of each is too much, the last blocks are left out, and a line says so.
    """
    given = tuple(blocks)
    lengths = [[units(row) + 1 for row in block.rows] for block in given]
    kept = [len(block.rows) for block in given]
    total = sum(units(block.said) + 1 for block in given)
    while total > room and max(kept, default=0) > 1:
        longest = max(range(len(given)), key=lambda at: (kept[at], at))
        kept[longest] -= 1
        dropped = len(given[longest].rows) - kept[longest]
        before = _more_units(given[longest].more + dropped - 1)
        after = _more_units(given[longest].more + dropped)
        total -= lengths[longest][kept[longest]] + before - after
    fitting = [
        replace(block, rows=block.rows[:count], more=block.more + len(block.rows) - count)
        for block, count in zip(given, kept, strict=True)
    ]
    if total <= room:
        return tuple(fitting)
    while fitting and total + units(_LAST_LINE) + 1 > room:
        total -= units(fitting.pop().said) + 1
    return (*fitting, Block("", (_LAST_LINE,)))


def _more_units(more: int) -> int:
    """Units of the line that says how many rows are left out, its break among them."""
    return len(f"\n-# +{more} more") if more else 0


def say_row(message: Message, *, has_mark: bool = True, has_id: bool = False) -> str:
    """A story in a list: its headline, and below in small who, what, where and when.

    What confirms, denies or reverses an earlier story says so, and which one where it can be
    asked for.

    Args:
        has_mark: a pair is marked.
        has_id: its id stands there too, for commands that ask for it.
    """
    about = dotted(
        (
            *marks_of(message, has_pair=has_mark),
            names_of(message),
            message.event.label,
            count_outlets(message),
            moment(message.published_at),
            _number(message.story_id) if has_id else "",
            _say_tie(message.tie) if has_id and message.tie else "",
        )
    )
    return f"**{headline_link(message, MAX_ROW)}**\n-# {about}"


def _say_tie(tie: Tie) -> str:
    """Which earlier story it answers, or is told in now."""
    return f"{'in reply to' if tie.is_turn else 'now told in'} {_number(tie.story_id)}"


def _number(story_id: str) -> str:
    return f"\\#{inert(story_id, 40)}"


def mention_command(command: str, command_ids: Mapping[str, int]) -> str:
    """A command that opens when it is clicked, or as code where its id is not known.

    Args:
        command: as it is typed: "/alerts settings scope:pair"; what stands behind the second
            word stays code.
    """
    words = command.split()
    name = " ".join(words[:2]).removeprefix("/")
    if name not in command_ids:
        return code(command)
    rest = " ".join(words[2:])
    return f"</{name}:{command_ids[name]}>" + (f" {code(rest)}" if rest else "")
