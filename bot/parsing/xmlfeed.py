"""RSS, RDF and Atom, read by feedparser.

feedparser opens files and URLs when it is given a name, and a name may be bytes: it is only
ever handed a stream. It gets mended UTF-8, so that its strict parser reads what it can.
"""

from __future__ import annotations

import io
import re
from typing import Any

from bot.errors import FeedUnreadable
from bot.parsing.item import Document, Item
from bot.parsing.references import repair_xml
from bot.parsing.text import clean_title, shorten

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_PERIODS_S = {
    # Seconds. Source: RSS 1.0 module Syndication, sy:updatePeriod.
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_HTML_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80})", re.IGNORECASE)


def read_xml_feed(text: str) -> Document:
    """Read the feed in ``text``, well-formed or not.

    Raises:
        FeedUnreadable: no feed in it, refused as dangerous, or too broken to read; the
            message does not name the address.
    """
    mended = repair_xml(text[max(text.find("<"), 0) :])  # a declaration counts only at the start
    if "<!ENTITY" in mended:  # a few of these make gigabytes of a kilobyte
        raise FeedUnreadable("declares XML entities (<!ENTITY), which no feed needs; refused")
    if not mended.strip():
        raise FeedUnreadable("is empty")
    parsed = _run_feedparser(mended)
    if _is_html(mended) or not (parsed.version or parsed.entries):
        raise FeedUnreadable(f"holds no feed: it {_describe(text)}")
    if parsed.bozo and not parsed.entries:
        # An empty feed that is well-formed is one on a quiet day; this one was cut or broken.
        raise FeedUnreadable(f"is malformed and shows no item ({parsed.bozo_exception})")
    feed = parsed.feed
    return Document(
        title=_text(feed, "title"),
        # RFC 4287 resolves against the document; RSS has no rule and means its site.
        base="" if parsed.version.startswith("atom") else _text(feed, "link"),
        lang=_text(feed, "language"),
        items=tuple(_read_item(entry) for entry in parsed.entries),
        interval_s=_find_interval(feed),
    )


def _run_feedparser(text: str) -> Any:  # feedparser publishes no types
    """What feedparser makes of ``text``."""
    import feedparser  # noqa: PLC0415 - 20 ms that commands which read no feed need not wait for

    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8")),
            response_headers=_HEADERS,
            sanitize_html=False,  # all of it becomes plain text here
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # its issues list asserts, attribute and unicode errors
        raise FeedUnreadable(f"broke the parser ({type(error).__name__}: {error})") from error


def _read_item(entry: dict[str, Any]) -> Item:
    guid = _text(entry, "id")
    link = _text(entry, "feedburner_origlink") or _text(entry, "link")
    if link == guid and "links" not in entry and "://" not in link:
        link = ""  # a guid is a link unless RSS is told otherwise, and this one is none
    source = dict.get(entry, "source") or {}
    date = "published" if _text(entry, "published") else "updated"
    content = (_text(part, "value") for part in dict.get(entry, "content") or ())
    return Item(
        guid=guid,
        link=link,
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=max(content, key=len, default=""),
        published=_text(entry, date),
        published_otherwise=dict.get(entry, f"{date}_parsed"),
        outlet_name=_text(source, "title"),
        outlet_url=_text(source, "href") or _text(source, "link"),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    # feedparser's own get() answers "updated" with "published" and a warning.
    value = dict.get(fields, name)
    return value.strip() if isinstance(value, str) else ""


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


def _is_html(text: str) -> bool:
    return _find_root(text).lower() == "html"


def _find_root(text: str) -> str:
    """The name of the first element, comments aside; "" if none begins early on."""
    root = _ROOT.search(re.sub(r"<!--.*?-->", "", text[:8_000], flags=re.DOTALL))
    return root[1] if root else ""


def _describe(text: str) -> str:
    """What a document that is no feed looks like, for the person who subscribed to it."""
    if _is_html(text):
        title = _HTML_TITLE.search(text[:8_000])
        return "is an HTML page" + (f' titled "{clean_title(title[1])}"' if title else "")
    if root := _find_root(text):
        return f"is XML of another kind, <{root}>"
    return f'is plain text, "{shorten(clean_title(text[:200]), 60)}"'
