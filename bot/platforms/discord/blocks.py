"""What lists of stories and commands look like; bot/prose/lists.py makes lists fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.model import Message, Tie
from bot.platforms.discord.inert import code, inert
from bot.platforms.discord.words import headline_link, marks_of, moment, say_name, small
from bot.prose import lists
from bot.prose.lists import Block
from bot.prose.posts import count_outlets, dotted, name_tie, names_of

MAX_ROW = 420  # units of a headline with its address, in a list


def say_block(block: Block) -> str:
    """``block`` in markdown."""
    return block.say(small)


def fit(blocks: Iterable[Block], room: int) -> tuple[Block, ...]:
    """``blocks`` of at most ``room`` units together, as bot/prose/lists.py has it."""
    return lists.fit(blocks, room, small)


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
            names_of(message, say_name),
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
    return f"{name_tie(tie)} {_number(tie.story_id)}"


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
