"""When a story's first post is due in a place, and whether it is gathered there. Pure.

Everything a subscription says of times is wall time of its zone. A wall time that the
clocks jump over moves forward with them; of one that comes twice, the second counts.
Source: PEP 495, https://peps.python.org/pep-0495/ (``fold``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model.subscription import FOREVER, QuietHours, Rhythm, Subscription

_HOUR = timedelta(hours=1)
_FAR = FOREVER - timedelta(days=7)
"""From here on no calendar is asked: it would run out of years."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a first post is made.

    Attributes:
        at: not before this time, UTC.
        is_gathered: together with all others of the place that are gathered and due then.
    """

    at: datetime
    is_gathered: bool


def find_due(subscription: Subscription, *, now: datetime) -> Due:
    """When what ``subscription`` wants at ``now`` is posted.

    A parked one waits for good, a paused one for the end of its pause; a live one gets it at
    once; of the others, see ``Rhythm``. Quiet hours put all of these off until they end. So a
    digest whose time lies in them comes at their end, and at the latest 25 hours from now
    if the place is awake for two hours a day at least.
    """
    zone = find_zone(subscription.time_zone)
    quiet = subscription.quiet
    until = subscription.paused_until
    if subscription.parked:
        return Due(FOREVER, is_gathered=True)
    if until is not None and now < until:
        return Due(_after_quiet(until, quiet, zone), is_gathered=True)
    if subscription.rhythm is Rhythm.LIVE:
        at = _after_quiet(now, quiet, zone)
        return Due(at, is_gathered=at > now)
    if subscription.rhythm is Rhythm.HOURLY:
        marks = _find_hours(now, subscription.at.minute, zone)
    else:
        marks = _find_days(now, subscription.at, zone)
    # The last mark before now may lie in quiet hours that are not over yet.
    awake = (_after_quiet(mark, quiet, zone) for mark in marks)
    return Due(min(mark for mark in awake if mark >= now), is_gathered=True)


@lru_cache(maxsize=1024)
def find_zone(name: str) -> tzinfo:
    """The time zone of this IANA name; UTC where our data does not know it (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, no name, a folder's name
        return UTC


def _find_hours(now: datetime, minute: int, zone: tzinfo) -> Iterator[datetime]:
    """The last time before ``now`` that the clock's minute was ``minute``, and the next."""
    mark = _next_minute(now, minute, zone)
    yield mark - _HOUR
    # Clocks that jump by half an hour show another minute there.
    yield mark if mark.astimezone(zone).minute == minute else _next_minute(mark, minute, zone)


def _next_minute(moment: datetime, minute: int, zone: tzinfo) -> datetime:
    local = moment.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    ahead = timedelta(minutes=minute) - past
    return moment + (ahead if ahead >= timedelta(0) else ahead + _HOUR)


def _find_days(now: datetime, at: time, zone: tzinfo) -> Iterator[datetime]:
    """``at`` of yesterday, today and tomorrow."""
    today = now.astimezone(zone).date()
    for days in (-1, 0, 1):
        yield find_moment(today + timedelta(days=days), at, zone)


def _after_quiet(moment: datetime, quiet: QuietHours | None, zone: tzinfo) -> datetime:
    """``moment``, or the end of the quiet hours that it lies in."""
    if quiet is None or moment >= _FAR:
        return moment
    # Where clocks jump over the end of long quiet hours, the next ones may have begun by then.
    while _is_quiet(moment.astimezone(zone).time(), quiet):
        local = moment.astimezone(zone)
        is_over_midnight = quiet.start > quiet.end and local.time() >= quiet.start
        day = local.date() + timedelta(days=1 if is_over_midnight else 0)
        moment = find_moment(day, quiet.end, zone)
    return moment


def _is_quiet(wall: time, quiet: QuietHours) -> bool:
    if quiet.start <= quiet.end:
        return quiet.start <= wall < quiet.end
    return wall >= quiet.start or wall < quiet.end


def find_moment(day: date, wall: time, zone: tzinfo) -> datetime:
    """When the clocks of ``zone`` show ``wall`` on ``day``, UTC; see the head of this module."""
    shown = datetime.combine(day, wall, tzinfo=zone)
    # Of a time that is jumped over, the reading by the earlier offset is the later one; of a
    # time that comes twice, the reading by the later offset is.
    return max(shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
