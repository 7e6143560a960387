"""Each feed's own rhythm: how far apart its news comes, and how often to ask for it.

Pure. What is learned is one number, the gap: seconds between two arrivals. It begins with the
dates of the first document, and from then on goes by what polls bring; dates only tell apart
what one poll brings. Entries of one minute count as one arrival: whoever asked for the first
of them has all of them.

Kept with the feed is the gap as of its last change. How far the silence since then has let it
grow is told from the two (``gap_in_silence``), so that a feed's usual gap stays on record, for
whoever must know that the feed has become silent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

BATCH = timedelta(minutes=1)
"""Entries closer together than this arrive together."""

USUAL_GAP_S = 4 * 3_600.0
"""The gap of a feed that is asked at the usual interval, as is one that nothing is known of.
With four hours real feeds are asked an eighth less often than at ten minutes each, and the
middle one of a day's entries waits a quarter less; see tests/bench/rhythm.py."""

LONGEST_GAP_S = 10 * 366 * 86_400.0
"""No feed is believed to be slower."""

MEMORY_S = 86_400.0
"""What was observed fades to a third in this time: a day, so that a night is only a part of it,
and a burst at noon is forgotten by the next."""

MEMORY_GAPS = 4.0
"""But what a slow feed brought is kept for so many of its gaps; and the other way round no
gap is believed to be shorter than the silence before us by more than this."""

SEEDS = 20
"""Of the arrivals that a document has the dates of, the newest are looked at: rhythms change."""


def own_interval(gap_s: float | None, *, usual_interval_s: float) -> float:
    """Seconds between polls of a feed that brings something every ``gap_s`` seconds.

    Asked every I seconds, a feed's entries wait for I/2 on the average, and come 1/gap times a
    second; a poll costs as much as some seconds of waiting, W. In all that is I/(2 gap) + W/I a
    second, and least at I = sqrt(2 W gap): four times as slow a feed is asked half as often. So
    a feed that has something once an hour is asked every five minutes if ten are the usual,
    once a day every 24, once a week every 65: what comes seldom is news all the same, and a
    poll that brings nothing costs next to nothing.

    The usual interval stands for W, as that of a feed with the usual gap.

    Source: the sum is that of the economic order quantity (F. W. Harris, 1913); polling by the
    square root of the rate of change is known from crawlers (J. Cho, H. Garcia-Molina, 2003).
    """
    return usual_interval_s * math.sqrt((gap_s or USUAL_GAP_S) / USUAL_GAP_S)


def first_gap_or_none(dates: Iterable[datetime], *, now: datetime) -> float | None:
    """The gap of a feed by the ``dates`` of all that it lists; None where they are too few.

    The middle one of the gaps between arrivals: neither nights nor one entry that stands on
    top for years move it. Where nothing came for far longer than that, the feed has become
    slower.
    """
    arrivals = _find_arrivals(date for date in dates if date <= now)[-SEEDS:]
    if len(arrivals) < 3:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(arrivals)]
    silence_s = (now - arrivals[-1]).total_seconds()
    return _bounded(max(median(gaps), silence_s / MEMORY_GAPS))


def next_gap(gap_s: float | None, *, arrivals: int, elapsed_s: float) -> float | None:
    """The gap after a poll that brought ``arrivals``, ``elapsed_s`` after the one before.

    The rate is a mean of all that was observed, in which older time counts ever less; time
    without arrivals counts like any other, so that silence lets the gap grow. None stays so
    until something arrives.
    """
    if gap_s is None and not arrivals:
        return None
    gap_s = gap_s or USUAL_GAP_S
    elapsed_s = max(elapsed_s, 1.0)  # two polls at once, or a clock that was set back
    grown_s = _grow(gap_s, elapsed_s)
    kept = gap_s / grown_s
    rate = kept / gap_s + (1.0 - kept) * arrivals / elapsed_s
    return _bounded(1.0 / max(rate, 1.0 / LONGEST_GAP_S))


def gap_in_silence(gap_s: float | None, *, silence_s: float) -> float | None:
    """The gap after ``silence_s`` without arrivals, whether that was asked for once or often.

    Args:
        gap_s: as of when the silence began.
    """
    return next_gap(gap_s, arrivals=0, elapsed_s=silence_s) if silence_s > 0 else gap_s


def count_arrivals(dates: Iterable[datetime | None], *, since: datetime, now: datetime) -> int:
    """How often something arrived between two polls, by the ``dates`` of all that is new.

    What is not dated between the two came just now, and together.
    """
    times = [date if date and since < date <= now else now for date in dates]
    return len(_find_arrivals(times))


def _find_arrivals(dates: Iterable[datetime]) -> list[datetime]:
    """In order, without those that come less than ``BATCH`` after the one before."""
    arrivals: list[datetime] = []
    for date in sorted(dates):
        if not arrivals or date - arrivals[-1] >= BATCH:
            arrivals.append(date)
    return arrivals


def _grow(gap_s: float, silence_s: float) -> float:
    """What silence makes of a gap.

    The rate fades as exp(-t/m) does, where m is the longer one of ``MEMORY_S`` and of
    ``MEMORY_GAPS`` times the gap as it is by then. So a short gap grows like exp(t/m), and one
    that counts in gaps by t/``MEMORY_GAPS``.
    """
    turn_s = MEMORY_S / MEMORY_GAPS
    if gap_s < turn_s:
        until_s = MEMORY_S * math.log(turn_s / gap_s)
        if silence_s <= until_s:
            return min(gap_s * math.exp(silence_s / MEMORY_S), turn_s)
        gap_s, silence_s = turn_s, silence_s - until_s
    return gap_s + silence_s / MEMORY_GAPS


def _bounded(gap_s: float) -> float:
    return min(max(gap_s, BATCH.total_seconds()), LONGEST_GAP_S)
