"""The life of a story: a report opens it, others join it, edits change what it shows."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import replace

from bot.model import Coverage, Event, Match, Story, Tie
from bot.stories.fingerprint import MAX_WORDS
from bot.stories.report import Report
from bot.stories.sketch import weigh_words


def open_story(report: Report, *, summary: str, is_history: bool, tie: Tie | None = None) -> Story:
    """A new story that ``report`` speaks for; ``summary`` is what a post shows of it."""
    match = report.match
    return Story(
        id=_make_story_id(report),
        headline=report.entry.title,
        summary=summary,
        link=report.entry.link,
        outlet=report.outlet,
        makers=match.makers,
        carriers=match.carriers,
        others=match.others,
        event=match.event,
        is_pair=match.is_pair,
        opened_at=report.seen_at,
        updated_at=report.seen_at,
        published_at=report.published_at,
        coverage=(_cover(report),),
        words=report.words[:MAX_WORDS],
        lang=report.lang,
        is_history=is_history,
        is_pair_to_all=match.pair_to_all,
        is_relevant=match.relevant_to_all,
        watched=match.watched,
        reasons=match.reasons,
        tie=tie,
    )


def join_story(story: Story, report: Report, *, reason: str, is_history: bool = False) -> Story:
    """``story`` with ``report`` in it; the same story where that entry is in it already.

    The revision grows only if a post must show something new: an outlet, a company, a
    pair. Coverage lists an outlet once. A live report makes a history story live.
    """
    if _is_listed(report, story):
        return story
    is_new_outlet = all(told.outlet != report.outlet for told in story.coverage)
    coverage = (*story.coverage, _cover(report)) if is_new_outlet else story.coverage
    joined = replace(
        _with_match(story, report.match),
        coverage=coverage,
        updated_at=report.seen_at,
        is_history=story.is_history and is_history,
    )
    return _revised(story, with_words(joined, report.words), reason)


def edit_story(story: Story, report: Report, *, summary: str | None) -> Story:
    """``story`` after one of its entries was edited; unchanged if that entry is not in it.

    The entry that speaks for the story brings its headline, link, ``summary`` and what
    happened; another one only its line in the coverage. Companies stay: they are over all
    that was told. An edit is no news: a story that was quiet stays so.

    Args:
        summary: None to keep the one it has.
    """
    if not _is_listed(report, story):
        return story
    coverage = tuple(
        replace(told, title=report.entry.title, link=report.entry.link)
        if is_of(report, told)
        else told
        for told in story.coverage
    )
    edited = replace(_with_match(story, report.match), coverage=coverage)
    if is_of(report, story.coverage[0]):
        event = report.match.event
        edited = replace(
            edited,
            headline=report.entry.title,
            link=report.entry.link,
            summary=story.summary if summary is None else summary,
            event=edited.event if event is Event.OTHER else event,
        )
    return _revised(story, with_words(edited, report.words), f"{report.outlet} edited its report")


def _make_story_id(report: Report) -> str:
    """Ten characters of base32: the same entry always opens the same story."""
    digest = hashlib.sha256(f"{report.feed_id}\n{report.entry_key}".encode()).digest()
    return base64.b32encode(digest)[:10].decode().lower()


def _cover(report: Report) -> Coverage:
    return Coverage(
        outlet=report.outlet,
        title=report.entry.title,
        link=report.entry.link,
        feed_id=report.feed_id,
        entry_key=report.entry_key,
        seen_at=report.seen_at,
        published_at=report.published_at,
    )


def is_of(report: Report, told: Coverage) -> bool:
    """Whether ``told`` is what ``report`` was told as."""
    return told.feed_id == report.feed_id and told.entry_key in report.entry.keys


def _is_listed(report: Report, story: Story) -> bool:
    return any(is_of(report, told) for told in story.coverage)


def _with_match(story: Story, match: Match) -> Story:
    return replace(
        story,
        makers=union(story.makers, match.makers),
        carriers=union(story.carriers, match.carriers),
        others=union(story.others, match.others),
        is_pair=story.is_pair or match.is_pair,
        is_pair_to_all=story.is_pair_to_all or match.pair_to_all,
        is_relevant=story.is_relevant or match.relevant_to_all,
        watched=union(story.watched, match.watched),
        event=match.event if story.event is Event.OTHER else story.event,
    )


def union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    """Both in order of appearance, each once."""
    return tuple(dict.fromkeys((*first, *second)))


def with_words(story: Story, added: Iterable[str]) -> Story:
    """``story`` with the words of all its reports, those in most titles first.

    So what the limit cuts off is what one summary alone said.
    """
    titles = [told.title for told in story.coverage]
    weights = weigh_words(titles, union(story.words, added), lang=story.lang)
    ranked = sorted(weights, key=lambda word: -weights[word])
    return replace(story, words=tuple(ranked[:MAX_WORDS]))


def _revised(before: Story, after: Story, reason: str) -> Story:
    """``after`` with the next revision and its reason, if a post shows it differently."""
    if _shown(before) == _shown(after):
        return after
    return replace(after, revision=before.revision + 1, reasons=union(before.reasons, (reason,)))


def _shown(story: Story) -> tuple[object, ...]:
    """All that a post shows of a story."""
    return (
        story.headline, story.summary, story.link, story.outlet,
        story.makers, story.carriers, story.others, story.is_pair, story.event,
        tuple((told.outlet, told.link) for told in story.also_covered_by),
    )  # fmt: skip
