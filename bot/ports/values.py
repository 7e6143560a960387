"""What goes through the ports and is no word of the model: outcomes, questions, counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import Trouble
from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    EditedEntry,
    Event,
    Feed,
    NewEntry,
    Platform,
    Scope,
    Story,
)
from bot.model.condition import Condition

Choose = Callable[[Mapping[str, Sequence[tuple[datetime, str]]]], Collection[str]]
"""Takes ids out of those found under each term; each stands behind its story's last update."""

Clock = Callable[[], datetime]
"""Gives the time as aware UTC; handed to whoever must ask more than once."""


@dataclass(frozen=True, slots=True)
class Haste:
    """A story is hot: feeds that bring our news are asked sooner than they are due.

    Attributes:
        flagged_since: feeds are meant that brought news for our readers since then.
        due_at: those that are due later are due by then; one after the other over
            ``spread``, by their numbers.
        polled_before: but none that was asked after this; nor one whose publisher wishes a
            longer interval, or whose host wants to be left alone.
    """

    flagged_since: datetime
    due_at: datetime
    spread: timedelta
    polled_before: datetime


@dataclass(frozen=True, slots=True)
class Revival:
    """Our own network is back: feeds that failed for want of it are asked soon.

    Attributes:
        failing_since: feeds are meant that began to fail then or later.
        troubles: and whose last failure was one of these.
        due_at: those that are due later are due by then; one after the other over
            ``spread``, by their numbers.
    """

    failing_since: datetime
    troubles: frozenset[Trouble]
    due_at: datetime
    spread: timedelta


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """Everything one poll changes; committed as one transaction or not at all.

    Attributes:
        feed: the feed with its new state: validators, due time, failures.
        listed: ids of known entries to be marked as listed at ``at``.
        stories: whole, as they shall stand, opened or changed by this poll.
        deliveries: to be owed, new or once more.
        edits_at: when posts that are there may be edited at the earliest, so that reports
            which come in a burst make one edit; None for at once.
        haste: other feeds that shall be asked sooner; only well feeds are hastened.
        revival: failing feeds that shall be asked sooner.
        before: the feed as the poll read it. Where only ``next_due_at``, ``polled_at`` and
            ``answered_at`` are new since, the store writes no more of it; None for all of it.
        is_pushed: of the feed's state it has only ``gap_s``, ``answered_at``, ``changed_at`` and
            ``flagged_at``; all else stays as the polls have left it by then.
    """

    feed: Feed
    at: datetime
    new: tuple[NewEntry, ...] = ()
    edited: tuple[EditedEntry, ...] = ()
    listed: tuple[int, ...] = ()
    stories: tuple[Story, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    edits_at: datetime | None = None
    haste: Haste | None = None
    revival: Revival | None = None
    before: Feed | None = None
    is_pushed: bool = False


CommitPoll = Callable[[PollOutcome], Awaitable[None]]
"""Writes all that a poll decided, see ``PollStore.commit_poll``."""


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """Which stories somebody asks for.

    Attributes:
        companies: ids of which the story names at least one; () for all stories.
        also: ids of which the story names every one.
        since: published at or after.
        until: published before; None for now.
        limit: at most so many, newest first.
        scope: PAIR for pairs only, and so on.
        watched: ids of companies that whoever asks watches besides: stories that are news
            for these are found beside those for everybody.
        events: of these kinds only, () for all.
        words: every one of them stands in the headline, the summary or the title of a report,
            in any case, as a part of a word too.
        outlet: stands in the name of an outlet that reports it, in any case; "" for all.
        behind: only what comes after the story published then, with this id; what the last
            of an answer was, when the next are asked for.
    """

    since: datetime
    companies: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    scope: Scope = Scope.ANY
    limit: int = 20
    watched: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    words: tuple[str, ...] = ()
    until: datetime | None = None
    outlet: str = ""
    behind: tuple[datetime, str] | None = None


CompanyPair = tuple[str, str]
"""The ids of a maker and of a carrier."""


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """Which feeds somebody asks for.

    Attributes:
        condition: how they are doing, FAILING for broken ones too; None for any.
        words: every one of them stands in the title or the address, in any case.
        skip, limit: at most so many, behind so many others.
    """

    condition: Condition | None = None
    words: tuple[str, ...] = ()
    skip: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one platform is owed, and how many places there are.

    Attributes:
        deliveries: how many there are in each state.
        due: of those that are owed, how many might be sent now.
        due_since: of these, since when the first is due; None where there is none.
        places, parked: subscriptions, and how many of them the platform takes no posts for.
    """

    platform: Platform
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    due: int = 0
    due_since: datetime | None = None
    places: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A place that its platform takes no posts for.

    Attributes:
        reason: what people are told of it.
        waiting: stories that are owed there.
    """

    destination: Destination
    reason: str
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the store holds.

    Attributes:
        deliveries: every state, also those with none.
        backlog_s: age in seconds of the oldest delivery that is due, 0.0 if none.
    """

    feeds: int
    feeds_failing: int
    entries: int
    edits: int
    stories: int
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    backlog_s: float = 0.0
