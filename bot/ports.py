"""What the core asks of the world, and what it hands over.

The core (pipeline, delivery, commands) is written against these protocols;
``app.py`` joins them to the database, the network and the platforms. Each
adapter is held to its port by a contract suite in ``tests/contract``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    EditedEntry,
    Feed,
    FeedOrigin,
    FeedSpec,
    Fetched,
    FiledEntry,
    KeptEntry,
    KnownEntry,
    Message,
    Move,
    NewEntry,
    Owed,
    ParsedFeed,
    Platform,
    Posts,
    RepairOutcome,
    Scope,
    Story,
    Subscription,
    Watch,
)

Choose = Callable[[Mapping[str, Sequence[tuple[datetime, str]]]], Collection[str]]
"""Takes ids out of those found under each term; each stands behind its story's last update."""

Clock = Callable[[], datetime]
"""Gives the time as aware UTC; handed to whoever must ask more than once."""


class Fetcher(Protocol):
    """Asks a feed's server."""

    async def fetch(self, feed: Feed, *, conditional: bool) -> Fetched:
        """Ask for ``feed`` once; with its validators if ``conditional``.

        Raises:
            FeedError: no usable answer; every subclass says why.
        """
        ...


class Parser(Protocol):
    """Reads a document away from the event loop, within limits of time and memory."""

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        """Read the body of ``fetched``.

        Raises:
            FeedUnreadable: no feed in it, refused as dangerous, or over the limits.
        """
        ...


class Extractor(Protocol):
    """Reads a page away from the event loop, within limits of time and memory."""

    async def extract(self, page: Fetched) -> str:
        """The text of the article in ``page``, paragraphs apart by an empty line.

        "" where there is none, or where the page keeps it for those who pay.

        Raises:
            FeedUnreadable: over the limits.
        """
        ...


class ArticleReader(Protocol):
    """Reads the articles that entries link to, as far as their sites like that."""

    async def read(self, link: str, *, found_in: str) -> str:
        """The plain text of the article at ``link``, paragraphs apart by an empty line.

        "" where there is none, where it may not be read, or where it did not come in time:
        what the network and the page do wrong is never raised, and the wait is bounded.

        Args:
            found_in: the address of the feed that has the link. It may lead to the
                operator's own machines only if the feed itself is on one of them.
        """
        ...


class Abstracter(Protocol):
    """Asks somebody to tell in their own words what an article says."""

    async def abstract(self, *, title: str, text: str, companies: Collection[str]) -> str:
        """One or two sentences about the article, which must name all of ``companies``.

        "" where there are none; failures are never raised, and the wait is bounded. Nobody
        vouches for the answer: ``bot.summaries.check_abstract`` judges it.

        Args:
            companies: names as the article writes them, one of each company.
        """
        ...


class Sender(Protocol):
    """Puts messages where people see them."""

    @property
    def platform(self) -> Platform:
        """The platform it speaks to."""
        ...

    async def send(self, delivery: Delivery, message: Message, *, reply_to: str = "") -> str:
        """Post ``message``, or edit the post ``delivery.message_ref`` names; give its id.

        A new post goes into the thread of the post that ``reply_to`` names, if any.

        ``delivery.id`` is the key under which a repeated call must not post twice,
        as far as the platform allows that.

        Raises:
            SendError: every subclass says whether to repeat.
        """
        ...


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
    """

    feed: Feed
    at: datetime
    new: tuple[NewEntry, ...] = ()
    edited: tuple[EditedEntry, ...] = ()
    listed: tuple[int, ...] = ()
    stories: tuple[Story, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    edits_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoryQuery:
    """Which stories somebody asks for.

    Attributes:
        companies: ids of which the story names at least one; () for all stories.
        also: ids of which the story names every one.
        since: published at or after.
        limit: at most so many, newest first.
        scope: PAIR for pairs only, and so on.
        watched: ids of companies that whoever asks watches besides: stories that are news
            for these are found beside those for everybody.
    """

    since: datetime
    companies: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    scope: Scope = Scope.ANY
    limit: int = 20
    watched: tuple[str, ...] = ()


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


class FeedStore(Protocol):
    """The part of the store that knows which addresses are polled."""

    async def find_feeds(self) -> tuple[Feed, ...]:
        """All feeds that are polled, by name."""
        ...

    async def find_due_feeds(
        self, now: datetime, *, limit: int, everything: bool = False
    ) -> tuple[Feed, ...]:
        """Feeds due at ``now``, longest due first; ``everything``: all, due or not."""
        ...

    async def sync_feeds(
        self, specs: Sequence[FeedSpec], *, now: datetime, spread: timedelta
    ) -> None:
        """Make the configured feeds be ``specs``; feeds that people added stay.

        A feed that left the list is retired: not polled, its memory kept for the day it
        returns. New ones fall due over ``spread`` from ``now`` on, in order.
        """
        ...

    async def add_feed(
        self, spec: FeedSpec, *, origin: FeedOrigin, now: datetime
    ) -> tuple[Feed, bool]:
        """Have ``spec`` polled, due at once; False beside it where it was polled already."""
        ...

    async def remove_feed(self, url: str) -> bool:
        """Retire the feed at ``url``; False if none is polled there."""
        ...


class WatchStore(Protocol):
    """The part of the store that knows which companies people watch besides."""

    async def find_watches(self) -> tuple[Watch, ...]:
        """Every watch of every workspace, in order of adding."""
        ...

    async def watches_revision(self) -> int:
        """A number that grows with every change to any watch; cheap to ask for."""
        ...

    async def save_watch(
        self, watch: Watch, *, now: datetime, renamed: tuple[str, str] | None = None
    ) -> None:
        """Add ``watch``, or let it take the place of its workspace's watch of that name.

        Args:
            renamed: the company's id until now and its new one: stories that name the
                first name the second too from now on, so that they are not lost to it.
        """
        ...

    async def remove_watch(self, platform: Platform, workspace: str, name: str) -> bool:
        """Forget the workspace's watch of ``name``; False if there is none."""
        ...


class PollStore(WatchStore, Protocol):
    """The part of the store that a poll reads once and writes once."""

    async def find_known(self, feed_id: int, keys: Collection[str]) -> Mapping[str, KnownEntry]:
        """The entries of this feed that have any of ``keys``, by each key that hit."""
        ...

    async def find_candidates(
        self,
        terms: Collection[str],
        *,
        ids: Collection[str] = (),
        since: datetime,
        per_term: int,
        choose: Choose | None = None,
    ) -> tuple[Story, ...]:
        """Stories that a report may belong to, newest update first.

        Found are, for each of ``terms``, the ``per_term`` updated last, but since then, of
        the stories kept under it (``bot.stories.terms_of_story``), so that the cost does
        not grow with what is kept. With those that ``choose`` takes, all without it, come
        those of ``ids``, however old, and the stories that turn any of these.
        """
        ...

    async def find_subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription, in order of subscribing."""
        ...

    async def subscribe(self, subscription: Subscription, *, now: datetime) -> None:
        """Subscribe a destination, or change the scope it has."""
        ...

    async def commit_poll(self, outcome: PollOutcome) -> None:
        """Write all of ``outcome`` in one transaction.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read.
            Exception: for this and any other reason, nothing of it is written.
        """
        ...


class DeliveryStore(Protocol):
    """The outbox: nothing is sent that was not committed as owed first."""

    async def lease_deliveries(
        self, now: datetime, *, limit: int, lease: timedelta
    ) -> tuple[Owed, ...]:
        """Take deliveries due at ``now``, and those whose lease ran out; oldest first.

        They are committed durably as SENDING before this returns, so that a crash
        during the call is seen afterwards. Deliveries of one destination keep the order of
        their stories.
        """
        ...

    async def mark_sent(
        self, delivery_id: str, *, revision: int, message_ref: str, edits_at: datetime
    ) -> None:
        """Note that the platform shows ``revision``; owed again if the story moved on.

        In that case from ``edits_at`` on, so that what is still to come joins the edit.
        """
        ...

    async def mark_retry(self, delivery_id: str, *, next_attempt_at: datetime, error: str) -> None:
        """Note a failed attempt; owed again from ``next_attempt_at`` on."""
        ...

    async def mark_failed(self, delivery_id: str, *, error: str) -> None:
        """Give up on it, keeping the reason."""
        ...

    async def release_leases(self) -> int:
        """Make every SENDING delivery owed at once; for the sole process of a database."""
        ...

    async def next_attempt_at(self) -> datetime | None:
        """When the earliest owed delivery may be tried, or None if none is owed."""
        ...


class StoryStore(WatchStore, Protocol):
    """The part of the store that answers questions."""

    async def find_stories(self, query: StoryQuery) -> tuple[Story, ...]:
        """Stories that answer ``query``, newest first."""
        ...

    async def find_story_or_none(self, story_id: str) -> Story | None:
        """The story with this id."""
        ...

    async def find_stories_by_id(self, ids: Collection[str]) -> tuple[Story, ...]:
        """The stories that have any of ``ids``, newest first."""
        ...

    async def find_entries_of(self, story_id: str, *, limit: int) -> tuple[FiledEntry, ...]:
        """The entries of a story in the order they were filed, the first ``limit``."""
        ...

    async def find_entries_at(self, link: str, *, limit: int) -> tuple[FiledEntry, ...]:
        """Entries that link to the same article, newest first.

        Links compare as ``bot.parsing.canonical_link`` writes them: tracking parameters and
        the like make no difference.
        """
        ...

    async def find_entries_saying(
        self, words: Collection[str], *, in_story: bool, limit: int
    ) -> tuple[FiledEntry, ...]:
        """Entries with every one of ``words`` in their title, newest first.

        Words are parts of words, in any case. Reads titles one by one where ``limit`` is
        not reached; nothing that happens at every poll may ask this.

        Args:
            in_story: those that belong to a story, or those that do not.
        """
        ...

    async def load_counts(self, now: datetime) -> Counts:
        """How much of everything there is."""
        ...

    async def index_stories(self, *, since: datetime, rule: int) -> int:
        """Keep the stories updated since then under their terms; how many they are.

        Nothing is done where that was done by ``rule`` before.
        """
        ...

    async def close_stories(self, before: datetime) -> int:
        """Keep stories not updated since ``before`` under no term; how many rows that freed."""
        ...

    async def record_beat(self, now: datetime) -> None:
        """Note that the scheduler is alive."""
        ...

    async def last_beat_or_none(self) -> datetime | None:
        """When the scheduler last said it was alive."""
        ...

    async def forget_entries(self, before: datetime) -> int:
        """Drop entries (and their ids) not listed since ``before`` that are in no story."""
        ...


class RepairStore(PollStore, StoryStore, Protocol):
    """The part of the store with which an operator repairs stories."""

    async def find_kept_entries(self, story_id: str) -> tuple[KeptEntry, ...]:
        """Every entry of a story, in the order they were filed."""
        ...

    async def find_tied_stories(self, story_id: str) -> tuple[Story, ...]:
        """The stories that turn this one or were merged into it, in order of opening."""
        ...

    async def find_destinations(self, story_ids: Collection[str]) -> frozenset[Destination]:
        """Where any of these stories was posted, is owed, or was given up."""
        ...

    async def commit_repair(self, outcome: RepairOutcome) -> Mapping[str, Posts]:
        """Write all of ``outcome`` in one transaction; what becomes of posts, by story.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read, or an
                entry is not where it was.
            Exception: for this and any other reason, nothing of it is written.
        """
        ...


class Store(FeedStore, DeliveryStore, RepairStore, Protocol):
    """All of it; ``bot/store`` is the one implementation, on SQLite and PostgreSQL."""


__all__ = [
    "Abstracter",
    "ArticleReader",
    "Choose",
    "Clock",
    "Counts",
    "DeliveryStore",
    "EditedEntry",
    "Extractor",
    "FeedStore",
    "Fetcher",
    "FiledEntry",
    "KeptEntry",
    "KnownEntry",
    "Move",
    "NewEntry",
    "Parser",
    "PollOutcome",
    "PollStore",
    "Posts",
    "RepairOutcome",
    "RepairStore",
    "Sender",
    "Store",
    "StoryQuery",
    "StoryStore",
    "WatchStore",
]
