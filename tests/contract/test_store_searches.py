"""The store's contract: page after page of stories, pairs in figures, what became of stories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model import Scope, Story, Tie, TieKind
from bot.ports import StoryQuery
from bot.store import SqlStore
from tests.builders import NOW, coverage, story
from tests.contract.polls import commit_stories

DAY = timedelta(days=1)
QUERY = StoryQuery(since=NOW - 30 * DAY, limit=2)


def _at(story_id: str, minutes: int) -> Story:
    return story(story_id, published_at=NOW - timedelta(minutes=minutes))


def _turn(story_id: str, of: str, kind: TieKind = TieKind.DENIED, **changes: object) -> Story:
    return replace(story(story_id), tie=Tie(kind, of, "Earlier", None), **changes)  # type: ignore[arg-type]


async def test_pages_hold_every_story_once_though_some_came_at_one_moment(store: SqlStore) -> None:
    told = [_at("e", 1), *(_at(name, 2) for name in "adcb"), _at("f", 3)]
    await commit_stories(store, *told)

    pages, behind = [], None
    for _ in range(3):
        page = await store.find_stories(replace(QUERY, behind=behind))
        pages.append([one.id for one in page])
        behind = (page[-1].published_at, page[-1].id)
    assert pages == [["e", "a"], ["b", "c"], ["d", "f"]]
    assert await store.find_stories(replace(QUERY, behind=behind)) == ()


async def test_stories_are_found_by_any_outlet_that_reports_them(store: SqlStore) -> None:
    reports = (coverage("Pocket Line"), coverage("手机前线"))
    await commit_stories(store, story("both", coverage=reports), story("one"))

    for said in ("pocket", "Pocket Line", "前线"):
        assert [s.id for s in await store.find_stories(replace(QUERY, outlet=said))] == ["both"]
    assert await store.find_stories(replace(QUERY, outlet="Pocket_Line")) == ()


async def test_pairs_are_counted_as_the_search_finds_them(store: SqlStore) -> None:
    two = {"makers": ("huawei", "xiaomi"), "carriers": ("att", "verizon")}
    await commit_stories(
        store,
        story("four", **two),
        story("one"),
        story("far", is_pair=False),
        story("old", published_at=NOW - 31 * DAY),
        story("watched", is_relevant=False, watched=("w",)),
        _turn("gone", "one", TieKind.MERGED),
    )

    for query in (QUERY, replace(QUERY, scope=Scope.PAIR), replace(QUERY, watched=("w",))):
        counts = await store.count_pairs(query)
        assert set(counts) == {
            (maker, carrier) for maker in two["makers"] for carrier in two["carriers"]
        }
        for pair, count in counts.items():
            found = await store.find_stories(replace(query, also=pair, limit=9))
            assert len(found) == count, (pair, query)
    assert (await store.count_pairs(QUERY))["huawei", "att"] == 3


async def test_turns_of_many_stories_come_in_one_answer(store: SqlStore) -> None:
    await commit_stories(store, story("a"), story("b"), story("c"))
    await commit_stories(
        store,
        _turn("second", "a", opened_at=NOW + DAY),
        _turn("first", "b"),
        _turn("merged", "a", TieKind.MERGED),
        _turn("other", "c"),
    )

    assert [one.id for one in await store.find_turns(["a", "b"], limit=9)] == ["first", "second"]
    assert [one.id for one in await store.find_turns(["a", "b"], limit=1)] == ["first"]
    assert await store.find_turns([], limit=9) == ()
