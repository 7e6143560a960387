"""Holding a channel's posts back for a while, and letting them come again."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.answer import Answer, Hint, Line, Lines, Tone, list_lines, refuse
from bot.commands.channels import clean, enter, find_channel, find_problems
from bot.commands.command import Call
from bot.commands.untils import parse_until
from bot.commands.wishes import is_nothing
from bot.commands.wording import channel_of, join, list_state, list_stop, tell_owed
from bot.model import FOREVER
from bot.model.timing import find_due, find_zone


async def pause(call: Call) -> Answer:
    """Hold all posts back; what comes meanwhile comes as one post afterwards."""
    if is_nothing(call.text("for")):
        return await resume(call)
    channel = await find_channel(call)
    wanted = channel.need_subscription()
    until = FOREVER
    if said := call.text("for"):
        until = parse_until(said, now=call.now, zone=find_zone(wanted.time_zone))
    after = clean(replace(wanted, paused_until=until), now=call.now)
    owed_at = find_due(after, now=call.now).at
    await call.office.store.subscribe(after, now=call.now, owed_at=owed_at)
    when: Line = (" until ", until) if until < FOREVER else " until /alerts resume"
    line = join(channel_of(wanted.destination), " gets no posts", when, ".")
    after_it = "What comes meanwhile is kept, and comes as one post then."
    stopped = list_stop(wanted)
    return Answer(
        "Paused",
        (Lines((line, after_it, *stopped)), Hint("/alerts resume", "ends it")),
        tone=Tone.CAUTION if stopped else Tone.DONE,
    )


async def resume(call: Call) -> Answer:
    """Post again, be it paused or stopped by the platform."""
    channel = await find_channel(call)
    wanted = channel.need_subscription()
    await enter(call, wanted.destination)
    problems = await find_problems(call, wanted.destination)
    if grave := [problem.text for problem in problems if problem.is_grave]:
        where: Line = (channel_of(wanted.destination), ": I still can't post there.")
        again = Hint("/alerts resume", "once that is changed")
        return refuse("I still can't post in that channel", Lines((where, *grave)), again)
    channel = await find_channel(call)  # somebody may have changed it meanwhile
    wanted = channel.need_subscription()
    is_held = bool(wanted.parked) or (wanted.paused_until or call.now) > call.now
    after = clean(replace(wanted, parked="", paused_until=None), now=call.now)
    owed = 0
    if is_held:
        owed = await call.office.store.subscribe(after, now=call.now, owed_at=call.now)
    again_line: Line = (channel_of(wanted.destination), " gets its posts again.")
    nothing: Line = (channel_of(wanted.destination), " was neither paused nor stopped.")
    lines: list[Line] = [again_line if is_held else nothing, *tell_owed(owed)]
    lines += [problem.text for problem in problems]
    lines += list_state(after, channel.catalogue, call.now)
    tone = Tone.CAUTION if problems else Tone.DONE
    title = "Resumed" if is_held else "As it was"
    return Answer(title, list_lines(lines), tone=tone, changed_nothing=not is_held)
