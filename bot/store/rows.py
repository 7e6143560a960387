"""Between rows and the model: entries, stories, watches.

With feed_rows.py and outbox_rows.py the one place that knows both spellings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row

from bot.matching import watch_key
from bot.model import (
    Coverage,
    Event,
    Platform,
    Role,
    Story,
    Tie,
    TieKind,
    Watch,
)
from bot.parsing import canonical_link
from bot.ports import FiledEntry, NewEntry
from bot.stories import terms_of_story

AnyRow = Row[*tuple[Any, ...]]
"""A row of any columns; their types are the tables' business, in schema.py."""

WATCHED = "watched"
"""Stands for a role in ``story_companies``: the story is news to who watches the company."""

Values = dict[str, Any]
"""Column names and what to write there; SQLAlchemy's own type for it."""


def digest_key(key: str) -> bytes:
    """An entry's key as the store keeps it: 16 bytes, whatever the publisher wrote.

    PostgreSQL refuses index rows over 2,704 bytes, and guids of that length exist. 128
    bits are ample: two of a million keys in one feed meet with a chance of 1 in 10^27.
    """
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()


def digest_link_or_none(link: str | None) -> bytes | None:
    """``link`` as the store compares it, in 16 bytes; None where there is none."""
    if link is None:
        return None
    try:
        return digest_key(canonical_link(link))
    except ValueError:  # brackets that hold no IPv6 address, and the like: nobody's link
        return digest_key(link)


def entry_values(feed_id: int, new: NewEntry, *, key: bytes) -> Values:
    """A new entry by its decisive key; its body only where it belongs to a story."""
    return {
        "feed_id": feed_id,
        "key": key,
        "story_id": new.story_id,
        "guid": new.entry.guid,
        "link": new.entry.link,
        "link_key": digest_link_or_none(new.entry.link),
        "title": new.entry.title,
        "summary": new.entry.summary,
        "body": new.entry.body if new.story_id else "",
        "outlet": new.outlet,
        "reasons": new.reasons,
        "filed": new.filed,
        "text_hash": new.text_hash,
        "revision": 1,
        "seen_at": new.seen_at,
        "published_at": new.published_at,
        "listed_at": new.seen_at,
    }


def filed_from_row(row: AnyRow) -> FiledEntry:
    """A row of ``entries`` as people are told of it."""
    return FiledEntry(
        id=row.id,
        outlet=row.outlet,
        title=row.title,
        link=row.link,
        seen_at=row.seen_at,
        published_at=row.published_at,
        story_id=row.story_id,
        reasons=row.reasons,
        filed=row.filed,
        revision=row.revision,
    )


def story_values(story: Story) -> Values:
    """A story without its coverage and companies."""
    return {
        "id": story.id,
        "headline": story.headline,
        "summary": story.summary,
        "link": story.link,
        "outlet": story.outlet,
        "event": story.event.value,
        "is_pair": story.is_pair,
        "is_history": story.is_history,
        "is_pair_to_all": story.is_pair_to_all,
        "is_relevant": story.is_relevant,
        "opened_at": story.opened_at,
        "updated_at": story.updated_at,
        "published_at": story.published_at,
        "words": story.words,
        "lang": story.lang,
        "revision": story.revision,
        "reasons": story.reasons,
        "tie": story.tie.kind.value if story.tie else "",
        "tie_story_id": story.tie.story_id if story.tie else None,
        "tie_headline": story.tie.headline if story.tie else None,
        "tie_link": story.tie.link if story.tie else None,
        "version": story.version + 1,
    }


def term_values(story: Story) -> list[Values]:
    """A row for each term that ``story`` is found under; none where another tells it."""
    if story.is_merged:
        return []
    return [
        {"term": term, "updated_at": story.updated_at, "story_id": story.id}
        for term in terms_of_story(story)
    ]


def coverage_values(story: Story) -> list[Values]:
    """A row for each report of ``story``, in order."""
    return [
        {
            "story_id": story.id,
            "position": position,
            "outlet": report.outlet,
            "title": report.title,
            "link": report.link,
            "feed_id": report.feed_id,
            "entry_key": report.entry_key,
            "seen_at": report.seen_at,
            "published_at": report.published_at,
        }
        for position, report in enumerate(story.coverage)
    ]


def company_values(story: Story) -> list[Values]:
    """A row for each company ``story`` names, in order within its role.

    Those for whose watchers it is news have one more.
    """
    named = {
        Role.MAKER.value: story.makers,
        Role.CARRIER.value: story.carriers,
        Role.OTHER.value: story.others,
        WATCHED: story.watched,
    }
    return [
        {"story_id": story.id, "role": role, "position": position, "company": company}
        for role, companies in named.items()
        for position, company in enumerate(companies)
    ]


def coverage_from_row(row: AnyRow) -> Coverage:
    """A row of ``story_coverage``."""
    return Coverage(
        outlet=row.outlet,
        title=row.title,
        link=row.link,
        feed_id=row.feed_id,
        entry_key=row.entry_key,
        seen_at=row.seen_at,
        published_at=row.published_at,
    )


def story_from_rows(
    row: AnyRow,
    coverage: Iterable[AnyRow],
    companies: Mapping[str, tuple[str, ...]],
) -> Story:
    """A row of ``stories`` with its rows of coverage and its companies by role."""
    return Story(
        id=row.id,
        headline=row.headline,
        summary=row.summary,
        link=row.link,
        outlet=row.outlet,
        makers=companies.get(Role.MAKER.value, ()),
        carriers=companies.get(Role.CARRIER.value, ()),
        others=companies.get(Role.OTHER.value, ()),
        watched=companies.get(WATCHED, ()),
        event=Event(row.event),
        is_pair=row.is_pair,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        published_at=row.published_at,
        coverage=tuple(coverage_from_row(report) for report in coverage),
        words=row.words,
        lang=row.lang,
        revision=row.revision,
        is_history=row.is_history,
        is_pair_to_all=row.is_pair_to_all,
        is_relevant=row.is_relevant,
        reasons=row.reasons,
        tie=tie_from_row_or_none(row),
        version=row.version,
    )


def tie_from_row_or_none(row: AnyRow) -> Tie | None:
    """How a row of ``stories`` hangs on an earlier one, if it does."""
    if not row.tie:
        return None
    return Tie(TieKind(row.tie), row.tie_story_id, row.tie_headline, row.tie_link)


def watch_values(watch: Watch) -> Values:
    """A watch without the time it was added."""
    return {
        "platform": watch.platform.value,
        "workspace": watch.workspace,
        "slug": watch_key(watch.name),
        "name": watch.name,
        "role": watch.role.value,
        "aliases": watch.aliases,
        "needs": watch.needs,
        "unless": watch.unless,
        "exact_case": watch.exact_case,
        "is_alone": watch.is_alone,
    }


def watch_from_row(row: AnyRow) -> Watch:
    """A row of ``watches``."""
    return Watch(
        name=row.name,
        role=Role(row.role),
        aliases=row.aliases,
        needs=row.needs,
        unless=row.unless,
        exact_case=row.exact_case,
        is_alone=row.is_alone,
        platform=Platform(row.platform),
        workspace=row.workspace,
    )
