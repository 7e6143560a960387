"""The answer to a command, drawn: every part of bot/commands/answer.py as Discord shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from bot.commands.answer import (
    Answer,
    Card,
    ChannelRef,
    Chart,
    Choice,
    Choices,
    Facts,
    File,
    Heading,
    Hint,
    Line,
    Lines,
    Link,
    Part,
    RoleRef,
    Span,
    Stories,
    Tone,
    UserRef,
)
from bot.platforms.discord import components as make
from bot.platforms.discord.blocks import fit, mention_command, say_block, say_row
from bot.platforms.discord.card import CALM, say_card
from bot.platforms.discord.charts import draw_chart
from bot.platforms.discord.components import Component, Drawn
from bot.platforms.discord.inert import bold, guard_start, inert, link, link_units
from bot.platforms.discord.limits import MAX_IN_ROW, MAX_TEXT
from bot.platforms.discord.words import moment
from bot.prose.fitting import units
from bot.prose.inert import clean_text
from bot.prose.lists import MAX_ROWS as ROWS_DRAWN
from bot.prose.lists import Block

COLOURS = {Tone.PLAIN: CALM, Tone.DONE: 0x2E9E5B, Tone.CAUTION: 0xF0A020, Tone.REFUSED: 0xD23F46}
"""Of the edge of an answer."""

MAX_TITLE = 600  # units
MAX_LINE = 700  # units of one line
MAX_HEADING = 100  # units; a longer title is a sentence and stands in plain letters
MAX_ROWS = 4  # of buttons: six components each, of the forty that a message holds
MAX_TEXTS = 12  # pieces of text; what comes behind them stands in the last
MAX_FILES = 3
MAX_NAME = 80  # characters of a file's name
MAX_CARD = 2600  # units of a story in full; the rest is for what is said about it
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_NO_IDS: Mapping[str, int] = {}

T = TypeVar("T")

Piece = Block | Component
"""A text that can be shortened, or a component that stands as it is."""


def draw_answer(answer: Answer, *, command_ids: Mapping[str, int] = _NO_IDS) -> Drawn:
    """``answer`` as one message that calls nobody.

    What does not fit is left out from the end of the longest lists, which say how much it is.

    Args:
        command_ids: ids of our commands by name ("news recent"), for those that can be clicked.
    """
    title = inert(answer.title, MAX_TITLE) or "Done."
    is_heading = bool(answer.parts) and units(title) <= MAX_HEADING
    head = f"### {title}" if is_heading else title
    if isinstance(next(iter(answer.parts), None), Card):  # which has the headline itself
        head = ""
    pieces = list(_draw_parts(answer.parts, command_ids))
    blocks = [piece for piece in pieces if isinstance(piece, Block)]
    fitting = fit(blocks, MAX_TEXT - units(head) - 1)
    children = _Children(head)
    for number, piece in enumerate(pieces):
        if isinstance(piece, Block):
            continue
        children.add_texts(fitting[: _count_blocks(pieces[:number])])
        children.add(piece)
    children.add_texts(fitting)
    files = tuple(_named(part) for part in answer.parts if isinstance(part, File))[:MAX_FILES]
    card = make.container(children.all, colour=COLOURS[answer.tone])
    return Drawn((card,), gist=clean_text(answer.title), files=files)


class _Children:
    """What stands in the card, in order; texts that were there already are not added again."""

    def __init__(self, head: str) -> None:
        self.all: list[Component] = [make.text(head)] if head else []
        self._added = 0

    def add_texts(self, blocks: Sequence[Block]) -> None:
        for block in blocks[self._added :]:
            self._added += 1
            texts = [one for one in self.all if "content" in one]
            if len(texts) < MAX_TEXTS:
                self.all.append(make.text(say_block(block)))
            else:
                texts[-1]["content"] += f"\n{say_block(block)}"

    def add(self, component: Component) -> None:
        self.all.append(component)


def _count_blocks(pieces: Sequence[Piece]) -> int:
    return sum(isinstance(piece, Block) for piece in pieces)


def _draw_parts(parts: Sequence[Part], command_ids: Mapping[str, int]) -> Iterator[Piece]:
    """The pieces of an answer in order; a heading goes into the block that follows it."""
    heading = ""
    for part in _within_limits(parts):
        match part:
            case Choices():
                yield make.row([_draw_choice(one) for one in part.choices[:MAX_IN_ROW]])
            case File():
                yield make.file(_named(part).name)
            case Card():
                yield from (Block("", (said,)) for said in say_card(part.message, room=MAX_CARD))
            case Heading():
                if heading:
                    yield Block(heading, ())
                heading = bold(part.text, MAX_HEADING)
            case _:
                block = _draw_block(part, command_ids)
                head = "\n".join(line for line in (heading, block.head) if line)
                if heading and isinstance(part, Lines) and len(block.rows) > 1:
                    block = replace(block, rows=tuple(f"- {row}" for row in block.rows))
                if head or block.rows:
                    yield replace(block, head=head)
                heading = ""
    if heading:
        yield Block(heading, ())


def _within_limits(parts: Iterable[Part]) -> Iterator[Part]:
    """``parts`` without the buttons and files that are too many for a message."""
    left = {Choices: MAX_ROWS, File: MAX_FILES}
    for part in parts:
        kind = type(part)
        if kind in left:
            if left[kind] == 0 or (isinstance(part, Choices) and not part.choices):
                continue
            left[kind] -= 1
        yield part


def _draw_block(part: Lines | Facts | Stories | Chart | Hint, ids: Mapping[str, int]) -> Block:
    match part:
        case Lines():
            return _listed(part.lines, say_line)
        case Facts():
            return _listed(part.rows, _say_fact)
        case Stories():
            return _listed(part.messages, partial(say_row, has_id=True), more=part.more)
        case Chart():
            return draw_chart(part)
        case Hint():
            said = f"{mention_command(part.command, ids)} {inert(part.text, MAX_LINE)}"
            return Block("", (said.rstrip(),))


def say_line(line: Line, *, room: int = MAX_LINE) -> str:
    """A line in markdown, of at most ``room`` units; channels, roles and people show by name."""
    if isinstance(line, str):
        return inert(line, room)
    said = ""
    for span in line:
        left = room - units(said)
        piece = _say_span(span, left)
        if units(piece) > left:
            break
        said += piece
    return guard_start(said.strip())


def _say_span(span: Span, room: int) -> str:
    match span:
        case datetime():
            return moment(span, "f")
        case ChannelRef():
            return f"<#{span.id}>" if span.id.isdecimal() else inert(span.id, room)
        case RoleRef():
            return f"<@&{span.id}>" if span.id.isdecimal() else inert(span.id, room)
        case UserRef():
            return f"<@{span.id}>" if span.id.isdecimal() else inert(span.id, room)
        case Link():
            return link(span.text, span.url, max(room - link_units(span.url), 0))
        case str():
            said = inert(span, max(room - 2, 0))
            before, behind = span[:1].isspace(), span[-1:].isspace()
            return f"{' ' * before}{said}{' ' * behind}" if said else " " * before


def _say_fact(row: tuple[str, Line | datetime]) -> str:
    name, value = row
    said = moment(value, "f") if isinstance(value, datetime) else say_line(value)
    return "  ".join(part for part in (bold(name, MAX_HEADING), said) if part)


def _draw_choice(choice: Choice) -> Component:
    label = clean_text(choice.label) or choice.action
    return make.button(label, choice.action, choice.subject, is_risky=choice.is_risky)


def _named(file: File) -> File:
    """``file`` under a name that an address can hold as it is."""
    name = _UNSAFE_IN_NAME.sub("-", file.name).strip("-.")[-MAX_NAME:] or "file"
    return replace(file, name=name)


def _listed(rows: Sequence[T], say: Callable[[T], str], *, more: int = 0) -> Block:
    said = (say(row) for row in rows[:ROWS_DRAWN])
    more += max(0, len(rows) - ROWS_DRAWN)
    return Block("", tuple(row for row in said if row), more=more)
