"""The sample feeds: eight invented outlets on the evening of 8 January 2018 and the morning after.

The facts of the Huawei and TCL reports are those of the day; outlets, sentences and
everything else are made up. ``feeds/first`` holds what each outlet serves at first,
``feeds/second`` the later version of those that publish again: the files are served
byte for byte, one of them in GB2312 and one malformed by a bare ``&``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import files

STARTS_AT = datetime(2018, 1, 9, 8, 30, tzinfo=UTC)
"""The demo's first poll: later than everything in the feeds."""


class Edition(StrEnum):
    """Which version an outlet serves; named as the folder it lies in."""

    FIRST = "first"
    SECOND = "second"


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
        """The document; the first again where the outlet published nothing since."""
        folder = files("bot.demo") / "feeds"
        document = folder / edition / self.name
        if not document.is_file():
            document = folder / Edition.FIRST / self.name
        return document.read_bytes()


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
