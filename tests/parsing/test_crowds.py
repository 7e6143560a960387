"""Of a document with more items than any feed needs the first are read, and it is said."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.parsing import parse_feed
from bot.parsing.item import MAX_ITEMS
from tests.parsing.documents import item, read, rss

LEFT_OUT = "more than 10,000 items, of which the first are read"


def crowd(count: int) -> str:
    return "".join(item(f"Story {number}") for number in range(count))


def as_rss(count: int) -> str:
    return rss(crowd(count))


def as_json(count: int) -> str:
    items = [{"id": f"{number}", "title": f"Story {number}"} for number in range(count)]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})


def as_atom(count: int) -> str:
    listed = "".join(f"<entry><title>Story {number}</title></entry>" for number in range(count))
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{listed}</feed>"


@pytest.mark.parametrize("make", [as_rss, as_atom, as_json])
def test_the_first_items_of_too_many_are_read_and_the_rest_is_named(
    make: Callable[[int], str],
) -> None:
    feed = read(make(MAX_ITEMS + 5))

    assert [feed.entries[place].title for place in (0, -1)] == ["Story 0", f"Story {MAX_ITEMS - 1}"]
    assert len(feed.entries) == MAX_ITEMS
    assert feed.flaw == LEFT_OUT
    assert feed.marks == b""


@pytest.mark.parametrize("make", [as_rss, as_json])
def test_as_many_as_there_may_be_are_no_flaw(make: Callable[[int], str]) -> None:
    feed = read(make(MAX_ITEMS))

    assert len(feed.entries) == MAX_ITEMS
    assert feed.flaw == ""


def test_a_malformed_document_is_cut_too_and_both_flaws_are_told() -> None:
    feed = read(rss(crowd(MAX_ITEMS + 1)) + "<")

    assert len(feed.entries) == MAX_ITEMS
    assert feed.flaw.startswith("not well-formed XML: ")
    assert feed.flaw.endswith(f"; {LEFT_OUT}")


def test_what_stands_behind_the_items_still_counts() -> None:
    document = rss(crowd(MAX_ITEMS + 5) + "<ttl>7</ttl>")

    assert read(document).interval_s == 7 * 60


def test_marks_of_a_small_document_make_no_difference_to_a_crowd() -> None:
    before = parse_feed(rss(crowd(5)).encode(), url="")
    document = rss(crowd(MAX_ITEMS + 5)).encode()

    assert before.marks
    assert parse_feed(document, url="", seen=before.marks) == parse_feed(document, url="")
