"""Subscribing a channel: which stories it gets, how many to expect, and ending it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.commands.answer import (
    Answer,
    Facts,
    Heading,
    Hint,
    Line,
    Lines,
    Part,
    Tone,
    list_lines,
    refuse,
)
from bot.commands.changes import list_changes as tell_changes
from bot.commands.channels import Channel, clean, enter, find_channel, find_problems
from bot.commands.command import Call
from bot.commands.leftovers import find_gone, offer_end
from bot.commands.previewing import load_past, tell_expected
from bot.commands.settings import apply_settings, is_anything_set
from bot.commands.wording import (
    channel_of,
    join,
    list_changes,
    list_settings,
    list_state,
    name_workspace,
    tell_muted,
    tell_owed,
    tell_wishes,
)
from bot.matching import Watchers
from bot.model import Subscription
from bot.ports import PlaceProblem

_PREVIEW = Hint("/alerts preview", "shows what would have come lately")
_SETTINGS = Hint("/alerts settings", "changes it")


async def subscribe(call: Call) -> Answer:
    """Have news posted in a channel, or change what is; says how many stories to expect."""
    channel = await find_channel(call)
    _apply(channel, call)  # what cannot be read is refused before the platform is asked
    await enter(call, channel.destination)
    problems = await find_problems(call, channel.destination)
    if grave := [problem for problem in problems if problem.is_grave]:
        return _refuse_place(channel, grave)
    channel = await find_channel(call)  # somebody may have changed it meanwhile
    before, after = channel.subscription, _apply(channel, call)
    owed = await _save(call, after, before)
    parts: list[Part] = [Lines((_tell(after, channel),))]
    if before:
        parts += _tell_changes(before, after, channel)
    parts += list_lines((*tell_owed(owed), *list_state(after, channel.catalogue, call.now)))
    parts += _tell_problems(problems)
    parts += tell_expected(await load_past(call, channel, after), after)
    title = "Subscribed" if before is None else "Changed" if before != after else "As it was"
    tone = Tone.CAUTION if problems else Tone.DONE
    parts += (_PREVIEW, _SETTINGS)
    return Answer(title, tuple(parts), tone=tone, changed_nothing=before == after)


async def unsubscribe(call: Call) -> Answer:
    """Post no more news in a channel."""
    channel = await find_channel(call)
    wanted = channel.need_subscription()
    await call.office.store.unsubscribe(wanted.destination)
    line: Line = (
        channel_of(wanted.destination),
        " gets no more news. What was posted stays, and is not brought up to date any more.",
    )
    again = Hint("/alerts subscribe", "starts again; the settings and mutes start anew too")
    return Answer("Unsubscribed", (Lines((line,)), again), tone=Tone.DONE)


async def list_subscriptions(call: Call) -> Answer:
    """The channels of this workspace that get news, or what was changed lately.

    Of the channel where it was typed each mute is told, of others how many there are. Channels
    that the person may not know of are not even counted.
    """
    if call.values.get("changes"):
        return await tell_changes(call)
    place, store = call.place, call.office.store
    there = name_workspace(place.platform)
    wanted = await store.find_subscriptions(place.platform, place.workspace)
    seen = [one for one in wanted if await call.can_see(one.destination)]
    if not seen:
        start = Hint("/alerts subscribe", "has news posted in a channel")
        which = f"of this {there}" if call.sees is None else "that you may see"
        return Answer(f"No channel {which} gets news yet", (start,))
    watchers = Watchers(call.office.catalogue, await store.find_watches())
    catalogue = watchers.catalogue_of(place.platform, place.workspace)
    gone = await find_gone(call, seen)
    here = None if call.is_direct else (await find_channel(call)).destination
    parts: list[Part] = []
    lines: list[Line] = []
    for one in seen:
        lines.append(join(channel_of(one.destination), ": ", tell_wishes(one, catalogue)))
        is_here = one.destination == here
        shown = one if is_here else replace(one, mutes=())
        lines += list_state(shown, catalogue, call.now)
        if not is_here and (mutes := sum(mute.holds(call.now) for mute in one.mutes)):
            lines.append(tell_muted(mutes))
        if one.destination in gone:
            parts += (Lines(tuple(lines)), offer_end(one.destination))
            lines = []
    title = f"Channels of this {there} that get news: {len(seen)}"
    return Answer(title, (*parts, *list_lines(lines), _SETTINGS))


async def change_settings(call: Call) -> Answer:
    """Change what is named, or show everything."""
    channel = await find_channel(call)
    before = channel.need_subscription()
    if not is_anything_set(call):
        return _show(call, channel, before)
    after = apply_settings(before, call, channel.catalogue)
    await call.office.store.subscribe(clean(after, now=call.now), now=call.now)
    parts: list[Part] = [Lines((_tell(after, channel),)), *_tell_changes(before, after, channel)]
    parts += list_lines(list_state(replace(after, mutes=()), channel.catalogue, call.now))
    parts += tell_expected(await load_past(call, channel, after), after)
    title = "Changed" if before != after else "As it was"
    return Answer(title, (*parts, _PREVIEW), tone=Tone.DONE, changed_nothing=before == after)


def _apply(channel: Channel, call: Call) -> Subscription:
    """The channel's subscription, or a new one, with what the call says; parked no more.

    Raises:
        InputInvalid: an option cannot be read.
    """
    wanted = channel.subscription or Subscription(channel.destination, subscribed_by=call.user)
    return replace(apply_settings(wanted, call, channel.catalogue), parked="")


async def _save(call: Call, after: Subscription, before: Subscription | None) -> int:
    """Keep it; how many stories that waited since the platform refused them come now."""
    owed_at = None
    if before and before.parked:
        owed_at = max(call.now, after.paused_until or call.now)
    moved = await call.office.store.subscribe(
        clean(after, now=call.now), now=call.now, owed_at=owed_at
    )
    return moved if owed_at == call.now else 0


def _show(call: Call, channel: Channel, wanted: Subscription) -> Answer:
    parts: list[Part] = [
        Lines((_tell(wanted, channel),)),
        Facts(list_settings(wanted, channel.catalogue)),
        *list_lines(list_state(wanted, channel.catalogue, call.now)),
    ]
    change = Hint("/alerts settings", "with an option changes just that; none clears it")
    return Answer("Settings", (*parts, change, _PREVIEW))


def _refuse_place(channel: Channel, problems: Sequence[PlaceProblem]) -> Answer:
    lines: list[Line] = [problem.text for problem in problems]
    where = (channel_of(channel.destination), ": I can't post there yet.")
    again = Hint("/alerts subscribe", "once that is changed")
    return refuse("I can't post in that channel yet", Lines((where, *lines)), again)


def _tell(wanted: Subscription, channel: Channel) -> Line:
    sentence = tell_wishes(wanted, channel.catalogue)
    return join(channel_of(wanted.destination), ": ", sentence)


def _tell_changes(before: Subscription, after: Subscription, channel: Channel) -> tuple[Part, ...]:
    changes = list_changes(before, after, channel.catalogue)
    return (Heading("What changed"), Facts(changes)) if changes else ()


def _tell_problems(problems: Iterable[PlaceProblem]) -> tuple[Part, ...]:
    lines = [problem.text for problem in problems]
    return (Heading("Good to know"), *list_lines(lines)) if lines else ()
