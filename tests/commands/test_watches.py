from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.commands.recent import find_recent
from bot.commands.watches import (
    Change,
    add_watch,
    assess_watch,
    edit_watch,
    find_watch_or_none,
    find_watches,
    remove_watch,
    tell_assessment,
    tell_known,
    tell_warning,
    try_watch,
)
from bot.errors import InputInvalid
from bot.matching import MAX_WATCHES, company_of
from bot.model import Platform, Role, Watch
from bot.store import SqlStore, open_store
from tests.builders import NOW, story
from tests.conftest import ROOT
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome

CATALOGUE = load_catalogue(ROOT / "config")
ORANGE = Watch("Orange")
ELSEWHERE = Watch("Fairphone", platform=Platform.SLACK, workspace="T1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        yield opened


async def test_a_name_is_enough_to_watch_a_company(store: SqlStore) -> None:
    added = await add_watch(store, CATALOGUE, ORANGE, now=NOW)

    assert await store.find_watches() == (ORANGE,)
    assert added.company.id == "orange"
    assert tell_warning(added) == (
        '"Orange" is an everyday word; it counts only where the sentence shows a company'
    )


async def test_a_company_that_everybody_gets_is_not_stored(store: SqlStore) -> None:
    added = await add_watch(store, CATALOGUE, Watch("one plus"), now=NOW)

    assert tell_known(added, CATALOGUE) == "OnePlus is watched already, for everybody."
    assert await store.find_watches() == ()


async def test_a_name_is_watched_once_in_a_workspace(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ELSEWHERE, now=NOW)
    await add_watch(store, CATALOGUE, Watch("Fairphone"), now=NOW)

    with pytest.raises(InputInvalid, match="FAIRPHONE is watched already; change it with edit"):
        await add_watch(store, CATALOGUE, Watch("FAIRPHONE"), now=NOW)
    assert len(await store.find_watches()) == 2


async def test_there_is_an_end_to_what_a_workspace_may_watch(store: SqlStore) -> None:
    for number in range(MAX_WATCHES):
        await store.save_watch(Watch(f"Company {number}"), now=NOW)

    with pytest.raises(InputInvalid, match="100 companies are watched here, and that is the most"):
        await add_watch(store, CATALOGUE, ORANGE, now=NOW)
    await add_watch(store, CATALOGUE, ELSEWHERE, now=NOW)


@pytest.mark.parametrize("name", ["", "?!", "<@U1>", "x" * 200])
async def test_what_is_no_name_is_refused_and_not_stored(store: SqlStore, name: str) -> None:
    with pytest.raises(InputInvalid):
        await add_watch(store, CATALOGUE, Watch(name), now=NOW)

    assert await store.find_watches() == ()


async def test_an_edit_changes_what_it_names_and_nothing_else(store: SqlStore) -> None:
    first = Watch("Orange", role=Role.CARRIER, aliases=("Orange Polska",), exact_case=True)
    await add_watch(store, CATALOGUE, first, now=NOW)

    change = Change(needs=("operator",), exact_case=(None,))
    await edit_watch(store, CATALOGUE, "orange", change, now=NOW)

    assert await store.find_watches() == (replace(first, needs=("operator",), exact_case=None),)


async def test_an_edit_that_cannot_be_changes_nothing(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ORANGE, now=NOW)

    with pytest.raises(InputInvalid, match="no letter"):
        await edit_watch(store, CATALOGUE, "Orange", Change(aliases=("!",)), now=NOW)
    assert await store.find_watches() == (ORANGE,)


async def test_what_is_not_watched_is_neither_edited_nor_removed(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match="Nothing is watched here yet"):
        await remove_watch(store, "Orang")
    await add_watch(store, CATALOGUE, ORANGE, now=NOW)
    await add_watch(store, CATALOGUE, ELSEWHERE, now=NOW)

    with pytest.raises(InputInvalid, match=r"Did you mean Orange\? Watched here: Orange\."):
        await remove_watch(store, "Orang")
    with pytest.raises(InputInvalid, match='"Fairphone" is not watched here'):
        await edit_watch(store, CATALOGUE, "Fairphone", Change(), now=NOW)


async def test_a_removed_watch_is_gone(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ORANGE, now=NOW)

    await remove_watch(store, "ORANGE")

    assert await find_watches(store, CATALOGUE) == ()
    assert await find_watch_or_none(store, "Orange") is None


async def test_a_workspace_lists_its_own(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ORANGE, now=NOW)
    await add_watch(store, CATALOGUE, ELSEWHERE, now=NOW)

    ((watch, assessment),) = await find_watches(
        store, CATALOGUE, platform=Platform.SLACK, workspace="T1"
    )

    assert watch == ELSEWHERE
    assert tell_assessment(assessment) == (
        "Fairphone: another company, clear",
        '  counts wherever it stands: "Fairphone"',
    )


def test_people_read_what_a_name_needs() -> None:
    watch = Watch("Back Market", needs=("phones",), unless=("stocks",))

    assert tell_assessment(assess_watch(watch, CATALOGUE)) == (
        "Back Market: another company, an everyday word",
        '  "Back Market" is made of everyday words',
        '  counts beside phones: "Back Market", "BackMarket"',
        "  never beside stocks",
    )


async def test_a_trial_answers_for_headlines_and_for_what_was_seen(store: SqlStore) -> None:
    feed = await add_feed(store)
    titles = ("Orange cuts 700 jobs", "Orange juice is dear", "The Orangerie opens", "Rain")
    await store.commit_poll(outcome(feed, *map(new_entry, titles)))

    trial = await try_watch(store, CATALOGUE, ORANGE, ["Orange sues Telia", "An orange"])

    assert [bool(match.others) for _, match in trial.verdicts] == [True, False]
    assert [entry.title for entry in trial.taken] == ["Orange cuts 700 jobs"]
    assert [entry.title for entry in trial.passed] == ["Orange juice is dear"]
    assert await store.find_watches() == ()


async def test_a_trial_of_a_known_company_answers_too(store: SqlStore) -> None:
    trial = await try_watch(store, CATALOGUE, Watch("huawei"), ["Huawei grows"])

    ((_, match),) = trial.verdicts
    assert match.makers == ("huawei",)


async def test_recent_shows_a_workspace_its_own_and_no_others(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ELSEWHERE, now=NOW)
    fairphone = company_of(ELSEWHERE).id
    await commit_stories(
        store,
        story("all", others=(fairphone,)),
        story("own", others=(fairphone,), watched=(fairphone,), is_relevant=False),
    )

    here = await find_recent(store, CATALOGUE, platform=Platform.SLACK, workspace="T1", now=NOW)
    console = await find_recent(store, CATALOGUE, now=NOW)

    assert [message.story_id for message in here.messages] == ["all", "own"]
    assert {message.others for message in here.messages} == {("Fairphone",)}
    assert [(m.story_id, m.others) for m in console.messages] == [("all", ())]
    with pytest.raises(InputInvalid, match='I don\'t know "fairphone"'):
        await find_recent(store, CATALOGUE, companies=["fairphone"], now=NOW)


async def test_stories_found_before_an_edit_are_found_after_it(store: SqlStore) -> None:
    await add_watch(store, CATALOGUE, ORANGE, now=NOW)
    found = story(others=("orange",), watched=("orange",), is_relevant=False)
    await commit_stories(store, found)

    await edit_watch(store, CATALOGUE, "Orange", Change(role=Role.CARRIER), now=NOW)

    answer = await find_recent(store, CATALOGUE, companies=["orange"], now=NOW)
    assert [message.others for message in answer.messages] == [("Orange",)]
