"""The store's contract: how the stories a report may belong to are found, and for how long.

Every test runs on both engines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.model import Story, Tie, TieKind
from bot.ports import StoryQuery
from bot.store import SqlStore
from bot.store.schema import story_terms
from bot.stories import CANDIDATES_PER_TERM, TERM_RULE, terms_of_report, terms_of_story
from tests.builders import NOW, coverage, story
from tests.contract.polls import as_read, commit_stories, written
from tests.stories.reports import only, opened, report

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MERGED = Tie(TieKind.MERGED, "s0", "The deal is off", None)


def aged(story_id: str, age: timedelta, **changes: Any) -> Story:
    """A story updated ``age`` ago."""
    return story(story_id, updated_at=NOW - age, **changes)


async def find_ids(
    store: SqlStore,
    *terms: str,
    ids: Collection[str] = (),
    since: datetime = NOW - DAY,
    per_term: int = CANDIDATES_PER_TERM,
) -> list[str]:
    found = await store.find_candidates(terms, ids=ids, since=since, per_term=per_term)
    return [one.id for one in found]


async def count_terms(store: SqlStore) -> int:
    async with store.database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(story_terms)) or 0


async def forget_terms(store: SqlStore) -> None:
    """As in a database that was upgraded from a version that had none."""
    async with store.database.writing() as connection:
        await connection.execute(story_terms.delete())


# Candidates


async def test_a_report_finds_what_is_kept_under_its_terms(store: SqlStore) -> None:
    same = replace(opened(report()), id="same")
    maker = replace(opened(report("Huawei names a new head", verdict=only("huawei"))), id="maker")
    other = replace(opened(report("Oppo shows a phone", verdict=only("oppo"))), id="other")
    await commit_stories(store, same, maker, other)

    echo = report("AT&T walks away from plan to sell Huawei phones", outlet="Meridian")
    found = await store.find_candidates(
        terms_of_report(echo), since=NOW - DAY, per_term=CANDIDATES_PER_TERM
    )

    assert {one.id: one for one in found} == {"same": written(same), "maker": written(maker)}


async def test_candidates_come_newest_update_first_and_were_updated_since(store: SqlStore) -> None:
    await commit_stories(
        store, aged("b", HOUR), aged("a", HOUR), aged("old", DAY), aged("new", timedelta(0))
    )

    assert await find_ids(store, "@huawei") == ["new", "a", "b", "old"]  # its edge is in
    assert await find_ids(store, "@huawei", since=NOW - DAY + HOUR) == ["new", "a", "b"]
    assert await find_ids(store, "@zte", "@nobody") == []
    assert await find_ids(store) == []


async def test_of_each_term_only_the_newest_are_candidates(store: SqlStore) -> None:
    huawei = [aged(f"h{n}", n * HOUR, carriers=()) for n in range(4)]
    zte = [aged(f"z{n}", n * HOUR, makers=("zte",), carriers=()) for n in range(4)]
    both = aged("both", 9 * HOUR, makers=("huawei", "zte"), carriers=())
    await commit_stories(store, *huawei, *zte, both)

    assert await find_ids(store, "@huawei", "@zte", per_term=2) == ["h0", "z0", "h1", "z1"]
    assert await find_ids(store, "@zte", per_term=1) == ["z0"]
    assert await find_ids(store, "@zte", per_term=9) == ["z0", "z1", "z2", "z3", "both"]


async def test_of_stories_updated_at_once_the_larger_ids_are_the_newest(store: SqlStore) -> None:
    await commit_stories(store, *(story(f"s{n}") for n in range(5)))

    assert await find_ids(store, "@att", per_term=2) == ["s3", "s4"]


async def test_what_is_not_chosen_is_not_read(store: SqlStore) -> None:
    await commit_stories(store, aged("one", HOUR), aged("two", 2 * HOUR), aged("far", 3 * HOUR))

    found = await store.find_candidates(
        ["@huawei", "@att"],
        ids=["far"],
        since=NOW - DAY,
        per_term=2,
        choose=lambda kept: {kept["@att"][1][1], *(n for _, n in kept.get("@none", ()))},
    )

    assert [each.id for each in found] == ["two", "far"]


async def test_turns_of_a_candidate_come_with_it(store: SqlStore) -> None:
    tie = Tie(TieKind.DENIED, "one", "One", None)
    await commit_stories(store, aged("one", HOUR))
    await commit_stories(
        store,
        aged("turn", timedelta(0), makers=("zte",), carriers=(), tie=tie),
        aged("past", 3 * DAY, makers=("zte",), carriers=(), tie=tie),
    )

    assert await find_ids(store, "@huawei") == ["turn", "one"]
    assert await find_ids(store, ids=["one"]) == ["turn", "one"]


async def test_stories_asked_for_by_id_are_found_whatever_they_are_kept_under(
    store: SqlStore,
) -> None:
    await commit_stories(
        store, aged("one", HOUR), aged("old", 2 * DAY), aged("m", 2 * HOUR, tie=MERGED)
    )

    assert await find_ids(store, ids=["one", "old", "m", "none"]) == ["one", "m", "old"]
    assert await find_ids(store, "@zte", ids=["one"]) == ["one"]


async def test_a_term_may_be_any_text_and_there_may_be_hundreds(store: SqlStore) -> None:
    await commit_stories(store, story("s1"), story("s2", makers=("zte",), carriers=()))
    strange = ["", "'; drop table stories; --", "华为", "\N{GREEK SMALL LETTER ALPHA}" * 64, "%"]

    assert await find_ids(store, *strange) == []
    many = [*strange, *(f"@nobody word{n}" for n in range(700)), "@zte"]
    assert await find_ids(store, *many) == ["s2"]


async def test_a_changed_story_is_kept_under_the_terms_it_has_now(store: SqlStore) -> None:
    await commit_stories(store, aged("s1", 2 * HOUR))
    changed = aged("s1", HOUR, makers=("zte",), revision=2)

    await commit_stories(store, changed)

    assert await find_ids(store, "@huawei") == []
    assert await find_ids(store, "@zte", since=NOW - HOUR) == ["s1"]
    assert await count_terms(store) == len(terms_of_story(changed))


async def test_a_merged_story_is_no_candidate_and_is_not_told(store: SqlStore) -> None:
    turn = story("turn", tie=Tie(TieKind.REVERSED, "s1", "Huawei and AT&T agree", None))
    await commit_stories(store, story("s1"), story("s2"), turn)
    await commit_stories(store, story("s1", tie=MERGED, revision=2))

    asked = StoryQuery(since=NOW - DAY)
    assert [found.id for found in await store.find_stories(asked)] == ["s2", "turn"]
    assert await find_ids(store, "@huawei", "@att") == ["s2", "turn"]
    assert await store.find_story_or_none("s1") == story("s1", tie=MERGED, revision=2, version=2)


# The index of terms


async def test_stories_are_indexed_once_a_rule_and_again_under_another(store: SqlStore) -> None:
    await commit_stories(
        store, story("s1"), story("s2"), aged("quiet", 6 * DAY), story("m", tie=MERGED)
    )
    await forget_terms(store)
    assert await find_ids(store, "@att") == []

    assert await store.index_stories(since=NOW - 5 * DAY, rule=1) == 2
    assert await find_ids(store, "@att", since=NOW - 9 * DAY) == ["s1", "s2"]

    await forget_terms(store)
    assert await store.index_stories(since=NOW - 5 * DAY, rule=1) == 0
    assert await find_ids(store, "@att") == []

    assert await store.index_stories(since=NOW - 5 * DAY, rule=2) == 2
    assert await store.index_stories(since=NOW - 5 * DAY, rule=1) == 2  # an older program again
    assert await find_ids(store, "@att") == ["s1", "s2"]


async def test_processes_that_start_at_once_index_every_story_once(store: SqlStore) -> None:
    await commit_stories(store, aged("s1", HOUR), aged("s2", HOUR))
    terms = await count_terms(store)

    await asyncio.gather(*(store.index_stories(since=NOW - DAY, rule=7) for _ in range(4)))

    assert await count_terms(store) == terms


async def test_indexing_leaves_no_term_of_another_rule(store: SqlStore) -> None:
    await commit_stories(store, story("s1"))
    before = await count_terms(store)
    async with store.database.writing() as connection:
        stale = {"term": "of another rule", "updated_at": NOW, "story_id": "s1"}
        await connection.execute(story_terms.insert(), stale)

    await store.index_stories(since=NOW - DAY, rule=TERM_RULE + 1)

    assert await find_ids(store, "of another rule") == []
    assert await count_terms(store) == before


async def test_indexing_gives_the_terms_that_writing_gives(store: SqlStore) -> None:
    told = (coverage("Wire"), coverage("Blatt", title="Huawei und AT&T: Deal mit 37 Millionen"))
    await commit_stories(store, story("s1", coverage=told, words=("deal", "plan")), story("s2"))

    async def kept() -> set[tuple[object, ...]]:
        async with store.database.reading() as connection:
            return {tuple(row) for row in await connection.execute(select(story_terms))}

    as_written = await kept()
    await store.index_stories(since=NOW - DAY, rule=TERM_RULE + 1)

    assert await kept() == as_written
    assert as_written


async def test_quiet_stories_close_and_open_again_with_a_report(store: SqlStore) -> None:
    await commit_stories(store, aged("quiet", 5 * DAY), aged("edge", 4 * DAY), story("s1"))
    rows = len(terms_of_story(story()))

    assert await store.close_stories(NOW - 4 * DAY) == rows
    assert await store.close_stories(NOW - 4 * DAY) == 0

    since = NOW - 9 * DAY
    assert await find_ids(store, "@huawei", since=since) == ["s1", "edge"]
    (quiet,) = await as_read(store, story("quiet", revision=2))
    assert quiet.version == 1  # it is there still, only not looked up
    await commit_stories(store, quiet)
    assert await find_ids(store, "@huawei", since=since) == ["quiet", "s1", "edge"]


@pytest.mark.parametrize("count", [15, 16, 17, 95, 96, 97, 192, 193])
async def test_every_term_is_looked_up_however_many_there_are(store: SqlStore, count: int) -> None:
    names = [f"maker{n:03}" for n in range(count)]
    feed_of_all = [story(name, makers=(name,), carriers=()) for name in names]
    await commit_stories(store, *feed_of_all)

    assert await find_ids(store, *(f"@{name}" for name in names)) == names
