"""Several stories as one post: a list that is read in one go, pairs first.

As with a single story, one that calls a role is an ordinary message, with the call at its end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.model import Delivery, Digest, Message
from bot.platforms.discord import components as make
from bot.platforms.discord.blocks import Block, fit, mention_command, say_row
from bot.platforms.discord.card import CALM, PAIR, find_role
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.limits import MAX_CONTENT, MAX_TEXT, units
from bot.platforms.discord.words import dotted

_GROUPS = ("Pairs", "Handset makers", "Carriers", "Others")
_NO_IDS: Mapping[str, int] = {}


def draw_digest(
    delivery: Delivery, digest: Digest, *, command_ids: Mapping[str, int] = _NO_IDS
) -> Drawn:
    """``digest`` as a post; in each group stories keep the order of opening.

    Args:
        command_ids: ids of our commands by name ("news recent"), for those that can be clicked.
    """
    role = find_role(delivery)
    count, call = _count(digest.messages), f"<@&{role}>" if role else ""
    head, others = f"## {count}", f"The others: {mention_command('/news recent', command_ids)}"
    longest = (head, f"-# {dotted((others, call))}")
    room = (MAX_CONTENT if role else MAX_TEXT) - sum(units(part) + 1 for part in longest)
    blocks = fit(_group(digest.messages), room)
    last = dotted((others if any(block.more for block in blocks) else "", call))
    said = [head, *(block.said for block in blocks), *([f"-# {last}"] if last else [])]
    buttons = make.row([make.button("About this digest", "about-digest", delivery.id)])
    if role:
        return Drawn((buttons,), gist=count, role=role, content="\n".join(said))
    has_pair = any(message.is_pair for message in digest.messages)
    card = make.container((*map(make.text, said), buttons), colour=PAIR if has_pair else CALM)
    return Drawn((card,), gist=count)


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
