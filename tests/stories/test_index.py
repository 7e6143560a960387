"""Stories in memory: what is looked up, what is dropped, and the JSON lines on top of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import Match, Outlet
from bot.stories import ClusterLines, OutletNames, Report, StoryIndex, make_words, open_story
from tests.builders import NOW, entry

DAY = timedelta(days=1)


def report(title: str, *, makers: tuple[str, ...] = (), days: float = 0) -> Report:
    told = entry(title, summary="")
    at = NOW + days * DAY
    return Report(told, Match(makers=makers), "Wire", 1, at, at, words=make_words(title))


def stored(*reports: Report) -> StoryIndex:
    index = StoryIndex()
    for told in reports:
        index.put(open_story(told, summary="", is_history=False))
    return index


def test_a_story_is_found_by_company() -> None:
    index = stored(report("Huawei loses Brussels appeal", makers=("huawei",)))

    joined = index.find(report("Brussels appeal lost by Huawei", makers=("huawei",), days=1))

    assert joined.story is not None
    assert joined.story.headline == "Huawei loses Brussels appeal"


def test_a_story_without_companies_is_found_by_its_words() -> None:
    index = stored(report("Banana giants merge in Dublin"), report("Comet seen over Dublin"))

    joined = index.find(report("Merger makes banana giant"))

    assert joined.story is not None
    assert joined.story.headline == "Banana giants merge in Dublin"


def test_an_empty_index_finds_nothing() -> None:
    assert StoryIndex().find(report("Anything")).story is None


def test_a_story_put_again_takes_its_own_place() -> None:
    index = stored(report("Banana giants merge in Dublin"))
    (story,) = index
    told = replace(story.coverage[0], title="Comet seen over Cork")
    index.put(replace(story, coverage=(told,), words=make_words(told.title)))

    assert len(index) == 1
    assert index.find(report("Banana merger in Dublin")).story is None
    assert index.find(report("Comet over Cork")).story is not None


def test_quiet_stories_are_dropped_and_lively_ones_stay() -> None:
    index = stored(report("Banana giants merge"), report("Comet seen over Cork", days=4))

    index.find(report("Unrelated", days=6))

    assert [story.headline for story in index] == ["Comet seen over Cork"]
    assert index.find(report("Banana giants merge", days=6)).story is None


# JSON lines


def by_name(title: str, summary: str) -> Match:
    """Companies by their plain names, as far as these tests need them."""
    text = f"{title} {summary}".lower()
    return Match(makers=tuple(name for name in ("huawei", "oneplus") if name in text))


def clusters(*items: dict[str, Any], outlets: OutletNames | None = None) -> list[str]:
    lines = ClusterLines(by_name, outlets)
    answers = [lines.add({"id": number, **item}) for number, item in enumerate(items)]
    assert [answer["id"] for answer in answers] == list(range(len(items)))
    return [answer["cluster"] for answer in answers]


def test_reports_of_one_event_have_one_cluster() -> None:
    first, second, third = clusters(
        {"title": "Huawei loses Brussels appeal", "time": 1, "source": "Wire"},
        {"title": "OnePlus opens shop", "time": 2, "source": "Wire"},
        {"title": "Brussels court: Huawei appeal lost", "time": 3, "source": "Times"},
    )

    assert first == third != second


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ({"time": 0}, {"time": 4 * 86400}, True),
        ({"time": 0}, {"time": 6 * 86400}, False),
        ({"date": "2023-01-01"}, {"date": "2023-01-03T10:00:00Z"}, True),
        ({"date": "2023-01-01"}, {"date": "2023-02-01"}, False),
        ({"date": "2023-01-01"}, {"date": "soon"}, True),
        ({"time": None}, {}, True),
        ({"time": 1e30}, {}, True),
    ],
)
def test_items_have_their_times_or_that_of_the_one_before(
    first: dict[str, Any], second: dict[str, Any], together: bool
) -> None:
    title = "Huawei loses Brussels appeal"

    found = clusters({"title": title, **first}, {"title": title, **second})

    assert (found[0] == found[1]) is together


def test_missing_keys_and_nulls_are_empty() -> None:
    assert len(set(clusters({}, {"title": None, "desc": None, "source": None, "url": None}))) == 2


def test_signatures_of_outlets_do_not_join_their_reports() -> None:
    names = OutletNames({"gw": Outlet("gw", "Gadget Weekly", ("gadget.example",))})
    items: tuple[dict[str, Any], ...] = (
        {"title": "Huawei opens lab - Gadget Weekly", "url": "https://gadget.example/1"},
        {"title": "Huawei sues rival - Gadget Weekly", "url": "https://gadget.example/2"},
    )

    assert len(set(clusters(*items, outlets=names))) == 2
    assert len(set(clusters(*items))) == 1
