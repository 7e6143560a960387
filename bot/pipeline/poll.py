"""One poll of one feed: ask, read, decide, commit once.

Everything a poll learns is written in one transaction, so that a kill at any
moment leaves the feed either as before the poll or as after it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from bot.errors import FeedError, StoriesMoved
from bot.model import Feed, Fetched, Story, Subscription
from bot.pipeline.answer import (
    Answer,
    Found,
    after_answer,
    after_failure,
    after_no_fault_or_none,
    titled,
)
from bot.pipeline.decide import Decision, Desk, Judged, keys_in_common
from bot.pipeline.due import PollRules, wants_whole
from bot.pipeline.heat import Heat
from bot.pipeline.listing import Listing, find_archive, find_listing, hash_text, oldest_news
from bot.pipeline.outage import Outage
from bot.pipeline.reach import Reach
from bot.pipeline.report import Filed, PollReport, PollResult
from bot.pipeline.telling import Teller, make_summary
from bot.ports import (
    Clock,
    CommitPoll,
    Fetcher,
    KnownEntry,
    Meter,
    NoMeter,
    Parser,
    PollOutcome,
    PollStore,
    Stage,
    timed,
)
from bot.prose.moments import tell_time
from bot.stories import CANDIDATES_PER_TERM, choose_for_all, terms_of_report

DECIDED_AT_MOST = 5
"""Times a poll decides anew because another process wrote a story it had read."""

JUDGED_AT_A_STRETCH = 8
"""Entries judged before the event loop gets its turn; a long one costs about a millisecond."""

log = logging.getLogger(__name__)


class Poller:
    """Polls feeds; any number at once, one decision about stories at a time.

    Such decisions run one after the other because each may open a story that the next
    one joins: read, decide and commit stand inside one lock. Entries are judged, and
    articles read, before it; and where nothing is news, nothing waits for it.
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
        outage: Outage | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.meter = meter or NoMeter()
        self._store = store
        self._fetcher = fetcher
        self._parser = parser
        self._desk = desk
        self._rules = rules
        self._clock = clock
        self._teller = teller or Teller()
        self._heat = Heat(rules)
        self._outage = outage or Outage()
        self._reach = Reach(self._outage)
        self._deciding = asyncio.Lock()
        self._learning = asyncio.Lock()
        self._learners = 0  # polls that asked whether the watches changed
        self._learned = 0  # of these, those that know
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
                return await self._commit_unchanged(feed, Answer(fetched, whole))
            body_hash = hashlib.sha256(fetched.body).hexdigest()
            # The daily whole fetch is read even where nothing changed: entries that no
            # document lists are forgotten in time, and these are listed still.
            if body_hash == feed.body_hash and not whole:
                return await self._commit_unchanged(feed, Answer(fetched, whole))
            # For the same reason it is read without marks, all of it.
            parsed = await self._parser.parse(fetched, seen=b"" if whole else feed.marks)
        except FeedError as error:
            return await self._commit_failure(feed, error)
        return await self._commit_changes(feed, Answer(fetched, whole, parsed, body_hash))

    def close(self) -> None:
        """Log what waited for the outcome of further polls: there are none."""
        self._reach.tell()

    async def take(self, feed: Feed, pushed: Fetched) -> PollReport:
        """File what a hub sent of ``feed`` unasked, and commit it.

        It may be the whole document or only what is new in it. So validators, marks and due
        time stay as the last poll left them; and what looks like an edit is left to the next
        poll, for where an id is given to several entries only the whole document shows it.
        A document that cannot be read is in the report alone.
        """
        try:
            parsed = await self._parser.parse(pushed)
        except FeedError as error:
            log.warning("%s; pushed by its hub, and left to the next poll", error)
            return PollReport(feed=feed, result=PollResult.FAILED, error=str(error))
        return await self._commit_changes(feed, Answer(pushed, parsed=parsed, is_pushed=True))

    async def _commit_changes(self, feed: Feed, answer: Answer) -> PollReport:
        listing = await self._find_listing(feed, answer, now=self._clock())
        if listing.has_changes:
            await self._learn_watches()
        judged = await self._judge(titled(feed, answer), listing, now=self._clock())
        if any(item.may_speak for item in judged):
            judged = await self._tell(feed, judged)
            async with self._deciding, self._store.deciding(keys_in_common(judged)) as commit:
                outcome = await self._decide_and_commit(feed, answer, judged, listing, commit)
        else:
            commit = self._store.commit_poll
            outcome = await self._decide_and_commit(feed, answer, judged, listing, commit)
        flagged = sum(1 for entry in outcome.new if entry.story_id)
        filed = Filed.of(outcome)
        if listing.has_changes:
            log.info(
                "%s: %d new, %d edited, %d flagged%s",
                feed.name, len(listing.new), len(listing.edited), flagged, filed,
            )  # fmt: skip
        return PollReport(
            feed=outcome.feed,
            result=PollResult.CHANGED if listing.has_changes else PollResult.UNCHANGED,
            new=len(listing.new),
            edited=len(listing.edited),
            flagged=flagged,
            filed=filed,
        )

    async def _learn_watches(self) -> None:
        """Let the desk know what people watch by now; most often nothing changed.

        Polls that come here while another asks share the next answer.
        """
        self._learners += 1
        number = self._learners
        async with self._learning:
            if number <= self._learned:
                return
            asking = self._learners
            revision = await self._store.watches_revision()
            if revision != self._watches_revision:
                watches = await self._store.find_watches()
                self._desk = await asyncio.to_thread(self._desk.watching, watches)
                self._watches_revision = revision
            self._learned = asking

    async def _find_listing(self, feed: Feed, answer: Answer, *, now: datetime) -> Listing:
        entries = answer.parsed.entries if answer.parsed else ()
        known: Mapping[str, KnownEntry] = {}
        # Of a feed that never answered nothing is known; what is known is not added twice, in
        # any case.
        if feed.first_poll_done or feed.answered_at:
            keys = {key for entry in entries for key in entry.keys}
            known = await self._store.find_known(feed.id, keys) if keys else {}
        listing = find_listing(entries, known, now=now, relist_after=self._rules.relist_after)
        return replace(listing, edited=()) if answer.is_pushed else listing

    async def _decide_and_commit(
        self, feed: Feed, answer: Answer, judged: Sequence[Judged], listing: Listing,
        commit: CommitPoll,
    ) -> PollOutcome:  # fmt: skip
        """Decide on what the store holds, and write it; anew if that changed meanwhile."""
        for attempt in range(1, DECIDED_AT_MOST + 1):
            now = self._clock()
            try:
                decision, subscriptions = await self._decide(feed, judged, now=now)
                outcome = self._conclude(feed, answer, decision, subscriptions, listing, now=now)
                await self._commit(outcome, commit)
            except StoriesMoved as moved:
                if attempt == DECIDED_AT_MOST:
                    raise
                log.info("%s: %s", feed.name, moved)
            else:
                return outcome
        raise AssertionError("the last attempt returns or raises")

    @timed(Stage.DECIDE)
    async def _decide(
        self, feed: Feed, judged: Sequence[Judged], *, now: datetime
    ) -> tuple[Decision, tuple[Subscription, ...]]:
        """Everything filed where it belongs, and who may want to hear of it."""
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
        decision = self._desk.begin()
        for count, story in enumerate(candidates, start=1):
            decision.add_candidate(story)
            if count % JUDGED_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        for item in judged:
            decision.file(item)
            if item.is_flagged:  # it was compared with every candidate
                await asyncio.sleep(0)
        return decision, subscriptions

    def _conclude(
        self,
        feed: Feed,
        answer: Answer,
        decision: Decision,
        subscriptions: Sequence[Subscription],
        listing: Listing,
        *,
        now: datetime,
    ) -> PollOutcome:
        """All that this poll changes, its feed's own state among it."""
        outcome = decision.outcome(
            feed,
            subscriptions=subscriptions,
            listed=listing.listed,
            now=now,
            gather=self._rules.gather,
        )
        flagged = [entry for entry in outcome.new if entry.story_id]
        brought = {entry.story_id for entry in flagged}  # an edit beside them brings nothing
        has_news = any(owed.story_id in brought for owed in outcome.deliveries)
        if has_news:
            self._heat.note_news(now)
        came_at = [min(entry.published_at, now) for entry in flagged]
        news_at = now if has_news else max(came_at, default=None)
        if news_at and feed.flagged_at:
            news_at = max(news_at, min(feed.flagged_at, now))
        found = Found(
            new=listing.new,
            has_changes=listing.has_changes,
            news_at=news_at,
            is_hot=self._heat.is_felt_by(news_at or feed.flagged_at, now),
        )
        return replace(
            outcome,
            feed=after_answer(feed, answer, found, rules=self._rules, now=now),
            haste=self._heat.take_haste_or_none(now, has_news=has_news),
            is_pushed=answer.is_pushed,
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

    @timed(Stage.SUMMARISE)
    async def _tell(self, feed: Feed, judged: Sequence[Judged]) -> list[Judged]:
        """``judged`` with what posts will say; history is not worth a question to a site.

        Questions are asked side by side; others get their turn between two summaries.
        """

        async def tell(item: Judged) -> str | None:
            if item.known and hash_text(item.entry) == item.known.text_hash:
                return None  # a date moved: what the post says stands
            if item.is_history:
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

    @timed(Stage.MATCH)
    async def _judge(self, feed: Feed, listing: Listing, *, now: datetime) -> list[Judged]:
        """Every new and edited entry with its verdict; lets others run in between.

        A first poll may bring hundreds of long entries, and a platform's heartbeat
        must not wait for all of them.
        """
        away = feed.answered_at is not None and now - feed.answered_at > self._rules.forget_after
        items = [*((None, entry) for entry in listing.new), *listing.edited]
        judged = []
        for count, (known, entry) in enumerate(items, start=1):
            judged.append(self._desk.judge(feed, entry, known=known, now=now, is_old=away))
            if count % JUDGED_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        if not feed.first_poll_done:  # a first one that is to be posted is posted whole
            return judged
        news = [item.entry.keys[0] for item in judged if item.is_flagged]
        before = oldest_news(feed, now=now, old_after=self._rules.close_after)
        old = find_archive(listing, news=news, before=before)
        return (
            [
                replace(item, is_history=True) if item.entry.keys[0] in old else item
                for item in judged
            ]
            if old
            else judged
        )

    @timed(Stage.COMMIT)
    async def _commit(self, outcome: PollOutcome, commit: CommitPoll) -> None:
        """Write what an answer brought; it may tell that our own network is back."""
        revival = None if outcome.is_pushed else self._outage.take_revival_or_none(outcome.at)
        if revival:
            outcome = replace(outcome, revival=revival)
        try:
            await commit(outcome)
        except BaseException:
            if outcome.haste:
                self._heat.give_back(outcome.haste)
            if revival:
                self._outage.give_back(revival)
            raise
        if not outcome.is_pushed:
            self._reach.note_answer(outcome.feed.name)

    async def _commit_unchanged(self, feed: Feed, answer: Answer) -> PollReport:
        now = self._clock()
        found = Found(is_hot=self._heat.is_felt_by(feed.flagged_at, now))
        answered = after_answer(feed, answer, found, rules=self._rules, now=now)
        haste = self._heat.take_haste_or_none(now, has_news=False)
        outcome = PollOutcome(feed=answered, at=now, haste=haste, before=feed)
        await self._commit(outcome, self._store.commit_poll)
        return PollReport(feed=answered, result=PollResult.UNCHANGED)

    async def _commit_failure(self, feed: Feed, error: FeedError) -> PollReport:
        now = self._clock()
        if failed := after_no_fault_or_none(feed, error, rules=self._rules, now=now):
            log.info("%s; asked at %s", error.fact, tell_time(failed.next_due_at, now=now))
        else:
            failed = after_failure(feed, error, rules=self._rules, now=now)
            failed = self._outage.note_failure(failed, rules=self._rules, now=now)
            again = tell_time(failed.next_due_at, now=now)
            what_next = f"failure {failed.failures} in a row, asked again at {again}"
            self._reach.note_failure(error, what_next)
        await self._store.commit_poll(PollOutcome(feed=failed, at=now))
        return PollReport(feed=failed, result=PollResult.FAILED, error=str(error))
