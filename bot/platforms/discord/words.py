"""How parts of a story are said in Discord's markdown; cards, digests and lists share them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.model import Message, Source, TieKind
from bot.platforms.discord.inert import inert, link, link_units
from bot.platforms.discord.limits import units

DOT = " · "
MAX_NAMES = 6  # of companies in a line, of each kind
MAX_NAME = 40  # units of a company's or an outlet's name

NO_HEADLINE = "(no headline)"

TURNED = {
    TieKind.CONFIRMED: "CONFIRMED",
    TieKind.DENIED: "DENIED",
    TieKind.REVERSED: "REVERSED",
    TieKind.MERGED: "MERGED",
}
"""What stands before a story that hangs on an earlier one."""


def names_of(message: Message, *, mark: str = "", most: int = MAX_NAMES) -> str:
    """Makers × carriers of a pair, else a plain list.

    Args:
        mark: before and behind each side: "**" for bold.
        most: names of each kind.
    """
    kinds = (message.makers, message.carriers, message.others)
    makers, carriers, others = (_listed(names, most) for names in kinds)
    if message.is_pair and makers and carriers:
        pair = f"{mark}{makers}{mark} × {mark}{carriers}{mark}"
        return f"{pair}, {others}" if others else pair
    names = ", ".join(part for part in (makers, carriers, others) if part)
    return f"{mark}{names}{mark}" if names else ""


def marks_of(message: Message, *, has_pair: bool = True) -> tuple[str, ...]:
    """What a reader must see first, each in bold: that it is a pair, and what became of it.

    Args:
        has_pair: a pair is marked.
    """
    pair = "PAIR" if message.is_pair and has_pair else ""
    turned = TURNED[message.tie.kind] if message.tie else ""
    return tuple(f"**{mark}**" for mark in (pair, turned) if mark)


def count_outlets(message: Message) -> str:
    """How many outlets tell it: "1 outlet", "4 outlets"."""
    count = 1 + len(message.also)
    return "1 outlet" if count == 1 else f"{count} outlets"


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


def list_sources(sources: Sequence[Source], *, room: int, most: int) -> str:
    """Outlets as links with commas between, as many as fit; "+3" stands for the others."""
    said: list[str] = []
    left = room - len(f" +{len(sources)}")
    for source in sources[:most]:
        name = inert(source.outlet, MAX_NAME)
        linked = link(source.outlet, source.link, MAX_NAME)
        shown = linked if units(linked) + 2 <= left else name
        if not shown:
            continue
        if units(shown) + 2 > left:
            break
        said.append(shown)
        left -= units(shown) + 2
    more = len(sources) - len(said)
    if not said:
        return f"{more} more" if more else ""
    return ", ".join(said) + (f" +{more}" if more else "")


def dotted(parts: Iterable[str]) -> str:
    """Those of ``parts`` that are not empty, with dots between."""
    return DOT.join(part for part in parts if part)


def _listed(names: Sequence[str], most: int) -> str:
    """The first of ``names`` and how many there are besides."""
    shown = [said for name in names if (said := inert(name, MAX_NAME))]
    more = len(shown) - most
    return ", ".join(shown[:most]) + (f" +{more}" if more > 0 else "")
