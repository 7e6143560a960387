r"""Text of strangers made harmless for Discord, and links that nothing can end early.

Discord's markdown takes a backslash before any sign for the sign itself, everywhere but in
code. So each sign that could mean something is escaped, and a reader sees exactly the text:
no emphasis, heading, list, quote, spoiler, code, link, emoji, timestamp, mention or command.
A bare address is no link any more since its ":" and "/" are escaped too ("https\:\/\/"): it
stays readable and can be copied, and nobody is led anywhere by a headline.

Escapes keep a mention from showing as one. Whether it calls anybody is decided elsewhere:
``Drawn.allowed_mentions`` names the one role that a message may call.

Source: Discord API documentation, "Message Formatting"; the rules of simple-markdown, on which
Discord's clients are built: an escape is ``\\[^0-9A-Za-z\s]``, and brackets in a link's label
must be in pairs, escaped or not.
"""

from __future__ import annotations

import re

from bot.platforms.discord.limits import MAX_BUTTON_LINK
from bot.prose.addresses import address_or_none, has_usual_host, shows_address
from bot.prose.fitting import cut, units
from bot.prose.inert import clean_text

_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in r"\*_~`|<>[]()#@:/"})
_AT_START = re.compile(r"(\d+)\.|[-+]")  # of a line: lists, subtext
_NESTED = re.compile(r"\[[^\]]*\[|\][^\[]*\]|^[^\[]*\]|\[[^\]]*$")
_ROUND = str.maketrans("[]", "()")
_INVITES = re.compile(r"discord\.(?:gg|com)/", re.IGNORECASE)


def escape(cleaned: str) -> str:
    """Text on one line with every sign escaped that Discord could take for markdown.

    Args:
        cleaned: as ``clean_text`` gives it.
    """
    return guard_start(cleaned.translate(_ESCAPED))


def guard_start(escaped: str) -> str:
    """``escaped`` with the sign escaped that would begin a list or small print."""
    if start := _AT_START.match(escaped):
        sign = start.end() - 1
        return f"{escaped[:sign]}\\{escaped[sign:]}"
    return escaped


def inert(text: str, room: int) -> str:
    """``text`` cleaned, escaped and cut at a word to at most ``room`` units."""
    return cut(clean_text(text), room, escape)


def bold(text: str, room: int) -> str:
    """``text`` made inert, in bold; nothing where nothing of it can be seen."""
    said = inert(text, room)
    return f"**{said}**" if said else ""


def code(text: str) -> str:
    """``text`` as code, in which there are no escapes: a backtick becomes an apostrophe."""
    return f"`{clean_text(text).replace('`', chr(39)) or ' '}`"


def button_address_or_none(link: str | None) -> str | None:
    """``link`` for a button, or None where Discord might refuse the whole message for it.

    An address in a text is never examined, one on a button is: only usual hosts are let through.
    """
    address = address_or_none(link)
    if address is None or len(address) > MAX_BUTTON_LINK:
        return None
    return address if has_usual_host(address) else None


def link(label: str, address: str | None, room: int) -> str:
    """``label`` as a link to ``address``, or alone where that cannot be one.

    Args:
        room: units of the label as it is sent, the address apart.
    """
    target = address_or_none(address)
    if target is None or not can_be_label(label):
        return inert(label, room)
    shown = cut(clean_text(label), room, _as_label)
    return f"[{shown}]({target})" if shown else ""


def link_units(address: str | None) -> int:
    """Units that ``link`` needs besides its label."""
    target = address_or_none(address)
    return units(target) + 4 if target else 0


def can_be_label(label: str) -> bool:
    """Whether ``label`` can stand on a link: Discord shows no link whose label is an address."""
    cleaned = clean_text(label)
    return bool(cleaned) and not shows_address(cleaned) and not _INVITES.search(cleaned)


def _as_label(cleaned: str) -> str:
    """Escaped, with round brackets for square ones where those are not in flat pairs."""
    return escape(cleaned.translate(_ROUND) if _NESTED.search(cleaned) else cleaned)
