"""What a channel gets, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from functools import lru_cache

from bot.commands.answer import ChannelRef, Line, RoleRef, Span
from bot.model import (
    FOREVER,
    Catalogue,
    Destination,
    Event,
    Mute,
    MuteKind,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
)

Row = tuple[str, Line]
"""The name of a setting and what it is set to."""

_STORIES = {
    Scope.ANY: "every story about handset makers or carriers",
    Scope.MAKERS: "every story that names a handset maker",
    Scope.CARRIERS: "every story that names a carrier",
    Scope.PAIR: "every story that names a handset maker and a carrier close together",
}
_PLURALS = {
    Event.DEAL: "deals",
    Event.DEAL_OFF: "deals off",
    Event.LAUNCH: "launches",
    Event.BAN: "bans and sanctions",
    Event.LAWSUIT: "probes and lawsuits",
    Event.MERGER: "mergers",
    Event.EARNINGS: "earnings and market share",
    Event.NETWORK: "networks and outages",
    Event.LEAK: "leaks and rumours",
    Event.REVIEW: "reviews",
}


_WAY_BACK = "/alerts resume"


def name_workspace(platform: Platform | str | None) -> str:
    """What people of ``platform`` call a workspace."""
    return "server" if platform == Platform.DISCORD else "workspace"


def channel_of(destination: Destination) -> ChannelRef:
    """The channel or thread where its posts go."""
    if destination.thread:
        return ChannelRef(destination.thread, parent=destination.channel)
    return ChannelRef(destination.channel)


def tell_wishes(wanted: Subscription, catalogue: Catalogue) -> Line:
    """What will come, when, and whom it calls, as one sentence."""
    pieces: list[Span] = [_STORIES[wanted.scope].capitalize()]
    if wanted.events:
        pieces.append(f", only {list_events(wanted.events)}")
    if wanted.companies:
        names = [catalogue.name_of(company) for company in wanted.companies]
        pieces.append(f", only with {_listed(names, 'or')}")
    if wanted.min_outlets > 1:
        pieces.append(f", once {wanted.min_outlets} outlets tell it")
    pieces.append(f", {_tell_rhythm(wanted)}")
    if wanted.quiet:
        zone = "" if wanted.rhythm is Rhythm.DAILY else f" ({wanted.time_zone})"
        pieces.append(f"; nothing from {_tell_quiet(wanted.quiet)}{zone}, that comes afterwards")
    if wanted.ping:
        calling = "call" if wanted.ping.events or wanted.ping.is_for_pairs else "calls"
        pieces += [f"; {_tell_called(wanted.ping)} {calling} ", RoleRef(wanted.ping.role)]
    if wanted.opens_threads:
        pieces.append("; what follows on a story goes into its thread")
    return join(*pieces, ".")


def join(*pieces: Line | Span) -> Line:
    """The pieces side by side as one line; a plain text where they are all texts."""
    spans: list[Span] = []
    for piece in pieces:
        spans += piece if isinstance(piece, tuple) else (piece,)
    joined: list[Span] = []
    for span in spans:
        if isinstance(span, str) and joined and isinstance(joined[-1], str):
            joined[-1] += span
        else:
            joined.append(span)
    match joined:
        case [str() as text]:
            return text
        case _:
            return tuple(joined)


def list_settings(wanted: Subscription, catalogue: Catalogue) -> tuple[Row, ...]:
    """Every setting by name, in the order in which they are asked for."""
    names = [catalogue.name_of(company) for company in wanted.companies]
    return (
        ("Scope", wanted.scope.value),
        ("Events", list_events(wanted.events) or "all"),
        ("Companies", ", ".join(names) or "all"),
        ("Outlets at least", str(wanted.min_outlets)),
        ("Mode", wanted.rhythm.value),
        ("At", _tell_at(wanted)),
        ("Time zone", wanted.time_zone),
        ("Quiet hours", _tell_quiet(wanted.quiet) if wanted.quiet else "none"),
        ("Mention", _tell_ping(wanted.ping)),
        ("Threads", "yes" if wanted.opens_threads else "no"),
    )


def list_changes(
    before: Subscription, after: Subscription, catalogue: Catalogue
) -> tuple[Row, ...]:
    """The settings that differ, each as it was and as it is."""
    both = zip(list_settings(before, catalogue), list_settings(after, catalogue), strict=True)
    return tuple((name, join(old, " → ", new)) for (name, old), (_, new) in both if old != new)


def list_state(wanted: Subscription, catalogue: Catalogue, now: datetime) -> tuple[Line, ...]:
    """What keeps posts away: parked, paused, muted; a line each."""
    lines: list[Line] = [*list_stop(wanted)]
    if wanted.paused_until and wanted.paused_until >= FOREVER:
        lines.append("Paused until /alerts resume.")
    elif wanted.paused_until and wanted.paused_until > now:
        lines.append(("Paused until ", wanted.paused_until, "."))
    lines += [tell_mute(mute, catalogue) for mute in wanted.mutes if mute.holds(now)]
    return tuple(lines)


def list_stop(wanted: Subscription) -> tuple[Line, ...]:
    """Why the platform takes no posts there, and the way back; () where it takes them."""
    if not wanted.parked:
        return ()
    if _WAY_BACK in wanted.parked:  # most reasons end with it
        return (f"Stopped: {wanted.parked}",)
    return (f"Stopped: {wanted.parked}", f"When that is mended, {_WAY_BACK}.")


def tell_owed(owed: int) -> tuple[Line, ...]:
    """What becomes of ``owed`` stories that waited for a channel; () where none did."""
    if not owed:
        return ()
    come = "comes now" if owed == 1 else "come as one post now"
    return (f"{count(owed, 'story', 'stories')} that waited {come}.",)


def tell_muted(mutes: int) -> str:
    """How many things are muted in a channel, and where they are told."""
    shows = "shows it" if mutes == 1 else "shows them"
    return f"{count(mutes, 'mute')}; /alerts list, typed there, {shows}."


def tell_mute(mute: Mute, catalogue: Catalogue) -> Line:
    """What is muted and for how long."""
    said = f"Muted: {name_mute(mute, catalogue)}"
    return (f"{said}, until ", mute.until, ".") if mute.until else f"{said}, for good."


def name_mute(mute: Mute, catalogue: Catalogue) -> str:
    """What a mute is about, in a few words."""
    match mute.kind:
        case MuteKind.COMPANY:
            return catalogue.name_of(mute.subject)
        case MuteKind.STORY:
            return f"story #{mute.subject}"
        case MuteKind.OUTLET:
            return mute.subject
        case MuteKind.PAIR:
            return " × ".join(map(catalogue.name_of, mute.subject.split("+")))


@lru_cache(maxsize=1)
def event_names() -> dict[str, Event]:
    """Events by each of their own names: labels, their halves, plurals, and plain values."""
    names: dict[str, Event] = {}
    for event in Event:
        plural = _PLURALS.get(event, event.label)
        for name in (*event.label.split(" or "), *plural.split(" and ")):
            names[name] = event
            if plural == event.label:
                names[name.removesuffix("s") + "s"] = event
        names |= dict.fromkeys((event.label, plural, event.value), event)
    return names


def list_events(events: Iterable[Event]) -> str:
    """Say "deals, bans and sanctions", or "" for none."""
    return ", ".join(_PLURALS.get(event, event.label) for event in events)


def count(number: int, one: str, many: str = "") -> str:
    """Say "1 story" or "2 stories"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _tell_rhythm(wanted: Subscription) -> str:
    match wanted.rhythm:
        case Rhythm.LIVE:
            return "at once"
        case Rhythm.HOURLY:
            return f"as one post an hour, {_tell_at(wanted)}"
        case Rhythm.DAILY:
            return f"as one post a day at {_tell_at(wanted)} ({wanted.time_zone})"


def _tell_at(wanted: Subscription) -> str:
    match wanted.rhythm:
        case Rhythm.LIVE:
            return "at once"
        case Rhythm.HOURLY:
            return f"at {wanted.at.minute} past" if wanted.at.minute else "on the hour"
        case Rhythm.DAILY:
            return _tell_time(wanted.at)


def _tell_quiet(quiet: QuietHours) -> str:
    return f"{_tell_time(quiet.start)} to {_tell_time(quiet.end)}"


def _tell_time(moment: time) -> str:
    return f"{moment:%H:%M}"


def _tell_called(ping: Ping) -> str:
    events = list_events(ping.events)
    if ping.is_for_pairs:
        return f"pairs of the kind {events}" if events else "pairs"
    return events or "every post"


def _tell_ping(ping: Ping | None) -> Line:
    return (RoleRef(ping.role), f" for {_tell_called(ping)}") if ping else "nobody"


def _listed(names: Sequence[str], joint: str) -> str:
    *most, last = names
    return f"{', '.join(most)} {joint} {last}" if most else last
