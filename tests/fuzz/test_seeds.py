"""What fuzzing has found, in as few bytes as show it, and some shapes to begin with."""

from __future__ import annotations

import pytest

from tests.fuzz.laws import check_feed, check_text
from tests.parsing.documents import item, rss

FEEDS = [
    b"",
    b"<",
    b"{",
    b"[" * 100_000,
    b"<item></item>",
    rss(item("One", guid="1"), item("Two", guid="2"), item("Three", guid="2")).encode(),
    rss(item("<![CDATA[</item>]]>", guid="1"), "<!-- <item> -->", item("Two")).encode("utf-16"),
    b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}, {"id": "2"}]}',
]
TEXTS = [
    b"",
    b"U.S. " * 1_000,
    b"<p>" * 5_000,
    b"@everyone <!here> <@1> [a](https://b.example) ```",
    "\u202e\u200d\u0300\u0300\u0300\u0300\u0300".encode(),
    b"\xff\xfe&#xD800;",
]


@pytest.mark.parametrize("document", FEEDS)
def test_the_laws_of_reading_hold(document: bytes) -> None:
    check_feed(document)


@pytest.mark.parametrize("text", TEXTS)
def test_the_laws_of_cleaning_hold(text: bytes) -> None:
    check_text(text)
