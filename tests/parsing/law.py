"""The law of reading in part: what is left unread would have been read as it was before."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import FeedUnreadable
from bot.model import ParsedFeed
from bot.parsing import parse_feed
from tests.parsing.documents import URL

Outcome = ParsedFeed | str
"""What was read, or the refusal."""


def read_or_refuse(document: bytes, *, seen: bytes = b"", url: str = URL) -> Outcome:
    try:
        return parse_feed(document, url=url, seen=seen)
    except FeedUnreadable as refusal:
        return f"{refusal.trouble}: {refusal}"


def read_after(old: bytes, new: bytes, *, url: str = URL, url_before: str = "") -> Outcome:
    """``new``, read by the marks of ``old``, once it was held against reading it whole."""
    before = read_or_refuse(old, url=url_before or url)
    seen = before.marks if isinstance(before, ParsedFeed) else b""
    whole = read_or_refuse(new, url=url)
    part = read_or_refuse(new, seen=seen, url=url)
    if isinstance(whole, str) or isinstance(part, str):
        assert part == whole
        return part
    assert replace(part, entries=(), unchanged=0) == replace(whole, entries=())
    remaining = iter(whole.entries)
    assert all(entry in remaining for entry in part.entries), "not those of the whole, in order"
    unread = [entry for entry in whole.entries if entry not in part.entries]
    known = before.entries if isinstance(before, ParsedFeed) else ()
    assert all(entry in known for entry in unread), "left unread, and not as it was"
    assert part.unchanged or not unread
    return part
