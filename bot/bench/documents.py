"""Feeds as outlets publish them, invented: twenty entries with HTML in some 23 KB.

Seven of ten are RSS, three Atom; some put their HTML in CDATA, others escape it. One entry in a
hundred is news for our readers, so that matching, stories and posts have their share of work;
among 4,892 entries of 251 real documents of general news it was one in 350.

Pure: the same number and the same start give the same document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from random import Random

ENTRIES = 20
"""What a document lists: its newest so many."""

NEWS_EVERY = 100
"""One entry in so many names a handset maker and a carrier."""

APART = timedelta(minutes=37)
"""Between two entries of a feed."""

_NOUNS = (  # noqa: SIM905  # a paragraph, as lists go
    "harbour council valley bakery orchestra ferry museum market school bridge library garden "
    "tunnel railway festival village theatre mill reservoir lighthouse workshop parish quarry "
    "forest meadow station tower canal stadium greenhouse"
).split()
_VERBS = (  # noqa: SIM905  # a paragraph, as lists go
    "opens repairs closes studies welcomes postpones extends restores counts measures paints "
    "rebuilds inspects visits celebrates questions sells"
).split()
_WORDS = (  # noqa: SIM905  # a paragraph, as lists go
    "after before under during because while although near beyond with without early late long "
    "short public local quiet steady second third several many few residents visitors engineers "
    "teachers sailors growers officials neighbours figures plans costs months weeks years season "
    "report survey meeting decision answer question budget weather water paper stone timber the "
    "a of and to in for on at by it was were has have had will would could said asked wrote found"
).split()
_MAKERS = ("Huawei", "Xiaomi", "OnePlus", "ZTE", "Honor", "Lenovo")
_CARRIERS = ("AT&T", "Verizon", "T-Mobile", "Sprint", "U.S. Cellular")
_DEALS = (
    "{carrier} to sell the {maker} {model} phone in {count} cities",
    "{carrier} drops plan to carry the {maker} {model} phone",
    "{maker} and {carrier} delay the launch of the {model} phone",
    "{carrier} pulls the {maker} {model} phone from its shops",
    "{maker} signs a deal with {carrier} for the {model} phone",
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One of the outlets, by its ``number``, as it published until ``starts_at`` (aware UTC)."""

    number: int
    starts_at: datetime

    @property
    def is_atom(self) -> bool:
        """Whether its feed is Atom; the others are RSS."""
        return self.number % 10 >= 7

    @property
    def content_type(self) -> str:
        """What its server calls the document."""
        return f"application/{'atom' if self.is_atom else 'rss'}+xml; charset=utf-8"

    def published_at(self, entry: int) -> datetime:
        """When ``entry`` came out; entry ``ENTRIES`` - 1 is the newest at the start."""
        return self.starts_at - (ENTRIES - entry) * APART

    def document(self, newest: int) -> bytes:
        """The feed when ``newest`` is the number of its newest entry."""
        entries = range(newest, newest - ENTRIES, -1)
        if self.is_atom:
            return _make_atom(self, tuple(entries)).encode()
        return _make_rss(self, tuple(entries)).encode()


def _make_rss(outlet: Outlet, entries: tuple[int, ...]) -> str:
    name, home = _name(outlet), _home(outlet)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:media="http://search.yahoo.com/mrss/">\n<channel>\n'
        f"<title>{name}</title>\n<link>{home}/</link>\n"
        f'<atom:link href="{home}/feed.xml" rel="self" type="application/rss+xml"/>\n'
        f"<description>News of the {name}</description>\n<language>en-us</language>\n"
        f"<lastBuildDate>{format_datetime(outlet.published_at(entries[0]))}</lastBuildDate>\n"
        f"{''.join(_rss_item(outlet, entry) for entry in entries)}</channel>\n</rss>\n"
    )


@cache
def _rss_item(outlet: Outlet, entry: int) -> str:
    title, html, author, section = _write(outlet, entry)
    description = f"<![CDATA[{html}]]>" if outlet.number % 2 else escape(html)
    link = _link(outlet, entry)
    return (
        f"<item>\n<title>{escape(title)}</title>\n<link>{link}</link>\n"
        f'<guid isPermaLink="false">{_home(outlet)}/?p={entry}</guid>\n'
        f"<pubDate>{format_datetime(outlet.published_at(entry))}</pubDate>\n"
        f"<dc:creator>{author}</dc:creator>\n<category>{section}</category>\n"
        f'<media:content url="{link}.jpg" medium="image" width="1200" height="675"/>\n'
        f"<description>{description}</description>\n</item>\n"
    )


def _make_atom(outlet: Outlet, entries: tuple[int, ...]) -> str:
    name, home = _name(outlet), _home(outlet)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
        f'<title>{name}</title>\n<id>{home}/</id>\n<link href="{home}/"/>\n'
        f'<link rel="self" href="{home}/feed.xml"/>\n'
        f"<updated>{outlet.published_at(entries[0]).isoformat()}</updated>\n"
        f"{''.join(_atom_entry(outlet, entry) for entry in entries)}</feed>\n"
    )


@cache
def _atom_entry(outlet: Outlet, entry: int) -> str:
    title, html, author, section = _write(outlet, entry)
    when = outlet.published_at(entry).isoformat()
    return (
        f'<entry>\n<title type="html">{escape(escape(title))}</title>\n'
        f'<link rel="alternate" href="{_link(outlet, entry)}"/>\n'
        f"<id>tag:outlet-{outlet.number}.example,2018:{entry}</id>\n"
        f"<published>{when}</published>\n<updated>{when}</updated>\n"
        f'<author><name>{author}</name></author>\n<category term="{section}"/>\n'
        f'<content type="html">{escape(html)}</content>\n</entry>\n'
    )


def _write(outlet: Outlet, entry: int) -> tuple[str, str, str, str]:
    """Title, HTML, author and section of an entry."""
    dice = Random(f"{outlet.number}/{entry}")  # noqa: S311  # the same again, not secret
    title = _headline(dice, is_news=(outlet.number * 7 + entry) % NEWS_EVERY == 0)
    link = _link(outlet, entry)
    first, second, third = (_sentences(dice, count) for count in (1, 2, 1))
    html = (
        f'<p><img src="{link}-640.jpg" alt="" width="640" height="360"/></p>\n'
        f"<p>{escape(title)}. {first}</p>\n"
        f'<p>{second} <a href="{_home(outlet)}/{dice.choice(_NOUNS)}">{third}</a></p>\n'
        f'<p><em>The post <a href="{link}">{escape(title)}</a> appeared first.</em></p>'
    )
    return title, html, f"{dice.choice(_NOUNS).title()} Writer", dice.choice(_NOUNS)


def _headline(dice: Random, *, is_news: bool) -> str:
    if is_news:
        return dice.choice(_DEALS).format(
            maker=dice.choice(_MAKERS),
            carrier=dice.choice(_CARRIERS),
            model=f"{dice.choice('ABCDEFGHKLMNPRSTVX')}{dice.randint(2, 99)} Pro",
            count=dice.randint(3, 90),
        )
    one, other, third = dice.sample(_NOUNS, 3)
    return f"{one.title()} {dice.choice(_VERBS)} the {other} near {third} {dice.randint(2, 999)}"


def _sentences(dice: Random, count: int) -> str:
    lines = (" ".join(dice.choices(_WORDS, k=dice.randint(9, 16))) for _ in range(count))
    return " ".join(f"{line.capitalize()}." for line in lines)


def _name(outlet: Outlet) -> str:
    return f"Outlet {outlet.number} Courier"


def _home(outlet: Outlet) -> str:
    return f"https://outlet-{outlet.number}.example"


def _link(outlet: Outlet, entry: int) -> str:
    day = outlet.published_at(entry).astimezone(UTC)
    return f"{_home(outlet)}/{day:%Y/%m/%d}/story-{entry}"
