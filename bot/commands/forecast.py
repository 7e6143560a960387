"""What a subscription would have brought lately, so that nobody drowns or waits in vain.

Pure: the stories are read once, and every question about them is answered from memory.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.matching import Watchers
from bot.model import Story, Subscription

LOOKED_BACK = timedelta(days=30)

MAX_READ = 5_000
"""Stories that a forecast reads, the newest; where there were more it counts over fewer days."""


@dataclass(frozen=True, slots=True)
class Past:
    """The stories of the last ``LOOKED_BACK`` as one workspace sees them, newest first.

    Attributes:
        days: that they reach back, 1 at least and ``LOOKED_BACK`` at most.
        read_since: since when the bot has been reading feeds; what was published before is
            only what they still listed. None where that is longer ago than ``days``.
    """

    stories: tuple[Story, ...]
    now: datetime
    days: int
    read_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a subscription would have posted.

    Attributes:
        stories: newest first.
        per_day: of each day that was looked at, in the subscription's time zone, oldest
            first; of the first and of today, the last, only a part was.
        pairs: how many of the stories were pairs.
        calls: how many of them call somebody.
        muted: how many more there would be without mutes.
        average: stories a day.
    """

    stories: tuple[Story, ...]
    per_day: tuple[tuple[date, int], ...]
    pairs: int
    calls: int
    muted: int
    average: float


def look_back(
    stories: Iterable[Story], watchers: Watchers, subscription: Subscription, *, now: datetime
) -> Past:
    """``stories`` as the subscription's workspace sees them, without those it does not."""
    place = subscription.destination.platform, subscription.destination.workspace
    since = now - LOOKED_BACK
    seen = [
        watchers.view(story, *place)
        for story in stories
        if story.published_at >= since and watchers.is_for(story, *place)
    ]
    newest_first = tuple(sorted(seen, key=lambda story: story.published_at, reverse=True))
    if not newest_first:
        return Past((), now, LOOKED_BACK.days)
    begins = newest_first[-1].published_at
    days = min(LOOKED_BACK.days, max(1, math.ceil((now - begins) / timedelta(days=1))))
    first = min(story.opened_at for story in newest_first)
    is_young = first - begins > timedelta(days=1)
    return Past(newest_first, now, days, read_since=first if is_young else None)


def make_forecast(past: Past, subscription: Subscription) -> Forecast:
    """What ``subscription`` would have brought of ``past``, by what is known of it today."""
    wanted = [story for story in past.stories if subscription.wants(story)]
    kept = [s for s in wanted if subscription.find_mute_or_none(s, now=past.now) is None]
    ping = subscription.ping
    return Forecast(
        stories=tuple(kept),
        per_day=_count_days(kept, past, ZoneInfo(subscription.time_zone)),
        pairs=sum(story.is_pair for story in kept),
        calls=sum(map(ping.is_for, kept)) if ping else 0,
        muted=len(wanted) - len(kept),
        average=len(kept) / past.days,
    )


def _count_days(
    stories: Sequence[Story], past: Past, zone: ZoneInfo
) -> tuple[tuple[date, int], ...]:
    today = past.now.astimezone(zone).date()
    # A report may be dated up to an hour ahead.
    dates = (story.published_at.astimezone(zone).date() for story in stories)
    counts = Counter(min(day, today) for day in dates)
    begin = (past.now - timedelta(days=past.days)).astimezone(zone).date()
    days = [begin + timedelta(days=ahead) for ahead in range((today - begin).days + 1)]
    return tuple((day, counts[day]) for day in days)
