from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import FeedUnreadable
from bot.model import Entry, ParsedFeed
from bot.parsing import parse_feed

URL = "https://wire.example/feed.json"


def read(*items: dict[str, Any], **fields: Any) -> ParsedFeed:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Example Wire", "items": items}
    return parse_feed(json.dumps(feed | fields).encode(), url=URL)


def read_one(**fields: Any) -> Entry:
    (entry,) = read({"id": "1", "title": "Huawei signs"} | fields).entries
    return entry


def test_a_json_feed_is_read() -> None:
    feed = read(
        {
            "id": "https://wire.example/1",
            "url": "https://wire.example/1",
            "external_url": "https://elsewhere.example/original",
            "title": "Huawei &amp; AT&T",
            "content_html": "<p>The carrier walked away.</p><p>Two people said so.</p>",
            "date_published": "2018-01-09T08:30:00+08:00",
        }
    )

    (entry,) = feed.entries
    assert feed.title == "Example Wire"
    assert (entry.guid, entry.link) == ("https://wire.example/1", "https://wire.example/1")
    assert entry.title == "Huawei & AT&T"
    assert entry.summary == "The carrier walked away.\nTwo people said so."
    assert entry.published_at == datetime(2018, 1, 9, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1.1"]
)
def test_both_versions_are_read(version: str) -> None:
    assert len(read({"id": "1", "title": "x"}, version=version).entries) == 1


@pytest.mark.parametrize(
    ("written", "guid"),
    [
        ("7", "7"),
        ("1e400", "1e400"),
        ("7.0", "7.0"),
        ('"a b"', "a b"),
        ("null", None),
        ("true", None),
    ],
)
def test_an_id_may_be_a_number(written: str, guid: str | None) -> None:
    body = (
        '{"version": "https://jsonfeed.org/version/1", "items": '
        f'[{{"id": {written}, "title": "Huawei signs"}}]}}'
    )

    (entry,) = parse_feed(body.encode(), url=URL).entries
    assert entry.guid == guid


def test_the_external_link_is_not_the_entry_s() -> None:
    assert read_one(external_url="https://elsewhere.example/").link is None


def test_relative_links_are_resolved_against_the_home_page() -> None:
    (entry,) = read({"id": "1", "url": "/1"}, home_page_url="https://www.wire.example/").entries

    assert entry.link == "https://www.wire.example/1"


def test_the_summary_comes_first_and_the_content_is_the_body() -> None:
    entry = read_one(summary="Short.", content_text="Long and\nlonger.")

    assert (entry.summary, entry.body) == ("Short.", "Long and longer.")


def test_a_modification_date_serves_where_there_is_no_other() -> None:
    assert read_one(date_modified="2018-01-09T08:30:00Z").published_at == datetime(
        2018, 1, 9, 8, 30, tzinfo=UTC
    )


def test_halves_of_characters_are_dropped() -> None:
    body = (
        b'{"version": "https://jsonfeed.org/version/1", "items": '
        b'[{"id": "1\\ud800", "title": "Half \\ud83d whole \\ud83d\\ude00 nul \\u0000"}]}'
    )

    (entry,) = parse_feed(body, url=URL).entries
    assert (entry.guid, entry.title) == ("1", "Half whole \U0001f600 nul")


def test_fields_of_the_wrong_kind_are_passed_over() -> None:
    feed = read({"id": ["1"], "title": {"x": 1}, "content_text": "Text."}, 7, "x", title=[])  # type: ignore[arg-type]

    (entry,) = feed.entries
    assert (feed.title, entry.guid, entry.title, entry.summary) == ("", None, "", "Text.")


def test_a_json_feed_without_items_has_no_entries() -> None:
    assert read().entries == ()


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "not found"}',
        b'{"version": "https://jsonfeed.org/version/1"',
        b'[{"id": 1}]',
        b"[" * 100_000,
        b'{"version": ' + b"9" * 100_000 + b"}",
    ],
)
def test_other_json_is_no_feed(body: bytes) -> None:
    with pytest.raises(FeedUnreadable, match="JSON") as refusal:
        parse_feed(body, url=URL)

    assert str(refusal.value).startswith(URL)
