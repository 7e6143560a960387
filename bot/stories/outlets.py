"""Who published it: one name for an outlet, whichever feed or aggregator its report came by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from bot.model import Entry, Outlet

UNKNOWN = Outlet(id="", name="unknown outlet")

# What stands between a title and the outlet's name; a hyphen needs room around it.
_SEPARATOR = re.compile(r"\s+[-\u2010-\u2015:>]+\s+|\s*[|\u4e28_»·\u2022]\s*|\s*[\u2014\u2015]+\s*")
# Chinese outlets sign without spaces: "标题-新浪科技". Only a known Chinese name is cut there.
_TIGHT_SEPARATOR = re.compile(r"[-\u2013](?=\S*[\u3400-\u9fff])")
_PLAIN_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)(?=[/?#]|$)")
_FEED_WORDS = re.compile(
    r"\b(?:rss|atom|feeds?|all (?:news|articles|stories|posts)|latest(?: news| articles| stories)?"
    r"|top stories|home ?page|full text|comments)\b|最新(?:文章|资讯)?|首页",
    re.IGNORECASE,
)


class OutletNames:
    """The outlets of the catalogue, found by domain and by any spelling of their name."""

    def __init__(self, outlets: Mapping[str, Outlet]) -> None:
        self._by_id = dict(outlets)
        self._by_domain = {
            domain.lower(): outlet for outlet in outlets.values() for domain in outlet.domains
        }
        self._by_name = {
            _fold(name): outlet
            for outlet in outlets.values()
            for name in (outlet.name, *outlet.variants, *outlet.domains)
        }
        self._find_by_host = lru_cache(maxsize=2_048)(self._find_by_host_anew)

    def resolve(self, entry: Entry, *, feed_outlet: str = "", feed_title: str = "") -> Outlet:
        """Who published ``entry``; an outlet outside the catalogue has a name and no id.

        The outlet that the entry itself names (aggregators do), else the one the feed is
        configured with (``feed_outlet``, a catalogue id), else whose site the link leads to,
        else the feed by its title, else the link's host. An aggregator is nobody's outlet
        unless nothing else is known.
        """
        if (entry.outlet_name or entry.outlet_url) and (named := self._find_named(entry)):
            return named
        host = _host(entry.link)
        configured, linked = self._by_id.get(feed_outlet), self._find_by_host(host)
        for known in (configured, linked):
            if known is not None and not known.is_aggregator:
                return known
        if aggregator := configured or linked:
            return self._find_signed(entry.title) or aggregator
        name = _clean_feed_title(feed_title, host=host) or host
        return _name_outlet(name) if name else UNKNOWN

    def is_aggregator(self, link: str) -> bool:
        """Whether ``link`` leads to a site that only passes on what others wrote."""
        found = self._find_by_address(link)
        return found is not None and found.is_aggregator

    def strip_outlet(self, title: str, outlet_name: str) -> str:
        """``title`` without " - Outlet", " | Outlet" and the like, before or behind.

        Cut are ``outlet_name`` in all its spellings, and any outlet of the catalogue at the end,
        as copies carry the signature of where they come from. A title that is nothing
        else stays.
        """
        title = title.strip()
        if not (_SEPARATOR.search(title) or _TIGHT_SEPARATOR.search(title)):
            return title  # most end so
        own = self._spellings_of(outlet_name)
        while cut := self._cut_end(title, own):
            title = cut
        for separator in _SEPARATOR.finditer(title):
            if _fold(title[: separator.start()]) in own and title[separator.end() :]:
                return title[separator.end() :]
            break
        return title

    def _cut_end(self, title: str, own: frozenset[str]) -> str:
        """``title`` without its last signature, or "" if it has none."""
        for pattern in (_SEPARATOR,) if title.isascii() else (_SEPARATOR, _TIGHT_SEPARATOR):
            for separator in reversed(list(pattern.finditer(title))):
                head, signature = title[: separator.start()].rstrip(), title[separator.end() :]
                folded = _fold(signature)
                if head and folded and (folded in own or folded in self._by_name):
                    return head
        return ""

    def _spellings_of(self, name: str) -> frozenset[str]:
        folded = _fold(name)
        known = self._by_name.get(folded)
        names = (known.name, *known.variants, *known.domains) if known else ()
        return frozenset(filter(None, (folded, *map(_fold, names))))

    def _find_named(self, entry: Entry) -> Outlet | None:
        by_address = self._find_by_address(entry.outlet_url)
        by_name = self._by_name.get(_fold(entry.outlet_name)) if entry.outlet_name else None
        known = by_address or by_name
        if known:
            return None if known.is_aggregator else known
        name = entry.outlet_name.strip() or _host(entry.outlet_url)
        return _name_outlet(name) if name else None

    def _find_signed(self, title: str) -> Outlet | None:
        """The outlet of the catalogue that an aggregated title ends with."""
        *_, last = _SEPARATOR.split(title)
        signed = self._by_name.get(_fold(last))
        return signed if signed and last != title and not signed.is_aggregator else None

    def _find_by_address(self, address: str | None) -> Outlet | None:
        """The outlet with the longest domain that the address's host ends with."""
        return self._find_by_host(_host(address))

    def _find_by_host_anew(self, host: str) -> Outlet | None:
        for domain in _iter_domains(host):
            if domain in self._by_domain:
                return self._by_domain[domain]
        return None


@lru_cache(maxsize=2_048)  # each feed has one, and names it in each entry
def _name_outlet(name: str) -> Outlet:
    """An outlet outside the catalogue."""
    return Outlet(id="", name=name)


def _host(address: str | None) -> str:
    """The host without "www.", or "" where there is none to be read."""
    if not address:
        return ""
    if plain := _PLAIN_HOST.match(address):  # a third of the time, and nearly every link
        return plain[1].lower().removeprefix("www.")
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _iter_domains(host: str) -> Iterator[str]:
    """The host, then what is left of it label by label: longest first."""
    labels = host.split(".")
    for at in range(len(labels) - 1):
        yield ".".join(labels[at:])


@lru_cache(maxsize=2_048)  # names and the ends of titles: mostly those of yesterday
def _fold(name: str) -> str:
    """One spelling of a name: "The Verge", "theverge" and "THE VERGE " are one."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    letters = re.sub(r"[^\w.&+]+", "", plain).removeprefix("www.")
    return letters.removeprefix("the") or letters


@lru_cache(maxsize=2_048)  # each feed has one
def _clean_feed_title(title: str, *, host: str) -> str:
    """The outlet's part of a feed's title: "Technology | Example Wire RSS" is Example Wire.

    That is the part the host is named after, else the first that says anything.
    """
    parts = (_FEED_WORDS.sub(" ", part) for part in _SEPARATOR.split(title))
    kept = [part for part in (" ".join(part.split()) for part in parts) if _fold(part)]
    site = _fold(host)
    return next((part for part in kept if _fold(part) in site), kept[0] if kept else "")
