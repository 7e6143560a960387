"""What was read of a feed, on its way between processes.

Plain tuples: pickling the frozen dataclasses themselves takes ten times as long, which for
twenty entries is as much as reading one of them.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

from bot.model import Entry, ParsedFeed

Packed = tuple[list[tuple[Any, ...]], dict[str, Any]]
"""The fields of each entry in order, and those of the feed by name."""

_fields_of = attrgetter(*(field.name for field in fields(Entry)))
_OTHERS = tuple(field.name for field in fields(ParsedFeed) if field.name != "entries")


def pack(feed: ParsedFeed) -> Packed:
    """``feed`` as tuples."""
    return [_fields_of(entry) for entry in feed.entries], {
        name: getattr(feed, name) for name in _OTHERS
    }


def unpack(packed: Packed) -> ParsedFeed:
    """What was packed."""
    entries, others = packed
    return ParsedFeed(entries=tuple(Entry(*values) for values in entries), **others)
