"""The sample feeds: eight invented outlets on 8 and 9 January 2018.

The facts of the Huawei and TCL reports are those of the days; outlets, sentences and
everything else are made up. ``feeds/first`` holds what each outlet serves at first,
``feeds/second`` and ``feeds/third`` the later versions of those that publish again: the
files are served byte for byte, one of them in GB2312 and one malformed by a bare ``&``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import files


class Edition(StrEnum):
    """Which version an outlet serves; in order, and named as the folder it lies in."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"

    @property
    def polled_at(self) -> datetime:
        """When the demo polls it: all that is new in it was published since the poll before."""
        return _POLLED_AT[self]

    @property
    def earlier(self) -> Edition | None:
        """The one before it, None for the first."""
        before = tuple(Edition)[: tuple(Edition).index(self)]
        return before[-1] if before else None


_POLLED_AT = {
    Edition.FIRST: datetime(2018, 1, 8, 20, 55, tzinfo=UTC),
    Edition.SECOND: datetime(2018, 1, 8, 22, 45, tzinfo=UTC),
    Edition.THIRD: datetime(2018, 1, 9, 23, 15, tzinfo=UTC),
}


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """One outlet's feed.

    Attributes:
        name: of its file and of its address.
        outlet: its name as people know it.
        lang: BCP 47 language of its entries.
        content_type: as it is served.
    """

    name: str
    outlet: str
    content_type: str
    lang: str = "en"

    def load_edition(self, edition: Edition) -> bytes:
        """The document; the one before again where the outlet published nothing since."""
        document = files("bot.demo") / "feeds" / self.published_in(edition) / self.name
        return document.read_bytes()

    def published_in(self, edition: Edition) -> Edition:
        """The edition whose document is served: ``edition`` itself or an earlier one."""
        folder = files("bot.demo") / "feeds"
        before = edition.earlier
        if before is None or (folder / edition / self.name).is_file():
            return edition
        return self.published_in(before)


_RSS, _ATOM, _JSON = "application/rss+xml", "application/atom+xml", "application/feed+json"

SAMPLE_FEEDS = (
    SampleFeed("harbour-business-wire.rss", "Harbour Business Wire", _RSS),
    SampleFeed("meridian-journal.atom", "Meridian Journal", _ATOM),
    SampleFeed("pocket-line.json", "Pocket Line", _JSON),
    SampleFeed("antenna-weekly.atom", "Antenna Weekly", _ATOM),
    SampleFeed("shouji-qianxian.rss", "手机前线", _RSS, lang="zh"),
    SampleFeed("evening-field.rss", "Evening Field", _RSS),
    SampleFeed("civic-courier.rss", "Civic Courier", _RSS),
    SampleFeed("table-and-market.json", "Table & Market", _JSON),
)
