"""The desk: which entries are news, which story each belongs to, and who is owed what.

Pure: judged entries, candidate stories and subscriptions in; a PollOutcome out. Entries are
filed one by one, so that whoever has hundreds of them can let others run in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from bot.errors import StoriesMoved
from bot.matching import Matcher, Watchers
from bot.model import Entry, Feed, Restored, Story, Subscription, Watch
from bot.parsing import clamp_published
from bot.pipeline.listing import hash_text
from bot.pipeline.routing import gather_flood, route
from bot.ports import EditedEntry, KnownEntry, NewEntry, PollOutcome
from bot.stories import (
    OutletNames,
    Report,
    StoryIndex,
    edit_story,
    find_place,
    join_story,
    make_words,
    open_story,
    terms_in_common,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry as published, and the report it makes.

    Attributes:
        known: the earlier one that it edits, if it does.
        summary: what a post says if it speaks for its story; None to leave what it says.
        is_history: kept for search, and no post is made for it.
    """

    entry: Entry
    report: Report
    known: KnownEntry | None = None
    summary: str | None = ""
    is_history: bool = False

    @property
    def may_speak(self) -> bool:
        """Whether it may be what a story's post is about: it is news, or edits a report."""
        return self.is_flagged or bool(self.known and self.known.story_id)

    @property
    def is_flagged(self) -> bool:
        """Whether it is news for our readers, or for those who watch a company in it."""
        return self.report.match.relevant or bool(self.report.match.watched)


class Desk:
    """Judges entries and files them under stories.

    Args:
        matcher: settles which companies an entry names and whether it is ours.
        outlets: settles who published it.
        post_first_poll: treat a feed's first poll as news rather than as history.
        restored: that the store was restored from a backup; what it cannot know to be posted is
            history then.
        watches: companies that people want besides those of the matcher's catalogue.
    """

    def __init__(
        self,
        matcher: Matcher,
        outlets: OutletNames,
        *,
        post_first_poll: bool = False,
        restored: Restored | None = None,
        watches: Iterable[Watch] = (),
    ) -> None:
        self._watchers = Watchers(matcher.catalogue, watches)
        companies = self._watchers.companies
        self._matcher = matcher.watching(companies) if companies else matcher
        self._plain_matcher = matcher
        self._outlets = outlets
        self._post_first_poll = post_first_poll
        self._restored = restored

    def watching(self, watches: Iterable[Watch]) -> Desk:
        """This desk with other watches."""
        return Desk(
            self._plain_matcher,
            self._outlets,
            post_first_poll=self._post_first_poll,
            restored=self._restored,
            watches=watches,
        )

    def judge(
        self,
        feed: Feed,
        entry: Entry,
        *,
        known: KnownEntry | None = None,
        now: datetime,
        is_old: bool = False,
    ) -> Judged:
        """``entry`` with its verdict.

        Args:
            known: where it is an edit of an earlier one.
            is_old: it is history, whatever else its feed brings.
        """
        is_history = is_old or self.is_history(feed) or self._may_be_posted(feed, entry)
        return Judged(entry, self._report(feed, entry, now=now), known, is_history=is_history)

    def is_history(self, feed: Feed) -> bool:
        """Whether what ``feed`` lists now is kept for search and posted nowhere."""
        return not (feed.first_poll_done or self._post_first_poll)

    def _may_be_posted(self, feed: Feed, entry: Entry) -> bool:
        restored = self._restored
        return restored is not None and restored.is_posted(feed, entry.published_at)

    def begin(self, candidates: Iterable[Story] = ()) -> Decision:
        """A decision about the entries of one document, which may join ``candidates``."""
        return Decision(candidates, watchers=self._watchers)

    def _report(self, feed: Feed, entry: Entry, *, now: datetime) -> Report:
        outlet = self._outlets.resolve(
            entry, feed_outlet=feed.spec.outlet, feed_title=feed.spec.title
        )
        lang = feed.spec.lang or outlet.lang
        title = self._outlets.strip_outlet(entry.title, outlet.name)
        found = self._matcher.match(
            title, entry.summary, entry.body, lang=lang, outlet_country=outlet.country
        )
        return Report(
            entry=entry if title == entry.title else replace(entry, title=title),
            match=found,
            outlet=outlet.name,
            feed_id=feed.id,
            seen_at=now,
            published_at=clamp_published(entry.published_at, seen_at=now),
            lang=lang,
            words=make_words(title, entry.summary, lang=lang)
            if found.relevant or found.watched
            else (),
        )


class Decision:
    """One decision under way: ``file`` each entry, then ask for the ``outcome``."""

    def __init__(self, candidates: Iterable[Story], *, watchers: Watchers) -> None:
        self._stories: dict[str, Story] = {}
        self._index = StoryIndex()
        self._before: dict[str, Story] = {}
        for story in candidates:
            self.add_candidate(story)
        self._watchers = watchers
        self._new: list[NewEntry] = []
        self._edited: list[EditedEntry] = []

    def add_candidate(self, story: Story) -> None:
        """Let entries join ``story`` too; whoever has hundreds lets others run in between."""
        self._before[story.id] = story
        self._keep(story)

    def file(self, item: Judged) -> None:
        """Put an entry where it belongs; what is no news only on the record."""
        if item.known is None:
            story_id, filed = self._put(item) if item.is_flagged else ("", "")
            self._new.append(_new_entry(item, story_id, filed))
        else:
            story_id, filed = self._refile(item, item.known)
            self._edited.append(_edited_entry(item, item.known, story_id, filed))

    def outcome(
        self,
        feed: Feed,
        *,
        subscriptions: Sequence[Subscription] = (),
        listed: tuple[int, ...] = (),
        now: datetime,
        gather: timedelta = timedelta(0),
    ) -> PollOutcome:
        """All that was filed, and what is owed for the stories that changed.

        ``feed`` is passed through as it shall be stored; posts that are there are edited
        after ``gather``.
        """
        changed = [story for story in self._stories.values() if self._before.get(story.id) != story]
        owed = chain.from_iterable(
            route(story, subscriptions, watchers=self._watchers, now=now)
            for story in changed
            if self._is_news(story)
        )
        opened = {story.id: story for story in changed if story.id not in self._before}
        return PollOutcome(
            feed=feed,
            at=now,
            new=tuple(self._new),
            edited=tuple(self._edited),
            listed=listed,
            stories=tuple(changed),
            deliveries=gather_flood(owed, opened),
            edits_at=now + gather,
        )

    def _put(self, item: Judged) -> tuple[str, str]:
        """Join a story, or open one; its id, and one line on why."""
        report = item.report
        place = find_place(report, self._index.find_candidates(report))
        if place.story is None:
            story = open_story(
                report, summary=item.summary or "", is_history=item.is_history, tie=place.tie
            )
        else:
            story = join_story(place.story, report, reason=place.reason, is_history=item.is_history)
        self._keep(story)
        return story.id, place.reason

    def _keep(self, story: Story) -> None:
        self._stories[story.id] = story
        if not story.is_merged:
            self._index.put(story)

    def _refile(self, item: Judged, known: KnownEntry) -> tuple[str, str]:
        """Carry an edit into its story; an edit that makes an entry news is filed as news.

        Gives the id of its story and why it is in there, "" where nothing changed in that.
        """
        story = self._stories.get(known.story_id)
        if story is not None and story.tie is not None and story.is_merged:
            raise StoriesMoved(f"story {story.id} was merged since its entry was read")
        if story is not None:
            self._keep(edit_story(story, item.report, summary=item.summary))
            return story.id, ""
        if known.story_id or not item.is_flagged:
            return known.story_id, ""
        return self._put(item)

    def _is_news(self, story: Story) -> bool:
        """Whether a post of it must be made or renewed."""
        before = self._before.get(story.id)
        return (
            before is None
            or story.revision > before.revision
            or (before.is_history and not story.is_history)
            or (story.is_relevant and not before.is_relevant)
            or (story.is_pair_to_all and not before.is_pair_to_all)
            or story.watched != before.watched
        )


def _new_entry(item: Judged, story_id: str, filed: str) -> NewEntry:
    report = item.report
    return NewEntry(
        entry=item.entry,
        text_hash=hash_text(item.entry),
        seen_at=report.seen_at,
        published_at=report.published_at,
        outlet=report.outlet,
        story_id=story_id,
        reasons=report.match.reasons,
        filed=filed,
    )


def _edited_entry(item: Judged, known: KnownEntry, story_id: str, filed: str) -> EditedEntry:
    text_hash = hash_text(item.entry)
    return EditedEntry(
        id=known.id,
        entry=item.entry,
        text_hash=text_hash,
        seen_at=item.report.seen_at,
        # An undated entry keeps the date it was first seen on.
        published_at=item.report.published_at if item.entry.published_at else known.published_at,
        is_text_changed=text_hash != known.text_hash,
        story_id=story_id,
        reasons=item.report.match.reasons,
        filed=filed,
    )


def keys_in_common(judged: Collection[Judged]) -> set[str]:
    """What two processes have in common that decide about the same story."""
    keys = {item.known.story_id for item in judged if item.known and item.known.story_id}
    return keys.union(*(terms_in_common(item.report) for item in judged if item.is_flagged))
