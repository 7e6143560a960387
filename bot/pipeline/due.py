"""When a feed is asked next: after an answer, and after none.

Pure. How often a feed is worth asking follows from its own rhythm (rhythm.py), and while a
story is hot from that. A publisher's wish slows us down and is bounded by the operator's
limits; a failing feed is asked ever less often, but never given up: publishers repair what
they called gone.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Trouble
from bot.model import Feed
from bot.pipeline.rhythm import own_interval
from bot.stories import WINDOW

BACK_OFF_CAP_S = 86_400.0
"""A feed that keeps failing is still asked once a day."""

RETRY_AFTER_CAP_S = 86_400.0
"""A server may send us away for a day at most, whatever it writes."""

MAX_AGE_CAP_S = 3_600.0
"""``max-age`` is for caches, and many a server gives one for all that it has; so by itself it
slows a feed to an hour at most. ``ttl`` and ``sy:updatePeriod`` are meant for us."""

GONE_WAIT_S = 7 * 86_400.0
"""A feed that is gone for good by its server's word (410) is asked once a week..."""

GONE_AFTER = timedelta(days=1)
"""...once it was failing for a day..."""

GONE_FAILURES = 3
"""...and at so many polls: a server under repair says 410 too."""

JITTER = 0.1
"""Intervals are longer by up to this share, another one each time: feeds that were asked
together, after a restart say, are soon apart."""


@dataclass(frozen=True, slots=True)
class PollRules:
    """The operator's bounds.

    Attributes:
        default_interval_s: seconds between polls of a feed whose rhythm is not known, and of
            all where they are not ``adaptive``.
        min_interval_s, max_interval_s: what rhythms and publishers' wishes are cut to, seconds.
        unconditional_after_s: a fetch without validators at least this often, seconds,
            because some servers answer 304 for ever. Its document is read in any case, and
            what it lists is marked as listed; so keep it well below the time after which
            unlisted entries are forgotten.
        adopt_move_after: how long a permanent redirect must hold before its target is adopted.
        relist_after: how old a "listed" mark may grow before it is written anew.
        close_after: a story that was quiet for so long is over: what comes then is told anew.
        gather: how long an edit waits, so that reports which come in a burst make one.
        adaptive: each feed is asked by its own rhythm, and sooner while a story is hot.
        forget_after: entries that are not listed for so long may be forgotten. What a feed
            lists that was away for longer is history, as at a first poll.
    """

    default_interval_s: float = 600.0
    min_interval_s: float = 300.0
    max_interval_s: float = 3_600.0
    unconditional_after_s: float = 86_400.0
    adopt_move_after: timedelta = timedelta(days=7)
    relist_after: timedelta = timedelta(days=1)
    close_after: timedelta = WINDOW
    gather: timedelta = timedelta(seconds=20)
    adaptive: bool = True
    forget_after: timedelta = timedelta(days=90)

    def bounded(self, interval_s: float) -> float:
        """``interval_s`` within the operator's limits."""
        return min(max(interval_s, self.min_interval_s), self.max_interval_s)


def interval_after_answer(
    rules: PollRules,
    *wishes_s: float | None,
    max_age_s: float | None = None,
    gap_s: float | None = None,
    is_hot: bool = False,
) -> float:
    """Seconds to the next poll of a healthy feed.

    Args:
        wishes_s: the publisher's: ``ttl``, ``sy:updatePeriod``; None where there is none. The
            longest counts, as a shorter one only permits.
        max_age_s: ``Cache-Control: max-age`` or ``Expires``, one more wish, but for an hour at
            most.
        gap_s: between two entries, None where that is not known.
        is_hot: it may bring more of what people wait for right now.
    """
    own_s = rules.default_interval_s
    if rules.adaptive:
        usual_s = rules.default_interval_s
        own_s = rules.min_interval_s if is_hot else own_interval(gap_s, usual_interval_s=usual_s)
    cached_s = None if max_age_s is None else min(max_age_s, MAX_AGE_CAP_S)
    return rules.bounded(max(own_s, longest_wish(*wishes_s, cached_s)))


def longest_wish(*wishes_s: float | None) -> float:
    """Seconds, 0.0 where there is none."""
    return max((wish for wish in wishes_s if wish is not None), default=0.0)


def with_jitter(feed: Feed, interval_s: float, rules: PollRules) -> float:
    """``interval_s`` and up to a tenth, within the operator's limits.

    At the upper limit it is up to a tenth less. So a wish that is cut to that limit, or is the
    limit, is met by nine tenths at least.
    """
    if not rules.adaptive:
        return interval_s
    extra = 1.0 + JITTER * _spread(feed.id, int(feed.next_due_at.timestamp()))
    if interval_s * extra <= rules.max_interval_s:
        return interval_s * extra
    return max(rules.max_interval_s / extra, rules.min_interval_s)


def due_after_answer(feed: Feed, interval_s: float, *, now: datetime) -> datetime:
    """The next due time of a feed that answered.

    Counted from when it was due, not from when the answer came, so that slow answers
    do not push a feed's rhythm forward; from ``now`` where the answer came so late, or so
    early, that the next one would follow in less than half the time, or in more than all of it.
    """
    step = timedelta(seconds=interval_s)
    on_the_beat = feed.next_due_at + step
    return on_the_beat if now + step / 2 <= on_the_beat <= now + step else now + step


def due_after_failure(
    feed: Feed,
    *,
    failures: int,
    retry_after_s: float | None,
    rules: PollRules,
    now: datetime,
    trouble: Trouble = Trouble.NONE,
) -> datetime:
    """The next due time after ``failures`` (1 or more) failed polls in a row.

    The wait doubles from the usual interval up to a day, with up to a tenth more
    so that feeds which failed together do not return together. A server's
    ``Retry-After`` is never undercut, up to a day (RFC 9110 §10.2.3). A feed that its server
    calls gone, at three polls at least and when it was failing for a day, waits for a week;
    people are told of it as of any other that is broken (RFC 9110 §15.5.11).

    Args:
        feed: as it was before the last failure.
        trouble: what the last failure was.
    """
    if failures < 1:
        raise ValueError(f"failures counts from 1; got {failures}")
    base_s = rules.bounded(rules.default_interval_s)
    wait_s = min(base_s * 2.0 ** min(failures - 1, 32), BACK_OFF_CAP_S)
    if trouble is Trouble.GONE and failures >= GONE_FAILURES and _fails_for_long(feed, now):
        wait_s = GONE_WAIT_S
    wait_s *= 1.0 + JITTER * _spread(feed.id, failures)
    if retry_after_s is not None:
        wait_s = max(wait_s, min(retry_after_s, RETRY_AFTER_CAP_S))
    return now + timedelta(seconds=wait_s)


def due_after_no_poll(feed: Feed, wait_s: float, *, now: datetime) -> datetime:
    """The next due time of a feed that was not asked, as its host wants no request for ``wait_s``.

    Up to a tenth later than that: others of the host wait too.
    """
    wait_s = max(min(wait_s, RETRY_AFTER_CAP_S), 1.0)
    extra = 1.0 + JITTER * _spread(feed.id, int(feed.next_due_at.timestamp()))
    return now + timedelta(seconds=wait_s * extra)


def wants_whole(feed: Feed, rules: PollRules, *, now: datetime) -> bool:
    """Whether this fetch must go without validators: the last such one is a day old.

    Or it is still to come, by a clock that ran ahead when it was made.
    """
    if feed.fetched_whole_at is None or feed.fetched_whole_at > now:
        return True
    return (now - feed.fetched_whole_at).total_seconds() >= rules.unconditional_after_s


def _fails_for_long(feed: Feed, now: datetime) -> bool:
    return feed.failing_since is not None and now - feed.failing_since >= GONE_AFTER


def _spread(feed_id: int, occasion: int) -> float:
    """A number in [0, 1) that is fixed for this feed and this occasion."""
    return zlib.crc32(f"{feed_id}:{occasion}".encode()) / 2**32
