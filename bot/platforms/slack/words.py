"""How parts of a story are said in Slack's mrkdwn; posts, digests and lists share them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.model import Message, Source, Tie
from bot.platforms.slack.inert import can_be_label, inert, link, link_units
from bot.prose import posts
from bot.prose.inert import clean_text
from bot.prose.posts import MAX_NAME, NO_HEADLINE, NO_TIE, dotted, name_tie

MAX_TIE = 500  # units of an earlier story's headline, its address apart
_LINKABLE = 500  # units of an address in small print; a longer one is left out
_DAY = "{date_short_pretty} {time}"


def say_name(name: str) -> str:
    """A company's or an outlet's name."""
    return inert(name, MAX_NAME)


def small(line: str) -> str:
    """``line`` less loud than others: mrkdwn has no small print, only slanted letters."""
    return f"_{line}_"


def say_marks(message: Message, *, has_pair: bool = True) -> str:
    """That it is a pair, and what became of it; "" of a story that is neither.

    As code, which Slack draws in a colour and a frame of its own: a post has no coloured edge.

    Args:
        has_pair: a pair is marked.
    """
    return " ".join(f"`{mark}`" for mark in posts.marks_of(message, has_pair=has_pair))


def moment(when: datetime) -> str:
    """A time that each reader sees in their own zone; old clients show it in UTC.

    Source: Slack documentation, "Formatting text for app surfaces", date formatting.
    """
    seen = when.astimezone(UTC)
    return f"<!date^{int(seen.timestamp())}^{_DAY}|{tell_moment(seen)}>"


def tell_moment(when: datetime) -> str:
    """The same in plain text, in UTC: "9 Jan 2018 08:25 UTC"."""
    seen = when.astimezone(UTC)
    return f"{seen.day} {seen:%b} {seen.year} {seen:%H:%M} UTC"


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


def say_tie(tie: Tie) -> str:
    """Which earlier story it answers, or is told in now, as a link where it can be one."""
    label = tie.headline if clean_text(tie.headline) else NO_TIE
    return f"{name_tie(tie)} {link(label, _short_or_none(tie.link), MAX_TIE)}"


def say_origin(message: Message) -> str:
    """Outlet and time; the outlet is the link where the headline cannot be one."""
    address = None if can_be_label(message.headline) else _short_or_none(message.link)
    return dotted((link(message.outlet, address, MAX_NAME), moment(message.published_at)))


def _short_or_none(address: str | None) -> str | None:
    return address if link_units(address) <= _LINKABLE else None
