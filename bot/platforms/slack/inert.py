r"""Text of strangers made harmless for Slack, and links that nothing can end early.

Slack's markup, mrkdwn, has no escape but for three signs: "&", "<" and ">" become entities, once,
and with them go links, mentions, calls and dates, which all stand in angle brackets. For the
signs that format there is none. Where Slack would take one for a mark, another sign that looks the
same stands in for it: "∗" for "*", "ˍ" for "_", "∼" for "~", "ˋ" for a backtick, "꞉" for the colon
that begins an emoji's name, "›" for what would begin a quote. A sign that can be no mark stays as
it is: the underscore in "snake_case", the star in "5 * 3", the colon in "12:30".

Every text that we send is "verbatim": then bare addresses, channel names and "@here" in it stay
plain text.

Source: Slack documentation, "Formatting text for app surfaces" (escaping, marks, verbatim).
"""

from __future__ import annotations

import re

from bot.platforms.slack.limits import MAX_BUTTON_LINK
from bot.prose.addresses import address_or_none, has_usual_host, shows_address
from bot.prose.fitting import cut, units
from bot.prose.inert import clean_text

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOK_ALIKES = {"*": "∗", "_": "ˍ", "~": "∼"}
_MEANT = str.maketrans({"∗": "*", "ˍ": "_", "∼": "~", "ˋ": "`", "꞉": ":", "∣": "|"})
_QUOTED = re.compile(r"(`{1,3})([^`]+)\1")
_MARK = re.compile(r"[*_~]")
_CODE = re.compile(r"`")
_EMOJI = re.compile(r":(?=[\w+'’-]+:)")
_QUOTES = re.compile(r">+")  # at the start of a line
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,40}")
_DIRECT = re.compile(r"D[A-Z0-9]{1,40}")
_USER = re.compile(r"[UW][A-Z0-9]{1,40}")
_GROUP = re.compile(r"S[A-Z0-9]{1,40}")
CALLS = frozenset({"here", "channel"})
"""Whom a post may call that is no user group: those of a channel who are there, and all."""


def escape(cleaned: str) -> str:
    """Text on one line as it stands in mrkdwn, with nothing in it that Slack would take for a mark.

    Args:
        cleaned: as ``clean_text`` gives it.
    """
    return unmark(cleaned).translate(_ENTITIES)


def unmark(cleaned: str) -> str:
    """``cleaned`` with look-alikes for marks, nothing escaped: for plain text, too."""
    said = _MARK.sub(_replace_mark, cleaned)
    said = _EMOJI.sub("꞉", _CODE.sub("ˋ", said))
    if start := _QUOTES.match(said):
        said = "›" * start.end() + said[start.end() :]
    return said


def restore(text: str) -> str:
    """``text`` with the signs that look-alikes stand in for, as whoever copied it from us means.

    A backtick parts nothing in what people type, and goes where one stands around something.
    """
    return _QUOTED.sub(r"\2", text.translate(_MEANT)).strip("`")


def _replace_mark(found: re.Match[str]) -> str:
    """The sign itself between two letters or two spaces, where it neither opens nor closes."""
    text, at = found.string, found.start()
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    if _is_plain_letter(before) and _is_plain_letter(behind):
        return found[0]
    is_alone = bool(before and behind) and before.isspace() and behind.isspace()
    return found[0] if is_alone else _LOOK_ALIKES[found[0]]


def _is_plain_letter(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def inert(text: str, room: int) -> str:
    """``text`` cleaned, escaped and cut at a word to at most ``room`` units."""
    return cut(clean_text(text), room, escape)


def plain(text: str, room: int) -> str:
    """``text`` for a place without markup (a button, a header), cut to at most ``room`` units."""
    return cut(clean_text(text), room, unmark)


def bold(text: str, room: int) -> str:
    """``text`` made inert, in bold; nothing where nothing of it can be seen."""
    said = inert(text, room - 2)
    return f"*{said}*" if said else ""


def code(text: str, room: int) -> str:
    """``text`` as code, in which nothing is a mark: a backtick becomes its look-alike."""
    return f"`{cut(clean_text(text), room - 2, escape_code) or ' '}`"


def escape_code(cleaned: str) -> str:
    """A line as it stands between backticks, with all its spaces."""
    return _CODE.sub("ˋ", cleaned).translate(_ENTITIES)


def link(label: str, address: str | None, room: int) -> str:
    """``label`` as a link to ``address``, or alone where that cannot be one.

    A bar, which parts the two, has a look-alike in the label.

    Args:
        room: units of the label as it is sent, the address apart.
    """
    target = address_or_none(address)
    shown = inert(label, room)
    if target is None or not shown or not can_be_label(label):
        return shown
    return f"<{target.translate(_ENTITIES)}|{shown.replace('|', '∣')}>"


def link_units(address: str | None) -> int:
    """Units that ``link`` needs besides its label."""
    target = address_or_none(address)
    return units(target.translate(_ENTITIES)) + 3 if target else 0


def can_be_label(label: str) -> bool:
    """Whether ``label`` can stand on a link: none that could be taken for an address itself."""
    cleaned = clean_text(label)
    return bool(cleaned) and not shows_address(cleaned)


def button_address_or_none(address: str | None) -> str | None:
    """``address`` for a button, or None where Slack might refuse the whole message for it."""
    target = address_or_none(address)
    if target is None or len(target) > MAX_BUTTON_LINK:
        return None
    return target if has_usual_host(target) else None


def channel(id_: str, parent: str = "") -> str:
    """A channel by its id, shown as a link to it; Slack draws none to a direct conversation.

    Args:
        id_: "C…", or with ``parent`` the timestamp of a thread in that channel.
    """
    place = parent or id_
    if _DIRECT.fullmatch(place):
        said = "our conversation"
    else:
        said = f"<#{place}>" if _CHANNEL.fullmatch(place) else inert(place, 100)
    return f"the thread in {said}" if parent else said


def user_or_none(id_: str) -> str | None:
    """Whatever shows a person's name and, where others can read it, calls them."""
    return f"<@{id_}>" if _USER.fullmatch(id_) else None


def call_or_none(id_: str) -> str | None:
    """What calls a user group ("S…"), or whoever is in the channel ("here", "channel")."""
    if _GROUP.fullmatch(id_):
        return f"<!subteam^{id_}>"
    return f"<!{id_}>" if id_ in CALLS else None
