"""Feed documents in as few words as a test needs."""

from __future__ import annotations

from bot.model import Entry, ParsedFeed
from bot.parsing import parse_feed

URL = "https://wire.example/news/rss.xml"


def item(title: str = "Huawei signs a carrier", **fields: str) -> str:
    """An RSS item; every field is written as it stands, a name as its element."""
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item><title>{title}</title>{elements}</item>"


def rss(*items: str, channel: str = "<title>Example Wire</title>", head: str = "") -> str:
    """An RSS document; ``head`` stands before its root."""
    return (
        f'{head}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel>{channel}{''.join(items)}</channel></rss>"
    )


def read(document: str, *, url: str = URL) -> ParsedFeed:
    """Parse ``document``, sent as UTF-8."""
    return parse_feed(document.encode(), url=url)


def read_one(document: str, *, url: str = URL) -> Entry:
    """The only entry of ``document``."""
    (entry,) = read(document, url=url).entries
    return entry
