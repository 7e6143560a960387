"""The sample feeds parse, lie in their window, and hold what the demo is about."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bot.demo.samples import SAMPLE_FEEDS, Edition, SampleFeed
from bot.model import Entry
from bot.parsing import parse_feed

ALL = pytest.mark.parametrize("edition", list(Edition))
EACH = pytest.mark.parametrize("feed", SAMPLE_FEEDS, ids=lambda feed: feed.name)


def read(feed: SampleFeed, edition: Edition) -> tuple[Entry, ...]:
    return parse_feed(
        feed.load_edition(edition),
        url=f"http://127.0.0.1/{feed.name}",
        content_type=feed.content_type,
    ).entries


def keys(feed: SampleFeed, edition: Edition) -> set[str]:
    return {entry.keys[0] for entry in read(feed, edition)}


def new_in(feed: SampleFeed, edition: Edition) -> list[Entry]:
    """The entries of ``edition`` that the one before has not."""
    known = keys(feed, edition.earlier) if edition.earlier else set()
    return [entry for entry in read(feed, edition) if entry.keys[0] not in known]


def named(outlet: str) -> SampleFeed:
    (feed,) = (feed for feed in SAMPLE_FEEDS if feed.outlet == outlet)
    return feed


@EACH
@ALL
def test_every_document_parses_into_whole_entries(feed: SampleFeed, edition: Edition) -> None:
    entries = read(feed, edition)

    assert len(entries) >= 2
    for entry in entries:
        assert entry.title
        assert entry.summary or entry.body
        assert not {"\ufffd", "&amp;", "&#"} & {entry.title, entry.summary}
        assert (urlsplit(entry.link or "").hostname or "").endswith(".example")


@EACH
@ALL
def test_what_is_new_was_published_since_the_poll_before(
    feed: SampleFeed, edition: Edition
) -> None:
    until = edition.polled_at
    since = edition.earlier.polled_at if edition.earlier else until - timedelta(days=1)

    for entry in new_in(feed, edition):
        assert entry.published_at is not None
        assert since < entry.published_at < until


@EACH
@pytest.mark.parametrize("edition", list(Edition)[1:])
def test_a_later_edition_keeps_every_entry(feed: SampleFeed, edition: Edition) -> None:
    assert edition.earlier

    assert keys(feed, edition.earlier) <= keys(feed, edition)


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        (Edition.SECOND, ["Meridian Journal", "Pocket Line", "手机前线", "Evening Field"]),
        (
            Edition.THIRD,
            [
                "Harbour Business Wire",
                "Meridian Journal",
                "Pocket Line",
                "Antenna Weekly",
                "Civic Courier",
            ],
        ),
    ],
)
def test_some_outlets_publish_again_and_some_do_not(edition: Edition, expected: list[str]) -> None:
    again = [feed.outlet for feed in SAMPLE_FEEDS if feed.published_in(edition) is edition]

    assert again == expected
    assert all(new_in(named(outlet), edition) for outlet in again)


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        (Edition.FIRST, ["Harbour Business Wire"]),
        (Edition.SECOND, ["Meridian Journal", "Pocket Line", "手机前线"]),
        (Edition.THIRD, ["Meridian Journal", "Pocket Line"]),
    ],
)
def test_one_outlet_has_the_story_three_follow_and_two_turn_it(
    edition: Edition, expected: list[str]
) -> None:
    telling = [
        feed.outlet
        for feed in SAMPLE_FEEDS
        for entry in new_in(feed, edition)
        if "AT&T" in entry.title and ("Huawei" in entry.title or "华为" in entry.title)
    ]

    assert telling == expected


def test_the_first_report_is_hearsay_and_names_both_makers_and_both_carriers() -> None:
    (report,) = (
        entry
        for entry in read(named("Harbour Business Wire"), Edition.FIRST)
        if "Huawei" in entry.title
    )

    assert report.title == "AT&T walks away from deal to sell Huawei's Mate 10 Pro, sources say"
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
