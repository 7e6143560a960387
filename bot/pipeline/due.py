"""When a feed is asked next: after an answer, and after none.

Pure. A publisher's wish slows us down and is bounded by the operator's limits;
a failing feed is asked ever less often, but never given up.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Feed
from bot.stories import WINDOW

BACK_OFF_CAP_S = 86_400.0
"""A feed that keeps failing is still asked once a day."""

RETRY_AFTER_CAP_S = 86_400.0
"""A server may send us away for a day at most, whatever it writes."""


@dataclass(frozen=True, slots=True)
class PollRules:
    """The operator's bounds.

    Attributes:
        default_interval_s: seconds between polls where the publisher names nothing longer.
        min_interval_s, max_interval_s: what a publisher's wish is cut to, seconds.
        unconditional_after_s: a fetch without validators at least this often, seconds,
            because some servers answer 304 for ever. Its document is read in any case, and
            what it lists is marked as listed; so keep it well below the time after which
            unlisted entries are forgotten.
        adopt_move_after: how long a permanent redirect must hold before its target is adopted.
        relist_after: how old a "listed" mark may grow before it is written anew.
        close_after: a story that was quiet for so long is over: what comes then is told anew.
        gather: how long an edit waits, so that reports which come in a burst make one.
    """

    default_interval_s: float = 600.0
    min_interval_s: float = 300.0
    max_interval_s: float = 3_600.0
    unconditional_after_s: float = 86_400.0
    adopt_move_after: timedelta = timedelta(days=7)
    relist_after: timedelta = timedelta(days=1)
    close_after: timedelta = WINDOW
    gather: timedelta = timedelta(seconds=20)

    def bounded(self, interval_s: float) -> float:
        """``interval_s`` within the operator's limits."""
        return min(max(interval_s, self.min_interval_s), self.max_interval_s)


def interval_after_answer(rules: PollRules, *wishes_s: float | None) -> float:
    """Seconds to the next poll of a healthy feed.

    ``wishes_s`` are the publisher's: ``ttl``, ``sy:updatePeriod``, ``Cache-Control: max-age``;
    None where there is none. The longest counts, as a shorter one only permits.
    """
    longest = max((wish for wish in wishes_s if wish is not None), default=0.0)
    return rules.bounded(max(rules.default_interval_s, longest))


def due_after_answer(feed: Feed, interval_s: float, *, now: datetime) -> datetime:
    """The next due time of a feed that answered.

    Counted from when it was due, not from when the answer came, so that slow answers
    do not push a feed's rhythm forward; from ``now`` where that has passed already.
    """
    step = timedelta(seconds=interval_s)
    on_the_beat = feed.next_due_at + step
    return on_the_beat if now < on_the_beat <= now + step else now + step


def due_after_failure(
    feed: Feed,
    *,
    failures: int,
    retry_after_s: float | None,
    rules: PollRules,
    now: datetime,
) -> datetime:
    """The next due time after ``failures`` (1 or more) failed polls in a row.

    The wait doubles from the feed's interval up to a day, with up to a tenth more
    so that feeds which failed together do not return together. A server's
    ``Retry-After`` is never undercut, up to a day (RFC 9110 §10.2.3).
    """
    if failures < 1:
        raise ValueError(f"failures counts from 1; got {failures}")
    base_s = rules.bounded(rules.default_interval_s)
    wait_s = min(base_s * 2.0 ** min(failures - 1, 32), BACK_OFF_CAP_S)
    wait_s *= 1.0 + _spread(feed.id, failures) / 10
    if retry_after_s is not None:
        wait_s = max(wait_s, min(retry_after_s, RETRY_AFTER_CAP_S))
    return now + timedelta(seconds=wait_s)


def wants_whole(feed: Feed, rules: PollRules, *, now: datetime) -> bool:
    """Whether this fetch must go without validators: the last such one is a day old."""
    if feed.fetched_whole_at is None:
        return True
    return (now - feed.fetched_whole_at).total_seconds() >= rules.unconditional_after_s


def _spread(feed_id: int, failures: int) -> float:
    """A number in [0, 1) that is fixed for this feed and this failure."""
    return zlib.crc32(f"{feed_id}:{failures}".encode()) / 2**32
