"""The documents that outlets really published, and successive polls of five of their feeds."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.errors import FeedUnreadable
from bot.model import ParsedFeed
from bot.parsing import parse_feed

URL = "https://feeds.example/rss.xml"

READ_OTHERWISE = {
    # Entries where the manifest, which is feedparser's reading, counts others; and why.
    "d024": 11,  # three stories stand in it four times each, to the letter
    "d028": 10,  # ten more "items" are empty elements inside the real ones
    "d029": 23,  # one story stands in it twice, to the letter
    "d070": 9,  # one item has neither title nor link nor text, but only a date
}
NO_FEED = {
    "d063": "HTML page",
    "d064": "HTML page",
    # Its two items wear a prefix that is declared nowhere. An empty reading would pass for a
    # quiet day; the refusal shows in the list of feeds.
    "d068": "malformed and shows no item",
}

GARBLED = re.compile(
    r"[ÂÃ][\u0080-\u00bf\u0152-\u2122]|â€|[ÐÑ][\u0080-\u00bf]|\ufffd|[\u0080-\u009f]"
    r"|&(?:amp|lt|gt|quot|nbsp|#\w+);|\w&\w+;|</?\w+>"
)
LETTERS = {
    # In titles whose charset is declared too narrowly or not at all, or that were encoded twice.
    "d037": "é",
    "d041": "Москве",
    "d042": "Windows",
    "d049": "年",
    "d050": "系统",
    "d051": "全球",
    "d053": "の",
    "d054": "の",
}


def find_documents(shared: Path) -> list[dict[str, str]]:
    with (shared / "feeds" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        return list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def readings(shared: Path) -> dict[str, ParsedFeed | FeedUnreadable]:
    """Every document of the manifest by the first four letters of its name."""
    read: dict[str, ParsedFeed | FeedUnreadable] = {}
    for row in find_documents(shared):
        body = (shared / "feeds" / row["file"]).read_bytes()
        try:
            read[row["file"][:4]] = parse_feed(body, url=URL)
        except FeedUnreadable as refusal:
            read[row["file"][:4]] = refusal
    return read


@pytest.fixture(scope="module")
def feeds(readings: dict[str, ParsedFeed | FeedUnreadable]) -> dict[str, ParsedFeed]:
    return {name: read for name, read in readings.items() if isinstance(read, ParsedFeed)}


def test_every_document_gives_the_entries_it_holds(
    shared: Path, feeds: dict[str, ParsedFeed]
) -> None:
    listed = {row["file"][:4]: int(row["entries"]) for row in find_documents(shared)}

    assert len(listed) == 76
    assert {name: len(feed.entries) for name, feed in feeds.items()} == {
        name: READ_OTHERWISE.get(name, count)
        for name, count in listed.items()
        if name not in NO_FEED
    }


def test_documents_without_a_feed_are_refused(
    readings: dict[str, ParsedFeed | FeedUnreadable],
) -> None:
    refused = {
        name: str(read) for name, read in readings.items() if isinstance(read, FeedUnreadable)
    }

    assert refused.keys() == NO_FEED.keys()
    for name, reason in NO_FEED.items():
        assert reason in refused[name]


@pytest.mark.parametrize(
    "title", ["AT&amp;T", "AT&T;", "Razerâ€™s", "Ð¯Ð½", "CÃ´te", "Masters\x92", "<b>x</b>"]
)
def test_the_check_for_garbled_titles_finds_them(title: str) -> None:
    assert GARBLED.search(title)


def test_no_title_is_garbled(feeds: dict[str, ParsedFeed]) -> None:
    titles = [(name, entry.title) for name, feed in feeds.items() for entry in feed.entries]

    assert len(titles) > 2_800
    assert [(name, title) for name, title in titles if GARBLED.search(title)] == []


@pytest.mark.parametrize(("name", "letters"), LETTERS.items())
def test_titles_are_in_the_script_of_their_language(
    feeds: dict[str, ParsedFeed], name: str, letters: str
) -> None:
    feed = feeds[name]

    assert letters in " ".join([feed.title, *(entry.title for entry in feed.entries)])


def test_every_link_is_absolute(feeds: dict[str, ParsedFeed]) -> None:
    links = [entry.link for feed in feeds.values() for entry in feed.entries if entry.link]

    assert len(links) > 2_800
    assert [link for link in links if not re.match(r"https?://[\w.-]+(:\d+)?(/|\?|$)", link)] == []


def test_every_entry_has_keys_of_its_own(feeds: dict[str, ParsedFeed]) -> None:
    for name, feed in feeds.items():
        keys = [key for entry in feed.entries for key in entry.keys]
        assert len(keys) == len(set(keys)), name


def test_dates_are_missing_only_where_the_publisher_gave_none(feeds: dict[str, ParsedFeed]) -> None:
    undated = {
        name: count
        for name, feed in feeds.items()
        if (count := sum(entry.published_at is None for entry in feed.entries))
    }

    assert undated == {"d011": 3, "d029": 23}


def test_dates_that_feedparser_misreads_are_right(feeds: dict[str, ParsedFeed]) -> None:
    firsts = {
        name: feeds[name].entries[0].published_at.isoformat()  # type: ignore[union-attr]
        for name in ("d040", "d044", "d047", "d049")
    }

    assert firsts == {
        "d040": "2018-09-24T22:42:40+00:00",
        "d044": "2016-10-26T08:53:42+00:00",
        "d047": "2016-10-26T21:53:13+00:00",
        "d049": "2020-01-10T14:33:00+00:00",
    }


def test_an_aggregator_names_the_outlet_of_every_item(feeds: dict[str, ParsedFeed]) -> None:
    assert {entry.outlet_url for entry in feeds["d010"].entries} == {"https://www.reuters.com"}


SERIES = {"fox": 126, "straittimes": 408, "nzherald": 140, "gmanews": 129, "cnn": 285}


@pytest.mark.parametrize(("name", "stories"), SERIES.items())
def test_successive_polls_give_one_identity_for_each_of_the_publisher_s(
    shared: Path, name: str, stories: int
) -> None:
    decisive: set[str] = set()
    owners: dict[str, set[str]] = defaultdict(set)
    published: set[str] = set()
    refused = []
    for path in sorted((shared / "feeds" / "series" / name).glob("*.xml")):
        body = path.read_bytes()
        try:
            feed = parse_feed(body, url=URL)
        except FeedUnreadable:
            refused.append(path.name)
            continue
        published |= find_publisher_ids(body)
        for entry in feed.entries:
            decisive.add(entry.keys[0])
            for key in entry.keys:
                owners[key].add(entry.keys[0])

    assert len(decisive) == len(published) == stories
    assert [key for key, entries in owners.items() if len(entries) > 1] == []
    assert refused == (["039.xml"] if name == "straittimes" else [])


def find_publisher_ids(body: bytes) -> set[str]:
    """Guid, else link, of every item; counted without our parser."""
    items = ET.fromstring(body).iter("item")
    return {(item.findtext("guid") or item.findtext("link") or "").strip() for item in items}
