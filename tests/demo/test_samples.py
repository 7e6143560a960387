"""The sample feeds parse, lie in their window, and hold what the demo is about."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from bot.demo.samples import SAMPLE_FEEDS, STARTS_AT, Edition, SampleFeed
from bot.model import Entry
from bot.parsing import parse_feed

EVENING = datetime(2018, 1, 8, 18, 0, tzinfo=UTC)
BOTH = pytest.mark.parametrize("edition", list(Edition))
EACH = pytest.mark.parametrize("feed", SAMPLE_FEEDS, ids=lambda feed: feed.name)


def read(feed: SampleFeed, edition: Edition) -> tuple[Entry, ...]:
    return parse_feed(
        feed.load_edition(edition),
        url=f"http://127.0.0.1/{feed.name}",
        content_type=feed.content_type,
    ).entries


def named(outlet: str) -> SampleFeed:
    (feed,) = (feed for feed in SAMPLE_FEEDS if feed.outlet == outlet)
    return feed


@EACH
@BOTH
def test_every_document_parses_into_whole_entries(feed: SampleFeed, edition: Edition) -> None:
    entries = read(feed, edition)

    assert len(entries) >= 2
    for entry in entries:
        assert entry.title
        assert entry.summary or entry.body
        assert not {"\ufffd", "&amp;", "&#"} & {entry.title, entry.summary}
        assert (urlsplit(entry.link or "").hostname or "").endswith(".example")


@EACH
@BOTH
def test_everything_was_published_before_the_demo_starts(
    feed: SampleFeed, edition: Edition
) -> None:
    for entry in read(feed, edition):
        assert entry.published_at is not None
        assert EVENING <= entry.published_at <= STARTS_AT


@EACH
def test_a_second_edition_keeps_every_entry_of_the_first(feed: SampleFeed) -> None:
    first, second = read(feed, Edition.FIRST), read(feed, Edition.SECOND)

    assert {entry.keys[0] for entry in first} <= {entry.keys[0] for entry in second}


def test_half_of_the_outlets_publish_again() -> None:
    again = [
        feed.outlet
        for feed in SAMPLE_FEEDS
        if feed.load_edition(Edition.SECOND) != feed.load_edition(Edition.FIRST)
    ]

    assert again == ["Harbour Business Wire", "手机前线", "Evening Field", "Civic Courier"]


@pytest.mark.parametrize("outlet", ["Harbour Business Wire", "Meridian Journal", "Pocket Line"])
def test_three_outlets_report_the_end_of_the_deal_at_first(outlet: str) -> None:
    (report,) = (entry for entry in read(named(outlet), Edition.FIRST) if "Huawei" in entry.title)

    assert "AT&T" in report.title


def test_the_first_report_names_both_makers_and_both_carriers() -> None:
    (report,) = (
        entry
        for entry in read(named("Harbour Business Wire"), Edition.FIRST)
        if "Huawei" in entry.title
    )

    assert report.title == "AT&T walks away from deal to sell Huawei's Mate 10 Pro smartphone"
    assert all(name in report.summary for name in ("Huawei", "Xiaomi", "AT&T", "Verizon"))


def test_the_title_of_the_first_report_is_malformed_as_many_are() -> None:
    assert b"<title>AT&T " in named("Harbour Business Wire").load_edition(Edition.FIRST)


def test_the_chinese_outlet_writes_gb2312_and_follows_in_its_second_edition() -> None:
    feed = named("手机前线")
    titles = [
        {entry.title for entry in read(feed, edition)}
        for edition in (Edition.FIRST, Edition.SECOND)
    ]

    assert b'encoding="GB2312"' in feed.load_edition(Edition.SECOND)
    assert "华为Mate 10 Pro" in feed.load_edition(Edition.SECOND).decode("gb2312")
    assert titles[1] - titles[0] == {"AT&T临阵取消合作，华为Mate 10 Pro无缘美国运营商渠道"}
