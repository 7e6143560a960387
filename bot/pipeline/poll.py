"""One poll of one feed: ask, read, decide, commit once.

Everything a poll learns is written in one transaction, so that a kill at any
moment leaves the feed either as before the poll or as after it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain

from bot.errors import FeedError, FeedUnreachable, StoriesMoved
from bot.model import Feed, FeedSpec, Fetched, ParsedFeed, Story, Subscription
from bot.pipeline.decide import Desk, Judged
from bot.pipeline.due import (
    PollRules,
    due_after_answer,
    due_after_failure,
    interval_after_answer,
    wants_whole,
)
from bot.pipeline.listing import Listing, find_listing, hash_text
from bot.pipeline.moves import follow_move
from bot.pipeline.telling import Teller, make_summary
from bot.ports import Clock, Fetcher, Parser, PollOutcome, PollStore
from bot.stories import CANDIDATES_PER_TERM, choose_for_all, terms_of_report

DECIDED_AT_MOST = 5
"""Times a poll decides anew because another process wrote a story it had read."""

JUDGED_AT_A_STRETCH = 8
"""Entries judged before the event loop gets its turn; a long one costs about a millisecond."""

log = logging.getLogger(__name__)


class PollResult(StrEnum):
    """How a poll ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did, for people.

    Attributes:
        flagged: new entries that are news for our readers.
        error: one line, "" unless FAILED.
    """

    feed: Feed
    result: PollResult
    new: int = 0
    edited: int = 0
    flagged: int = 0
    error: str = ""


class Poller:
    """Polls feeds; any number at once, one decision at a time.

    Decisions run one after the other because each may open a story that the next
    one joins: read, decide and commit stand inside one lock. Entries are judged, and
    articles read, before it.
    """

    def __init__(
        self,
        *,
        store: PollStore,
        fetcher: Fetcher,
        parser: Parser,
        desk: Desk,
        rules: PollRules,
        clock: Clock,
        teller: Teller | None = None,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._parser = parser
        self._desk = desk
        self._rules = rules
        self._clock = clock
        self._teller = teller or Teller()
        self._deciding = asyncio.Lock()
        self._learning = asyncio.Lock()
        self._watches_revision = 0  # of the watches the desk knows

    async def poll(self, feed: Feed) -> PollReport:
        """Ask ``feed`` once and commit what came of it.

        A feed's failure is an outcome like any other; only the store's own failures
        and defects of ours are raised.
        """
        whole = wants_whole(feed, self._rules, now=self._clock())
        try:
            fetched = await self._fetcher.fetch(feed, conditional=not whole)
            if fetched.body is None:
                return await self._commit_unchanged(feed, fetched, whole=whole)
            body_hash = hashlib.sha256(fetched.body).hexdigest()
            # The daily whole fetch is read even where nothing changed: entries that no
            # document lists are forgotten in time, and these are listed still.
            if body_hash == feed.body_hash and not whole:
                return await self._commit_unchanged(feed, fetched, whole=whole)
            parsed = await self._parser.parse(fetched)
        except FeedError as error:
            return await self._commit_failure(feed, error)
        answered = self._answered(feed, fetched, whole=whole)
        answered = replace(
            answered,
            body_hash=body_hash,
            interval_s=parsed.interval_s,
            spec=_titled(answered, parsed),  # at the address it may have moved to
        )
        return await self._commit_changes(self._scheduled(answered, fetched), parsed)

    async def _commit_changes(self, feed: Feed, parsed: ParsedFeed) -> PollReport:
        listing = await self._find_listing(feed, parsed, now=self._clock())
        if listing.new or listing.edited:
            await self._learn_watches()
        judged = await self._judge(feed, listing, now=self._clock())
        judged = await self._tell(feed, judged)
        async with self._deciding:
            outcome = await self._decide_and_commit(feed, judged, listing)
        flagged = sum(1 for entry in outcome.new if entry.story_id)
        if listing.new or listing.edited:
            log.info(
                "%s: %d new, %d edited, %d flagged",
                feed.name, len(listing.new), len(listing.edited), flagged,
            )  # fmt: skip
        return PollReport(
            feed=outcome.feed,
            result=PollResult.CHANGED if listing.new or listing.edited else PollResult.UNCHANGED,
            new=len(listing.new),
            edited=len(listing.edited),
            flagged=flagged,
        )

    async def _learn_watches(self) -> None:
        """Let the desk know what people watch by now; most often nothing changed."""
        async with self._learning:  # else all polls under way would make a desk of their own
            revision = await self._store.watches_revision()
            if revision != self._watches_revision:
                watches = await self._store.find_watches()
                self._desk = await asyncio.to_thread(self._desk.watching, watches)
                self._watches_revision = revision

    async def _find_listing(self, feed: Feed, parsed: ParsedFeed, *, now: datetime) -> Listing:
        keys = {key for entry in parsed.entries for key in entry.keys}
        known = await self._store.find_known(feed.id, keys) if keys else {}
        return find_listing(parsed.entries, known, now=now, relist_after=self._rules.relist_after)

    async def _decide_and_commit(
        self, feed: Feed, judged: Sequence[Judged], listing: Listing
    ) -> PollOutcome:
        """Decide on what the store holds, and write it; anew if that changed meanwhile."""
        for attempt in range(1, DECIDED_AT_MOST + 1):
            now = self._clock()
            try:
                outcome = await self._decide(feed, judged, listing, now=now)
                outcome = replace(outcome, feed=_settled(outcome.feed, listing, now=now))
                await self._store.commit_poll(outcome)
            except StoriesMoved as moved:
                if attempt == DECIDED_AT_MOST:
                    raise
                log.info("%s: %s", feed.name, moved)
            else:
                return outcome
        raise AssertionError("the last attempt returns or raises")

    async def _decide(
        self, feed: Feed, judged: Sequence[Judged], listing: Listing, *, now: datetime
    ) -> PollOutcome:
        judged = await self._find_again(feed, judged)
        flagged = [item.report for item in judged if item.is_flagged]
        # An edit may take every name out of an entry; its story is still the same one.
        told = {item.known.story_id for item in judged if item.known and item.known.story_id}
        if not flagged and not told:
            candidates: tuple[Story, ...] = ()
            subscriptions: tuple[Subscription, ...] = ()
        else:
            lookups = [terms_of_report(report) for report in flagged]
            candidates = await self._store.find_candidates(
                set(chain.from_iterable(lookups)),
                ids=told,
                since=now - self._rules.close_after,
                per_term=CANDIDATES_PER_TERM,
                choose=partial(choose_for_all, lookups),
            )
            subscriptions = await self._store.find_subscriptions()
        decision = self._desk.begin(feed)
        for count, story in enumerate(candidates, start=1):
            decision.add_candidate(story)
            if count % JUDGED_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        for item in judged:
            decision.file(item)
            if item.is_flagged:  # it was compared with every candidate
                await asyncio.sleep(0)
        return decision.outcome(
            feed,
            subscriptions=subscriptions,
            listed=listing.listed,
            now=now,
            gather=self._rules.gather,
        )

    async def _find_again(self, feed: Feed, judged: Sequence[Judged]) -> Sequence[Judged]:
        """``judged`` with the stories that edited entries are in by now.

        While articles were read, an operator may have moved entries to another story.
        """
        filed = [item for item in judged if item.known and item.known.story_id]
        if not filed:
            return judged
        keys = {key for item in filed for key in item.entry.keys}
        stories = {
            known.id: known.story_id
            for known in (await self._store.find_known(feed.id, keys)).values()
        }
        return [
            replace(item, known=replace(item.known, story_id=stories[item.known.id]))
            if item.known and item.known.id in stories
            else item
            for item in judged
        ]

    async def _tell(self, feed: Feed, judged: Sequence[Judged]) -> list[Judged]:
        """``judged`` with what posts will say; history is not worth a question to a site.

        Questions are asked side by side; others get their turn between two summaries.
        """
        is_history = self._desk.is_history(feed)

        async def tell(item: Judged) -> str | None:
            if item.known and hash_text(item.entry) == item.known.text_hash:
                return None  # a date moved: what the post says stands
            if is_history:
                return make_summary(item.report)
            is_edit = item.known is not None
            return await self._teller.tell(item.report, found_in=feed.url, is_edit=is_edit)

        async with asyncio.TaskGroup() as group:
            told = {}
            for place, item in enumerate(judged):
                if item.may_speak:
                    told[place] = group.create_task(tell(item))
                    await asyncio.sleep(0)
        return [
            replace(item, summary=told[place].result()) if place in told else item
            for place, item in enumerate(judged)
        ]

    async def _judge(self, feed: Feed, listing: Listing, *, now: datetime) -> list[Judged]:
        """Every new and edited entry with its verdict; lets others run in between.

        A first poll may bring hundreds of long entries, and a platform's heartbeat
        must not wait for all of them.
        """
        items = [*((None, entry) for entry in listing.new), *listing.edited]
        judged = []
        for count, (known, entry) in enumerate(items, start=1):
            judged.append(self._desk.judge(feed, entry, known=known, now=now))
            if count % JUDGED_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return judged

    async def _commit_unchanged(self, feed: Feed, fetched: Fetched, *, whole: bool) -> PollReport:
        answered = self._scheduled(self._answered(feed, fetched, whole=whole), fetched)
        await self._store.commit_poll(PollOutcome(feed=answered, at=self._clock()))
        return PollReport(feed=answered, result=PollResult.UNCHANGED)

    async def _commit_failure(self, feed: Feed, error: FeedError) -> PollReport:
        now = self._clock()
        failures = feed.failures + 1
        retry_after_s = error.retry_after_s if isinstance(error, FeedUnreachable) else None
        due_at = due_after_failure(
            feed, failures=failures, retry_after_s=retry_after_s, rules=self._rules, now=now
        )
        failed = replace(
            feed, polled_at=now, failures=failures, error=str(error), next_due_at=due_at
        )
        await self._store.commit_poll(PollOutcome(feed=failed, at=now))
        log.warning("%s; failure %d in a row, asked again at %s", error, failures, _at(due_at))
        return PollReport(feed=failed, result=PollResult.FAILED, error=str(error))

    def _answered(self, feed: Feed, fetched: Fetched, *, whole: bool) -> Feed:
        """``feed`` after a usable answer, whose document has not been read yet."""
        now = self._clock()
        moved = follow_move(
            feed, fetched.moved_to, adopt_after=self._rules.adopt_move_after, now=now
        )
        return replace(
            moved,
            validators=fetched.validators,
            polled_at=now,
            fetched_whole_at=now if whole else feed.fetched_whole_at,
            failures=0,
            error="",
        )

    def _scheduled(self, answered: Feed, fetched: Fetched) -> Feed:
        """``answered`` with the time of its next poll."""
        interval_s = interval_after_answer(self._rules, answered.interval_s, fetched.max_age_s)
        due_at = due_after_answer(answered, interval_s, now=self._clock())
        return replace(answered, next_due_at=due_at)


def _titled(feed: Feed, parsed: ParsedFeed) -> FeedSpec:
    """The feed's description under the name its document gives, where it had none."""
    return replace(feed.spec, title=feed.spec.title or parsed.title)


def _settled(feed: Feed, listing: Listing, *, now: datetime) -> Feed:
    """``feed`` after its document was filed: the first poll is over."""
    changed_at = now if listing.new or listing.edited else feed.changed_at
    return replace(feed, first_poll_done=True, changed_at=changed_at)


def _at(when: datetime) -> str:
    return when.strftime("%H:%M UTC")
