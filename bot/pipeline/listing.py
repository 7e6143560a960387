"""What a document lists, held against what the store remembers: new, edited, or known.

Pure. Newness is decided by identity alone; a date never makes an entry new,
because publishers rewrite dates and headlines of old entries every day. Nor does one make an
entry old: only where many come at once that all say so, it is an archive and no news.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Entry
from bot.parsing import clamp_published
from bot.ports import KnownEntry

ARCHIVE = 5
"""More new entries than this that are old by their dates, and a feed lists its archive: it
moved to another system, which gave everything a new id, or was told to show all. Up to so
many are believed to be news: dates lie, and are late."""


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


def find_archive(listing: Listing, *, now: datetime, old_after: timedelta) -> frozenset[str]:
    """The decisive keys of what is old enough to be no news, where that is a whole archive.

    Entries without a date are not old; nor is what is in a story already.
    """
    least = now - old_after
    aged = [entry.keys[0] for entry in listing.new if _is_before(entry.published_at, least)]
    aged += (
        entry.keys[0]
        for known, entry in listing.edited
        if not known.story_id and _is_before(entry.published_at or known.published_at, least)
    )
    return frozenset(aged) if len(aged) > ARCHIVE else frozenset()


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
