"""How the bot is doing, in figures that a person or a script can read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.commands.answer import Answer, Facts, Hint, Part, Tone
from bot.commands.asking import ask
from bot.commands.command import Call
from bot.commands.spans import Span
from bot.model import FOREVER, DeliveryState, Feed, Subscription
from bot.ports import Store

SILENT_AFTER = timedelta(minutes=15)
"""A bot that has looked at no feed for so long has stopped."""

LATE_AFTER_S = 600.0
"""Posts that wait longer, in seconds, are worth a word."""

MAX_COUNTED = 500

NAMED_WITHIN = timedelta(days=1)
"""A process that was killed is named for so long; one that stopped is not."""


async def load_status(store: Store, *, now: datetime) -> dict[str, Any]:
    """Counts of everything, with every delivery state named, ready for JSON.

    ``delivery_backlog_s`` is the age in seconds of the oldest delivery that is due;
    ``processes`` are those that share a PostgreSQL.
    """
    counts = await store.load_counts(now)
    beat = await store.last_beat_or_none()
    return {
        "feeds": counts.feeds,
        "feeds_failing": counts.feeds_failing,
        "entries": counts.entries,
        "edits": counts.edits,
        "stories": counts.stories,
        "deliveries": {state.value: counts.deliveries.get(state, 0) for state in DeliveryState},
        "delivery_backlog_s": round(counts.backlog_s, 1),
        "last_tick_at": beat.isoformat() if beat else None,
        "processes": [
            {
                "name": one.name,
                "host": one.host,
                "roles": sorted(one.roles),
                "started_at": one.started_at.isoformat(),
                "seen_at": one.beat_at.isoformat(),
            }
            for one in await store.find_processes(now, within=NAMED_WITHIN)
        ],
    }


async def status(call: Call) -> Answer:
    """``/news status``: how the bot is doing, for people."""
    store = call.office.store
    counts = await store.load_counts(call.now)
    beat = await store.last_beat_or_none()
    feeds = await store.find_feeds()
    day = timedelta(hours=24)
    today = await ask(call, since=Span(call.now - day), limit=MAX_COUNTED)
    stories = len(today.messages) + today.more
    rows: list[tuple[str, str | datetime]] = [("Feeds", _tell_feeds(feeds))]
    if beat:
        rows.append(("Last sign of life", beat))
    if polled := [feed.polled_at for feed in feeds if feed.polled_at]:
        rows.append(("Last look at a feed", max(polled)))
    rows.append(("Stories in the last 24 hours", f"{stories}{'+' if today.has_many else ''}"))
    rows.append(("Reports read in all", f"{counts.entries:,}"))
    own: tuple[Subscription, ...] = ()
    if not call.is_direct:
        place = call.place
        own = await store.find_subscriptions(place.platform, place.workspace)
        rows += _list_subscriptions(own, call.now)
    waiting = counts.deliveries.get(DeliveryState.OWED, 0)
    rows.append(("Waiting to be posted", _tell_backlog(waiting, counts.backlog_s)))
    trouble = (
        _find_standstill(feeds, beat, call.now)
        or _find_parked(own)
        or ("Posts are late" if counts.backlog_s > LATE_AFTER_S else "")
        or _find_failing(feeds)
    )
    hints: list[Part] = []
    if not call.is_direct:
        hints.append(Hint("/alerts list", "shows what is posted here"))
    tone = Tone.CAUTION if trouble else Tone.PLAIN
    title = trouble or "All is well"
    return Answer(title, (Facts(tuple(rows)), *hints), tone=tone, changed_nothing=True)


def _find_standstill(feeds: tuple[Feed, ...], beat: datetime | None, now: datetime) -> str:
    """Why there can be no news at all, or ""."""
    if not feeds:
        return "No feed is read, so there can be no news"
    if beat is None or now - beat > SILENT_AFTER:
        return "The bot has stopped looking at feeds; whoever runs it should have a look"
    failing = _count_failing(feeds)
    return _find_failing(feeds) if 2 * failing > len(feeds) else ""


def _find_parked(own: tuple[Subscription, ...]) -> str:
    """Which channels get nothing until somebody changes something, or ""."""
    parked = sum(bool(one.parked) for one in own)
    if not parked:
        return ""
    channels = "1 channel here gets" if parked == 1 else f"{parked} channels here get"
    return f"{channels} no posts, stopped by a problem"


def _find_failing(feeds: tuple[Feed, ...]) -> str:
    failing = _count_failing(feeds)
    return f"{failing} of {len(feeds)} feeds cannot be read just now" if failing else ""


def _count_failing(feeds: tuple[Feed, ...]) -> int:
    return sum(feed.failures > 0 for feed in feeds)


def _tell_feeds(feeds: tuple[Feed, ...]) -> str:
    failing = _count_failing(feeds)
    return f"{len(feeds)} read" + (f", {failing} of them failing just now" if failing else "")


def _list_subscriptions(
    own: tuple[Subscription, ...], now: datetime
) -> Iterator[tuple[str, str | datetime]]:
    if not own:
        yield "Channels with posts here", "none; /alerts subscribe starts them"
        return
    parked = sum(bool(one.parked) for one in own)
    paused = sum(bool(one.paused_until and one.paused_until > now) for one in own)
    said = [str(len(own))]
    said += [f"{parked} stopped by a problem"] if parked else []
    said += [f"{paused} paused"] if paused else []
    yield "Channels with posts here", ", ".join(said)
    ends = [one.paused_until for one in own if one.paused_until and one.paused_until > now]
    if ends and min(ends) < FOREVER:
        yield "First pause ends", min(ends)


def _tell_backlog(waiting: int, backlog_s: float) -> str:
    if not waiting:
        return "nothing"
    late = f", the oldest for {_tell_length(backlog_s)}" if backlog_s >= 1 else ""
    return f"{waiting}{late}"


def _tell_length(seconds: float) -> str:
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"
