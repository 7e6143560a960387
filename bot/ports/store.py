"""What the core asks of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import (
    AuditRecord,
    Destination,
    Feed,
    FeedOrigin,
    FeedSpec,
    FiledEntry,
    HubState,
    HubSubscription,
    KeptEntry,
    KnownEntry,
    Platform,
    Posts,
    RepairOutcome,
    Restored,
    Story,
    Told,
    Watch,
)
from bot.ports.gauges import GaugeStore
from bot.ports.outbox import DeliveryStore, SubscriptionStore
from bot.ports.overview import OverviewStore
from bot.ports.processes import ProcessStore
from bot.ports.retention import RetentionStore
from bot.ports.values import Choose, CommitPoll, CompanyPair, Counts, PollOutcome, StoryQuery


class FeedStore(Protocol):
    """The part of the store that knows which addresses are polled."""

    async def find_feeds(self) -> tuple[Feed, ...]:
        """All feeds that are polled, by name; without their marks."""
        ...

    async def find_ailing_feeds(self, *, quiet_before: datetime) -> tuple[Feed, ...]:
        """Polled feeds that somebody may have to be told of, by id, without their marks.

        Those that fail, those of which something was told, and those that have a rhythm but
        brought nothing since ``quiet_before``.
        """
        ...

    async def last_answer_or_none(self) -> datetime | None:
        """When any polled feed last gave a document or 304."""
        ...

    async def note_told(self, feed: Feed, told: Told, *, now: datetime) -> bool:
        """Note what was told of ``feed``, but only where that stands as ``feed`` has it.

        False where somebody else noted something meanwhile, who tells it then, or where the
        feed is not polled any more.
        """
        ...

    async def find_due_feeds(
        self,
        now: datetime,
        *,
        limit: int,
        everything: bool = False,
        but_not_at: Collection[str] = (),
        buckets: Collection[int] | None = None,
    ) -> tuple[Feed, ...]:
        """Feeds due at ``now``, longest due first; ``everything``: all, due or not.

        Behind them come those that are due later than anybody waits (``LONGEST_WAIT``).

        Args:
            but_not_at: hosts that are left out, as they stand in addresses, with the port.
            buckets: parts of the feeds (``bot.model.bucket_of``); None for all.
        """
        ...

    async def sync_feeds(
        self,
        specs: Sequence[FeedSpec],
        *,
        now: datetime,
        spread: timedelta,
        retry_refused: bool = False,
    ) -> None:
        """Make the configured feeds be ``specs``; feeds that people added stay.

        A feed that left the list is retired: not polled, its memory kept for the day it
        returns. New ones fall due over ``spread`` from ``now`` on, in order.

        Args:
            retry_refused: feeds whose last failure was a refusal of our own
                (``bot.errors.SETTLED_BY_US``), people's feeds too, are due now.
        """
        ...

    async def add_feed(
        self,
        spec: FeedSpec,
        *,
        origin: FeedOrigin,
        now: datetime,
        added_by: str = "",
        added_person: str = "",
    ) -> tuple[Feed, bool]:
        """Have ``spec`` polled, due at once; False beside it where it was polled already.

        Args:
            added_by, added_person: see ``Feed``.
        """
        ...

    async def remove_feed(self, url: str) -> bool:
        """Retire the feed at ``url``; False if none is polled there."""
        ...


class HubStore(Protocol):
    """The part of the store that knows which feeds are pushed to us, and by whom."""

    async def find_hub_offers(self, *, limit: int) -> tuple[Feed, ...]:
        """Polled feeds that name a hub and a topic and are not subscribed to just these.

        Without their marks, by id.
        """
        ...

    async def find_stale_hubs(self, *, limit: int) -> tuple[HubSubscription, ...]:
        """Subscriptions of feeds that are retired, or name another hub or topic or none.

        Those whose hub was not asked for longest come first.
        """
        ...

    async def find_due_hubs(self, now: datetime, *, limit: int) -> tuple[HubSubscription, ...]:
        """Subscriptions whose hub is to be asked by ``now``, longest due first."""
        ...

    async def find_hub_or_none(self, token: str) -> HubSubscription | None:
        """The subscription with this token."""
        ...

    async def find_hub_feed_or_none(self, token: str) -> tuple[Feed, HubSubscription] | None:
        """The feed that is pushed under this token, with its subscription; while it is polled."""
        ...

    async def save_hub(self, subscription: HubSubscription) -> None:
        """Keep ``subscription``, in place of the one its feed had."""
        ...

    async def move_hub(self, subscription: HubSubscription, *, before: HubState) -> bool:
        """Keep ``subscription``, but only where the one with its token stands at ``before``."""
        ...

    async def remove_hub(self, token: str) -> bool:
        """Forget the subscription with this token; False if there is none."""
        ...


class WatchStore(Protocol):
    """The part of the store that knows which companies people watch besides."""

    async def find_watches(self) -> tuple[Watch, ...]:
        """Every watch of every workspace, in order of adding."""
        ...

    async def watches_revision(self) -> int:
        """A number that grows with every change to any watch; cheap to ask for.

        Changes that another process makes may show a second later.
        """
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


class PollStore(WatchStore, SubscriptionStore, Protocol):
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

    def deciding(self, keys: Collection[str]) -> AbstractAsyncContextManager[CommitPoll]:
        """Let nobody else decide who has any of ``keys`` until what this gives was called.

        That is ``commit_poll``, once: where it was lost meanwhile that nobody else decides,
        nothing is written. For several processes; in one, one block is entered at a time.

        Args:
            keys: whatever two reports of one story have in common.
        """
        ...

    async def commit_poll(self, outcome: PollOutcome) -> None:
        """Write all of ``outcome`` in one transaction.

        Nothing is owed where nobody is subscribed by then.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read.
            Exception: for this and any other reason, nothing of it is written.
        """
        ...


class StoryStore(WatchStore, Protocol):
    """The part of the store that answers questions."""

    async def find_stories(self, query: StoryQuery) -> tuple[Story, ...]:
        """Stories that answer ``query``, newest first."""
        ...

    async def count_pairs(self, query: StoryQuery) -> Mapping[CompanyPair, int]:
        """How many of the stories that answer ``query`` name each maker with each carrier.

        Its ``limit`` does not count.
        """
        ...

    async def find_turns(self, story_ids: Collection[str], *, limit: int) -> tuple[Story, ...]:
        """Stories that turn any of these, in order of opening, the first ``limit``."""
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
        """Where any of these stories was posted, is owed, or was given up; not where it is gone."""
        ...

    async def commit_repair(self, outcome: RepairOutcome) -> Mapping[str, Posts]:
        """Write all of ``outcome`` in one transaction; what becomes of posts, by story.

        Nothing is owed where nobody is subscribed by then.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read, or an
                entry is not where it was.
            Exception: for this and any other reason, nothing of it is written.
        """
        ...


class NoteStore(Protocol):
    """The part of the store that keeps single values for whoever must remember one."""

    async def load_note(self, name: str) -> str:
        """What was noted last under ``name``, "" if nothing was."""
        ...

    async def save_note(self, name: str, value: str) -> None:
        """Note ``value`` under ``name``, in place of what was there."""
        ...

    async def load_restored_or_none(self) -> Restored | None:
        """The last restore of this database from a backup; None if there was none."""
        ...


class AuditStore(Protocol):
    """The part of the store that knows who changed what."""

    async def add_audit(self, record: AuditRecord) -> None:
        """Keep ``record``; of each workspace the latest thousand are kept."""
        ...

    async def find_audit(
        self, platform: Platform, workspace: str, *, limit: int
    ) -> tuple[AuditRecord, ...]:
        """What was changed in a workspace, newest first."""
        ...


class Store(
    FeedStore,
    HubStore,
    DeliveryStore,
    RepairStore,
    NoteStore,
    AuditStore,
    GaugeStore,
    OverviewStore,
    RetentionStore,
    ProcessStore,
    Protocol,
):
    """All of it; ``bot/store`` is the one implementation, on SQLite and PostgreSQL."""
