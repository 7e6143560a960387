"""Whether the bot does its work: conditions, each with its figure and what governs it.

Pure: what was measured goes in, checks come out. Who measures is ``bot/app/vitals.py``, and
who asks are ``/healthz`` and ``/readyz`` (probes.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model import Platform
from bot.ports import Gauges

BEAT_WITHIN = timedelta(seconds=60)
"""A scheduler that works says so every 15 s."""

MINUTE_S = 60.0

STALLED_SHARE = 0.5
"""An event loop that was held up for half of the last minute does not keep time. Loading the
catalogue takes a second, a long garbage collection a tenth; what takes more hangs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is wrong; see ``bot.settings.health``."""

    late_s: float
    late_share: float
    backlog_s: float
    gateway_s: float
    disk_free_bytes: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was measured.

    Attributes:
        gauges: the store; None where it could not be asked.
        fault: why not, in one line without secrets.
        posts_to: the platforms that are configured; what is owed elsewhere waits for its day.
        unheard_s: by the platforms of this process, for how many seconds nothing that people
            do arrives; 0.0 where it does.
        disk_free_bytes: where SQLite keeps its file, None with another database.
    """

    gauges: Gauges | None
    fault: str = ""
    posts_to: Collection[Platform] = ()
    unheard_s: Mapping[str, float] = field(default_factory=dict)
    disk_free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition.

    Attributes:
        name: a word for machines.
        figure: one line for people: what was measured, and which setting bounds it.
    """

    name: str
    is_good: bool
    figure: str


def check_loop(stalled_share: float) -> Check:
    """Whether the event loop keeps time, by how much of the last minute it was held up."""
    figure = (
        f"the event loop was held up for {stalled_share:.0%} of the last minute; "
        f"under {STALLED_SHARE:.0%} is fine"
    )
    return Check("loop", stalled_share < STALLED_SHARE, figure)


def check_all(vitals: Vitals, limits: Limits) -> tuple[Check, ...]:
    """Every condition of readiness, those that others depend on first."""
    return tuple(_find_checks(vitals, limits))


CHECKS = ("database", "scheduler", "polls", "backlog", "gateway", "disk")
"""The names there are; which of them are looked at depends on what is configured."""


def _find_checks(vitals: Vitals, limits: Limits) -> Iterator[Check]:
    gauges = vitals.gauges
    if gauges is None:
        figure = f"{vitals.fault or 'it does not answer'} (database.url)"
        yield Check("database", is_good=False, figure=figure)
    else:
        yield Check("database", is_good=True, figure="it answers")
        yield _check_scheduler(gauges)
        yield _check_polls(gauges, limits)
        yield _check_backlog(gauges, vitals.posts_to, limits)
    if vitals.unheard_s:
        yield _check_gateways(vitals.unheard_s, limits)
    if vitals.disk_free_bytes is not None:
        yield _check_disk(vitals.disk_free_bytes, limits)


def _check_scheduler(gauges: Gauges) -> Check:
    """Reckoned at the moment that the store was asked: what it said may be minutes old."""
    must = "a process with the role schedule gives one every 15 s (run.roles)"
    if gauges.beat_at is None:
        return Check("scheduler", is_good=False, figure=f"no sign of life so far; {must}")
    age = gauges.at - gauges.beat_at
    figure = f"last sign of life {max(0.0, age.total_seconds()):.0f} s ago; {must}"
    return Check("scheduler", age <= BEAT_WITHIN, figure)


def _check_polls(gauges: Gauges, limits: Limits) -> Check:
    feeds = gauges.feeds
    share = feeds.late / feeds.polled if feeds.polled else 0.0
    figure = (
        f"{feeds.late} of {feeds.polled} feeds ({share:.0%}) are due for more than "
        f"{limits.late_s:g} s (health.late_s); {limits.late_share:.0%} may be (health.late_share)"
    )
    return Check("polls", share <= limits.late_share, figure)


def _check_backlog(gauges: Gauges, posts_to: Collection[Platform], limits: Limits) -> Check:
    owed = {platform: it for platform, it in gauges.backlog.items() if platform in posts_to}
    most = f"{limits.backlog_s:g} s may pass (health.backlog_s)"
    if not owed:
        return Check("backlog", is_good=True, figure=f"nothing is due; {most}")
    platform, oldest = min(owed.items(), key=lambda item: item[1].due_since)
    age_s = (gauges.at - oldest.due_since).total_seconds()
    count = sum(it.count for it in owed.values())
    figure = f"{count} due, the oldest for {age_s:.0f} s on {platform.value}; {most}"
    return Check("backlog", age_s <= limits.backlog_s, figure)


def _check_gateways(unheard_s: Mapping[str, float], limits: Limits) -> Check:
    said = ", ".join(
        f"{name} not heard for {for_s:.0f} s" if for_s else f"{name} is heard"
        for name, for_s in unheard_s.items()
    )
    is_good = all(for_s <= limits.gateway_s for for_s in unheard_s.values())
    figure = f"{said}; {limits.gateway_s:g} s may pass (health.gateway_s)"
    return Check("gateway", is_good, figure)


def _check_disk(free_bytes: int, limits: Limits) -> Check:
    figure = (
        f"{free_bytes // 2**20} MiB are free where SQLite keeps its file; "
        f"{limits.disk_free_bytes // 2**20} must be (health.disk_free_mb)"
    )
    return Check("disk", free_bytes >= limits.disk_free_bytes, figure)
