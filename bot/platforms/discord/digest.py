"""Several stories as one post: a list that is read in one go, pairs first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.model import Delivery, Digest, Message
from bot.platforms.discord import components as make
from bot.platforms.discord.blocks import Block, fit, mention_command, say_row
from bot.platforms.discord.card import CALM, PAIR
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.limits import MAX_TEXT, units

_GROUPS = ("Pairs", "Handset makers", "Carriers", "Others")
_NO_IDS: Mapping[str, int] = {}


def draw_digest(
    delivery: Delivery, digest: Digest, *, command_ids: Mapping[str, int] = _NO_IDS
) -> Drawn:
    """``digest`` as a post; in each group stories keep the order of opening.

    Args:
        command_ids: ids of our commands by name ("news recent"), for those that can be clicked.
    """
    role = delivery.ping if delivery.ping.isdecimal() else ""
    head = f"## {_count(digest.messages)}"
    rest = f"-# The others: {mention_command('/news recent', command_ids)}"
    call = f"<@&{role}>" if role else ""
    room = MAX_TEXT - sum(units(part) + 1 for part in (head, rest, call))
    blocks = fit(_group(digest.messages), room)
    said = [head, *(block.said for block in blocks)]
    if any(block.more for block in blocks):
        said.append(rest)
    buttons = [make.button("About this digest", "about-digest", delivery.id)]
    has_pair = any(message.is_pair for message in digest.messages)
    card = make.container(
        [*map(make.text, said), make.row(buttons)], colour=PAIR if has_pair else CALM
    )
    top = (make.text(call),) if call else ()
    return Drawn((*top, card), gist=_count(digest.messages), role=role)


def _group(messages: Sequence[Message]) -> list[Block]:
    groups: dict[str, list[str]] = {name: [] for name in _GROUPS}
    for message in messages:
        groups[_group_of(message)].append(say_row(message, has_mark=False))
    return [Block(f"### {name}", tuple(rows)) for name, rows in groups.items() if rows]


def _group_of(message: Message) -> str:
    pairs, makers, carriers, others = _GROUPS
    if message.is_pair:
        return pairs
    if message.makers:
        return makers
    return carriers if message.carriers else others


def _count(messages: Sequence[Message]) -> str:
    return "1 story" if len(messages) == 1 else f"{len(messages)} stories"
