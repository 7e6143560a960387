"""The flagged stories as a feed: Atom and JSON Feed, with the filters of the time line.

An id names a story for good: it is made of the story's own, which follows from the entry that
opened it, under a name that nobody can own (``.invalid``, RFC 2606), so that it stays the same
behind every proxy. A story that grows or turns is ``updated``, and so is the feed.

Source: RFC 4287 (Atom; §4.1.1, §4.1.2 what each element needs), RFC 4151 (tag URIs),
https://www.jsonfeed.org/version/1.1/, RFC 9110 §13 (conditional requests).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from aiohttp import web
from markupsafe import Markup

from bot.commands.command import Office
from bot.commands.timeline import Wanted, load_timeline
from bot.ports import Clock
from bot.prose.inert import clean_text
from bot.web.access import Access
from bot.web.asking import read_wanted, write_wanted
from bot.web.drawing import answer, web_address
from bot.web.rows import StoryRow, list_stories
from bot.web.site import House, Route
from bot.web.words import Speech

ATOM, JSON = "application/atom+xml", "application/feed+json"
NAMESPACE = "http://www.w3.org/2005/Atom"
TAG = "tag:newsbot.invalid,2018:"
ENTRIES = 50

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 §2.2 has no place for; the writer of the library lets it through."""

_ALSO = Markup('<li><a href="{}">{}</a></li>')
_ALSO_PLAIN = Markup("<li>{}</li>")


class Syndication:
    """The two feeds, each a handler."""

    def __init__(self, office: Office, house: House, *, clock: Clock) -> None:
        self._office = office
        self._house = house
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        return (
            Route("/feed.atom", self.atom, Access.FEED),
            Route("/feed.json", self.json, Access.FEED),
        )

    async def atom(self, request: web.Request) -> web.Response:
        """``/feed.atom``."""
        wanted, rows = await self._load(request)
        text = write_atom(rows, wanted, base=self._base(request), key=self._key(request))
        return answer(request, text, kind=ATOM)

    async def json(self, request: web.Request) -> web.Response:
        """``/feed.json``."""
        wanted, rows = await self._load(request)
        text = write_json(rows, wanted, base=self._base(request), key=self._key(request))
        return answer(request, text, kind=JSON)

    async def _load(self, request: web.Request) -> tuple[Wanted, list[StoryRow]]:
        wanted, office = read_wanted(request.query), self._office
        found = await load_timeline(
            office.store, office.catalogue, wanted, limit=ENTRIES, now=self._clock()
        )
        return wanted, list_stories(found)

    def _base(self, request: web.Request) -> str:
        return (self._house.public_url or f"{request.scheme}://{request.host}").rstrip("/")

    def _key(self, request: web.Request) -> str:
        return self._house.keys.find_key(request)


def write_atom(rows: Sequence[StoryRow], wanted: Wanted, *, base: str, key: str = "") -> str:
    """The feed of ``rows`` as Atom.

    Args:
        base: where the site is, without a slash at its end.
        key: what the address was asked for with, and so has to be asked for with again.
    """
    feed = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    _add(feed, "id", f"{TAG}feed{_named(wanted)}")
    _add(feed, "title", tell_title(wanted))
    _add(feed, "updated", _iso(max((row.updated_at for row in rows), default=_NEVER)))
    _add(_add(feed, "author"), "name", "newsbot")
    _add(feed, "generator", "newsbot")
    _link(feed, "self", f"{base}/feed.atom{write_wanted(wanted, key=key)}", kind=ATOM)
    _link(feed, "alternate", f"{base}/{write_wanted(wanted)}", kind="text/html")
    for row in rows:
        _add_entry(feed, row, base)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def write_json(rows: Sequence[StoryRow], wanted: Wanted, *, base: str, key: str = "") -> str:
    """The feed of ``rows`` as JSON Feed 1.1; see ``write_atom``."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": tell_title(wanted),
        "home_page_url": f"{base}/{write_wanted(wanted)}",
        "feed_url": f"{base}/feed.json{write_wanted(wanted, key=key)}",
        "language": "en",
        "authors": [{"name": "newsbot"}],
        "items": [_make_item(row, base) for row in rows],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def tell_title(wanted: Wanted) -> str:
    """What a feed is called: "newsbot", with what it is cut down to."""
    days = f"{wanted.days} days" if wanted.days else ""
    said = (
        wanted.maker,
        wanted.carrier,
        wanted.event.label if wanted.event else "",
        wanted.outlet,
        f"“{wanted.text}”" if wanted.text else "",
        "pairs" if wanted.is_pair else "",
        days,
    )
    named = ", ".join(clean_text(part) for part in said if part)
    return f"newsbot: {named}" if named else "newsbot: makers and carriers"


def _add_entry(feed: ET.Element, row: StoryRow, base: str) -> None:
    entry = _add(feed, "entry")
    if row.lang:
        entry.set("xml:lang", row.lang)
    page, report = f"{base}/story/{row.id}", web_address(row.link)
    _add(entry, "id", f"{TAG}story/{row.id}")
    _add(entry, "title", _headline(row))
    _add(entry, "updated", _iso(row.updated_at))
    _add(entry, "published", _iso(row.published_at))
    _add(_add(entry, "author"), "name", clean_text(row.outlet) or "unknown")
    _link(entry, "alternate", report or page)
    if report:
        _link(entry, "related", page, kind="text/html")
    for label in _labels(row):
        _add(entry, "category").set("term", _plain(label))
    if summary := clean_text(row.summary):
        _add(entry, "summary", summary)
    _add(entry, "content", _content(row, base)).set("type", "html")


def _make_item(row: StoryRow, base: str) -> dict[str, object]:
    page = f"{base}/story/{row.id}"
    item: dict[str, object] = {
        "id": f"{TAG}story/{row.id}",
        "url": web_address(row.link) or page,
        "title": _headline(row),
        "content_html": _content(row, base),
        "date_published": _iso(row.published_at),
        "date_modified": _iso(row.updated_at),
        "authors": [{"name": clean_text(row.outlet) or "unknown"}],
        "tags": _labels(row),
    }
    if summary := clean_text(row.summary):
        item["summary"] = summary
    if row.lang:
        item["language"] = row.lang
    return item


def _content(row: StoryRow, base: str) -> str:
    """The entry as HTML: the summary, who it is about, what it turns, who else reports it."""
    lines = [Markup("<p>{}</p>").format(clean_text(row.summary))] if row.summary else []
    names = " × " if row.is_pair else ", "
    who = names.join(
        ", ".join(clean_text(one.name) for one in side)
        for side in (row.makers, row.carriers, row.others)
        if side
    )
    told = ", ".join(part for part in (who, row.event.label) if part)
    lines.append(Markup("<p><strong>{}</strong></p>").format(told))
    if row.tie:
        earlier = Markup('<a href="{}">{}</a>').format(
            f"{base}/story/{quote(row.tie.story_id)}", clean_text(row.tie.headline)
        )
        kind = Speech("en").tie(row.tie.kind)
        lines.append(Markup("<p>{}: {}</p>").format(kind, earlier))
    if row.also:
        sources = [
            _ALSO.format(link, clean_text(one.outlet))
            if (link := web_address(one.link))
            else _ALSO_PLAIN.format(clean_text(one.outlet))
            for one in row.also
        ]
        if row.more:
            sources.append(_ALSO_PLAIN.format(f"+{row.more}"))
        lines.append(Markup("<p>Also covered by</p><ul>{}</ul>").format(Markup("").join(sources)))
    return str(Markup("").join(lines))


def _headline(row: StoryRow) -> str:
    return clean_text(row.headline) or "(no headline)"


def _labels(row: StoryRow) -> list[str]:
    named = [one.name for one in (*row.makers, *row.carriers, *row.others)]
    return [clean_text(label) for label in (*named, row.event.label) if label]


def _named(wanted: Wanted) -> str:
    asked = write_wanted(wanted).removeprefix("?")
    return f"/{asked}" if asked else ""


def _add(parent: ET.Element, name: str, text: str = "") -> ET.Element:
    child = ET.SubElement(parent, name)
    child.text = _plain(text)
    return child


def _link(parent: ET.Element, rel: str, href: str, *, kind: str = "") -> None:
    link = ET.SubElement(parent, "link", {"rel": rel, "href": _plain(href)})
    if kind:
        link.set("type", kind)


def _plain(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
