"""The answer to a command as it looks on a terminal or in a pipe: the same facts in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from rich.console import Group
from rich.style import Style
from rich.text import Text

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
from bot.model import CONSOLE
from bot.platforms.console.inert import clean_url
from bot.platforms.console.render import Block, Margin, render_card, render_rows, say_when
from bot.prose.inert import clean_text

COLOURS = {Tone.PLAIN: "cyan", Tone.DONE: "green", Tone.CAUTION: "yellow", Tone.REFUSED: "red"}
"""Of the bar beside an answer."""

BAR = 30  # signs of the longest bar of a chart

Press = Callable[[Choice], str]
"""What to type in place of pressing a button."""


def render_answer(answer: Answer, *, now: datetime, press: Press) -> Group:
    """``answer`` in its order; a button is shown as what to type for it."""
    colour = COLOURS[answer.tone]
    pieces: list[Block] = []
    if not isinstance(next(iter(answer.parts), None), Card):  # which has the headline itself
        pieces.append(_block([Text(clean_text(answer.title), "bold")], colour))
    for part in answer.parts:
        pieces += _render(part, colour, now, press)
    return Group(*pieces)


def _render(part: Part, colour: str, now: datetime, press: Press) -> Iterator[Block]:
    match part:
        case Stories():
            yield from render_rows(part.messages, now=now)
            if part.more:
                yield _block([Text(f"+{part.more} more", "dim")], colour)
        case Card():
            yield render_card(part.message)
        case _:
            yield _block(list(_lines(part, press)), colour)


def _lines(part: Part, press: Press) -> Iterator[Text]:
    match part:
        case Lines():
            yield from map(say_line, part.lines)
        case Facts():
            yield from _say_facts(part.rows)
        case Chart():
            yield from _draw_chart(part)
        case Heading():
            yield Text(clean_text(part.text), "bold")
        case Hint():
            yield Text.assemble((clean_text(part.command), "cyan"), f"  {clean_text(part.text)}")
        case Choices():
            for choice in part.choices:
                label = Text(f"[{clean_text(choice.label)}]", "red" if choice.is_risky else "green")
                yield Text.assemble(label, f"  {press(choice)}")
        case File():
            yield Text(f"{clean_text(part.name)}, {len(part.content)} bytes")


def say_line(line: Line) -> Text:
    """A line; a moment in UTC, channels, groups and people by what they are called."""
    if isinstance(line, str):
        return Text(clean_text(line))
    return Text.assemble(*map(_say_span, line))


def _say_span(span: Span) -> Text:
    match span:
        case datetime():
            return Text(say_when(span))
        case ChannelRef():
            if span.id == CONSOLE.channel:
                return Text("this console")
            where = f"{span.parent}/{span.id}" if span.parent else span.id
            return Text(f"#{clean_text(where)}")
        case RoleRef() | UserRef():
            return Text(f"@{clean_text(span.id)}")
        case Link():
            link = clean_url(span.url)
            label = clean_text(span.text)
            return Text.assemble((label, Style(link=link)), f" <{link}>" if link else "")
        case str():
            before, behind = span[:1].isspace(), span[-1:].isspace()
            said = clean_text(span)
            return Text(f"{' ' * before}{said}{' ' * behind}" if said else " " * before)


def _say_facts(rows: Iterable[tuple[str, Line | datetime]]) -> Iterator[Text]:
    for name, value in rows:
        said = Text(say_when(value)) if isinstance(value, datetime) else say_line(value)
        yield Text.assemble((f"{clean_text(name)}: ", "dim"), said)


def _draw_chart(chart: Chart) -> Iterator[Text]:
    most = max((count for _, count in chart.rows), default=0) or 1
    width = max((len(clean_text(name)) for name, _ in chart.rows), default=0)
    for name, count in chart.rows:
        bar = "█" * round(BAR * max(count, 0) / most)
        yield Text.assemble(f"{clean_text(name):<{width}}  ", (bar, "cyan"), f" {count:g}")
    yield Text(clean_text(chart.unit), "dim")


def _block(lines: list[Text], colour: str) -> Block:
    bar = Text("▌ ", colour)
    return Block(
        screen=Margin(bar, bar),
        pipe=Margin(Text(), Text()),
        lines=tuple(line for line in lines if line),
        link="",
        is_apart=False,
    )
