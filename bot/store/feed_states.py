"""Feed states: what polls and pushes learn of their feeds, and no more of it than is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Case,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    exists,
    literal_column,
    null,
    or_,
    update,
)

from bot.model import Feed, bucket_of
from bot.ports import PollOutcome
from bot.store.bulk import change_rows
from bot.store.columns import Moment
from bot.store.feed_rows import feed_state
from bot.store.rows import Values
from bot.store.schema import feeds

CHANGE = update(feeds).where(feeds.c.id == bindparam("feed_id"))  # what, the values say

_KEPT = ("answered_at", "changed_at", "flagged_at")
"""What of a feed's state both polls and pushes write, which know nothing of each other."""

_CLOCKS_APART = timedelta(hours=1)
"""Moments that lie further ahead were written by a clock that ran ahead."""

_PASSING = ("next_due_at", "polled_at", "answered_at")
"""All that most polls change: thirty columns more cost a poll that brings nothing as much as all
else of its commit."""

_lasting_of = attrgetter(*(one.name for one in fields(Feed) if one.name not in _PASSING))

_other = feeds.alias("other")
_is_taken = exists().where(_other.c.url == bindparam("new_url"))  # be it by the feed itself


def _later_of(name: str) -> Case[Any]:
    """The stored moment or the new one, whichever is later; none that is still to come."""
    column, new = feeds.c[name], bindparam(f"new_{name}", type_=Moment)
    is_past = column <= bindparam("future", type_=Moment)
    return case((and_(is_past, or_(new.is_(None), column > new)), column), else_=new)


_LATER = {name: _later_of(name) for name in _KEPT}
_WRITE_STATE = CHANGE.values(
    url=case((_is_taken, feeds.c.url), else_=bindparam("new_url")),
    bucket=case((_is_taken, feeds.c.bucket), else_=bindparam("new_bucket")),
    **_LATER,
)
# It answered: a failure that another process wrote since this one read the feed is over.
_WELL: Values = {
    "failures": literal_column("0"),
    "error": literal_column("''"),
    "trouble": literal_column("''"),
    "failing_since": null(),
}
_WRITE_PASSING = CHANGE.values(answered_at=_LATER["answered_at"], **_WELL)
_WRITE_PUSHED = CHANGE.values(gap_s=bindparam("new_gap_s", type_=feeds.c.gap_s.type), **_LATER)


def write_feed_states(connection: Connection, outcomes: Sequence[PollOutcome]) -> None:
    """Write what polls learned of their feeds, by id, and of pushed ones what pushes tell.

    A new address too, after a permanent redirect; unless another feed has that address,
    polled or retired: then a feed keeps its old one. When it answered, changed and brought
    news never goes back.

    Raises:
        LookupError: the store has no such feed, or lacks one of several.
    """
    in_order = sorted(outcomes, key=lambda outcome: outcome.feed.id)  # as everybody locks them
    for (change, values_of), some in groupby(in_order, key=_find_change):
        values = [values_of(outcome) for outcome in some]
        if change_rows(connection, change, values) < len(values):
            lost = (outcome.feed for outcome in outcomes)
            raise LookupError(
                "; ".join(
                    f"{feed.url}: the store has no feed with the id {feed.id}" for feed in lost
                )
            )


def _polled_values(outcome: PollOutcome) -> Values:
    feed = outcome.feed
    state = feed_state(feed)
    state |= {f"new_{name}": state.pop(name) for name in _KEPT}
    future = outcome.at + _CLOCKS_APART
    moved = {"new_url": feed.url, "new_bucket": bucket_of(feed.url)}
    return {"feed_id": feed.id, "future": future, **moved, **state}


def _passing_values(outcome: PollOutcome) -> Values:
    feed = outcome.feed
    return {
        "feed_id": feed.id,
        "next_due_at": feed.next_due_at,
        "polled_at": feed.polled_at,
        "new_answered_at": feed.answered_at,
        "future": outcome.at + _CLOCKS_APART,
    }


def _pushed_values(outcome: PollOutcome) -> Values:
    feed = outcome.feed
    kept = {f"new_{name}": getattr(feed, name) for name in _KEPT}
    future = outcome.at + _CLOCKS_APART
    return {"feed_id": feed.id, "new_gap_s": feed.gap_s, "future": future, **kept}


_Change = tuple[Update, Callable[[PollOutcome], Values]]

_OF_POLL: _Change = (_WRITE_STATE, _polled_values)
_OF_QUIET_POLL: _Change = (_WRITE_PASSING, _passing_values)
_OF_PUSH: _Change = (_WRITE_PUSHED, _pushed_values)


def _find_change(outcome: PollOutcome) -> _Change:
    if outcome.is_pushed:
        return _OF_PUSH
    before = outcome.before
    is_quiet = (
        before is not None
        and not (before.failures or before.error)
        and _lasting_of(before) == _lasting_of(outcome.feed)
    )
    return _OF_QUIET_POLL if is_quiet else _OF_POLL
