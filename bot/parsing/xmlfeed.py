"""RSS, RDF and Atom, read by feedparser.

feedparser opens files and URLs when it is given a name, and a name may be bytes: it is only
ever handed a stream. It gets mended UTF-8, so that its strict parser reads what it can.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.errors import FeedUnreadable, Trouble
from bot.parsing.chunks import Chunks, split_items
from bot.parsing.dates import has_own_form
from bot.parsing.item import MAX_ITEMS, Document, Item
from bot.parsing.pages import find_root, refuse
from bot.parsing.references import drop_illegal, mend_references

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PERIODS_S = {
    # Seconds. Source: RSS 1.0 module Syndication, sy:updatePeriod.
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}


class _Parsed(NamedTuple):
    """What feedparser made of a document.

    Attributes:
        flaw: what is not well-formed in it, or "".
        context: see ``Document``.
    """

    version: str
    feed: dict[str, Any]
    entries: Sequence[dict[str, Any]]
    flaw: str = ""
    context: tuple[object, ...] | None = None


class XmlFeed:
    """The XML in ``text``, opened; see ``Source``.

    Raises:
        FeedUnreadable: refused as dangerous, or empty; the message does not name the address.
    """

    def __init__(self, text: str) -> None:
        # A declaration counts only at the start.
        self._text = drop_illegal(text[max(text.find("<"), 0) :])
        _refuse_entities(self._text)
        if not self._text.strip():
            raise FeedUnreadable("is empty")
        self._chunks: Chunks | None = split_items(self._text)

    @property
    def digests(self) -> tuple[bytes, ...]:
        """Of each item's characters, in order; empty where in doubt."""
        return self._chunks.digests if self._chunks else ()

    def read(self) -> Document:
        """All of it, well-formed or not.

        Raises:
            FeedUnreadable: no feed in it, or too broken to read; the message does not name
                the address.
        """
        mended = _mend(self._text)
        parsed = _parse_strictly(mended)
        if isinstance(parsed, str):
            parsed = _parse_loosely(mended, flaw=parsed)
        if find_root(self._text).lower() == "html" or not (parsed.version or parsed.entries):
            raise refuse(self._text)
        if parsed.flaw and not parsed.entries:
            # An empty feed that is well-formed is one on a quiet day; this one was cut or broken.
            raise FeedUnreadable(f"is malformed and shows no item ({parsed.flaw})")
        return _make_document(parsed)

    def read_items(self, places: Sequence[int]) -> Document | None:
        """The document with these of its items alone; None unless each reads as in the whole."""
        if self._chunks is None or find_root(self._text).lower() == "html":
            return None
        parsed = _parse_strictly(_mend(self._chunks.join(places)))
        if isinstance(parsed, str) or parsed.context is None or len(parsed.entries) != len(places):
            return None
        return _make_document(parsed)


def _mend(text: str) -> str:
    """``text`` as a strict parser wants it.

    Raises:
        FeedUnreadable: that it declares entities shows only now.
    """
    mended = mend_references(text)
    if mended is not text:
        _refuse_entities(mended)
    return mended


def _refuse_entities(text: str) -> None:
    """Raise where ``text`` declares any: a few of these make gigabytes of a kilobyte."""
    if "<!ENTITY" in text:
        raise FeedUnreadable(
            "declares XML entities (<!ENTITY), which no feed needs; refused",
            trouble=Trouble.DANGEROUS,
        )


def _parse_strictly(text: str) -> _Parsed | str:
    """What feedparser makes of ``text``; else what is not well-formed in it."""
    # 20 ms that commands which read no feed need not wait for.
    from bot.parsing.strict import ExpatError, StrictReader, explain  # noqa: PLC0415

    reader = StrictReader()
    try:
        reader.read(text.encode())
    except MemoryError:
        raise
    except ExpatError as error:
        return explain(error)
    except Exception:  # noqa: BLE001 - its issues list asserts, attribute and unicode errors
        return ""  # which then come again; feedparser.parse() also knows what a DOCTYPE may do
    context = (reader.version, reader.state) if reader.version and reader.is_separable else None
    return _Parsed(reader.version, reader.feeddata, reader.entries, context=context)


def _parse_loosely(text: str, *, flaw: str) -> _Parsed:
    """What feedparser makes of ``text``, well-formed or not."""
    import feedparser  # noqa: PLC0415 - as above

    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers=_HEADERS,
            sanitize_html=False,  # all of it becomes plain text here
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # its issues list asserts, attribute and unicode errors
        raise FeedUnreadable(f"broke the parser ({type(error).__name__}: {error})") from error
    if parsed.bozo and not flaw:
        flaw = f"not well-formed XML: {parsed.bozo_exception}"
    return _Parsed(parsed.version or "", parsed.feed, parsed.entries, flaw=flaw)


def _make_document(parsed: _Parsed) -> Document:
    feed = parsed.feed
    links = _find_links(feed)
    return Document(
        title=_text(feed, "title"),
        # RFC 4287 resolves against the document; RSS has no rule and means its site.
        base="" if parsed.version.startswith("atom") else _text(feed, "link"),
        lang=_text(feed, "language"),
        items=tuple(_read_item(entry) for entry in parsed.entries[: MAX_ITEMS + 1]),
        interval_s=_find_interval(feed),
        flaw=parsed.flaw,
        hub=links.get("hub", ""),
        topic=links.get("self", "") if "hub" in links else "",
        context=parsed.context,
    )


def _read_item(entry: dict[str, Any]) -> Item:
    guid = _text(entry, "id")
    link = _text(entry, "feedburner_origlink") or _text(entry, "link")
    if link == guid and "links" not in entry and "://" not in link:
        link = ""  # a guid is a link unless RSS is told otherwise, and this one is none
    source = dict.get(entry, "source") or {}
    date = "published" if _text(entry, "published") else "updated"
    published = _text(entry, date)
    content = (_text(part, "value") for part in dict.get(entry, "content") or ())
    return Item(
        guid=guid,
        link=link,
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=max(content, key=len, default=""),
        published=published,
        published_otherwise=_read_otherwise(published, dict.get(entry, f"{date}_parsed")),
        outlet_name=_text(source, "title"),
        outlet_url=_text(source, "href") or _text(source, "link"),
    )


def _read_otherwise(written: str, kept: str | time.struct_time | None) -> time.struct_time | None:
    """What feedparser makes of a date that we cannot read; its strict reader kept it as written.

    It tries many forms one after the other, which takes several times as long as ours.
    """
    if has_own_form(written):
        return None
    if not isinstance(kept, str):
        return kept
    from feedparser.datetimes import _parse_date  # noqa: PLC0415 - as above

    found: time.struct_time | None = _parse_date(kept)
    return found


def _text(fields: dict[str, Any], name: str) -> str:
    # feedparser's own get() answers "updated" with "published" and a warning.
    value = dict.get(fields, name)
    return value.strip() if isinstance(value, str) else ""


def _find_links(feed: dict[str, Any]) -> dict[str, str]:
    """The first link of each relation: ``atom:link``, in whatever kind of feed it stands.

    Source: W3C WebSub §4, RFC 4287 §4.2.7.
    """
    found: dict[str, str] = {}
    for link in dict.get(feed, "links") or ():
        if href := _text(link, "href"):
            found.setdefault(_text(link, "rel"), href)
    return found


def _find_interval(feed: dict[str, Any]) -> float | None:
    """RSS ``ttl`` (minutes), else ``sy:updatePeriod`` over ``sy:updateFrequency``, in seconds."""
    minutes = _positive(_text(feed, "ttl"))
    if minutes is not None:
        return minutes * 60
    period = _PERIODS_S.get(_text(feed, "sy_updateperiod").lower())
    if period is None:
        return None
    return period / (_positive(_text(feed, "sy_updatefrequency")) or 1)


def _positive(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,9}", text) and int(text) > 0 else None
