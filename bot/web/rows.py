"""What a page shows of stories and feeds, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.commands.timeline import Timeline, lang_of
from bot.model import Catalogue, Coverage, Event, Feed, FiledEntry, Story, Tie
from bot.model.condition import Condition, condition_of, usual_gap_or_none
from bot.prose.inert import clean_text
from bot.web.words import Speech

MAX_ALSO = 6
"""Other outlets that are named; the story's own page has them all."""


@dataclass(frozen=True, slots=True)
class Named:
    """A company by its id and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story.

    Attributes:
        clock: the time of the day it was published, UTC.
        lang: of its headline and summary, BCP 47, or "".
        also: other outlets that report it, the first ``MAX_ALSO``; ``more`` are not among them.
    """

    id: str
    headline: str
    summary: str
    link: str | None
    outlet: str
    lang: str
    event: Event
    is_pair: bool
    is_history: bool
    makers: tuple[Named, ...]
    carriers: tuple[Named, ...]
    others: tuple[Named, ...]
    published_at: datetime
    updated_at: datetime
    clock: str
    also: tuple[Coverage, ...]
    more: int
    tie: Tie | None
    turns: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report of a story, with why it is one."""

    title: str
    link: str | None
    outlet: str
    lang: str
    published_at: datetime
    seen_at: datetime
    filed: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed.

    Attributes:
        address: without what stands behind "?", where keys may be.
        told: what is wrong with it, or "".
        since: when that began, if it is known.
        answered_at: when it last gave anything, as far as that is on record.
    """

    id: int
    name: str
    address: str
    lang: str
    condition: Condition
    told: str
    since: datetime | None
    answered_at: datetime | None
    changed_at: datetime | None
    next_due_at: datetime
    rhythm: str


def list_stories(timeline: Timeline) -> list[StoryRow]:
    """The stories of a page."""
    return [
        make_row(story, timeline.catalogue, timeline.turns.get(story.id, ()))
        for story in timeline.stories
    ]


def make_row(story: Story, catalogue: Catalogue, turns: Sequence[Story] = ()) -> StoryRow:
    """``story`` as a page shows it."""
    also = story.also_covered_by
    makers, carriers, others = (
        tuple(Named(company, catalogue.name_of(company)) for company in companies)
        for companies in (story.makers, story.carriers, story.others)
    )
    return StoryRow(
        id=story.id,
        headline=story.headline,
        summary=story.summary,
        link=story.link,
        outlet=story.outlet,
        lang=plain_lang(story.lang),
        event=story.event,
        is_pair=story.is_pair,
        is_history=story.is_history,
        makers=makers,
        carriers=carriers,
        others=others,
        published_at=story.published_at,
        updated_at=story.updated_at,
        clock=f"{story.published_at.astimezone(UTC):%H:%M}",
        also=also[:MAX_ALSO],
        more=max(0, len(also) - MAX_ALSO),
        tie=story.tie,
        turns=tuple(turns),
    )


def make_report(entry: FiledEntry, catalogue: Catalogue) -> ReportRow:
    """A report as the page of its story shows it."""
    return ReportRow(
        title=entry.title,
        link=entry.link,
        outlet=entry.outlet,
        lang=plain_lang(lang_of(entry.outlet, catalogue)),
        published_at=entry.published_at,
        seen_at=entry.seen_at,
        filed=entry.filed,
        reasons=entry.reasons,
    )


def make_feed_row(feed: Feed, speech: Speech, *, now: datetime) -> FeedRow:
    """``feed`` as the list of feeds shows it."""
    told, since = "", None
    condition = condition_of(feed, now=now)
    if feed.failures:
        times = "failed_once" if feed.failures == 1 else "failed"
        said = (speech.trouble(feed), speech(times, count=feed.failures))
        told = ("；" if speech.is_zh else "; ").join(said)
        since = feed.failing_since
    elif condition is Condition.FLAWED:
        told = feed.flaw
    rhythm = []
    if feed.polled_at is not None and feed.next_due_at > feed.polled_at:
        every = speech.interval((feed.next_due_at - feed.polled_at).total_seconds())
        rhythm.append(speech("asked", every=every))
    if (gap_s := usual_gap_or_none(feed)) is not None:
        rhythm.append(speech("brings", what=speech.gap(gap_s)))
    answered_at = feed.answered_at or (feed.polled_at if not feed.failures else None)
    return FeedRow(
        id=feed.id,
        name=clean_text(feed.spec.title) or urlsplit(feed.url).netloc.rpartition("@")[2],
        address=show_address(feed.url),
        lang=plain_lang(feed.spec.lang),
        condition=condition,
        told=told,
        since=since,
        answered_at=answered_at,
        changed_at=feed.changed_at,
        next_due_at=feed.next_due_at,
        rhythm=(", " if not speech.is_zh else "，").join(rhythm),
    )


def show_address(url: str) -> str:
    """An address without what may be secret in it: users, and all behind "?"."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}" + ("?…" if parts.query else "")


def plain_lang(lang: str) -> str:
    """``lang`` where it can be a language's code (BCP 47), else "": strangers' feeds name them."""
    is_code = lang.isascii() and lang.replace("-", "").isalnum() and len(lang) <= 35
    return lang if is_code and lang[:2].isalpha() else ""
