"""``/alerts list changes``: who changed what in a workspace lately."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.commands.answer import Answer, ChannelRef, Hint, Line, Lines, RoleRef, Span, UserRef
from bot.commands.command import Call
from bot.commands.wording import channel_of, count
from bot.model import AuditRecord, Platform

MAX_SHOWN = 20
"""Changes that are listed, the newest."""

_REFERENCE = re.compile(r"(?<= channel:)[^\s\"]+|(?<= mention:)[^\s\"]+")


async def list_changes(call: Call) -> Answer:
    """The latest changes of this workspace, newest first."""
    place = call.place
    kept = await call.office.store.find_audit(place.platform, place.workspace, limit=MAX_SHOWN)
    found = [one for one in kept if not one.place.channel or await call.can_see(one.place)]
    back = Hint("/alerts list", "shows the channels that get news")
    if not found:
        return Answer("Nobody has changed anything here yet", (back,))
    lines = tuple(map(tell_change, found))
    return Answer(f"{count(len(found), 'change')}, newest first", (Lines(lines), back))


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
