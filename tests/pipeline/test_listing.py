from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import Entry
from bot.pipeline.listing import (
    ARCHIVE,
    Listing,
    find_archive,
    find_listing,
    hash_text,
    oldest_news,
)
from bot.ports import KnownEntry
from tests.builders import NOW, entry, feed

DAY = timedelta(days=1)


def known(one: Entry, number: int = 7, *, listed_at: datetime = NOW) -> KnownEntry:
    """What the store remembers of ``one`` as it is."""
    assert one.published_at is not None
    return KnownEntry(number, hash_text(one), one.published_at, listed_at)


def compare(*entries: Entry, memory: dict[str, KnownEntry]) -> Listing:
    return find_listing(entries, memory, now=NOW, relist_after=DAY)


def test_an_unknown_entry_is_new_and_the_oldest_comes_first() -> None:
    newest, oldest = entry("Newest"), entry("Oldest")

    assert compare(newest, oldest, memory={}).new == (oldest, newest)


def test_a_known_entry_is_neither_new_nor_edited() -> None:
    one = entry()

    assert compare(one, memory={one.keys[0]: known(one)}) == Listing((), (), ())


def test_a_hit_on_any_key_means_seen() -> None:
    one = entry(keys=("guid:changed", "same:abc"))

    assert compare(one, memory={"same:abc": known(one)}).new == ()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Huawei and AT&T part ways"},
        {"summary": "Another text."},
        {"link": "https://wire.example/moved"},
        {"published_at": NOW - timedelta(hours=2)},
    ],
)
def test_a_change_of_text_or_date_is_an_edit_and_no_news(change: dict[str, object]) -> None:
    before = entry()
    memory = {before.keys[0]: known(before)}
    after = replace(before, **change)  # type: ignore[arg-type]  # values fit their fields

    listing = compare(after, memory=memory)

    assert listing.new == ()
    assert listing.edited == ((memory[before.keys[0]], after),)


@pytest.mark.parametrize("date", [None, NOW + timedelta(days=900), NOW - timedelta(days=9_000)])
def test_a_date_out_of_bounds_or_missing_is_no_edit(date: datetime | None) -> None:
    before = entry()

    after = replace(before, published_at=date)

    assert compare(after, memory={before.keys[0]: known(before)}).edited == ()


@pytest.mark.parametrize(("age", "expected"), [(DAY, (7,)), (DAY - timedelta(seconds=1), ())])
def test_a_mark_is_written_anew_once_a_day(age: timedelta, expected: tuple[int, ...]) -> None:
    one = entry()

    listing = compare(one, memory={one.keys[0]: known(one, listed_at=NOW - age)})

    assert listing.listed == expected


def aged(number: int, *, days: float = 30) -> list[Entry]:
    return [entry(f"Old {n}", published_at=NOW - timedelta(days=days)) for n in range(number)]


def archive(*entries: Entry, memory: dict[str, KnownEntry] | None = None) -> set[str]:
    listing = compare(*entries, memory=memory or {})
    news = {one.keys[0] for one in entries}
    return set(find_archive(listing, news=news, before=NOW - 5 * DAY))


def test_many_old_entries_at_once_are_an_archive_and_fresh_ones_beside_them_are_not() -> None:
    fresh, undated = entry("Fresh"), entry("Undated", published_at=None)
    old = aged(ARCHIVE + 1)

    assert archive(fresh, undated, *old) == {one.keys[0] for one in old}


def test_a_few_old_entries_are_news_as_dates_lie() -> None:
    assert archive(*aged(ARCHIVE)) == set()


def test_what_is_young_enough_to_be_news_is_no_archive() -> None:
    assert archive(*aged(400, days=4.9)) == set()


def test_old_entries_that_are_all_edited_at_once_are_an_archive_too() -> None:
    old = aged(ARCHIVE + 1)
    memory = {one.keys[0]: known(one, number) for number, one in enumerate(old)}
    edited = [replace(one, summary="Related: other news") for one in old]
    told = {key: replace(memory[key], story_id="s1") for key in list(memory)[:1]}

    assert archive(*edited, memory=memory) == set(memory)
    assert archive(*edited, memory=memory | told) == set()


def test_only_what_would_be_news_counts_as_an_archive() -> None:
    listing = compare(*aged(9), memory={})
    news = [one.keys[0] for one in listing.new[:ARCHIVE]]

    assert find_archive(listing, news=news, before=NOW) == frozenset()


@pytest.mark.parametrize(
    ("known_of_it", "days"),
    [
        ({}, 5),
        ({"answered_at": NOW - DAY / 2}, 5),
        ({"answered_at": NOW - 6 * DAY}, 7),
        ({"changed_at": NOW - 9 * DAY, "fetched_whole_at": NOW - 8 * DAY}, 10),
        ({"fetched_whole_at": NOW - 8 * DAY}, 9),
        ({"answered_at": NOW + 900 * DAY}, 5),
    ],
)
def test_what_came_since_a_feed_last_answered_is_not_old(
    known_of_it: dict[str, Any], days: int
) -> None:
    oldest = oldest_news(feed(**known_of_it), now=NOW, old_after=5 * DAY)

    assert oldest == NOW - days * DAY
