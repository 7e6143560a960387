"""One response body to a ParsedFeed: decode, read the format, apply our rules to each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.errors import FeedUnreadable
from bot.model import Entry, ParsedFeed
from bot.parsing.charset import decode
from bot.parsing.dates import read_date
from bot.parsing.identity import LEFT_OUT, Choice, choose, find_names, with_keys
from bot.parsing.item import MAX_ITEMS, Document, Item, Source
from bot.parsing.jsonfeed import JsonFeed
from bot.parsing.marks import Mark, digest_context, digest_names, read_marks, write_marks
from bot.parsing.text import MAX_BODY, MAX_SUMMARY, clean_text, clean_title, drop_invisible, shorten
from bot.parsing.urls import absolute_link, host_of
from bot.parsing.xmlfeed import XmlFeed


def parse_feed(body: bytes, *, url: str, content_type: str = "", seen: bytes = b"") -> ParsedFeed:
    """Read an RSS, RDF, Atom or JSON feed.

    Args:
        body: the response body, after decompression.
        url: the address that answered, for relative links and messages; may be "".
        content_type: the header as it came; it may name a charset.
        seen: the ``marks`` of the document that came before. Items that stand in this one to
            the letter as they stood there are left unread, where it is certain that reading
            them would give what it gave then.

    Returns:
        The entries in document order, each once, items without text or link left out, as are
        those behind the first ``MAX_ITEMS``: ``flaw`` says so. A well-formed feed with no
        items is a feed with no entries.

    Raises:
        FeedUnreadable: no feed in it, refused as dangerous, or too broken to read.
        MemoryError: it needs more than this process may take.
    """
    try:
        source = _open(decode(body, content_type))
        known = _Known(*read_marks(seen))
        changed = _read_changed(source, known, url) if known.items and source.digests else None
        return changed or _read_whole(source, url)
    except FeedUnreadable as refusal:
        subject = f"{url}: " if url else ""
        raise FeedUnreadable(
            f"{subject}the document {refusal}", trouble=refusal.trouble
        ) from refusal.__cause__


class _Known(NamedTuple):
    """What the document before has left."""

    context: bytes
    items: Mapping[bytes, Mark]


class _Reading:
    """A document with the rules that its items are read by."""

    def __init__(self, document: Document, url: str) -> None:
        self.document = document
        self._url = url
        self._base = absolute_link(document.base, base=url) or url
        self._is_chinese = _is_chinese(document, url)
        entries = (
            _make_entry(item, base=self._base, is_chinese=self._is_chinese)
            for item in document.items[:MAX_ITEMS]
        )
        self.entries = [entry if _says_something(entry) else None for entry in entries]
        self.names = [find_names(entry) if entry else None for entry in self.entries]

    @property
    def context(self) -> bytes:
        """What all this depended on besides the items; b"" where that cannot be told."""
        if self.document.context is None:
            return b""
        return digest_context(self._base, self._is_chinese, self.document.context)

    @property
    def _flaw(self) -> str:
        flaws = [self.document.flaw] if self.document.flaw else []
        if len(self.document.items) > MAX_ITEMS:
            flaws.append(f"more than {MAX_ITEMS:,} items, of which the first are read")
        return "; ".join(flaws)

    def make_feed(self, choices: Sequence[Choice], marks: bytes, *, unchanged: int) -> ParsedFeed:
        """``choices`` as to each entry."""
        keyed = (
            with_keys(entry, names, choice)
            for entry, names, choice in zip(self.entries, self.names, choices, strict=True)
            if entry and names
        )
        hub = absolute_link(self.document.hub, base=self._url) or ""
        topic = absolute_link(self.document.topic, base=self._url) or ""
        return ParsedFeed(
            title=clean_title(self.document.title),
            entries=tuple(entry for entry in keyed if entry),
            interval_s=self.document.interval_s,
            marks=marks,
            unchanged=unchanged,
            flaw=self._flaw,
            hub=hub,
            topic=topic if hub else "",
        )


def _read_whole(source: Source, url: str) -> ParsedFeed:
    reading = _Reading(source.read(), url)
    choices = choose(reading.names)
    marks, digests, context = b"", source.digests, reading.context
    if context and digests and len(digests) == len(reading.names):
        items: dict[bytes, Mark] = {}
        for digest, names, choice in zip(digests, reading.names, choices, strict=True):
            # Of a repetition the first counts; the others are left out.
            items.setdefault(digest, Mark(digest_names(names) if names else None, choice))
        marks = write_marks(context, items)
    return reading.make_feed(choices, marks, unchanged=0)


def _read_changed(source: Source, known: _Known, url: str) -> ParsedFeed | None:
    """The items that ``known`` has not; None where the whole must be read to be certain.

    Certain it is where the document means the same by everything outside its items, and
    where each unchanged entry keeps the keys it had beside the entries it stands with now.
    """
    places: dict[bytes, int] = {}
    for place, digest in enumerate(source.digests):
        places.setdefault(digest, place)
    changed = [digest for digest in places if digest not in known.items]
    if len(changed) == len(places):
        return None
    handed = changed or [next(iter(places))]  # without an item nobody knows what they mean
    document = source.read_items([places[digest] for digest in handed])
    if document is None:
        return None
    reading = _Reading(document, url)
    if reading.context != known.context:
        return None
    names = {
        digest: digest_names(found) if found else None
        for digest, found in zip(handed, reading.names, strict=True)
    }
    if not changed and names[handed[0]] != known.items[handed[0]].names:
        return None
    every = [names[one] if one in names else known.items[one].names for one in places]
    choices = dict(zip(places, choose(every), strict=True))
    unread = places.keys() - changed
    if any(known.items[one].choice != choices[one] for one in unread):
        return None
    marks = write_marks(
        reading.context,
        {one: Mark(found, choices[one]) for one, found in zip(places, every, strict=True)},
    )
    unchanged = sum(digest in known.items for digest in source.digests)
    chosen = [choices[digest] if changed else LEFT_OUT for digest in handed]
    return reading.make_feed(chosen, marks, unchanged=unchanged)


def _open(text: str) -> Source:
    return JsonFeed(text) if text.lstrip().startswith(("{", "[")) else XmlFeed(text)


def _make_entry(item: Item, *, base: str, is_chinese: bool) -> Entry:
    body = clean_text(item.content, limit=MAX_BODY)
    if item.summary in ("", item.content):
        summary = shorten(body, MAX_SUMMARY)
    else:
        summary = clean_text(item.summary, limit=MAX_SUMMARY)
    outlet_url = absolute_link(item.outlet_url, base=base) if item.outlet_url else None
    return Entry(
        keys=(),
        guid=" ".join(drop_invisible(item.guid).split()) or None,
        link=absolute_link(item.link, base=base),
        title=clean_title(item.title),
        summary=summary,
        body=body if len(body) > len(summary) else "",
        published_at=read_date(
            item.published, is_chinese=is_chinese, otherwise=item.published_otherwise
        ),
        outlet_name=clean_title(item.outlet_name) if outlet_url else "",
        outlet_url=outlet_url or "",
    )


def _says_something(entry: Entry) -> bool:
    return bool(entry.title or entry.summary or entry.link)


def _is_chinese(document: Document, url: str) -> bool:
    hosts = (host_of(url), host_of(document.base))
    return document.lang.lower().startswith("zh") or any(host.endswith(".cn") for host in hosts)
