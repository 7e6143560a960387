"""What an answer teaches of its feed, beside its entries: the state that the next poll needs.

Pure. All of it is written with the entries, in one commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import FeedError, FeedUnreachable, FeedUnreadable, Trouble
from bot.model import Entry, Feed, Fetched, ParsedFeed, Validators
from bot.pipeline.due import (
    PollRules,
    due_after_answer,
    due_after_failure,
    due_after_no_poll,
    interval_after_answer,
    with_jitter,
)
from bot.pipeline.moves import follow_move
from bot.pipeline.rhythm import count_arrivals, first_gap_or_none, gap_in_silence, next_gap


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer of a feed's server.

    Attributes:
        is_whole: it was asked for without validators, and read without marks.
        parsed: what is in its document; None where that is the one we know.
        body_hash: of that document.
        is_pushed: a hub sent it unasked; it may hold only what is new.
    """

    fetched: Fetched
    is_whole: bool = False
    parsed: ParsedFeed | None = None
    body_hash: str = ""
    is_pushed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer brought.

    Attributes:
        new: entries nobody has seen before.
        has_changes: something is new or edited.
        news_at: when the latest news for our readers came, None where there is none.
        is_hot: the feed may bring more of what people wait for right now.
    """

    new: Sequence[Entry] = ()
    has_changes: bool = False
    news_at: datetime | None = None
    is_hot: bool = False


def after_answer(
    feed: Feed, answer: Answer, found: Found, *, rules: PollRules, now: datetime
) -> Feed:
    """``feed`` after a good poll, scheduled anew."""
    if answer.is_pushed:
        return _after_push(feed, answer, found, now=now)
    fetched, parsed = answer.fetched, answer.parsed
    moved = follow_move(feed, fetched.moved_to, adopt_after=rules.adopt_move_after, now=now)
    validators, body_hash = fetched.validators, feed.body_hash
    spec, wish_s, flaw, marks = moved.spec, feed.interval_s, feed.flaw, feed.marks
    hub, topic = fetched.hub or feed.hub, fetched.topic or feed.topic
    if parsed is not None:
        if not spec.title:
            spec = replace(spec, title=parsed.title)
        wish_s, flaw, marks, body_hash = (
            parsed.interval_s, parsed.flaw, parsed.marks, answer.body_hash,
        )  # fmt: skip
        hub, topic = fetched.hub or parsed.hub, fetched.topic or parsed.topic
        if flaw and not feed.flaw:
            # It was sound until now, so it may have been cut on its way: nothing must vouch
            # for it, and the next poll has the document sent once more.
            validators, body_hash = Validators(), ""
    gap_s = _find_gap(feed, parsed, found, now=now)
    changed_at = now if found.has_changes else _not_after(now, feed.changed_at)
    by_now_s = gap_in_silence(gap_s, silence_s=_silence_s(changed_at, now))
    interval_s = interval_after_answer(
        rules, wish_s, max_age_s=fetched.max_age_s, gap_s=by_now_s, is_hot=found.is_hot
    )
    interval_s = with_jitter(feed, interval_s, rules)
    return replace(
        feed,
        spec=spec,
        moved_to=moved.moved_to,
        moved_since=moved.moved_since,
        validators=validators,
        body_hash=body_hash,
        marks=marks,
        interval_s=wish_s,
        flaw=flaw,
        hub=hub,
        topic=topic,
        gap_s=gap_s,
        polled_at=now,
        answered_at=now,
        changed_at=changed_at,
        flagged_at=found.news_at or _not_after(now, feed.flagged_at),
        fetched_whole_at=now if answer.is_whole else feed.fetched_whole_at,
        first_poll_done=feed.first_poll_done or parsed is not None,
        failures=0,
        error="",
        trouble=Trouble.NONE,
        failing_since=None,
        next_due_at=due_after_answer(feed, interval_s, now=now),
    )


def after_failure(feed: Feed, error: FeedError, *, rules: PollRules, now: datetime) -> Feed:
    """``feed`` after a poll that gave nothing: what it told before stands."""
    failures = feed.failures + 1
    due_at = due_after_failure(
        feed,
        failures=failures,
        retry_after_s=getattr(error, "retry_after_s", None),
        trouble=error.trouble,
        rules=rules,
        now=now,
    )
    return replace(
        feed,
        polled_at=now,
        failures=failures,
        error=str(error),
        trouble=error.trouble,
        failing_since=feed.failing_since or now,
        next_due_at=due_at,
    )


def after_no_fault_or_none(
    feed: Feed, error: FeedError, *, rules: PollRules, now: datetime
) -> Feed | None:
    """``feed`` after what tells nothing about it: due later, and no more; None where it does."""
    if isinstance(error, FeedUnreachable) and not error.was_asked:
        wait_s = error.retry_after_s or 0.0
    elif isinstance(error, FeedUnreadable) and not error.was_read:
        wait_s = rules.default_interval_s
    else:
        return None
    due_at = due_after_no_poll(feed, wait_s, now=now)
    return replace(feed, next_due_at=due_at, trouble=feed.trouble or error.trouble)


def titled(feed: Feed, answer: Answer) -> Feed:
    """``feed`` under the name its document gives, where it had none: outlets go by it."""
    if feed.spec.title or answer.parsed is None or not answer.parsed.title:
        return feed
    return replace(feed, spec=replace(feed.spec, title=answer.parsed.title))


def _after_push(feed: Feed, answer: Answer, found: Found, *, now: datetime) -> Feed:
    """``feed`` with what was pushed on the record; when and how it is asked stays.

    Its rhythm goes on: what was pushed is not new to the next poll.
    """
    return replace(
        feed,
        gap_s=_find_gap(feed, answer.parsed, found, now=now),
        answered_at=now,
        changed_at=now if found.has_changes else _not_after(now, feed.changed_at),
        flagged_at=found.news_at or _not_after(now, feed.flagged_at),
    )


def _not_after(now: datetime, moment: datetime | None) -> datetime | None:
    """``moment``, but not what a clock wrote that ran ahead."""
    return moment if moment is None or moment <= now else now


def _find_gap(
    feed: Feed, parsed: ParsedFeed | None, found: Found, *, now: datetime
) -> float | None:
    """The gap as of the last change: a poll that brings nothing leaves it as it is."""
    if feed.gap_s is None and parsed is not None and not parsed.unchanged:
        dates = (entry.published_at for entry in parsed.entries)
        gap_s = first_gap_or_none((date for date in dates if date is not None), now=now)
        if gap_s is not None:
            return gap_s
    since = feed.answered_at
    if since is None or not found.has_changes:
        return feed.gap_s
    until_then_s = gap_in_silence(feed.gap_s, silence_s=_silence_s(feed.changed_at, since))
    dates_of_new = [entry.published_at for entry in found.new]
    arrivals = count_arrivals(dates_of_new, since=since, now=now) if dates_of_new else 0
    return next_gap(until_then_s, arrivals=arrivals, elapsed_s=(now - since).total_seconds())


def _silence_s(changed_at: datetime | None, until: datetime) -> float:
    return (until - changed_at).total_seconds() if changed_at else 0.0
