from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.model import Entry
from bot.parsing.identity import MAX_KEY, choose, find_names, list_keys, with_keys
from tests.builders import NOW, entry


def identify(entries: Iterable[Entry]) -> list[Entry]:
    """The entries of one document with their keys, in order, each item once."""
    kept = list(entries)
    names = [find_names(one) for one in kept]
    return [keyed for keyed in map(with_keys, kept, names, choose(names)) if keyed]


def decisive(*entries: Entry) -> list[str]:
    return [identified.keys[0] for identified in identify(entries)]


A = entry("Huawei signs", guid="1", link="https://wire.example/1")
B = entry("Xiaomi signs", guid="2", link="https://wire.example/2")


def test_the_guid_decides() -> None:
    assert decisive(A, B) == ["guid:1", "guid:2"]


def test_without_guid_the_canonical_link_decides() -> None:
    linked = replace(A, guid=None, link="http://Wire.example/1?id=7&utm_source=rss")

    assert decisive(linked) == ["link:https://wire.example/1?id=7"]


def test_without_both_title_and_day_decide() -> None:
    bare = replace(A, guid=None, link=None)
    later_that_day = replace(bare, published_at=NOW + timedelta(hours=3), summary="Edited.")
    next_day = replace(bare, published_at=NOW + timedelta(days=1))

    (key,) = decisive(bare)
    assert key.startswith("title:")
    assert decisive(later_that_day) == [key]
    assert decisive(next_day) != [key]
    assert decisive(replace(bare, title="Another")) != [key]


def test_without_date_title_and_summary_decide() -> None:
    bare = replace(A, guid=None, link=None, published_at=None)

    assert decisive(bare) == decisive(bare)
    assert decisive(bare) != decisive(replace(bare, summary="Another text."))


def test_untitled_items_of_one_day_are_told_apart_by_their_text() -> None:
    first = replace(A, guid=None, link=None, title="", summary="One.")
    second = replace(first, summary="Two.")

    assert len(set(decisive(first, second))) == 2


def test_a_guid_given_to_different_items_decides_for_none_of_them() -> None:
    same_guid = replace(B, guid="1")

    assert decisive(A, same_guid) == ["link:https://wire.example/1", "link:https://wire.example/2"]
    assert decisive(same_guid, A) == ["link:https://wire.example/2", "link:https://wire.example/1"]


def test_a_guid_and_link_given_to_all_items_leave_their_titles_to_decide() -> None:
    homes = [replace(item, guid="home", link="https://wire.example/") for item in (A, B)]
    keys = decisive(*homes)

    assert len(set(keys)) == 2
    assert all(key.startswith("title:") for key in keys)


def test_a_link_shared_with_an_item_that_has_a_guid_still_decides() -> None:
    without_guid = replace(B, guid=None, link=A.link)

    assert decisive(A, without_guid) == ["guid:1", "link:https://wire.example/1"]


def test_an_item_listed_twice_is_one_entry() -> None:
    again = replace(A, summary="Updated.", published_at=NOW)
    bare = replace(B, guid=None, link=None)

    assert decisive(A, B, again) == ["guid:1", "guid:2"]
    assert len(identify([bare, bare])) == 1


def test_an_item_whose_guid_changed_is_known_by_link_and_title() -> None:
    (before,) = identify([A])
    (after,) = identify([replace(A, guid="https://wire.example/?p=1")])

    assert before.keys[0] != after.keys[0]
    assert set(before.keys) & set(after.keys)


def test_an_item_whose_guid_became_shared_is_still_known() -> None:
    (before,) = identify([A])
    after, newcomer = identify([A, replace(B, guid="1")])

    assert set(before.keys) & set(after.keys)
    assert not set(before.keys) & set(newcomer.keys)


def test_link_and_title_shared_by_two_guids_make_neither_known() -> None:
    briefing = replace(A, guid="2", title=A.title)

    assert [identified.keys for identified in identify([A, briefing])] == [
        ("guid:1",),
        ("guid:2",),
    ]


def test_an_entry_without_link_or_title_has_its_decisive_key_alone() -> None:
    assert identify([replace(A, link=None)])[0].keys == ("guid:1",)
    assert identify([replace(A, title="")])[0].keys == ("guid:1",)


def test_long_keys_are_hashed_and_stay_different() -> None:
    guids = ["x" * (MAX_KEY - 5), "x" * (MAX_KEY - 4), "x" * 5_000]
    keys = decisive(*(replace(A, guid=guid) for guid in guids))

    assert keys[0] == f"guid:{guids[0]}"
    assert all(len(key) <= MAX_KEY for key in keys)
    assert len(set(keys)) == 3


def test_order_is_kept() -> None:
    assert [identified.guid for identified in identify([B, A])] == ["2", "1"]


def test_every_key_that_an_entry_may_have_been_given_is_listed() -> None:
    one, shared = identify([A, B]), identify([A, replace(B, guid="1")])
    bare = identify([replace(A, guid=None, link=None)])

    assert set(one[0].keys) | set(shared[0].keys) < set(list_keys(A))
    assert list_keys(replace(A, guid=None, link=None)) == bare[0].keys
