"""What a post says of its story, and in which words: the same on every platform.

Platforms draw these words in their own markup; where that lengthens or changes them, they
hand in how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.model import Delivery, Message, Source, Tie, TieKind
from bot.prose.fitting import units
from bot.prose.inert import clean_text

DOT = " · "
MAX_NAMES = 6  # of companies in a line, of each kind
MAX_NAME = 40  # units of a company's or an outlet's name
MAX_ALSO = 6  # outlets named

NO_HEADLINE = "(no headline)"
NO_TIE = "an earlier story"

TURNED = {
    TieKind.CONFIRMED: "CONFIRMED",
    TieKind.DENIED: "DENIED",
    TieKind.REVERSED: "REVERSED",
    TieKind.MERGED: "MERGED",
}
"""What stands before a story that hangs on an earlier one."""

GROUPS = ("Pairs", "Handset makers", "Carriers", "Others")
"""The parts of a digest, in order."""

READ_REPORT = "Read the report"
"""On a button, where the headline cannot be the link."""

Say = Callable[[str], str]
"""Draws a stranger's words in a platform's markup, cut to ``MAX_NAME``."""


def dotted(parts: Iterable[str]) -> str:
    """Those of ``parts`` that are not empty, with dots between."""
    return DOT.join(part for part in parts if part)


def is_merged(message: Message) -> bool:
    """Whether the story is told in another one now."""
    return message.tie is not None and not message.tie.is_turn


def tell_gist(message: Message) -> str:
    """A story in one line of plain text, nothing escaped, the headline first.

    That is what a notification shows: on a locked phone one line or two.
    """
    names = ", ".join((*message.makers, *message.carriers, *message.others))
    headline = clean_text(message.headline) or NO_HEADLINE
    return clean_text(dotted((headline, *marks_of(message), names, message.outlet)))


def marks_of(message: Message, *, has_pair: bool = True) -> tuple[str, ...]:
    """What a reader must see first: that it is a pair, and what became of it.

    Args:
        has_pair: a pair is marked.
    """
    pair = "PAIR" if message.is_pair and has_pair else ""
    turned = TURNED[message.tie.kind] if message.tie else ""
    return tuple(mark for mark in (pair, turned) if mark)


def names_of(message: Message, say: Say, *, mark: str = "", most: int = MAX_NAMES) -> str:
    """Makers × carriers of a pair, else a plain list.

    Args:
        mark: before and behind each side: "**" for bold.
        most: names of each kind.
    """
    kinds = (message.makers, message.carriers, message.others)
    makers, carriers, others = (_list_names(names, say, most) for names in kinds)
    if message.is_pair and makers and carriers:
        pair = f"{mark}{makers}{mark} × {mark}{carriers}{mark}"
        return f"{pair}, {others}" if others else pair
    names = ", ".join(part for part in (makers, carriers, others) if part)
    return f"{mark}{names}{mark}" if names else ""


def _list_names(names: Sequence[str], say: Say, most: int) -> str:
    """The first of ``names`` and how many there are besides."""
    shown = [said for name in names if (said := say(name))]
    more = len(shown) - most
    return ", ".join(shown[:most]) + (f" +{more}" if more > 0 else "")


def fit_names(message: Message, say: Say, room: int, *, mark: str = "") -> str:
    """As many names as fit ``room`` units, of each kind at least one if any; or ""."""
    fitting = (names_of(message, say, mark=mark, most=most) for most in range(MAX_NAMES, 0, -1))
    return next((said for said in fitting if units(said) <= room), "")


def list_sources(
    sources: Sequence[Source], show: Callable[[Source], Sequence[str]], *, room: int
) -> str:
    """Outlets with commas between, as many as fit; "+3" stands for the others.

    Args:
        show: what may be said of one, the best first: as a link, then by name alone.
        room: units for it all.
    """
    said: list[str] = []
    left = room - len(f" +{len(sources)}")
    for source in sources[:MAX_ALSO]:
        ways = [way for way in show(source) if way]
        if not ways:
            continue
        shown = next((way for way in ways if units(way) + 2 <= left), "")
        if not shown:
            break
        said.append(shown)
        left -= units(shown) + 2
    more = len(sources) - len(said)
    if not said:
        return f"{more} more" if more else ""
    return ", ".join(said) + (f" +{more}" if more else "")


def count_outlets(message: Message) -> str:
    """How many outlets tell it: "1 outlet", "4 outlets"."""
    count = 1 + len(message.also)
    return "1 outlet" if count == 1 else f"{count} outlets"


def count_stories(messages: Sequence[Message]) -> str:
    """How many there are: "1 story", "4 stories"."""
    return "1 story" if len(messages) == 1 else f"{len(messages)} stories"


def name_sources_button(message: Message) -> str:
    """What is on the button that lists who tells the story."""
    count = 1 + len(message.also)
    return f"Sources ({count})" if count > 1 else "Source"


def list_buttons(message: Message) -> tuple[tuple[str, str], ...]:
    """The buttons of a post in order: what is on each, and the action it calls.

    A story that is told elsewhere now has nothing left to mute.
    """
    buttons = [(name_sources_button(message), "sources"), ("Why", "why")]
    if is_merged(message):
        return tuple(buttons)
    buttons.append(("Mute story", "mute-story"))
    if message.is_pair:
        buttons.append(("Mute pair 24 h", "mute-pair"))
    buttons.append(("Not relevant", "not-relevant"))
    return tuple(buttons)


def name_tie(tie: Tie) -> str:
    """What leads to an earlier story: "in reply to", or "now told in"."""
    return "in reply to" if tie.is_turn else "now told in"


def group_stories(messages: Iterable[Message]) -> Mapping[str, tuple[Message, ...]]:
    """The stories of a digest by group, pairs first, each group in the order given."""
    groups: dict[str, list[Message]] = {name: [] for name in GROUPS}
    for message in messages:
        groups[_group_of(message)].append(message)
    return {name: tuple(stories) for name, stories in groups.items() if stories}


def _group_of(message: Message) -> str:
    pairs, makers, carriers, others = GROUPS
    if message.is_pair:
        return pairs
    if message.makers:
        return makers
    return carriers if message.carriers else others


def find_called(delivery: Delivery) -> str:
    """Whom this sending of ``delivery`` calls, by the platform's id, or "".

    The first post alone calls: an edit would call nobody, and the name would only stand there.
    """
    return "" if delivery.message_ref else delivery.ping
