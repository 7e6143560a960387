"""Lists of stories and lines as blocks, shortened until all have room in one message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.model import Message, Tie
from bot.platforms.slack import blocks as make
from bot.platforms.slack.drawn import Block
from bot.platforms.slack.inert import inert
from bot.platforms.slack.limits import MAX_SECTION
from bot.platforms.slack.words import headline_link, moment, say_marks, say_name, small
from bot.prose import lists
from bot.prose.fitting import units
from bot.prose.posts import count_outlets, dotted, name_tie, names_of

MAX_ROW = 420  # units of a headline with its address, in a list


@dataclass(frozen=True, slots=True)
class Text:
    """Text that can be shortened.

    Attributes:
        is_stories: its rows are stories as ``say_row`` has them, each a paragraph of its own.
        is_small: it is all in small print.
    """

    block: lists.Block
    is_stories: bool = False
    is_small: bool = False

    @property
    def count(self) -> int:
        """How many blocks of Slack's it takes."""
        if self.is_stories:
            return bool(self.block.head) + len(self.block.rows) + bool(self.block.more)
        return len(_split(self.block.say(small)))

    def draw(self) -> tuple[Block, ...]:
        """It all as blocks; none where there is nothing to say."""
        if self.is_stories:
            return self._draw_stories()
        draw = make.context if self.is_small else make.section
        return tuple(draw(said) for said in _split(self.block.say(small)))

    def _draw_stories(self) -> tuple[Block, ...]:
        said = (self.block.head, *self.block.rows)
        drawn = [make.section(one) for one in said if one]
        if self.block.more:
            drawn.append(make.context(lists.say_more(self.block.more)))
        return tuple(drawn)


Piece = Text | Block
"""A text that can be shortened, or a block that stands as it is."""


def draw_pieces(pieces: Iterable[Piece], *, most_blocks: int, room: int) -> tuple[Block, ...]:
    """``pieces`` as at most so many blocks of at most ``room`` units together.

    Shortened as ``fit_pieces`` has it.
    """
    return draw_fitting(fit_pieces(pieces, most_blocks=most_blocks, room=room))


def draw_fitting(pieces: Iterable[Piece]) -> tuple[Block, ...]:
    """``pieces`` as blocks, however many."""
    drawn: list[Block] = []
    for piece in pieces:
        drawn += piece.draw() if isinstance(piece, Text) else [piece]
    return tuple(drawn)


def fit_pieces(pieces: Iterable[Piece], *, most_blocks: int, room: int) -> tuple[Piece, ...]:
    """``pieces`` of at most so many blocks and of at most ``room`` units together.

    Lists lose rows from their end, the longest first, and say how many; where that is not
    enough, the last texts are left out and a line says so. Blocks that stand as they are stay:
    there must be room for all of them.
    """
    given = tuple(pieces)
    texts = [piece for piece in given if isinstance(piece, Text)]
    fixed = [piece for piece in given if not isinstance(piece, Text)]
    shown = _fit_room(texts, room - make.weigh(fixed))
    left = iter(_fit_count(shown, most_blocks - len(fixed)))
    ordered = (next(left, None) if isinstance(piece, Text) else piece for piece in given)
    return tuple(piece for piece in ordered if piece is not None)


def _fit_room(texts: Sequence[Text], room: int) -> list[Text]:
    fitting = lists.fit((text.block for text in texts), room, small)
    return [
        replace(text, block=block) if _is_of(block, text) else Text(block)
        for text, block in zip(texts, fitting, strict=False)
    ]


def _is_of(block: lists.Block, text: Text) -> bool:
    """Whether ``block`` is that of ``text``, whole or shortened, and not the line for the rest."""
    return block.head == text.block.head and block.rows == text.block.rows[: len(block.rows)]


def _fit_count(texts: Sequence[Text], most: int) -> list[Text]:
    shown = list(texts)
    total = sum(text.count for text in shown)
    while total > most:
        longest = max(
            (at for at, text in enumerate(shown) if text.is_stories and len(text.block.rows) > 1),
            key=lambda at: (len(shown[at].block.rows), at),
            default=None,
        )
        if longest is None:
            return _drop_last(shown, most)
        before = shown[longest]
        block = replace(before.block, rows=before.block.rows[:-1], more=before.block.more + 1)
        shown[longest] = replace(before, block=block)
        total += shown[longest].count - before.count
    return shown


def _drop_last(texts: list[Text], most: int) -> list[Text]:
    shown = list(texts)
    while shown and sum(text.count for text in shown) + 1 > most:
        shown.pop()
    return [*shown, Text(lists.Block("", (small(lists.TOO_MUCH),)))] if most > 0 else []


def _split(said: str) -> tuple[str, ...]:
    """``said`` in pieces of at most 3000 units, parted between lines."""
    if units(said) <= MAX_SECTION:
        return (said,) if said.strip() else ()
    pieces: list[str] = []
    for line in said.split("\n"):
        if pieces and units(pieces[-1]) + 1 + units(line) <= MAX_SECTION:
            pieces[-1] += f"\n{line}"
        elif line:
            pieces.append(line)
    return tuple(pieces)


def say_row(message: Message, *, has_mark: bool = True, has_id: bool = False) -> str:
    """A story in a list: its headline, and on a second line who, what, where and when.

    What confirms, denies or reverses an earlier story says so, and which one where it can be
    asked for.

    Args:
        has_mark: a pair is marked.
        has_id: its id stands there too, for commands that ask for it.
    """
    about = dotted(
        (
            say_marks(message, has_pair=has_mark),
            names_of(message, say_name),
            message.event.label,
            count_outlets(message),
            moment(message.published_at),
            _number(message.story_id) if has_id else "",
            _say_tie(message.tie) if has_id and message.tie else "",
        )
    )
    return f"*{headline_link(message, MAX_ROW)}*\n{about}"


def _say_tie(tie: Tie) -> str:
    """Which earlier story it answers, or is told in now."""
    return f"{name_tie(tie)} {_number(tie.story_id)}"


def _number(story_id: str) -> str:
    return f"#{inert(story_id, 40)}"
