"""Several stories as one post: a list that is read in one go, pairs first.

As with a single story, one that calls a role is an ordinary message, with the call at its end.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Delivery, Digest
from bot.platforms.discord import components as make
from bot.platforms.discord.blocks import fit, mention_command, say_block, say_row
from bot.platforms.discord.card import CALM, PAIR, find_role
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.prose.fitting import units
from bot.prose.lists import Block
from bot.prose.posts import count_stories, dotted, group_stories

_NO_IDS: Mapping[str, int] = {}


def draw_digest(
    delivery: Delivery, digest: Digest, *, command_ids: Mapping[str, int] = _NO_IDS
) -> Drawn:
    """``digest`` as a post; in each group stories keep the order of opening.

    Args:
        command_ids: ids of our commands by name ("news recent"), for those that can be clicked.
    """
    role = find_role(delivery)
    count, call = count_stories(digest.messages), f"<@&{role}>" if role else ""
    head, others = f"## {count}", f"The others: {mention_command('/news recent', command_ids)}"
    longest = (head, f"-# {dotted((others, call))}")
    room = (MAX_CONTENT if role else MAX_TEXT) - sum(units(part) + 1 for part in longest)
    blocks = fit(_draw_groups(digest), room)
    last = dotted((others if any(block.more for block in blocks) else "", call))
    said = [head, *(say_block(block) for block in blocks), *([f"-# {last}"] if last else [])]
    buttons = make.row([make.button("About this digest", "about-digest", delivery.id)])
    if role:
        return Drawn((buttons,), gist=count, role=role, content="\n".join(said))
    has_pair = any(message.is_pair for message in digest.messages)
    card = make.container((*map(make.text, said), buttons), colour=PAIR if has_pair else CALM)
    return Drawn((card,), gist=count)


def _draw_groups(digest: Digest) -> list[Block]:
    return [
        Block(f"### {name}", tuple(say_row(story, has_mark=False) for story in stories))
        for name, stories in group_stories(digest.messages).items()
    ]
