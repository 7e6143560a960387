"""One response body to a ParsedFeed: decode, read the format, apply our rules to each item."""

from __future__ import annotations

from bot.errors import FeedUnreadable
from bot.model import Entry, ParsedFeed
from bot.parsing.charset import decode
from bot.parsing.dates import read_date
from bot.parsing.identity import identify
from bot.parsing.item import Document, Item
from bot.parsing.jsonfeed import read_json_feed
from bot.parsing.text import MAX_BODY, MAX_SUMMARY, clean_text, clean_title, drop_invisible, shorten
from bot.parsing.urls import absolute_link, host_of
from bot.parsing.xmlfeed import read_xml_feed


def parse_feed(body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
    """Read an RSS, RDF, Atom or JSON feed.

    Args:
        body: the response body, after decompression.
        url: the address that answered, for relative links and messages; may be "".
        content_type: the header as it came; it may name a charset.

    Returns:
        The entries in document order, each once, items without text or link left out. A
        well-formed feed with no items is a feed with no entries.

    Raises:
        FeedUnreadable: no feed in it, refused as dangerous, or too broken to read.
        MemoryError: it needs more than this process may take.
    """
    try:
        document = _read(decode(body, content_type))
    except FeedUnreadable as refusal:
        subject = f"{url}: " if url else ""
        raise FeedUnreadable(f"{subject}the document {refusal}") from refusal.__cause__
    base = absolute_link(document.base, base=url) or url
    is_chinese = _is_chinese(document, url)
    entries = (_make_entry(item, base=base, is_chinese=is_chinese) for item in document.items)
    return ParsedFeed(
        title=clean_title(document.title),
        entries=identify(entry for entry in entries if _says_something(entry)),
        interval_s=document.interval_s,
    )


def _read(text: str) -> Document:
    return read_json_feed(text) if text.lstrip().startswith(("{", "[")) else read_xml_feed(text)


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
