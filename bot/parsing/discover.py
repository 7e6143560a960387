"""A web page to the addresses of the feeds it names, and where feeds usually lie.

Pure. Whether there is a feed at an address, only asking tells (bot/fetching/finder.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.errors import FeedUnreadable
from bot.model import FeedLink
from bot.parsing.article import decode_page
from bot.parsing.text import clean_title
from bot.parsing.urls import absolute_link

MAX_LINKS = 10
"""Links of one page that are worth asking."""

_TYPES = {
    # "application/json" is not among them: content systems call their interfaces so.
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 0,
    "application/rdf+xml": 0,
    "application/xml": 1,
    "text/xml": 1,
}
_ENDINGS = (".rss", ".atom", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed", "/rss")
_USUAL = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
_ASIDE = ("comment", "kommentar", "评论")  # feeds of what readers say


def find_feed_links(body: bytes, *, url: str, content_type: str = "") -> tuple[FeedLink, ...]:
    """The feeds that a page names, those it names outright first, at most ``MAX_LINKS``.

    Args:
        body: the response body, after decompression.
        url: the address that answered; links are relative to it.
        content_type: the header as it came; it may name a charset.

    Raises:
        FeedUnreadable: the page is built so that its reader fails.
        MemoryError: it needs more than this process may take.

    Source: the autodiscovery rules of RSS (rssboard.org/rss-autodiscovery) and Atom
    (draft-ietf-atompub-autodiscovery): ``<link rel="alternate" type="…" href="…">``.
    """
    try:
        tree = LexborHTMLParser(decode_page(body, content_type))
        found = sorted(_iter_links(tree, url), key=lambda ranked: ranked[0])
    except MemoryError:
        raise
    except Exception as error:  # the library's own errors on a stranger's page
        raise FeedUnreadable(f"{url}: the page cannot be read ({type(error).__name__})") from error
    first: dict[str, FeedLink] = {}
    for _, link in found:
        first.setdefault(link.url, link)
    return tuple(first.values())[:MAX_LINKS]


def list_usual_places(url: str) -> tuple[str, ...]:
    """Where a site's feed lies if it says nothing: below ``url`` first, then at its root."""
    path = urlsplit(url).path.rstrip("/")
    below = [urljoin(url, f"{path}/feed")] if path else []
    return tuple(dict.fromkeys([*below, *(urljoin(url, place) for place in _USUAL)]))


def is_page(body: bytes, content_type: str) -> bool:
    """Whether a document that is no feed is a web page, by its name or its first words."""
    start = body[:1024].lstrip().lower()
    return "html" in content_type.lower() or start.startswith((b"<!doctype html", b"<html"))


def _iter_links(tree: LexborHTMLParser, url: str) -> Iterator[tuple[int, FeedLink]]:
    """Links with their rank, 0 for the best."""
    base = url
    for node in tree.css("base[href]")[:1]:
        base = absolute_link(node.attributes.get("href") or "", base=url) or url
    for node in tree.css("link[href]"):
        given = node.attributes
        kind = (given.get("type") or "").partition(";")[0].strip().lower()
        relations = (given.get("rel") or "").lower().split()
        link = absolute_link(given.get("href") or "", base=base)
        if link and kind in _TYPES and not {"alternate", "feed"}.isdisjoint(relations):
            title = clean_title(given.get("title") or "")
            yield _TYPES[kind] + 2 * _is_aside(link, title), FeedLink(link, title)
    for node in tree.css("a[href]"):
        link = absolute_link(node.attributes.get("href") or "", base=base)
        if link and _looks_like_feed(link):
            title = clean_title(node.text() or "")
            yield 4 + _is_aside(link, title), FeedLink(link, title)


def _looks_like_feed(link: str) -> bool:
    return urlsplit(link).path.lower().rstrip("/").endswith(_ENDINGS)


def _is_aside(link: str, title: str) -> bool:
    said = f"{link} {title}".lower()
    return any(word in said for word in _ASIDE)
