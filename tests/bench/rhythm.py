"""Adaptive polling against a fixed ten minutes, over the times at which real feeds published.

Each document in ``../shared/feeds`` (or ``NEWSBOT_SHARED``) gives the dates of its entries; its
publications are replayed from the oldest on, by a poller that knows nothing of the feed at
first. Feeds with fewer than eight dates, or less than six hours of them, are left out.
Printed are polls a day, and how long the middle one of a day's entries waited, per gap of the
feed, with the ratio of adaptive to fixed. No network and no store: only the rules.

    python -m tests.bench.rhythm
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean

from bot.errors import FeedUnreadable
from bot.parsing import parse_feed
from bot.pipeline.due import PollRules, interval_after_answer, with_jitter
from bot.pipeline.rhythm import count_arrivals, next_gap
from tests.builders import feed

SHARED = Path(os.environ.get("NEWSBOT_SHARED", Path(__file__).parents[3] / "shared"))
ADAPTIVE = PollRules(min_interval_s=300, default_interval_s=600, max_interval_s=86_400)
FIXED = PollRules(min_interval_s=300, default_interval_s=600, adaptive=False)
CLASSES = (
    (3_600.0, "under 1 h"),
    (6 * 3_600.0, "1 to 6 h"),
    (86_400.0, "6 to 24 h"),
    (1e12, "over a day"),
)


@dataclass(frozen=True)
class Replay:
    """What both rules made of one feed: first the fixed, then the adaptive."""

    days: float
    polls: tuple[float, ...]
    delays: tuple[list[float], ...]


def load_times() -> Iterator[list[datetime]]:
    """When each feed published, the oldest first."""
    for path in sorted((SHARED / "feeds").glob("d*.*")):
        try:
            parsed = parse_feed(path.read_bytes(), url="https://feed.example/")
        except FeedUnreadable:
            continue
        times = sorted({e.published_at for e in parsed.entries if e.published_at})
        # What stands on top for years, or lies ahead, tells nothing of the rhythm.
        times = [at for at in times if abs(at - median_of(times)) < timedelta(days=120)]
        if len(times) >= 8 and times[-1] - times[0] >= timedelta(hours=6):
            yield times


def median_of(times: Sequence[datetime]) -> datetime:
    """The middle one of sorted ``times``."""
    return times[len(times) // 2]


def poll(times: Sequence[datetime], rules: PollRules, number: int) -> tuple[float, list[float]]:
    """Polls a day, and the delay of each entry in seconds."""
    gap_s: float | None = None
    now, done, polls = times[0] - timedelta(seconds=number * 37 % 600), 0, 0
    delays: list[float] = []
    while done < len(times):
        interval_s = interval_after_answer(rules, gap_s=gap_s)
        interval_s = with_jitter(feed(id=number, next_due_at=now), interval_s, rules)
        since, now = now, now + timedelta(seconds=interval_s)
        polls += 1
        new = times[done : bisect_right(times, now)]
        delays += [(now - at).total_seconds() for at in new]
        done += len(new)
        arrivals = count_arrivals(new, since=since, now=now)
        gap_s = next_gap(gap_s, arrivals=arrivals, elapsed_s=interval_s)
    return polls / ((now - times[0]).total_seconds() / 86_400), delays


def middle_of(some: Sequence[Replay], rules: int) -> float:
    """The delay that half of a day's entries stay under, in seconds."""
    weighed = sorted((delay, 1 / replay.days) for replay in some for delay in replay.delays[rules])
    half, passed = sum(weight for _, weight in weighed) / 2, 0.0
    for delay, weight in weighed:
        passed += weight
        if passed >= half:
            return delay
    return 0.0


def main() -> None:
    """Print the table."""
    rows: defaultdict[str, list[Replay]] = defaultdict(list)
    for number, times in enumerate(load_times(), start=1):
        days = (times[-1] - times[0]).total_seconds() / 86_400
        name = next(name for most, name in CLASSES if 86_400 * days / len(times) < most)
        both = [poll(times, rules, number) for rules in (FIXED, ADAPTIVE)]
        replay = Replay(days, tuple(p for p, _ in both), tuple(d for _, d in both))
        rows[name].append(replay)
        rows["all"].append(replay)
    print("                        polls a day           middle delay, s")
    print("gap of feed   feeds   fixed adapt. ratio   fixed adapt. ratio")
    for name in [*(name for _, name in CLASSES), "all"]:
        if some := rows[name]:
            fixed, adaptive = (mean(one.polls[rules] for one in some) for rules in (0, 1))
            waited, waits = (middle_of(some, rules) for rules in (0, 1))
            print(
                f"{name:12} {len(some):6} {fixed:7.0f} {adaptive:6.0f} {adaptive / fixed:5.2f}"
                f" {waited:7.0f} {waits:6.0f} {waits / waited:5.2f}"
            )


if __name__ == "__main__":
    main()
