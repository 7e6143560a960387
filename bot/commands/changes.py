"""``/alerts list changes``: who changed what in a workspace lately.

Nobody is told of a change that was made in a channel, or names one, of which they may not know.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from bot.commands.answer import Answer, ChannelRef, Hint, Line, Lines, RoleRef, Span, UserRef
from bot.commands.command import Call
from bot.commands.wording import channel_of, count
from bot.model import AuditRecord, Destination, Platform

MAX_SHOWN = 20
"""Changes that are listed, the newest."""

LOOKED_AT = 50
"""Changes that are looked through for those that whoever looks may see."""

Sees = Callable[[Destination], Awaitable[bool]]
"""Whether whoever looks may know of a place."""

_CHANNEL = re.compile(r"(?<!\S)channel:[\"“«「]?([^\s\"”»」]+)")
_REFERENCE = re.compile(
    r"(?<= channel:)[^\s\"]+|(?<= mention:)[^\s\"]+|(?<=^who may manage: )S[A-Z0-9]{2,20}$"
)


async def list_changes(call: Call) -> Answer:
    """The latest changes of this workspace, newest first."""
    found = await find_changes(call, call.can_see, limit=MAX_SHOWN)
    back = Hint("/alerts list", "shows the channels that get news")
    if not found:
        return Answer("Nobody has changed anything here yet", (back,))
    lines = tuple(map(tell_change, found))
    return Answer(f"{count(len(found), 'change')}, newest first", (Lines(lines), back))


async def find_changes(call: Call, sees: Sees, *, limit: int) -> list[AuditRecord]:
    """The latest changes that whoever looks may know of, at most ``limit``, newest first.

    Raises:
        InputInvalid: the platform does not say now what they may know of.
    """
    place = call.place
    kept = await call.office.store.find_audit(place.platform, place.workspace, limit=LOOKED_AT)
    known: dict[Destination, bool] = {}
    found: list[AuditRecord] = []
    for one in kept:
        if len(found) == limit:
            break
        for there in _find_places(one):
            if there not in known:
                known[there] = await sees(there)
            if not known[there]:
                break
        else:
            found.append(one)
    return found


def _find_places(record: AuditRecord) -> Iterator[Destination]:
    """Where it was done, and what it names; App Home and the console are no channel."""
    if record.place.channel:
        yield record.place
    for said in _CHANNEL.findall(record.said):
        channel, _, thread = said.partition("/")
        yield replace(record.place, channel=channel, thread=thread)


def tell_change(record: AuditRecord) -> Line:
    """When who did what and where, on one line."""
    who: Span = UserRef(record.user) if record.user else "the operator"
    where: tuple[Span, ...] = ()
    if record.place.channel and record.place.platform is not Platform.CONSOLE:
        where = (" in ", channel_of(record.place))
    return (record.at, " · ", who, *where, ": ", *_split(record.said))


def _split(said: str) -> Iterator[Span]:
    """What was typed, with its channels and groups as such."""
    start = 0
    for found in _REFERENCE.finditer(said):
        yield said[start : found.start()]
        if said[: found.start()].endswith("channel:"):
            channel, _, thread = found[0].partition("/")
            yield ChannelRef(thread or channel, parent=channel if thread else "")
        else:
            yield RoleRef(found[0])
        start = found.end()
    if said[start:]:
        yield said[start:]
