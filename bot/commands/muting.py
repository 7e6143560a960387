"""What a channel does not want to hear of: companies, outlets, stories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.commands.answer import Answer, Hint, Line, Lines, Tone, list_lines
from bot.commands.channels import Channel, clean, find_channel
from bot.commands.command import Call
from bot.commands.subjects import find_pairs_of, find_subject, is_said
from bot.commands.wishes import is_nothing, parse_span
from bot.commands.wording import channel_of, join, name_mute, tell_mute
from bot.errors import InputInvalid
from bot.model import Mute, MuteKind, Subscription

MAX_MUTES = 100
"""In one channel at a time; each is looked at for every story."""

MAX_PAIRS = 3
"""Pairs that an answer says how to unmute."""

_EVERYTHING = frozenset({"all", "everything", "全部", "所有"})


async def mute(call: Call) -> Answer:
    """Post no more of a company, an outlet or a story in a channel."""
    if is_nothing(call.text("for")):
        return await unmute(call)
    channel = await find_channel(call)
    wanted = channel.need_subscription()
    until = call.now + parse_span(call.text("for")) if call.text("for") else None
    found = await find_subject(call, channel, call.text("subject"))
    made = Mute(found.kind, found.subject, until, by=call.user)
    await save_mutes(call, wanted, [made])
    said = tell_mute(made, channel.catalogue)
    lines: list[Line] = [join(channel_of(wanted.destination), ": ", said)]
    if found.story:
        lines.append(f"“{found.story.headline}”, and whatever turns it.")
    if found.kind is MuteKind.OUTLET:
        lines.append("Stories that other outlets tell as well are posted all the same.")
    undo = Hint("/alerts unmute", "undoes it")
    return Answer("Muted", (Lines(tuple(lines)), undo), tone=Tone.DONE)


async def unmute(call: Call) -> Answer:
    """Hear of something again."""
    channel = await find_channel(call)
    wanted = clean(channel.need_subscription(), now=call.now)
    said = call.text("subject")
    if said.casefold() in _EVERYTHING:
        gone = wanted.mutes
    else:
        gone = tuple(one for one in wanted.mutes if is_said(said, one, channel.catalogue))
    where = channel_of(wanted.destination)
    if not gone:
        if pairs := find_pairs_of(said, wanted.mutes, channel.catalogue):
            return _tell_pairs(said, pairs, wanted, channel)
        muted = tuple(tell_mute(one, channel.catalogue) for one in wanted.mutes)
        nothing = () if muted else ("Nothing is muted there.",)
        lines = (join(where, f': "{said[:60]}" is not muted.'), *muted, *nothing)
        return Answer("That is not muted", (Lines(lines),), tone=Tone.REFUSED)
    await drop_mutes(call, wanted, gone)
    names = ", ".join(name_mute(one, channel.catalogue) for one in gone)
    return Answer(
        "No longer muted", list_lines([join(where, f" hears of {names} again.")]), tone=Tone.DONE
    )


def _tell_pairs(said: str, pairs: Sequence[Mute], wanted: Subscription, channel: Channel) -> Answer:
    """That a company is muted beside others only, and what ends that."""
    where = channel_of(wanted.destination)
    muted = tuple(tell_mute(one, channel.catalogue) for one in pairs)
    line = join(where, f': "{said[:60]}" alone is not muted, only beside another company.')
    hints = (
        Hint(f"/alerts unmute {name_mute(one, channel.catalogue)}", "has the pair posted again")
        for one in pairs[:MAX_PAIRS]
    )
    return Answer("Only a pair is muted", (Lines((line, *muted)), *hints), tone=Tone.REFUSED)


async def save_mutes(call: Call, wanted: Subscription, made: Iterable[Mute]) -> Subscription:
    """Keep ``made``; each takes the place of an earlier mute of the same.

    Raises:
        InputInvalid: there are too many, or the channel gets no news any more.
    """
    new = tuple(made)
    replaced = {(one.kind, one.subject) for one in new}
    kept = clean(wanted, now=call.now).mutes
    if len(new) + sum((one.kind, one.subject) not in replaced for one in kept) > MAX_MUTES:
        raise InputInvalid(
            f"{MAX_MUTES} things are muted there, and that is the most; /alerts unmute some first."
        )
    after = await call.office.store.change_mutes(wanted.destination, now=call.now, add=new)
    if after is None:
        raise InputInvalid("That channel gets no news any more, so there is nothing to mute.")
    return after


async def drop_mutes(call: Call, wanted: Subscription, gone: Iterable[Mute]) -> None:
    """Forget mutes."""
    dropped = [(one.kind, one.subject) for one in gone]
    await call.office.store.change_mutes(wanted.destination, now=call.now, drop=dropped)
