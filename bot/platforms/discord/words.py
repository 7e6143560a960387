"""How parts of a story are said in Discord's markdown; cards, digests and lists share them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import Message, Source
from bot.platforms.discord.inert import inert, link, link_units
from bot.prose import posts
from bot.prose.posts import MAX_NAME, NO_HEADLINE


def say_name(name: str) -> str:
    """A company's or an outlet's name."""
    return inert(name, MAX_NAME)


def marks_of(message: Message, *, has_pair: bool = True) -> tuple[str, ...]:
    """What a reader must see first, each in bold: that it is a pair, and what became of it.

    Args:
        has_pair: a pair is marked.
    """
    return tuple(f"**{mark}**" for mark in posts.marks_of(message, has_pair=has_pair))


def small(line: str) -> str:
    """``line`` in small print."""
    return f"-# {line}"


def moment(when: datetime, style: str = "R") -> str:
    """A time that each reader sees in their own zone and language; "R" is "2 hours ago".

    Source: Discord API documentation, "Message Formatting", timestamp styles.
    """
    return f"<t:{int(when.timestamp())}:{style}>"


def headline_link(message: Message, room: int) -> str:
    """The headline as a link where it can be one, of at most ``room`` units with its address."""
    headline = message.headline if inert(message.headline, room) else NO_HEADLINE
    around = link_units(message.link)
    if around and around + 40 <= room:
        return link(headline, message.link, room - around)
    return inert(headline, room)


def list_sources(sources: Sequence[Source], *, room: int) -> str:
    """Outlets as links with commas between, as many as fit; "+3" stands for the others."""
    return posts.list_sources(sources, _show_source, room=room)


def _show_source(source: Source) -> tuple[str, str]:
    return link(source.outlet, source.link, MAX_NAME), say_name(source.outlet)
