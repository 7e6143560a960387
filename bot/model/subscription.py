"""What a destination wants to hear, when, and what it does not want to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum

from bot.model.company import Event
from bot.model.destination import Destination, Platform, Scope
from bot.model.story import Story

FOREVER = datetime.max.replace(microsecond=0, tzinfo=UTC)
"""The end of a pause that only a person ends."""

DIGEST_AT = time(9, 0)
"""When a daily digest comes unless somebody says otherwise, in the destination's time zone."""


class Rhythm(StrEnum):
    """When posts come."""

    LIVE = "live"  # each story by itself, at once
    HOURLY = "hourly"  # what came in an hour as one post
    DAILY = "daily"  # what came in a day as one post


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` to ``end``, local wall time; over midnight where ``end`` is earlier."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Ping:
    """Whom a post calls, and for which stories.

    Attributes:
        role: the platform's id of the role or group.
        is_for_pairs: only for stories with a pair.
        events: only for these, () for all.
    """

    role: str
    is_for_pairs: bool = False
    events: tuple[Event, ...] = ()

    def is_for(self, story: Story) -> bool:
        """Whether a post of ``story`` calls the role."""
        return (story.is_pair or not self.is_for_pairs) and (
            not self.events or story.event in self.events
        )


class MuteKind(StrEnum):
    """What a mute is about."""

    COMPANY = "company"  # subject: its id
    STORY = "story"  # its id; replies to it are muted with it
    OUTLET = "outlet"  # its name as posts show it; a story that only it tells
    PAIR = "pair"  # two company ids with "+" between, maker first


@dataclass(frozen=True, slots=True)
class Mute:
    """Something a destination does not want to hear of, until a time or for good.

    Attributes:
        subject: see ``MuteKind``.
        until: None for good.
        by: the platform's id of who asked for it, or "".
    """

    kind: MuteKind
    subject: str
    until: datetime | None = None
    by: str = ""

    def holds(self, now: datetime) -> bool:
        """Whether it is in force at ``now``."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination wants stories.

    Attributes:
        scope: which stories; the further conditions must be met too.
        events: of these kinds only, () for all.
        companies: ids of which the story names one, () for all.
        min_outlets: told by so many outlets at least; a story waits until it is.
        rhythm: one by one, or gathered.
        at: when a daily digest comes; its minute is that of an hourly one.
        time_zone: IANA name that ``at`` and ``quiet`` are read in.
        quiet: what falls due in these hours comes when they end, as one post.
        ping: whom to call, None for nobody.
        opens_threads: replies to a post go into a thread of its own.
        paused_until: until then nothing is posted, and what was owed comes as one post then.
        parked: why the platform refuses posts there, "" where it takes them; nothing is sent
            until a person resumes it.
        subscribed_by: the platform's id of the person, "" for the operator.
        mutes: what it does not want; those that ran out may be among them.
    """

    destination: Destination
    scope: Scope = Scope.ANY
    events: tuple[Event, ...] = ()
    companies: tuple[str, ...] = ()
    min_outlets: int = 1
    rhythm: Rhythm = Rhythm.LIVE
    at: time = DIGEST_AT
    time_zone: str = "UTC"
    quiet: QuietHours | None = None
    ping: Ping | None = None
    opens_threads: bool = False
    paused_until: datetime | None = None
    parked: str = ""
    subscribed_by: str = ""
    mutes: tuple[Mute, ...] = ()

    def wants(self, story: Story) -> bool:
        """Whether it asks for ``story``, mutes apart."""
        return (
            _is_in(self.scope, story)
            and (not self.events or story.event in self.events)
            and (not self.companies or not frozenset(self.companies).isdisjoint(story.companies))
            and 1 + len(story.also_covered_by) >= self.min_outlets
        )

    def find_mute_or_none(self, story: Story, *, now: datetime) -> Mute | None:
        """The mute that keeps a new post of ``story`` away, if one does."""
        return next((one for one in self.mutes if one.holds(now) and _is_about(one, story)), None)


def _is_in(scope: Scope, story: Story) -> bool:
    match scope:
        case Scope.ANY:
            return True
        case Scope.MAKERS:
            return bool(story.makers)
        case Scope.CARRIERS:
            return bool(story.carriers)
        case Scope.PAIR:
            return story.is_pair


def _is_about(mute: Mute, story: Story) -> bool:
    match mute.kind:
        case MuteKind.COMPANY:
            return mute.subject in story.companies
        case MuteKind.STORY:
            return mute.subject in {story.id, story.tie.story_id if story.tie else ""}
        case MuteKind.OUTLET:
            return {mute.subject} == {story.outlet, *(one.outlet for one in story.coverage)}
        case MuteKind.PAIR:
            return frozenset(mute.subject.split("+")) <= frozenset(story.companies)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Somebody says that a story has no business in their channel.

    Attributes:
        user: the platform's id of who said it.
        companies: ids that the story named, at the time.
    """

    story_id: str
    platform: Platform
    workspace: str
    user: str
    said_at: datetime
    companies: tuple[str, ...] = ()
    headline: str = ""
