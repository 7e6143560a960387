"""How many stories a channel would have got lately, and which."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

from bot.commands.answer import (
    Answer,
    Chart,
    Facts,
    Heading,
    Hint,
    Line,
    Lines,
    Part,
    RoleRef,
    Stories,
)
from bot.commands.channels import Channel, find_channel
from bot.commands.command import Call
from bot.commands.forecast import (
    LOOKED_BACK,
    MAX_READ,
    Forecast,
    Past,
    look_back,
    make_forecast,
)
from bot.commands.settings import apply_filters
from bot.commands.views import Asker
from bot.commands.wording import channel_of, count, join, tell_wishes
from bot.model import Scope, Subscription
from bot.ports import StoryQuery

SAMPLES = 5
"""Stories that a preview shows, the newest."""


MANY = 40
"""Stories a day from which on we say how to have fewer."""


async def preview(call: Call) -> Answer:
    """What a channel would have got in the last 30 days, as it is set or with other filters."""
    channel = await find_channel(call)
    now_set = channel.subscription
    wanted = apply_filters(now_set or Subscription(channel.destination), call, channel.catalogue)
    past = await load_past(call, channel, wanted)
    found = make_forecast(past, wanted)
    parts: list[Part] = [
        Lines((join(channel_of(wanted.destination), ": ", tell_wishes(wanted, channel.catalogue)),))
    ]
    if found.stories:
        rows = tuple((f"{day.day} {day:%b}", float(told)) for day, told in _cut_early(found, past))
        parts.append(Chart(rows, unit="stories a day"))
    if notes := (_tell_total(found, past), *_tell_notes(found, past, wanted)):
        parts.append(Lines(notes))
    if found.stories:
        place = wanted.destination
        asker = Asker(call.office.store, channel.watchers, place.platform, place.workspace)
        shown = await asker.messages(found.stories[:SAMPLES])
        parts.append(Stories(shown, more=len(found.stories) - len(shown)))
    if now_set is None:
        parts.append(Hint("/alerts subscribe", "has them posted from now on"))
    elif wanted != now_set:
        parts.append(Hint("/alerts settings", "with the same options makes it so"))
    return Answer(f"{_stories(len(found.stories))} in the last {_days(past)}", tuple(parts))


async def load_past(call: Call, channel: Channel, wanted: Subscription) -> Past:
    """The stories of the last 30 days, read once."""
    place = wanted.destination
    query = StoryQuery(
        since=call.now - LOOKED_BACK,
        limit=MAX_READ,
        watched=channel.watchers.ids_of(place.platform, place.workspace),
    )
    stories = await call.office.store.find_stories(query)
    return look_back(stories, channel.watchers, wanted, now=call.now)


def tell_expected(past: Past, wanted: Subscription) -> tuple[Part, ...]:
    """How many stories each scope would have brought, the chosen one marked."""
    head = Heading(f"What to expect, by the last {_days(past)}")
    if not past.stories:
        return (Heading("What to expect"), Lines(("No story is on record yet to count by.",)))
    by_scope = {scope: make_forecast(past, replace(wanted, scope=scope)) for scope in Scope}
    rows = tuple((_mark(scope, wanted), _tell_count(one)) for scope, one in by_scope.items())
    chosen = by_scope[wanted.scope]
    notes = (*_advise(chosen, by_scope[Scope.ANY]), *_tell_notes(chosen, past, wanted))
    return (head, Facts(rows), *((Lines(notes),) if notes else ()))


def _advise(chosen: Forecast, widest: Forecast) -> tuple[Line, ...]:
    """What to do about a channel that would be silent, or flooded."""
    if not chosen.stories and widest.stories:
        return (f"As it is set nothing would have come; scope any: {_tell_count(widest)}.",)
    if not chosen.stories:
        return ("As it is set nothing would have come. Fewer conditions bring more.",)
    if chosen.average > MANY:
        return ("That is much for one channel: mode daily, min_outlets or companies tame it.",)
    return ()


def _mark(scope: Scope, wanted: Subscription) -> str:
    return f"{scope} (chosen)" if scope is wanted.scope else scope.value


def _cut_early(found: Forecast, past: Past) -> tuple[tuple[date, int], ...]:
    """The days of a chart, without those before any feed was read on which nothing is known."""
    if past.read_since is None:
        return found.per_day
    first = past.read_since.date() - timedelta(days=1)  # a time zone may be that far behind
    early = itertools.takewhile(lambda day: not day[1] and day[0] < first, found.per_day)
    return found.per_day[len(tuple(early)) :]


def _tell_count(found: Forecast) -> str:
    if not found.stories:
        return "none"
    pairs = f", {count(found.pairs, 'pair')}" if found.pairs else ", no pair"
    return f"{_per_day(found.average)} a day: {_stories(len(found.stories))}{pairs}"


def _tell_total(found: Forecast, past: Past) -> Line:
    if not found.stories:
        wider = "Other filters would bring more." if past.stories else "No story is on record yet."
        return f"Nothing would have come. {wider}"
    return f"{_tell_count(found)}."


def _tell_notes(found: Forecast, past: Past, wanted: Subscription) -> tuple[Line, ...]:
    """What to know beside the counts."""
    notes: list[Line] = []
    if found.calls and wanted.ping:
        role = wanted.ping.role
        notes.append((f"{found.calls:,} of these would have called ", RoleRef(role), "."))
    if found.muted:
        notes.append(f"{_stories(found.muted)} more would have come without mutes.")
    if past.stories and past.days < LOOKED_BACK.days:
        notes.append(f"The record reaches back {count(past.days, 'day')}, so that is what counts.")
    if past.read_since:
        early = "; of the time before only what they still listed counts."
        notes.append(("Feeds are read since ", past.read_since, early))
    return tuple(notes)


def _per_day(average: float) -> str:
    return f"{average:,.0f}" if average >= 9.95 else f"{average:.1f}" if average >= 0.05 else "<0.1"


def _stories(number: int) -> str:
    return count(number, "story", "stories")


def _days(past: Past) -> str:
    """Say "30 days", or "day"."""
    return count(past.days, "day") if past.days > 1 else "day"
