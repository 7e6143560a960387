"""Slack's own way to write channels, groups, people and links in a text, read.

In what a person typed, Slack puts ``<#C1|news>`` for a channel, ``<!subteam^S1|@desk>`` for a
user group, ``<https://…|label>`` for a link, and ``&amp;``, ``&lt;``, ``&gt;`` for the three
characters it needs for that. Source: Slack documentation, "Formatting message text".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from bot.commands.command import OptionKind
from bot.commands.table import TABLE
from bot.errors import InputInvalid, SendError
from bot.platforms.slack.inert import CALLS, restore
from bot.platforms.slack.people import People
from bot.platforms.slack.refusals import UNKNOWN_CHANNEL

_MARK = re.compile(r"<([^<>]+)>")
_IN_MARKS = re.compile(r"\s*[*_~]+([/／][^*~]*?)[*_~]+\s*")  # "*/alerts list*"
_CHANNEL = re.compile(r"<#([CGD][A-Z0-9]{1,20})(?:\|[^<>]*)?>")
_CHANNEL_ID = re.compile(r"(?=\D*\d)[CGD][A-Z0-9]{6,20}")  # and not CARRIERS
_PLACE = re.compile(r"([CGD][A-Z0-9]{6,20})/(\d{9,11}\.\d{6})")
_PERMALINK = re.compile(r"/(?:archives|messages)/([CGD][A-Z0-9]{6,20})(?:/p(\d{9,11})(\d{6}))?/?")
_TS = re.compile(r"\d{9,11}\.\d{6}")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{1,20})(?:\|[^<>]*)?>")
_GROUP_ID = re.compile(r"(?=\D*\d)S[A-Z0-9]{6,20}")  # and not SAMSUNG

_NOUNS = frozenset(
    noun
    for command in TABLE
    for noun in (command.noun, command.zh_noun)
    if any(one.kind in {OptionKind.CHANNEL, OptionKind.ROLE} for one in command.options)
)
"""Of the commands that take a channel or a group at all."""

UNKNOWN_GROUP = (
    "I know no such user group. Write its handle, as in @desk, or @here or @channel; posts "
    "call no single person"
)
NO_EVERYONE = "Posts cannot call @everyone: @channel calls all of a channel"


def tidy(text: str) -> str:
    """``text`` as the person typed it: links plain, the three characters back, no labels.

    Marks of channels, groups and people stay, each as one word: ``<#C1>``. What was copied from
    an answer of ours loses its look-alikes and the marks around it.
    """
    parts = _MARK.split(_bare_command(text))  # every second one is what stood between < and >
    return "".join(_tidy_mark(one) if at % 2 else unescape(one) for at, one in enumerate(parts))


def _bare_command(text: str) -> str:
    said = restore(text)
    found = _IN_MARKS.fullmatch(said)
    return found[1] if found else said


def unescape(text: str) -> str:
    """``text`` with Slack's three escapes undone, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@dataclass(frozen=True, slots=True)
class References:
    """Reads channels and groups; to be given to bot/commands/typed.py.

    Attributes:
        channels: ids by name, as far as names were typed.
        groups: ids by handle.
    """

    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def read_ref(self, kind: OptionKind, said: str) -> str | None:
        """The id of what ``said`` names, None where it names nothing.

        A bare name is none: "pair" is a scope, whatever channels there are.

        Raises:
            InputInvalid: it is written as a channel or group, but names none that can be had.
        """
        word = said.strip()
        if len(word.split()) != 1:
            return None
        match kind:
            case OptionKind.CHANNEL:
                return self._read_channel(word)
            case OptionKind.ROLE:
                return self._read_group(word)
            case _:
                return None

    def _read_channel(self, said: str) -> str | None:
        """The channel that ``said`` names: "C1", or "C1/ts" for a thread."""
        if found := _CHANNEL.fullmatch(said):
            return found[1]
        word = _bare(said)
        if _CHANNEL_ID.fullmatch(word) or _PLACE.fullmatch(word):
            return word
        if place := _read_permalink(word):
            return place
        if not word.startswith("#"):
            return None
        if known := self.channels.get(word[1:].casefold()):
            return known
        raise InputInvalid(UNKNOWN_CHANNEL)

    def _read_group(self, said: str) -> str | None:
        """The group that ``said`` names: its id, or one of ``CALLS``."""
        if found := _GROUP.fullmatch(said):
            return found[1]
        word = _bare(said)
        if _GROUP_ID.fullmatch(word):
            return word
        name = word.lstrip("!@").casefold()
        if name in CALLS:
            return name
        if name == "everyone":
            raise InputInvalid(NO_EVERYONE)
        if not word.startswith("@"):
            return None
        if known := self.groups.get(name):
            return known
        raise InputInvalid(UNKNOWN_GROUP)


async def find_references(people: People, workspace: str, text: str) -> References:
    """What is needed to read ``text``; Slack is asked only for names that it left as they are.

    Where it cannot be asked, such a name is not known.
    """
    channels: Mapping[str, str] = {}
    groups: Mapping[str, str] = {}
    rest = _MARK.sub(" ", text).casefold()
    if not any(noun in rest for noun in _NOUNS):
        return References()
    try:
        if "#" in rest:
            channels = await people.find_channel_names(workspace)
        if "@" in rest:
            found = await people.find_groups(workspace)
            groups = {one.handle.casefold(): one.id for one in found}
    except SendError:
        pass
    return References(channels, groups)


def _bare(said: str) -> str:
    """What a mark holds, without its label; a word that is no mark as it is."""
    return said.removeprefix("<").removesuffix(">").partition("|")[0].strip()


def _tidy_mark(mark: str) -> str:
    """One mark as typed: a link is an address, or its label where Slack made the link of it."""
    target, _, label = mark.partition("|")
    if target[:1] in {"#", "@", "!"}:
        return f"<{target}>"
    address, label = unescape(target), unescape(label)
    bare = address.removeprefix("mailto:").partition("://")[2] or address.removeprefix("mailto:")
    return label if label and label.casefold() == bare.rstrip("/").casefold() else address


def _read_permalink(address: str) -> str:
    """The place that the address of a channel or of a message leads to; "" for any other.

    A message within a thread names the thread's first post.
    """
    parts = urlsplit(unescape(address))
    found = _PERMALINK.fullmatch(parts.path)
    is_ours = parts.scheme == "https" and (parts.hostname or "").endswith(".slack.com")
    if not (found and is_ours):
        return ""
    channel, seconds, micros = found.groups()
    thread = (parse_qs(parts.query).get("thread_ts") or [""])[0]
    if _TS.fullmatch(thread):
        return f"{channel}/{thread}"
    return f"{channel}/{seconds}.{micros}" if seconds else channel
