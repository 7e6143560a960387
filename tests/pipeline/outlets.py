"""Outlets that publish for a day, each in its own rhythm, and everything that goes wrong there."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random

from bot.ports import Clock
from tests.builders import NOW
from tests.servers.feeds import head

DAY = timedelta(hours=24)
CALM = timedelta(hours=8)
"""After the day nothing is published and nothing fails: what can be found is found by then."""

LISTED_FOR = timedelta(hours=16)
"""So long an item stays in its feed; longer than any fault and the waiting after it."""

HISTORY = 12
"""Items that a feed lists before the day begins."""

RHYTHMS_MIN = (10, 60, 60, 240, 240, 240, 240, 1_440, 1_440, 1_440)
"""Minutes between two items; a tenth of the outlets has each."""

TOWNS = tuple(
    f"{first}{second}{last}"
    for first in ("Nor", "Sud", "Bel", "Gran", "Tor", "Val", "Mon", "Ker", "Ost", "Wes")
    for second in ("ab", "el", "in", "or", "um", "an", "ev", "ost", "ir", "ul")
    for last in ("ford", "stad", "berg", "wick", "mouth", "ton", "holm", "dale", "by", "ham")
)
TRADES = ("bakers", "nurses", "pilots", "miners", "judges", "tailors", "farmers", "porters")


@dataclass(frozen=True)
class Item:
    """What an outlet publishes; ``news`` names what our readers wait for, "" for noise."""

    guid: str
    title: str
    published_at: datetime
    news: str = ""
    summary: str = "Nobody was hurt."

    def to_xml(self) -> str:
        return (
            f"<item><guid isPermaLink='false'>{self.guid}</guid><title>{self.title}</title>"
            f"<link>https://outlet.example/{self.guid}</link>"
            f"<description>{self.summary}</description>"
            f"<pubDate>{format_datetime(self.published_at)}</pubDate></item>"
        )


@dataclass
class Outlet:
    """One feed.

    Attributes:
        items: all that it ever publishes, the oldest first.
        faults: when each kind begins and ends.
        first_asked_at: what left the list before that, nobody could have read.
    """

    number: int
    items: list[Item] = field(default_factory=list)
    faults: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    first_asked_at: datetime | None = None

    @property
    def readable(self) -> list[Item]:
        """What was listed when the feed was first asked for, and all that came later."""
        begin = self.first_asked_at or NOW
        listed = self.list_items(begin, "")
        return [item for item in self.items if item.published_at > begin or item in listed]

    def fault_at(self, now: datetime) -> str:
        """What goes wrong just now, or ""."""
        return next((kind for start, end, kind in self.faults if start <= now < end), "")

    def list_items(self, now: datetime, fault: str) -> list[Item]:
        """What the feed lists, the newest first."""
        out = [item for item in self.items if item.published_at <= now]
        listed = [item for item in out if now - item.published_at <= LISTED_FOR]
        listed = listed if len(listed) > HISTORY else out[-HISTORY:]
        if fault == "listed again":
            listed = [*out[:HISTORY], *listed]
        if fault == "archive":
            listed = [*make_archive(self.number), *listed]
        if fault == "edited":
            listed = [replace(item, summary="Nobody was hurt, police said.") for item in listed]
        if fault == "empty":
            listed = []
        return list(reversed(dict.fromkeys(listed)))


def make_archive(number: int) -> list[Item]:
    """Items of years ago that an outlet suddenly lists, news for our readers among them."""
    return [
        Item(
            f"{number}-old-{n}",
            f"Huawei phone no. {n + 20_000 + number} went on sale in {TOWNS[n]}",
            NOW - timedelta(days=900 + n),
        )
        for n in range(30)
    ]


class Outlets:
    """All of them, and what they answer.

    Args:
        faults: counts the answers with a fault, by kind.
    """

    def __init__(self, count: int, *, clock: Clock, faults: Counter[str]) -> None:
        self._clock = clock
        self._faults = faults
        self._chance = Random(20)
        self.all = [Outlet(number) for number in range(count)]
        for outlet in self.all:
            self._publish(outlet)
            self._plan_faults(outlet)
        self._spread_news()
        for outlet in self.all:
            outlet.items.sort(key=lambda item: item.published_at)
            begin = outlet.list_items(NOW, "")
            outlet.items = [i for i in outlet.items if i.published_at > NOW or i in begin]

    def _publish(self, outlet: Outlet) -> None:
        gap_s = 60.0 * RHYTHMS_MIN[outlet.number % len(RHYTHMS_MIN)]
        at = NOW - timedelta(seconds=gap_s * HISTORY)
        while at < NOW + DAY:
            number = len(outlet.items)
            title = f"Village no. {outlet.number} bakes tart no. {number}"
            outlet.items.append(Item(f"{outlet.number}-{number}", title, at))
            at += timedelta(seconds=max(1.0, self._chance.expovariate(1 / gap_s)))

    def _spread_news(self) -> None:
        """A tenth of the outlets bring news for our readers: each told by one to three."""
        ours = self.all[:: max(1, min(10, len(self.all) // 6))]
        for number in range(min(len(TOWNS), 2 * len(ours))):
            town, trade = TOWNS[number], TRADES[number % len(TRADES)]
            title = f"Huawei phone no. {number + 100} goes on sale in {town} for {trade}"
            at = NOW + timedelta(minutes=20) + (DAY - timedelta(hours=1)) * self._chance.random()
            for outlet in self._chance.sample(ours, self._chance.randint(1, 3)):
                at += timedelta(minutes=self._chance.randint(0, 15))
                outlet.items.append(Item(f"{outlet.number}-news-{number}", title, at, title))

    def _plan_faults(self, outlet: Outlet) -> None:
        at = NOW + timedelta(hours=self._chance.uniform(0.5, 6))
        while at < NOW + DAY - timedelta(hours=2):
            end = at + timedelta(minutes=self._chance.choice((2, 15, 40, 90)))
            outlet.faults.append((at, end, self._chance.choice(sorted(FAULTS))))
            at = end + timedelta(hours=self._chance.uniform(1, 8))

    def respond(self, request: str) -> bytes:
        """The bytes that answer a request, right or wrong; the connection is closed after them."""
        first, *lines = request.split("\r\n")
        path = first.split(" ")[1].strip("/")
        headers = {
            name.lower(): value.strip() for name, _, value in (li.partition(":") for li in lines)
        }
        number = path.removeprefix("moved/")
        outlet = self.all[int(number)]
        now = self._clock()
        outlet.first_asked_at = outlet.first_asked_at or now
        fault = outlet.fault_at(now)
        if fault:
            self._faults[fault] += 1
        if fault in {"302", "301"} and number == path:
            return _plain(f"{fault} Moved", f"Location: /moved/{number}")
        if fault in FAULTS and (wrong := FAULTS[fault]) is not None:
            return wrong
        body = _document(outlet, outlet.list_items(now, fault))
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if headers.get("if-none-match") == etag or (fault == "304" and "if-none-match" in headers):
            return _plain("304 Not Modified", f"ETag: {etag}")
        answer = _plain("200 OK", f"ETag: {etag}", "Content-Type: application/rss+xml", body=body)
        if fault == "cut off":
            return answer[: -len(body) // 2]
        if fault == "cut short":
            half = body[: len(body) // 2]
            return _plain("200 OK", f"ETag: {etag}", "Content-Type: application/rss+xml", body=half)
        return answer


def _plain(status: str, *fields: str, body: bytes = b"") -> bytes:
    return head(*fields, f"Content-Length: {len(body)}", "Connection: close", status=status) + body


def _document(outlet: Outlet, items: Sequence[Item]) -> bytes:
    listed = "".join(item.to_xml() for item in items)
    title = f"{TOWNS[outlet.number % len(TOWNS)].title()} Courier {outlet.number}"
    return f"<rss version='2.0'><channel><title>{title}</title>{listed}</channel></rss>".encode()


FAULTS: Mapping[str, bytes | None] = {
    "500": _plain("500 Internal Server Error", body=b"out of order"),
    "502": _plain("502 Bad Gateway"),
    "404": _plain("404 Not Found"),
    "410": _plain("410 Gone"),
    "429": _plain("429 Too Many Requests", "Retry-After: 600"),
    "503 with a delay": _plain("503 Service Unavailable", "Retry-After: 900"),
    "503": _plain("503 Service Unavailable"),
    "dropped": b"",
    "no HTTP": b"\x00\x01\x02 what?\r\n\r\n",
    "garbage": _plain("200 OK", "Content-Type: application/rss+xml", body=bytes(range(256)) * 9),
    "page": _plain("200 OK", "Content-Type: text/html", body=b"<html><body>Soon</body></html>"),
    "cut off": None,
    "cut short": None,
    "304": None,
    "301": None,
    "302": None,
    "empty": None,
    "edited": None,
    "listed again": None,
    "archive": None,
}
"""What may go wrong; None where ``respond`` makes the answer."""
