"""JSON Feed 1.0 and 1.1, which feedparser does not read.

Source: https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.errors import FeedUnreadable
from bot.parsing.chunks import MAX_CHUNKS, digest
from bot.parsing.item import MAX_ITEMS, Document, Item

_VERSION = "jsonfeed.org/version/1"


class JsonFeed:
    """The JSON Feed in ``text``, opened; see ``Source``.

    Lenient where the specification lets a reader be: numbers serve as ids, an item without
    an id is told apart by its link. ``external_url`` is what an item talks about and not the
    item, so it is left out.

    Raises:
        FeedUnreadable: no JSON, or no JSON Feed; the message does not name the address.
    """

    def __init__(self, text: str) -> None:
        try:
            # Numbers stay as written: an id is text, and no int() of a million digits is made.
            feed = json.loads(text, strict=False, parse_int=str, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise FeedUnreadable(f"looks like JSON and cannot be read as such ({error})") from error
        if not isinstance(feed, dict) or _VERSION not in _text(feed, "version"):
            raise FeedUnreadable(f"is JSON, but its version does not name {_VERSION}")
        items = feed.get("items")
        hub = _find_hub(feed)
        self._document = Document(
            title=_text(feed, "title"),
            base=_text(feed, "home_page_url"),
            lang=_text(feed, "language"),
            items=tuple(
                _read_item(item)
                for item in (items[: MAX_ITEMS + 1] if isinstance(items, list) else ())
                if isinstance(item, dict)
            ),
            hub=hub,
            topic=_text(feed, "feed_url") if hub else "",
            context=("json",),
        )

    @property
    def digests(self) -> tuple[bytes, ...]:
        """Of each item's fields, in order."""
        items = self._document.items
        return tuple(map(_digest, items)) if len(items) <= MAX_CHUNKS else ()

    def read(self) -> Document:
        """All of it."""
        return self._document

    def read_items(self, places: Sequence[int]) -> Document:
        """The document with these of its items alone."""
        items = self._document.items
        return replace(self._document, items=tuple(items[place] for place in places))


def _digest(item: Item) -> bytes:
    fields = (item.guid, item.link, item.title, item.summary, item.content, item.published)
    return digest("".join(f"{len(field)}:{field}" for field in fields))


def _read_item(item: dict[str, Any]) -> Item:
    return Item(
        guid=_text(item, "id"),
        link=_text(item, "url"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        published=_text(item, "date_published") or _text(item, "date_modified"),
    )


def _find_hub(feed: dict[str, Any]) -> str:
    """The address of the first WebSub hub that the feed names."""
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub, "type").lower() in {"websub", "pubsubhubbub"}:
            return _text(hub, "url")
    return ""


def _text(fields: dict[str, Any], name: str) -> str:
    """The field as text; "" where it is missing or holds something else."""
    value = fields.get(name)
    # An escape such as \\ud800 makes half a character, which nothing can store.
    return value.encode(errors="ignore").decode().strip() if isinstance(value, str) else ""
