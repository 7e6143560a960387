"""JSON Feed 1.0 and 1.1, which feedparser does not read.

Source: https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
from typing import Any

from bot.errors import FeedUnreadable
from bot.parsing.item import Document, Item

_VERSION = "jsonfeed.org/version/1"


def read_json_feed(text: str) -> Document:
    """Read the JSON in ``text``.

    Lenient where the specification lets a reader be: numbers serve as ids, an item without
    an id is told apart by its link. ``external_url`` is what an item talks about and not the
    item, so it is left out.

    Raises:
        FeedUnreadable: no JSON, or no JSON Feed; the message does not name the address.
    """
    try:
        # Numbers stay as written: an id is text, and no int() of a million digits is made.
        feed = json.loads(text, strict=False, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise FeedUnreadable(f"looks like JSON and cannot be read as such ({error})") from error
    if not isinstance(feed, dict) or _VERSION not in _text(feed, "version"):
        raise FeedUnreadable(f"is JSON, but its version does not name {_VERSION}")
    items = feed.get("items")
    return Document(
        title=_text(feed, "title"),
        base=_text(feed, "home_page_url"),
        lang=_text(feed, "language"),
        items=tuple(
            _read_item(item)
            for item in (items if isinstance(items, list) else ())
            if isinstance(item, dict)
        ),
    )


def _read_item(item: dict[str, Any]) -> Item:
    return Item(
        guid=_text(item, "id"),
        link=_text(item, "url"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        published=_text(item, "date_published") or _text(item, "date_modified"),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    """The field as text; "" where it is missing or holds something else."""
    value = fields.get(name)
    # An escape such as \\ud800 makes half a character, which nothing can store.
    return value.encode(errors="ignore").decode().strip() if isinstance(value, str) else ""
