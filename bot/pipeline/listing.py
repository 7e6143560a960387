"""What a document lists, held against what the store remembers: new, edited, or known.

Pure. Newness is decided by identity alone; a date never makes an entry new,
because publishers rewrite dates and headlines of old entries every day. Nor does one make an
entry old: only where many come at once that all say so, it is an archive and no news.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Entry, Feed
from bot.parsing import clamp_published
from bot.ports import KnownEntry

ARCHIVE = 5
"""More new entries than this that are old by their dates, and a feed lists its archive: it
moved to another system, which gave everything a new id, or was told to show all. Up to so
many are believed to be news: dates lie, and are late."""

DATED_BEFORE = timedelta(days=1)
"""By so much a date may lie before the moment at which its entry was put into the feed."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One document's entries, told apart.

    Attributes:
        new: oldest first, as people would have read them.
        edited: known entries whose text or date changed, with their new form.
        listed: ids of known entries whose "listed" mark has grown old.
    """

    new: tuple[Entry, ...]
    edited: tuple[tuple[KnownEntry, Entry], ...]
    listed: tuple[int, ...]

    @property
    def has_changes(self) -> bool:
        """Whether anything is new or edited."""
        return bool(self.new or self.edited)


def find_listing(
    entries: Sequence[Entry],
    known: Mapping[str, KnownEntry],
    *,
    now: datetime,
    relist_after: timedelta,
) -> Listing:
    """Tell ``entries``, in document order (newest first by custom), apart."""
    new: list[Entry] = []
    edited: dict[int, tuple[KnownEntry, Entry]] = {}
    listed: set[int] = set()
    for entry in entries:
        earlier = next((known[key] for key in entry.keys if key in known), None)
        if earlier is None:
            new.append(entry)
        elif earlier.id not in edited and is_edited(earlier, entry, now=now):
            edited[earlier.id] = (earlier, entry)
        elif now - earlier.listed_at >= relist_after:
            listed.add(earlier.id)
    return Listing(
        new=tuple(reversed(new)),
        edited=tuple(edited.values()),
        listed=tuple(sorted(listed - edited.keys())),
    )


def find_archive(listing: Listing, *, news: Collection[str], before: datetime) -> frozenset[str]:
    """The decisive keys of what is old enough to be no news, where that is a whole archive.

    Entries without a date are not old; nor is what is in a story already.

    Args:
        news: decisive keys of what would be news for somebody; nothing else counts.
        before: what is dated before this is old, see ``oldest_news``.
    """
    aged = [entry.keys[0] for entry in listing.new if _is_before(entry.published_at, before)]
    aged += (
        entry.keys[0]
        for known, entry in listing.edited
        if not known.story_id and _is_before(entry.published_at or known.published_at, before)
    )
    found = frozenset(aged).intersection(news)
    return found if len(found) > ARCHIVE else frozenset()


def oldest_news(feed: Feed, *, now: datetime, old_after: timedelta) -> datetime:
    """What ``feed`` lists now and dates before this may be its archive.

    A story that is quiet for ``old_after`` is over. But what was published since the feed last
    answered could not be seen any sooner, however long that is ago: after an outage all of it
    is news. Of a feed that answered before this was kept, a change or a whole document tells.
    """
    least = now - old_after
    answered_at = feed.answered_at or feed.changed_at or feed.fetched_whole_at
    return least if answered_at is None else min(least, answered_at - DATED_BEFORE)


def hash_text(entry: Entry) -> str:
    """A fingerprint of what a person would see change: title, link and summary."""
    seen = "\0".join((entry.title, entry.link or "", entry.summary))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_edited(earlier: KnownEntry, entry: Entry, *, now: datetime) -> bool:
    """Whether text or date differ; a date out of bounds is no news of a known entry."""
    if hash_text(entry) != earlier.text_hash:
        return True
    dated = entry.published_at
    if dated is None or clamp_published(dated, seen_at=now) != dated:
        return False
    return dated != earlier.published_at


def _is_before(date: datetime | None, least: datetime) -> bool:
    return date is not None and date < least
