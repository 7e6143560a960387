"""The answer to a command, drawn: every part of bot/commands/answer.py as Slack shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
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
from bot.platforms.slack import blocks as make
from bot.platforms.slack.card import draw_story, say_fallback
from bot.platforms.slack.charts import draw_chart
from bot.platforms.slack.drawn import Block, Drawn
from bot.platforms.slack.inert import (
    CALLS,
    bold,
    call_or_none,
    channel,
    code,
    inert,
    link,
    link_units,
    user_or_none,
)
from bot.platforms.slack.limits import MAX_BLOCKS, MAX_MESSAGE
from bot.platforms.slack.rows import Piece, Text, draw_pieces, say_row
from bot.platforms.slack.words import moment
from bot.prose import lists
from bot.prose.fitting import units
from bot.prose.inert import clean_text

SIGNS = {Tone.PLAIN: "", Tone.DONE: "✅ ", Tone.CAUTION: "⚠️ ", Tone.REFUSED: "🚫 "}
"""Before the title of an answer: Slack has no coloured edge that would show how it feels."""

MAX_TITLE = 600  # units
MAX_LINE = 700  # units of one line
MAX_HEADING = 100  # units; a longer title is a sentence and stands in plain letters
MAX_COMMAND = 300
MAX_ROWS = 4  # of buttons
MAX_CHOICES = 5  # buttons of a row
MAX_CARDS = 1  # stories in full
MAX_REST = 2000  # units of the small print of a story in full
MAX_FILES = 3
MAX_FILE_NAME = 80  # characters of a file's name
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_NO_NAMES: Mapping[str, str] = {}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Naming:
    """How people and groups show in an answer.

    Attributes:
        is_public: others than who asked can read it. There a mention would ring at whoever is
            mentioned, and names are written out.
        names: of people and groups by their ids, for public answers.
    """

    is_public: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


PRIVATE = Naming()


def draw_answer(
    answer: Answer, *, is_public: bool | None = None, names: Mapping[str, str] = _NO_NAMES
) -> Drawn:
    """``answer`` as one message that calls nobody.

    What does not fit is left out from the end of the longest lists, which say how much it is.

    Args:
        is_public: others than who asked will read it; as the answer says where None.
        names: of people and groups by their ids, shown instead of mentions in public.
    """
    public = not answer.is_private if is_public is None else is_public
    head = _draw_title(answer)
    blocks = draw_parts(
        answer.parts,
        most_blocks=MAX_BLOCKS - len(head),
        room=MAX_MESSAGE - make.weigh(head),
        naming=Naming(public, names),
    )
    files = tuple(_named(part) for part in answer.parts if isinstance(part, File))[:MAX_FILES]
    gist = clean_text(answer.title) or "Done."
    return Drawn((*head, *blocks), say_fallback(f"{SIGNS[answer.tone]}{gist}"), files)


def draw_parts(
    parts: Sequence[Part],
    *,
    most_blocks: int,
    room: int,
    most_rows: int = MAX_ROWS,
    naming: Naming = PRIVATE,
) -> tuple[Block, ...]:
    """``parts`` as at most ``most_blocks`` blocks of at most ``room`` units together.

    Args:
        most_blocks: at least twenty, for what cannot be shortened.
        room: at least 12,000 for the same reason.
        most_rows: of buttons; further ones are left out.
    """
    pieces = _draw_all(parts, naming, most_rows)
    return draw_pieces(pieces, most_blocks=most_blocks, room=room)


def make_choice_block(choices: Sequence[Choice]) -> Block:
    """One to 25 buttons side by side; one that takes something away asks before."""
    return make.actions([_draw_choice(one, number) for number, one in enumerate(choices)])


def _draw_title(answer: Answer) -> tuple[Block, ...]:
    if isinstance(next(iter(answer.parts), None), Card):  # which has the headline itself
        return ()
    title = inert(answer.title, MAX_TITLE) or "Done."
    is_heading = bool(answer.parts) and units(title) <= MAX_HEADING
    return (make.section(SIGNS[answer.tone] + (f"*{title}*" if is_heading else title)),)


def _draw_all(parts: Sequence[Part], naming: Naming, most_rows: int) -> Iterator[Piece]:
    """The pieces of an answer in order; a heading goes into the text that follows it."""
    heading = ""
    for part in _within_limits(parts, most_rows):
        match part:
            case Choices():
                yield make_choice_block(part.choices[:MAX_CHOICES])
            case File():
                yield make.context(f"📄 {inert(_named(part).name, MAX_FILE_NAME * 2)}")
            case Card():
                yield from draw_story(part.message, rest=MAX_REST)
            case Heading():
                if heading:
                    yield _text(heading)
                heading = bold(part.text, MAX_HEADING)
            case _:
                text = _draw_text(part, naming)
                block = text.block
                head = "\n".join(line for line in (heading, block.head) if line)
                if heading and isinstance(part, Lines) and len(block.rows) > 1:
                    block = replace(block, rows=tuple(f"• {row}" for row in block.rows))
                if head or block.rows:
                    yield replace(text, block=replace(block, head=head))
                heading = ""
    if heading:
        yield _text(heading)


def _text(said: str) -> Text:
    return Text(lists.Block("", (said,)))


def _within_limits(parts: Iterable[Part], most_rows: int) -> Iterator[Part]:
    """``parts`` without the buttons, files and cards that are too many for a message."""
    left = {Choices: most_rows, File: MAX_FILES, Card: MAX_CARDS}
    for part in parts:
        kind = type(part)
        if kind in left:
            if left[kind] == 0 or (isinstance(part, Choices) and not part.choices):
                continue
            left[kind] -= 1
        yield part


def _draw_text(part: Lines | Facts | Stories | Chart | Hint, naming: Naming) -> Text:
    match part:
        case Lines():
            return Text(_listed(part.lines, partial(say_line, naming=naming)))
        case Facts():
            return Text(_listed(part.rows, partial(_say_fact, naming=naming)))
        case Stories():
            rows = _listed(part.messages, partial(say_row, has_id=True), more=part.more)
            return Text(rows, is_stories=True)
        case Chart():
            return Text(draw_chart(part))
        case Hint():
            said = f"{code(part.command, MAX_COMMAND)} {inert(part.text, MAX_LINE)}"
            return Text(lists.Block("", (said.rstrip(),)), is_small=True)


def say_line(line: Line, *, room: int = MAX_LINE, naming: Naming = PRIVATE) -> str:
    """A line in mrkdwn, of at most ``room`` units, which calls nobody."""
    said = ""
    for span in _join_words(line):
        left = room - units(said)
        piece = _say_span(span, left, naming)
        if units(piece) > left:
            break
        said += piece
    return said.strip()


def _join_words(line: Line) -> Iterator[Span]:
    """The spans of ``line``, neighbours of mere words as one: no mark may grow between two."""
    spans = (line,) if isinstance(line, str) else line
    for is_words, some in groupby(spans, key=lambda span: isinstance(span, str)):
        if is_words:
            yield "".join(word for word in some if isinstance(word, str))
        else:
            yield from some


def _say_span(span: Span, room: int, naming: Naming) -> str:
    match span:
        case datetime():
            return moment(span)
        case ChannelRef():
            return channel(span.id, span.parent)
        case RoleRef():
            return _say_group(span.id, naming)
        case UserRef():
            return _say_user(span.id, naming)
        case Link():
            return link(span.text, span.url, max(room - link_units(span.url), 0))
        case str():
            said = inert(span, max(room - 2, 0))
            before, behind = span[:1].isspace(), span[-1:].isspace()
            return f"{' ' * before}{said}{' ' * behind}" if said else " " * before


def _say_group(id_: str, naming: Naming) -> str:
    if id_ in CALLS:
        return f"@{id_}"
    call = call_or_none(id_)
    if call is None:
        return inert(id_, MAX_HEADING)
    if not naming.is_public:
        return call  # to one reader: it shows the name and rings nowhere
    name = inert(naming.names.get(id_, ""), MAX_HEADING)
    return f"@{name}" if name else "a user group"


def _say_user(id_: str, naming: Naming) -> str:
    mention = user_or_none(id_)
    if mention is None:
        return inert(id_, MAX_HEADING)
    if not naming.is_public:
        return mention
    return inert(naming.names.get(id_, ""), MAX_HEADING) or "somebody"


def _say_fact(row: tuple[str, Line | datetime], *, naming: Naming) -> str:
    name, value = row
    said = moment(value) if isinstance(value, datetime) else say_line(value, naming=naming)
    return "  ".join(part for part in (bold(name, MAX_HEADING), said) if part)


def _draw_choice(choice: Choice, number: int) -> make.Element:
    label = clean_text(choice.label) or choice.action
    warning = clean_text(choice.warning) or "This takes something away."
    ask = make.confirm(f"{label}?", warning, yes=label, no="Leave it")
    return make.button(
        label,
        choice.action,
        choice.subject,
        number=number,
        confirm=ask if choice.is_risky else None,
    )


def _named(file: File) -> File:
    """``file`` under a name that every system takes."""
    name = _UNSAFE_IN_NAME.sub("-", file.name).strip("-.")[-MAX_FILE_NAME:] or "file"
    return replace(file, name=name)


def _listed(rows: Sequence[T], say: Callable[[T], str], *, more: int = 0) -> lists.Block:
    said = (say(row) for row in rows[: lists.MAX_ROWS])
    more += max(0, len(rows) - lists.MAX_ROWS)
    return lists.Block("", tuple(row for row in said if row), more=more)
