"""The options of ``/alerts`` as changes of a subscription. Pure but for the zones' names."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar
from zoneinfo import available_timezones

from bot.commands.command import Call
from bot.commands.wishes import (
    Calling,
    is_nothing,
    parse_calling,
    parse_clock,
    parse_companies,
    parse_events,
    parse_minute,
    parse_quiet,
    parse_time_zone,
)
from bot.errors import InputInvalid
from bot.model import DIGEST_AT, Catalogue, Ping, Rhythm, Scope, Subscription

_Picked = TypeVar("_Picked", bound=StrEnum)

_FILTERS = ("scope", "events", "companies", "min_outlets")
_OTHERS = ("mode", "at", "time_zone", "quiet_hours", "mention", "mention_for", "thread")


def is_anything_set(call: Call) -> bool:
    """Whether the call names a setting at all."""
    return any(call.values.get(name) is not None for name in (*_FILTERS, *_OTHERS))


def apply_filters(wanted: Subscription, call: Call, catalogue: Catalogue) -> Subscription:
    """``wanted`` with what the call says of which stories.

    Args:
        catalogue: as the workspace knows it.

    Raises:
        InputInvalid: an option cannot be read; the message names it.
    """
    said = call.values
    if said.get("scope") is not None:
        wanted = replace(wanted, scope=_pick(call, "scope", Scope))
    if said.get("events") is not None:
        wanted = replace(wanted, events=parse_events(call.text("events")))
    if said.get("companies") is not None:
        companies = parse_companies(call.text("companies"), catalogue)
        wanted = replace(wanted, companies=companies)
    if said.get("min_outlets") is not None:
        wanted = replace(wanted, min_outlets=_whole(call, "min_outlets", 1, 10))
    return wanted


def apply_settings(wanted: Subscription, call: Call, catalogue: Catalogue) -> Subscription:
    """``wanted`` with everything that the call names; the rest stays.

    Raises:
        InputInvalid: an option cannot be read, or means nothing beside the others.
    """
    wanted = _apply_timing(apply_filters(wanted, call, catalogue), call)
    wanted = replace(wanted, ping=_read_ping(wanted.ping, call))
    if call.values.get("thread") is not None:
        wanted = replace(wanted, opens_threads=bool(call.values["thread"]))
    return wanted


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The IANA names of time zones that this machine knows."""
    return frozenset(available_timezones())


def _apply_timing(wanted: Subscription, call: Call) -> Subscription:
    said = call.values
    if said.get("mode") is not None:
        wanted = replace(wanted, rhythm=_pick(call, "mode", Rhythm))
    if said.get("at") is not None:
        wanted = _apply_at(wanted, call)
    if said.get("time_zone") is not None:
        text = call.text("time_zone")
        zone = "UTC" if is_nothing(text) else parse_time_zone(text, known_zones())
        wanted = replace(wanted, time_zone=zone)
    if said.get("quiet_hours") is not None:
        wanted = replace(wanted, quiet=parse_quiet(call.text("quiet_hours")))
    return wanted


def _apply_at(wanted: Subscription, call: Call) -> Subscription:
    """``wanted`` with the option "at": a minute where the rhythm is hourly; "none" clears."""
    text = call.text("at")
    if is_nothing(text):
        return replace(wanted, at=DIGEST_AT)
    if wanted.rhythm is Rhythm.HOURLY:
        return replace(wanted, at=parse_minute(text))
    if wanted.rhythm is Rhythm.LIVE and call.values.get("mode") is not None:
        raise InputInvalid(
            "at: live posts come at once; leave it out, or choose the mode daily or hourly."
        )
    return replace(wanted, at=parse_clock(text), rhythm=Rhythm.DAILY)


def _read_ping(before: Ping | None, call: Call) -> Ping | None:
    said = call.values
    role = call.text("mention") or (before.role if before else "")
    if call.text("mention") == call.place.workspace and role:  # the platform's "everyone"
        raise InputInvalid("mention: posts do not call everybody; name a smaller role.")
    if said.get("mention_for") is None:
        return replace(before or Ping(role), role=role) if role else None
    calling = parse_calling(call.text("mention_for"))
    match calling:
        case None if call.text("mention"):
            raise InputInvalid("mention_for: leave mention out where nobody shall be called.")
        case None:
            return None
        case Calling() if not role:
            raise InputInvalid("mention_for: name the role as well, with mention.")
        case Calling():
            return Ping(role, calling.is_for_pairs, calling.events)


def _pick(call: Call, name: str, kind: type[_Picked]) -> _Picked:
    said = call.text(name).casefold()
    try:
        return kind(said)
    except ValueError:
        picks = ", ".join(kind)
        raise InputInvalid(f'{name}: I can\'t read "{said[:60]}". Choose one of {picks}.') from None


def _whole(call: Call, name: str, least: int, most: int) -> int:
    said = call.values[name]
    try:
        number = int(said)
    except (TypeError, ValueError):
        number = least - 1
    if not least <= number <= most:
        raise InputInvalid(f"{name}: write a whole number from {least} to {most}.")
    return number
